"""Which alarms stand; the device shows the worst of them.

Every condition of the permit may raise one while it fails; two rules more
have nothing to do with the permit: the reaction to the sample state, and
lost trains.
"""
from .conditions import CONDITIONS
from .config import Alarm
from .state import ActiveAlarm


def standing_alarms(view):
    """All alarms that stand, worst first, as `ActiveAlarm`s."""
    found = [*_reactions(view), *_losses(view)]
    for condition in CONDITIONS:
        # without a train there is nothing to be late, drifting or short
        if view.seen is None and condition.name not in ("fault", "latch"):
            continue
        if not condition.holds(view):
            found.append(ActiveAlarm(condition.name, condition.severity(view),
                                     condition.sentence(view)))
    found = [alarm for alarm in found if alarm.severity is not Alarm.NONE]
    return tuple(sorted(found, key=lambda alarm: -alarm.severity.rank))


def _reactions(view):
    for pattern, state in zip(view.config.patterns, view.state.patterns,
                              strict=True):
        reaction = view.config.reaction(state.state)
        if state.since is not None:
            yield ActiveAlarm(
                "sampleState", reaction.alarm,
                f"sample state {reaction.sample_class!r} of pulse pattern "
                f"{pattern.name!r}")


def _losses(view):
    if lost := sum(view.state.losses):
        yield ActiveAlarm(
            "loss", Alarm.WARN, f"{lost} trains lost before the last "
            f"{len(view.state.losses)} received")
