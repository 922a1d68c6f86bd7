"""State and result of the decision."""
from dataclasses import dataclass
from typing import NamedTuple

from .config import UNKNOWN_INDEX, Alarm, PulsePattern
from .observation import Observation
from .presence import NOTHING_KNOWN, Presence

#: vote of a train that was lost or had too few eligible pulses
NO_VOTE = -2
#: trains whose pulses are remembered, for the place of a slow change
REMEMBERED = 200
#: pulse number of a transition that has none; the others are uint64
NO_PULSE = -1


class Counted(NamedTuple):
    """Number of pulses (C,) of one train that show each class."""
    train_id: int
    pulses: tuple[int, ...]


class Span(NamedTuple):
    """Trains from `earliest` to `latest`, both included."""
    earliest: int
    latest: int


class Slot(NamedTuple):
    """One train in the window.

    Attributes
    ----------
    vote
        Class index, UNKNOWN_INDEX where no class has the fraction, or NO_VOTE.
    pulse
        Number of the first pulse from which the class of the vote holds,
        NO_PULSE without a class.
    """
    vote: int = NO_VOTE
    train_id: int = 0
    pulse: int = NO_PULSE


@dataclass(frozen=True)
class PatternState:
    """The decided state of one pulse pattern.

    Attributes
    ----------
    state
        Class index or UNKNOWN_INDEX.
    previous
        The last class that was decided before, whether or not the state was
        unknown in between; or UNKNOWN_INDEX.
    since
        Monotonic seconds of the last change, None before the first train.
    slots
        The window, oldest first.
    candidate
        The first vote for a class that has the votes but not yet the dwell.
    candidate_since
        Monotonic seconds at which it got the votes.
    transition
        The first vote for the present state.
    halfway, candidate_halfway
        Among which trains half of the change to the present state happened,
        and to `candidate`; None where that is not known.
    record
        Trains since the last class was decided, oldest first, the newest
        `REMEMBERED` at least.
    held
        The last train that voted for the present class, or the last one; None
        for none.
    decided_train
        The train with which it was decided.
    """
    state: int = UNKNOWN_INDEX
    previous: int = UNKNOWN_INDEX
    since: float | None = None
    slots: tuple[Slot, ...] = ()
    candidate: Slot | None = None
    candidate_since: float | None = None
    transition: Slot = Slot()    # noqa: RUF009 (immutable)
    decided_train: int = 0
    halfway: Span | None = None
    candidate_halfway: Span | None = None
    record: tuple[Counted, ...] = ()
    held: int | None = None


class Cause(NamedTuple):
    """Pulses whose state has triggered an interlock, and their present state.

    Attributes
    ----------
    pattern
        The pulse pattern that selected them then. They are followed until the
        interlock is acknowledged, even if the patterns change.
    shown
        Their present state.
    """
    pattern: PulsePattern
    shown: PatternState = PatternState()


@dataclass(frozen=True, eq=False)
class DecisionState:
    """Everything that `step` carries from train to train; starts unarmed.

    Attributes
    ----------
    unarmed_because
        Shown while `armed` is false.
    latch
        The sentence that was latched, "" for none.
    causes
        The causes of a latched interlock.
    lost
        Whether a lost permit is latched.
    basis
        Hash of the configuration under which everything here was decided.
    sequence
        Number of finished trains that were newer.
    fresh
        Monotonic seconds of the last of them, None before any.
    train_id
        Its id.
    losses
        Trains lost before each train of the window.
    last
        The last observation.
    permit
        The last permit.
    broken
        Names of the limits that were exceeded and are not yet well met again.
    alarms
        Raised, or pending their delay.
    presences
        Of each train of the window.
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
    """An alarm with a present cause.

    Attributes
    ----------
    name
        Of the rule.
    reason
        One plain sentence.
    pattern
        Where there is one for every pulse pattern.
    """
    name: str
    severity: Alarm
    reason: str
    pattern: str = ""


@dataclass(frozen=True)
class AlarmState:
    """An alarm in time.

    Attributes
    ----------
    since
        Monotonic seconds from which its cause is present.
    train_id
        The last train at that time.
    active
        Whether the cause is present; if not, the alarm is latched and waits to
        be acknowledged.
    raised
        Whether it has persisted for the delay.
    """
    alarm: ActiveAlarm
    since: float
    train_id: int
    active: bool = True
    acknowledged: bool = False
    raised: bool = False

    @property
    def name(self) -> str:
        """Name of the rule."""
        return self.alarm.name

    @property
    def severity(self) -> Alarm:
        """Severity of the alarm."""
        return self.alarm.severity

    @property
    def reason(self) -> str:
        """One plain sentence."""
        return self.alarm.reason


@dataclass(frozen=True)
class PatternDecision:
    """One pulse pattern, for publication.

    Attributes
    ----------
    state
        Class index, or UNKNOWN_INDEX.
    fractions
        (C,) of the eligible pulses of this train; 0 without any.
    unknown_fraction
        Of the eligible pulses.
    voted
        Whether the train voted.
    dwell
        Seconds in the present state.
    confidence
        Mean over the pulses that show the state, 0 without any.
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

    Attributes
    ----------
    train_id
        Of the last train that was newer.
    time
        Monotonic seconds.
    transition_earliest, transition_latest
        Trains among which half of the change happened, with 95 % confidence;
        0 where not known.
    transition_train
        The first one that voted for the state.
    sample_state
        State of the first required pulse pattern: class index or
        UNKNOWN_INDEX. The following fields up to `confidence` belong to it.
    dwell
        Seconds.
    class_fractions
        (C,).
    permit, reason, sequence, valid_for
        The permit group; `valid_for` in ms.
    alarms
        Raised alarms, worst first.
    condition
        Name of the first condition that failed, "" for none.
    changed
        Whether the sample state changed with this very train.
    presence
        Present state of beam and sample.
    """
    train_id: int
    time: float
    sample_state: int
    sample_state_name: str
    previous_state: int
    previous_state_name: str
    transition_earliest: int
    transition_latest: int
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
