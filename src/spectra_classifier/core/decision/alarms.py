"""Active alarms and their course in time.

Every condition of the permit may raise one while it fails; further rules are
independent of the permit: the reaction to the sample state, lost trains,
trains that are only partly classified, missing beam or sample, and means of
pulses that are like no taught state. An alarm is raised when its cause has
persisted for its delay, and ends with the cause; a latched one remains until
it is acknowledged. What was acknowledged stays in the table while its cause
persists, and is new again if it gets worse.
"""
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...errors import ConfigurationError
from .config import Alarm, DecisionConfig
from .permit_conditions import CONDITIONS, View, foreign_means
from .presence import NO_BEAM, SAMPLE_GONE, absence, standing
from .state import ActiveAlarm, AlarmState

#: alarms that are no conditions
OTHERS = ("sampleState", "loss", "degraded", "noBeam", "sampleGone",
          "foreign")
#: name and severity where no reaction defines it
_ABSENT = {NO_BEAM: ("noBeam", Alarm.WARN),
           SAMPLE_GONE: ("sampleGone", Alarm.ALARM)}
NAMES = (*(condition.name for condition in CONDITIONS), *OTHERS)
#: those that wait for the delay: numbers against limits, and losses
DELAYED = {condition.name for condition in CONDITIONS
           if condition.limit} | {*OTHERS} - {"sampleState"}


def check_names(names: Iterable[str]) -> None:
    """Check names of alarms.

    Raises
    ------
    ConfigurationError
        For a name that is not in `NAMES`.
    """
    for name in names:
        if name not in NAMES:
            raise ConfigurationError(
                f"alarms.latched names {name!r}: the alarms are "
                f"{', '.join(NAMES)}")


def standing_alarms(view: View) -> tuple[ActiveAlarm, ...]:
    """Return all alarms with a present cause, worst first."""
    found = [*_reactions(view), *_losses(view), *_degraded(view),
             *_absent(view), *_foreign(view)]
    for condition in CONDITIONS:
        # without a train there is nothing to be late, drifting or short
        if view.seen is None and condition.name not in ("fault", "latch"):
            continue
        if not condition.holds(view):
            found.append(ActiveAlarm(condition.name, condition.severity(view),
                                     condition.sentence(view)))
    found = [alarm for alarm in found if alarm.severity is not Alarm.NONE]
    return tuple(sorted(found, key=lambda alarm: -alarm.severity.rank))


def follow(known: Iterable[AlarmState], standing: Iterable[ActiveAlarm],
           now: float, train_id: int,
           config: DecisionConfig) -> tuple[AlarmState, ...]:
    """Return the alarm states that follow on `known` ones, worst first.

    Parameters
    ----------
    standing
        Alarms with a present cause.
    now
        Monotonic seconds.
    """
    before = {_key(state.alarm): state for state in known}
    after = [_standing(before.pop(_key(alarm), None), alarm, now, train_id,
                       config) for alarm in standing]
    after += [replace(state, active=False) for state in before.values()
              if state.raised and not state.acknowledged
              and state.name in config.latched_alarms]
    return tuple(sorted(after, key=lambda state: -state.severity.rank))


def acknowledged(states: Iterable[AlarmState]) -> tuple[AlarmState, ...]:
    """Return the states after all raised ones are acknowledged."""
    return tuple(replace(state, acknowledged=state.raised)
                 for state in states if state.active)


def waiting(states: Iterable[AlarmState]) -> bool:
    """Return whether one of them waits to be acknowledged."""
    return any(state.raised and not state.acknowledged for state in states)


def _key(alarm: ActiveAlarm) -> tuple[str, str]:
    return alarm.name, alarm.pattern


def _standing(state: AlarmState | None, alarm: ActiveAlarm, now: float,
              train_id: int, config: DecisionConfig) -> AlarmState:
    if state is None:
        state = AlarmState(alarm, now, train_id)
    worse = alarm.severity.rank > state.severity.rank
    delay = config.alarm_delay if alarm.name in DELAYED else 0.
    return replace(
        state, alarm=alarm, active=True,
        acknowledged=state.acknowledged and not worse,
        raised=state.raised or now - state.since >= delay)


def _reactions(view: View) -> Iterator[ActiveAlarm]:
    for pattern, state in zip(view.config.patterns, view.state.patterns,
                              strict=True):
        reaction = view.config.reaction(
            state.state, absence(view.state, view.config))
        if state.since is not None:
            yield ActiveAlarm(
                "sampleState", reaction.alarm,
                f"sample state {reaction.sample_class!r} of pulse pattern "
                f"{pattern.name!r}", pattern.name)


def _losses(view: View) -> Iterator[ActiveAlarm]:
    if lost := sum(view.state.losses):
        yield ActiveAlarm(
            "loss", Alarm.WARN, f"{lost} trains lost before the last "
            f"{len(view.state.losses)} received")


def _degraded(view: View) -> Iterator[ActiveAlarm]:
    seen = view.seen
    if seen is not None and view.config.min_coverage <= seen.coverage < 1:
        yield ActiveAlarm(
            "degraded", Alarm.WARN, f"only {seen.coverage:.0%} of the pulses "
            "are classified: the engine is too slow for this rate")


def _absent(view: View) -> Iterator[ActiveAlarm]:
    word, sentence = standing(view.state, view.config)
    if word in _ABSENT and view.config.reaction_to(word) is None:
        yield ActiveAlarm(*_ABSENT[word], f"{word}: {sentence}")


def _foreign(view: View) -> Iterator[ActiveAlarm]:
    if strange := foreign_means(view, view.config.patterns):
        yield ActiveAlarm("foreign", Alarm.WARN, strange)
