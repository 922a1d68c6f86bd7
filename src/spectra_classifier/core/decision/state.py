"""What the decision remembers, and what it says."""
from dataclasses import dataclass
from typing import NamedTuple

from .config import UNKNOWN_INDEX, Alarm, PulsePattern
from .observation import Observation
from .presence import NOTHING_KNOWN, Presence

#: vote of a train that was lost or had too few eligible pulses
NO_VOTE = -2
#: pulse number of a transition that has none; the others are uint64
NO_PULSE = -1


class Slot(NamedTuple):
    """One train in the window: its vote, its id, and where the vote begins.

    `vote`: class index, UNKNOWN_INDEX where no class has the fraction, or
    NO_VOTE; `pulse`: number of the first pulse from which on the class of
    the vote holds, NO_PULSE without a class.
    """
    vote: int = NO_VOTE
    train_id: int = 0
    pulse: int = NO_PULSE


@dataclass(frozen=True)
class PatternState:
    """What one pulse pattern has been decided to show.

    `state` and `previous`: class index or UNKNOWN_INDEX; `since`: monotonic
    seconds of the last change, None before the first train; `slots`: the
    window, oldest first; `candidate`: the first vote for a class that has
    the votes but not yet the dwell, `candidate_since` when it got them;
    `transition`: the first vote for the present state, `decided_train` the
    train with which it was decided. `previous` is the last class that was
    decided before, whether or not the state was unknown between the two.
    """
    state: int = UNKNOWN_INDEX
    previous: int = UNKNOWN_INDEX
    since: float | None = None
    slots: tuple[Slot, ...] = ()
    candidate: Slot | None = None
    candidate_since: float | None = None
    transition: Slot = Slot()    # noqa: RUF009 (immutable)
    decided_train: int = 0


class Cause(NamedTuple):
    """Pulses whose state has fired an interlock, and what they show since.

    `pattern`: the pulse pattern that selected them then; they are followed
    until the interlock is acknowledged, whatever the patterns are called or
    select by then.
    """
    pattern: PulsePattern
    shown: PatternState = PatternState()


@dataclass(frozen=True, eq=False)
class DecisionState:
    """Everything `step` carries from train to train; starts unarmed.

    `unarmed_because`: shown while `armed` is false; `latch`: the sentence
    that was latched, "" for none; it rests on `causes`, the `Cause`s of an
    interlock, or on a permit that was `lost`, or on both; `basis`: hash of
    the configuration that everything decided here was decided under;
    `sequence`: finished trains that were news; `fresh`: monotonic
    seconds of the last of them, `train_id` its id; `losses`: trains lost
    before each train of the window; `last`: the last observation; `permit`:
    the last word given; `broken`: names of the limits that are broken and
    not yet well inside again; `alarms`: `AlarmState`s, raised or about to be;
    `presences`: the `Presence` of each train of the window.
    """
    patterns: tuple[PatternState, ...] = ()
    armed: bool = False
    unarmed_because: str = "not armed: an operator has to arm the model"
    latch: str = ""
    causes: tuple[Cause, ...] = ()
    lost: bool = False
    basis: str = ""
    sequence: int = 0
    fresh: float | None = None
    train_id: int = 0
    losses: tuple[int, ...] = ()
    last: Observation | None = None
    permit: bool = False
    broken: frozenset[str] = frozenset()
    alarms: tuple["AlarmState", ...] = ()
    presences: tuple[Presence, ...] = ()

    @property
    def interlocked(self) -> bool:
        """Whether a reaction has latched an interlock."""
        return bool(self.causes)


@dataclass(frozen=True)
class ActiveAlarm:
    """An alarm whose cause stands: which rule, how severe, one plain
    sentence; `pattern` where there is one for every pulse pattern."""
    name: str
    severity: Alarm
    reason: str
    pattern: str = ""


@dataclass(frozen=True)
class AlarmState:
    """An alarm in time.

    `since`: monotonic seconds from which on its cause stands, `train_id` the
    last train then; `active`: the cause stands (if not, the alarm is latched
    and waits to be acknowledged); `raised`: it has stood for the delay.
    """
    alarm: ActiveAlarm
    since: float
    train_id: int
    active: bool = True
    acknowledged: bool = False
    raised: bool = False

    @property
    def name(self) -> str:
        return self.alarm.name

    @property
    def severity(self) -> Alarm:
        return self.alarm.severity

    @property
    def reason(self) -> str:
        return self.alarm.reason


@dataclass(frozen=True)
class PatternDecision:
    """One pulse pattern, for publication.

    `fractions` (C,) and `unknown_fraction` over `eligible` pulses of this
    train, zero where there are none; `voted`: whether the train voted;
    `dwell` s in the present state; `confidence`: mean over the pulses that
    show the state, 0 without any.
    """
    name: str
    required: bool
    state: int
    state_name: str
    fractions: tuple[float, ...]
    unknown_fraction: float
    eligible: int
    voted: bool
    dwell: float
    confidence: float


@dataclass(frozen=True)
class Decision:
    """What is published with a train.

    `sample_state` is the state of the first required pulse pattern, with
    its `class_fractions` (C,), `confidence`, `dwell` s, transition and
    decided train. `train_id` is that of the last train that was news.
    The permit group is `permit`, `reason`, `train_id`, `sequence`,
    `valid_for` (ms); `condition`: name of the first condition that failed,
    "" for none; `changed`: the sample state changed with this very train;
    `alarms`: the `AlarmState`s that are raised, worst first; `presence`:
    what stands on beam and sample.
    """
    train_id: int
    time: float
    sample_state: int
    sample_state_name: str
    previous_state: int
    previous_state_name: str
    transition_train: int
    transition_pulse: int
    decided_train: int
    dwell: float
    class_fractions: tuple[float, ...]
    unknown_fraction: float
    confidence: float
    patterns: tuple[PatternDecision, ...]
    armed: bool
    latch: str
    interlocked: bool
    permit: bool
    sequence: int
    valid_for: float
    alarm: Alarm
    alarm_reason: str
    alarms: tuple[AlarmState, ...]
    config_hash: str
    reason: str = ""
    condition: str = ""
    changed: bool = False
    presence: Presence = NOTHING_KNOWN
