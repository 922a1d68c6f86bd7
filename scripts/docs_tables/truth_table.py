"""Truth table of the permit, made by running the decision itself.

`python -m docs_tables.truth_table` prints it. Each row takes a case in which
every condition holds, breaks one of them, and shows the decision.
"""
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spectra_classifier.core.decision.config import (
    Alarm,
    DecisionConfig,
    Reaction,
)
from spectra_classifier.core.decision.observation import (
    ModelStanding,
    Observation,
)
from spectra_classifier.core.decision.operator import arm, disarm
from spectra_classifier.core.decision.permit_conditions import (
    CONDITIONS,
    Condition,
)
from spectra_classifier.core.decision.presence import NOTHING_KNOWN, Presence
from spectra_classifier.core.decision.state import Decision, DecisionState
from spectra_classifier.core.decision.steps import step, tick

_CONFIG = DecisionConfig(
    classes=("solid", "molten", "vapour"),
    reactions=(Reaction("solid", permit=True),
               Reaction("molten", Alarm.WARN),
               Reaction("vapour", Alarm.INTERLOCK)))
_MODEL = ModelStanding(verified=True, min_intensity=10.,
                       reactions_confirmed=True)
_PERIOD = 0.1       # s between two trains


@dataclass(frozen=True)
class _Case:
    """A state in which every condition holds, and the train after it."""
    state: DecisionState
    seen: Observation

    def after(self, **changes: Any) -> Decision:
        return step(self.state, replace(self.seen, **changes), _CONFIG)[1]

    def after_all(self, label: int,
                  presence: Presence = NOTHING_KNOWN) -> Decision:
        """The decision after a whole window of another label."""
        state = self.state
        for number in range(_CONFIG.window):
            seen = replace(self.seen, labels=np.full(100, label, np.int8),
                           train_id=self.seen.train_id + number,
                           time=self.seen.time + number * _PERIOD,
                           presence=presence)
            state, decision = step(state, seen, _CONFIG)
        return decision

    def model(self, **changes: Any) -> Decision:
        return self.after(model=replace(_MODEL, **changes))

    def state_with(self, state: DecisionState) -> Decision:
        return step(state, self.seen, _CONFIG)[1]


def in_order() -> _Case:
    """The case in which every condition holds."""
    state, _ = arm(DecisionState(), _CONFIG, _MODEL)
    for number in range(_CONFIG.window + 1):
        seen = Observation(
            1001 + number, np.zeros(100, np.int8), number * _PERIOD, _MODEL,
            latency=12., train_age=60., coverage=1., drift=0.2)
        if number < _CONFIG.window:
            state, _ = step(state, seen, _CONFIG)
    return _Case(state, seen)


def _armed_in_silence(case: _Case) -> Decision:
    state, _ = arm(disarm(case.state), _CONFIG, _MODEL)
    return tick(state, case.seen.time, _CONFIG)[1]


#: how each condition is broken
BREAKS: dict[str, Callable[[_Case], Decision]] = {
    "model": lambda case: case.model(verified=False),
    "gate": lambda case: case.model(min_intensity=0.),
    "reactions": lambda case: case.model(reactions_confirmed=False),
    "objection": lambda case: case.model(
        objection="the model is not clearly better than its null test"),
    "latch": lambda case: case.after_all(2),
    "armed": lambda case: case.state_with(disarm(case.state)),
    "fault": lambda case: case.after(fault="the engine failed on a train"),
    "fresh": lambda case: tick(case.state, case.seen.time + 3, _CONFIG)[1],
    "accounting": lambda case: case.after(
        accounting="the trains do not add up: 10 received, but 9 classified "
                   "+ 0 rejected + 0 skipped + 0 in flight = 9"),
    "trainId": lambda case: case.after(train_id=0),
    "trainAge": lambda case: case.after(train_age=1500.),
    "latency": lambda case: case.after(latency=800.),
    "coverage": lambda case: case.after(coverage=0.25),
    "drift": lambda case: case.after(drift=np.nan),
    "decided": lambda case: case.after_all(-1),
    "reaction": lambda case: case.after_all(1),
    "granted": _armed_in_silence,
}


def rows() -> list[tuple[Condition | None, Decision]]:
    """(condition or None for none broken, `Decision`) of each row."""
    case = in_order()
    return [(None, case.after()), *(
        (condition, BREAKS[condition.name](case))
        for condition in CONDITIONS)]


def markdown() -> str:
    """The table of the documentation."""
    lines = ["| | condition | the permit needs | permit | reason (example) | "
             "alarm | hysteresis |", "|---|---|---|---|---|---|---|"]
    for number, (condition, decision) in enumerate(rows()):
        name, needs = (("", "all of these") if condition is None
                       else (f"`{condition.name}`", condition.needs))
        needs = needs.replace("|", "\\|")
        lines.append(
            f"| {number or ''} | {name} | {needs} | "
            f"{'**true**' if decision.permit else 'false'} | "
            f"{decision.reason} | {decision.alarm} | "
            f"{'yes' if condition and condition.limit else ''} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")
