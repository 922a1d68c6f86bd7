"""The conditions of the permit, in the order in which they are named.

This table is the truth: the permit is the conjunction of its rows, the
reason is the sentence of the first row that fails, and a row may raise an
alarm while it fails. `docs/decision.md` is generated from it.
"""
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .config import Alarm, DecisionConfig, PulsePattern
from .observation import ModelStanding, Observation
from .presence import ABSENCES, standing
from .state import DecisionState, PatternState


@dataclass(frozen=True, eq=False)
class View:
    """The input of the conditions.

    Attributes
    ----------
    seen
        The last finished train, or None.
    now
        Monotonic seconds.
    fault
        A sentence, "" for none.
    renewed
        Whether this very train is newer, so that it may grant a permit that
        was not granted before.
    """
    state: DecisionState
    config: DecisionConfig
    now: float
    model: ModelStanding
    fault: str = ""
    seen: Observation | None = None
    renewed: bool = False

    @property
    def silence(self) -> float:
        """Seconds since the last train that was newer; inf before any."""
        fresh = self.state.fresh
        return math.inf if fresh is None else self.now - fresh

    @property
    def required(self) -> list[tuple[PulsePattern, PatternState]]:
        """Each required pulse pattern with its state."""
        return [(pattern, state) for pattern, state in zip(
            self.config.patterns, self.state.patterns, strict=True)
            if pattern.required]


class Condition(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    needs
        What is required, for the documentation.
    holds
        The test.
    sentence
        The reason where it fails.
    severity
        Of the alarm while it fails.
    limit
        Whether it compares a number with a limit: with hysteresis, and with a
        delayed alarm.
    """
    name: str
    needs: str
    holds: Callable[[View], bool]
    sentence: Callable[[View], str]
    severity: Callable[[View], Alarm] = lambda view: Alarm.NONE
    limit: bool = False


def _measure(text: str, attribute: str, limit: str,
             unit: str) -> Callable[[View], str]:
    """The sentence of a limit that was broken."""
    def sentence(view: View) -> str:
        value = getattr(view.seen, attribute, math.nan)
        edge = getattr(view.config, limit)
        bound = f"the limit is {edge:g}{unit}"
        if math.isnan(value):
            return f"{text} is not known; {bound}"
        if _inside(value, edge, attribute):
            return (f"{text} is {value:.4g}{unit} again, but not well inside "
                    f"the limit of {edge:g}{unit}")
        return f"{text} is {value:.4g}{unit}; {bound}"
    return sentence


def _inside(value: float, edge: float, attribute: str) -> bool:
    # coverage alone, a share, is better the larger it is
    return (edge <= value <= 1 if attribute == "coverage"
            else abs(value) <= edge)


def _within(name: str, attribute: str, limit: str) -> Callable[[View], bool]:
    """Test of a number against its limit; false for NaN, without a train,
    and, once it was broken, until it is well inside again."""
    def holds(view: View) -> bool:
        if view.seen is None:
            return False
        edge = getattr(view.config, limit)
        if name in view.state.broken:
            share = view.config.limit_hysteresis
            edge = (min(edge * (1 + share), 1.) if attribute == "coverage"
                    else edge * (1 - share))
        return _inside(getattr(view.seen, attribute), edge, attribute)
    return holds


def _drifted(view: View) -> str:
    sentence = _measure("the drift score", "drift", "max_drift", "")(view)
    why = getattr(view.seen, "drift_reason", "")
    return f"{sentence}: {why}" if why else sentence


def _stale(view: View) -> str:
    if view.state.fresh is None:
        return "no train has been classified yet"
    return (f"no new train for {view.silence:.1f} s; the limit is "
            f"{view.config.stale_after:g} s")


def _stale_severity(view: View) -> Alarm:
    if view.state.fresh is None:
        return Alarm.NONE
    return Alarm.ALARM if view.state.armed else Alarm.WARN


def _undecided_patterns(view: View) -> list[PulsePattern]:
    """Required patterns without a class for the pulses of the last train."""
    unlit = view.seen is not None and bool(view.seen.light_problem)
    return [pattern for pattern, state in view.required if state.state < 0
            or (unlit and pattern.kind.by_machine)]


def _undecided(view: View) -> str:
    patterns = _undecided_patterns(view)
    names = [repr(pattern.name) for pattern in patterns]
    sentence = f"no class is decided for pulse pattern {', '.join(names)}"
    if (view.seen is not None and view.seen.light_problem
            and any(pattern.kind.by_machine for pattern in patterns)):
        sentence += f": {view.seen.light_problem}"
    if strange := foreign_means(view, patterns):
        sentence += f": {strange}"
    shown = standing(view.state, view.config)
    return (f"{shown.word}: {shown.sentence} ({sentence})"
            if shown.word in ABSENCES else sentence)


def foreign_means(view: View, patterns: Sequence[PulsePattern]) -> str:
    """Return which means are like no taught state, "" for none."""
    means = None if view.seen is None else view.seen.means
    return "; ".join(
        f"the mean of pulse pattern {pattern.name!r} is like no taught state "
        + (f"({score:.3g} times the limit)" if score >= 0
           else "(it cannot be compared)")
        for pattern in patterns if means and means.foreign(pattern)
        for score in (means.score(pattern),))


def _forbidding(view: View) -> list[tuple[PulsePattern, str]]:
    return [(pattern, view.config.class_name(state.state))
            for pattern, state in view.required
            if not view.config.reaction(state.state).permit]


def _forbidden(view: View) -> str:
    pattern, name = _forbidding(view)[0]
    return (f"sample state {name!r} of pulse pattern {pattern.name!r} "
            "does not permit")


def _always(severity: Alarm) -> Callable[[View], Alarm]:
    return lambda view: severity


CONDITIONS = (
    Condition(
        "model", "a verified model is live",
        lambda v: v.model.verified,
        lambda v: "no verified model is live",
        lambda v: Alarm.NONE if v.seen is None else Alarm.WARN),
    Condition(
        "gate", "the gate is on: minIntensity is above 0",
        lambda v: v.model.min_intensity > 0,
        lambda v: "the gate is off: minIntensity is "
        f"{v.model.min_intensity:g}, so dark pulses would get a class"),
    Condition(
        "reactions", "an operator confirmed the reactions for these classes",
        lambda v: v.model.reactions_confirmed,
        lambda v: "the reactions are not confirmed for the classes of this "
        "model"),
    Condition(
        "objection", "no objection to arming this model",
        lambda v: not v.model.objection,
        lambda v: v.model.objection),
    Condition(
        "latch", "nothing is latched",
        lambda v: not v.state.latch,
        lambda v: f"latched, to be acknowledged: {v.state.latch}",
        lambda v: Alarm.INTERLOCK if v.state.interlocked else Alarm.ALARM),
    Condition(
        "armed", "an operator armed the model",
        lambda v: v.state.armed,
        lambda v: v.state.unarmed_because),
    Condition(
        "fault", "there is no fault",
        lambda v: not v.fault,
        lambda v: v.fault,
        _always(Alarm.ALARM)),
    Condition(
        "fresh", "a new train within conditions.staleAfter",
        lambda v: v.silence <= v.config.stale_after,
        _stale, _stale_severity),
    Condition(
        "accounting", "the accounting adds up",
        lambda v: v.seen is not None and not v.seen.accounting,
        lambda v: v.seen.accounting if v.seen else "",
        _always(Alarm.ALARM)),
    Condition(
        "trainId", "trains have ids, or conditions.allowTrainIdZero",
        lambda v: v.seen is not None and (
            v.seen.train_id != 0 or v.config.allow_train_id_zero),
        lambda v: "the train id is 0 (no time server): lost trains cannot "
        "be counted",
        _always(Alarm.WARN)),
    Condition(
        "trainAge", "|train age| within conditions.maxTrainAge",
        _within("trainAge", "train_age", "max_train_age"),
        _measure("the train age", "train_age", "max_train_age", " ms"),
        _always(Alarm.WARN), limit=True),
    Condition(
        "latency", "latency within conditions.maxLatency",
        _within("latency", "latency", "max_latency"),
        _measure("the latency", "latency", "max_latency", " ms"),
        _always(Alarm.WARN), limit=True),
    Condition(
        "coverage", "enough of the pulses are classified "
                    "(conditions.minCoverage)",
        _within("coverage", "coverage", "min_coverage"),
        _measure("the coverage", "coverage", "min_coverage", ""),
        _always(Alarm.WARN), limit=True),
    Condition(
        "drift", "the drift score within conditions.maxDrift",
        _within("drift", "drift", "max_drift"), _drifted,
        _always(Alarm.WARN), limit=True),
    Condition(
        "decided", "every required pulse pattern is decided",
        lambda v: not _undecided_patterns(v),
        _undecided),
    Condition(
        "reaction", "the reaction of every required pulse pattern permits",
        lambda v: not _forbidding(v),
        _forbidden),
    Condition(
        "granted", "a new train grants; silence can only withdraw",
        lambda v: v.renewed or v.state.permit,
        lambda v: "waiting for the next train"),
)

#: rows that an operator's arming already needs
FOR_ARMING = CONDITIONS[:5]
#: rows that show that the cause of what is latched is gone: for an interlock
#: that trains come, for a permit that was lost everything but a person's word
TRAINS_COME = tuple(c for c in CONDITIONS if c.name == "fresh")
FOR_RELEASE = tuple(c for c in CONDITIONS
                    if c.name not in ("latch", "armed", "granted"))


def broken_limits(view: View) -> frozenset[str]:
    """Return the names of the limits that are not met, with their hysteresis.
    """
    if view.seen is None:
        return view.state.broken
    return frozenset(condition.name for condition in CONDITIONS
                     if condition.limit and not condition.holds(view))


def first_failure(
        view: View,
        conditions: Sequence[Condition] = CONDITIONS) -> Condition | None:
    """Return the first condition that does not hold, or None."""
    return next((c for c in conditions if not c.holds(view)), None)
