"""Configuration of the decision: patterns, reactions, limits."""
import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ConfigurationError
from ..spectra import LASER, XRAY
from .presence import ABSENCES

#: name and index of the sample state in which no class is decided
UNKNOWN = "unknown"
UNKNOWN_INDEX = -1
#: what a reaction may name in addition to the classes
NO_CLASS = UNKNOWN, *ABSENCES
#: longest lease that can be given, ms: a longer one is no lease any more
LONGEST_LEASE = 10_000.
#: largest pulse number
LARGEST_NUMBER = 2**64 - 1
#: longest window, trains (one minute at 10 Hz)
LONGEST_WINDOW = 600


class Alarm(StrEnum):
    """Severity, in rising order; the words of Karabo's alarm condition."""
    NONE = "none"
    WARN = "warn"
    ALARM = "alarm"
    INTERLOCK = "interlock"

    @property
    def rank(self) -> int:
        """Position in the rising order."""
        return list(Alarm).index(self)


def worst(alarms: Iterable[Alarm]) -> Alarm:
    """Return the most severe of some alarms; NONE of none."""
    return max(alarms, key=lambda alarm: alarm.rank, default=Alarm.NONE)


class PulseKind(StrEnum):
    """Which pulses of a train a pattern counts."""
    NUMBER = "pulse id"     # as the source numbers them
    XRAY = "X-ray"          # the others as the machine reports them
    WITH_LASER = "with laser"
    WITHOUT_LASER = "without laser"

    @property
    def by_machine(self) -> bool:
        """Whether it depends on what the machine reports."""
        return self is not PulseKind.NUMBER


#: kind -> bits of the light that are looked at, and those that are required
_LIGHT = {PulseKind.XRAY: (XRAY, XRAY),
          PulseKind.WITH_LASER: (XRAY | LASER, XRAY | LASER),
          PulseKind.WITHOUT_LASER: (XRAY | LASER, XRAY)}


@dataclass(frozen=True)
class PulsePattern:
    """A named subset of the pulses of a train.

    Attributes
    ----------
    first, step, count
        Selects `first`, `first + step`, ... up to `count` numbers; count 0
        means to the end. The numbers are ids of pulses, or the pulses of
        another `kind` counted from 0 in every train.
    required
        Whether the permit needs a class for it.
    kind
        Which pulses are counted; `PulseKind` or its text.

    Raises
    ------
    ConfigurationError
        For an empty name, an unknown kind or a number outside of its limits.
    """
    name: str = "all"
    first: int = 0
    step: int = 1
    count: int = 0
    required: bool = True
    kind: PulseKind = PulseKind.NUMBER

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ConfigurationError("a pulse pattern has no name: give it "
                                     "one, such as 'pumped'")
        try:
            object.__setattr__(self, "kind", PulseKind(self.kind))
        except ValueError:
            raise ConfigurationError(
                f"pulse pattern {self.name!r}: kind is {self.kind!r}, use "
                f"one of {', '.join(PulseKind)}") from None
        for setting, lowest in ("first", 0), ("step", 1), ("count", 0):
            value = getattr(self, setting)
            if not lowest <= value <= LARGEST_NUMBER:
                raise ConfigurationError(
                    f"pulse pattern {self.name!r}: {setting} is {value}, "
                    f"expected {lowest} to {LARGEST_NUMBER}")

    def selects(self, numbers: ArrayLike,
                light: NDArray[np.uint8] | None = None) -> NDArray[np.bool_]:
        """Return (P,) bool, True for pulses that belong to the pattern.

        A pulse without X-rays belongs to none. Where the light is not known,
        no pulse belongs to a pattern that depends on it.

        Parameters
        ----------
        numbers
            (P,) ids of the pulses.
        light
            (P,) as in `Train`, None where not known.
        """
        numbers = np.asarray(numbers, np.uint64)
        if not self.kind.by_machine:
            chosen = self._chosen(numbers)
            return chosen if light is None else chosen & (light & XRAY != 0)
        if light is None:
            return np.zeros(len(numbers), bool)
        looked_at, required = _LIGHT[self.kind]
        mine = light & looked_at == required
        # -1 in front of the first one, which is not used
        return mine & self._chosen((np.cumsum(mine) - 1).astype(np.uint64))

    def _chosen(self, numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
        # below `first` the difference wraps, and is not used
        offset = numbers - np.uint64(self.first)
        chosen = ((numbers >= np.uint64(self.first))
                  & (offset % np.uint64(self.step) == 0))
        if self.count:
            chosen &= offset // np.uint64(self.step) < np.uint64(self.count)
        return chosen

    @property
    def needs_light(self) -> bool:
        """Whether it selects nothing where the light is not known."""
        return self.kind.by_machine

    @property
    def selection(self) -> tuple[int, int, int, PulseKind]:
        """(first, step, count, kind): which pulses, whatever its name."""
        return self.first, self.step, self.count, self.kind


@dataclass(frozen=True)
class Reaction:
    """Alarm and permit for one sample state.

    Attributes
    ----------
    sample_class
        A class, "unknown", or the reason for it: "no beam", "sample gone".

    Raises
    ------
    ConfigurationError
        For an unknown alarm, and a permit for "unknown" or with an interlock.
    """
    sample_class: str
    alarm: Alarm = Alarm.NONE
    permit: bool = False

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "alarm", Alarm(self.alarm))
        except ValueError:
            raise ConfigurationError(
                f"reaction to {self.sample_class!r}: alarm {self.alarm!r}, "
                f"use one of {', '.join(Alarm)}") from None
        if self.permit and self.sample_class == UNKNOWN:
            raise ConfigurationError(
                "reaction to 'unknown': permit is set, but a sample that "
                "is unknown cannot be permitted")
        if self.permit and self.alarm is Alarm.INTERLOCK:
            raise ConfigurationError(
                f"reaction to {self.sample_class!r}: permit is set together "
                "with alarm 'interlock'; choose one of them")


@dataclass(frozen=True)
class DecisionConfig:
    """Everything that `step` depends on except the data; immutable, validated.

    Attributes
    ----------
    window
        n, in trains.
    fraction
        f in (0.5, 1]: a train votes for a class that at least f of its
        eligible pulses show, and a class is decided when at least f * n of the
        last n trains vote for it.
    min_valid_pulses, min_valid_fraction
        Needed for a vote; the fraction is of the pulses that were classified
        or rejected.
    min_dwell
        Seconds that a new class must persist before it is entered.
    stale_after
        Seconds without a train after which the permit is withdrawn.
    max_latency, max_train_age, permit_valid_for
        ms.
    min_coverage
        Share of the pulses that must be classified.
    max_drift
        In units of the drift score.
    latching
        Whether a lost permit stays lost until acknowledged.
    allow_train_id_zero
        Permit although gaps cannot be counted.
    limit_hysteresis
        An exceeded limit is met again only this share inside of it.
    alarm_delay
        Seconds that the cause of an alarm of a limit or a loss must persist
        before it is raised (the permit is never delayed).
    latched_alarms
        Names of alarms that remain until they are acknowledged.

    Raises
    ------
    ConfigurationError
        Names the setting and what is expected.
    """
    classes: tuple[str, ...]
    patterns: tuple[PulsePattern, ...] = (PulsePattern(),)
    reactions: tuple[Reaction, ...] = ()
    window: int = 5
    fraction: float = 0.6
    min_valid_pulses: int = 1
    min_valid_fraction: float = 0.1
    min_dwell: float = 0.
    stale_after: float = 1.
    max_latency: float = 500.
    max_train_age: float = 1000.
    min_coverage: float = 0.5
    max_drift: float = 1.
    latching: bool = False
    permit_valid_for: float = 500.
    allow_train_id_zero: bool = False
    limit_hysteresis: float = 0.1
    alarm_delay: float = 0.
    latched_alarms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in "classes", "patterns", "reactions", "latched_alarms":
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name, (fits, expected) in _LIMITS.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and fits(value)):
                raise ConfigurationError(f"{name} is {value}: expected "
                                         f"{expected}")
        self._check_classes()
        self._check_patterns()
        self._check_reactions()

    @cached_property
    def hash(self) -> str:
        """16 hexadecimal digits that change with any setting."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _check_classes(self) -> None:
        _unique("class", self.classes)
        if UNKNOWN in self.classes:
            raise ConfigurationError("a class is named 'unknown', which is "
                                     "the word for no class: rename it")

    def _check_patterns(self) -> None:
        _unique("pulse pattern", [p.name for p in self.patterns])
        if not any(p.required for p in self.patterns):
            raise ConfigurationError("no pulse pattern is required: the "
                                     "permit would depend on no pulse")

    def _check_reactions(self) -> None:
        names = [r.sample_class for r in self.reactions]
        _unique("reaction to", names)
        for row in self.reactions:
            name = row.sample_class
            if name not in (*self.classes, *NO_CLASS):
                raise ConfigurationError(
                    f"reaction to {name!r}: the classes are "
                    f"{', '.join(self.classes)} and {UNKNOWN} (and its "
                    f"reasons: {', '.join(ABSENCES)})")
            if (name in ABSENCES and name not in self.classes
                    and row.permit):
                raise ConfigurationError(
                    f"reaction to {name!r}: permit is set, but there is "
                    "nothing to be permitted")

    @property
    def votes_needed(self) -> int:
        """m of m-of-n: votes in the window that decide a class."""
        return max(1, math.ceil(self.fraction * self.window - 1e-9))

    @property
    def votes_to_hold(self) -> int:
        """Votes below which a decided class is left (hysteresis)."""
        return (self.votes_needed + 1) // 2

    @property
    def primary(self) -> int:
        """Index of the pattern that gives the sample state."""
        return next(i for i, p in enumerate(self.patterns) if p.required)

    def class_name(self, index: int) -> str:
        """Return the name of a class index, "unknown" for a negative one."""
        return UNKNOWN if index < 0 else self.classes[index]

    def reaction_to(self, name: str) -> Reaction | None:
        """Return the row of this name, None without one."""
        return next((r for r in self.reactions if r.sample_class == name),
                    None)

    def reaction(self, index: int, absence: str = "") -> Reaction:
        """Return the reaction to a class index; by default it permits nothing.

        Parameters
        ----------
        absence
            Where no class is decided, a row for this reason ("no beam",
            "sample gone") has priority over that for unknown.
        """
        name = self.class_name(index)
        found = (self.reaction_to(absence)
                 if absence and index < 0 and absence not in self.classes
                 else None)
        return found or self.reaction_to(name) or Reaction(name)


_LIMITS = {
    "window": (lambda v: 1 <= v <= LONGEST_WINDOW,
               f"1 to {LONGEST_WINDOW} trains"),
    "fraction": (lambda v: 0.5 < v <= 1,
                 "more than 0.5, so that two classes cannot both have it, "
                 "and at most 1"),
    "min_valid_pulses": (lambda v: v >= 1, "at least 1 pulse"),
    "min_valid_fraction": (lambda v: 0 <= v <= 1, "0 to 1"),
    "min_dwell": (lambda v: v >= 0, "0 s or more"),
    "stale_after": (lambda v: v > 0, "more than 0 s"),
    "max_latency": (lambda v: v > 0, "more than 0 ms"),
    "max_train_age": (lambda v: v > 0, "more than 0 ms"),
    "min_coverage": (lambda v: 0 < v <= 1, "more than 0 and at most 1"),
    "max_drift": (lambda v: v > 0, "more than 0"),
    "limit_hysteresis": (lambda v: 0 <= v < 1, "0 or more and less than 1"),
    "alarm_delay": (lambda v: v >= 0, "0 s or more"),
    "permit_valid_for": (lambda v: 0 < v <= LONGEST_LEASE,
                         f"more than 0 and at most {LONGEST_LEASE:g} ms"),
}


def _unique(what: str, names: Sequence[str]) -> None:
    for name in names:
        if list(names).count(name) > 1:
            raise ConfigurationError(f"{what} {name!r} is given twice")
