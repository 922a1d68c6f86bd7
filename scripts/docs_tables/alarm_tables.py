"""Tables of the alarms, made by running the decision itself.

`python -m docs_tables.alarm_tables` prints them: the alarms, and the states
of one alarm, step by step.
"""
from collections.abc import Callable
from dataclasses import replace

from spectra_classifier.core.decision.alarms import (
    DELAYED,
    NAMES,
    acknowledged,
    follow,
)
from spectra_classifier.core.decision.config import Alarm, DecisionConfig
from spectra_classifier.core.decision.mean_verdict import MeanVerdict
from spectra_classifier.core.decision.presence import (
    NO_BEAM,
    SAMPLE_GONE,
    Presence,
)
from spectra_classifier.core.decision.state import ActiveAlarm, AlarmState

from .truth_table import BREAKS, in_order

_WARN = ActiveAlarm("drift", Alarm.WARN, "bin 8 shifted")
_WORSE = replace(_WARN, severity=Alarm.ALARM)
_TRAIN = 1000
#: states of the alarms
type _States = tuple[AlarmState, ...]
type _Event = tuple[ActiveAlarm, ...] | Callable[[_States], _States]
#: (event, seconds since the step before, active alarms then, or a function of
#: the alarm states)
LIFE: tuple[tuple[str, float, _Event], ...] = (
    ("the cause appears", 0., (_WARN,)),
    ("the cause has lasted for less than alarms.delay", 0.3, (_WARN,)),
    ("the cause has lasted for alarms.delay", 0.3, (_WARN,)),
    ("an operator acknowledges", 0., acknowledged),
    ("it gets worse", 0.1, (_WORSE,)),
    ("the cause disappears", 0.1, ()),
    ("an operator acknowledges", 0., acknowledged))


def alarm_rows() -> list[tuple[str, Alarm, bool]]:
    """(name, severity, whether it waits for the delay) of every alarm.

    The severity is that of an example while armed; NONE for a condition that
    raises no alarm.
    """
    case = in_order()
    decisions = {name: breaks(case) for name, breaks in BREAKS.items()} | {
        "sampleState": case.after_all(1), "loss": case.after(lost=2),
        "degraded": case.after(coverage=0.8),
        "noBeam": case.after_all(-2, Presence(NO_BEAM, "as said")),
        "sampleGone": case.after_all(-2, Presence(SAMPLE_GONE, "as said")),
        "foreign": case.after(means=MeanVerdict(rest=2.))}
    return [(name, next((alarm.severity for alarm in decisions[name].alarms
                         if alarm.name == name), Alarm.NONE),
             name in DELAYED) for name in NAMES]


def life(latched: bool) -> list[tuple[str, AlarmState | None]]:
    """(event, state) of one alarm, step by step."""
    config = DecisionConfig(
        classes=("a", "b"), alarm_delay=0.5,
        latched_alarms=("drift",) if latched else ())
    states: _States = ()
    now = 0.
    found: list[tuple[str, AlarmState | None]] = []
    for words, later, event in LIFE:
        now += later
        states = (event(states) if callable(event) else
                  follow(states, event, now, _TRAIN, config))
        found.append((words, states[0] if states else None))
    return found


def markdown() -> str:
    """Both tables of the documentation."""
    lines = ["| alarm | level | waits for alarms.delay |", "|---|---|---|"]
    lines += [f"| `{name}` | {level} | {'yes' if delayed else 'no'} |"
              for name, level, delayed in alarm_rows()
              if level is not Alarm.NONE]
    lines += ["", "| what happens | not latched | latched (`alarms.latched`) "
                  "|",
              "|---|---|---|"]
    lines += [f"| {words} | {_shown(one)} | {_shown(other)} |"
              for (words, one), (_, other) in zip(
                  life(False), life(True), strict=True)]
    return "\n".join(lines) + "\n"


def _shown(state: AlarmState | None) -> str:
    if state is None or not state.raised:
        return "-"
    parts = (str(state.severity), "active" if state.active else "not active",
             "acknowledged" if state.acknowledged else "new")
    return ", ".join(parts)


if __name__ == "__main__":
    print(markdown(), end="")
