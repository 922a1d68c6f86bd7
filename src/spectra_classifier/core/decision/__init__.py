"""From one train's labels to sample state, alarm and permit.

Pure: `step(state, observation, config)` and `tick(state, now, config)` give
a new state and a `Decision`; no clock is read here. An operator's actions
(`arm`, `disarm`, `acknowledge`, `reset`, `reconfigure`) are transitions of
the same state.
"""
from .alarms import check_names
from .config import (
    NO_CLASS,
    UNKNOWN,
    UNKNOWN_INDEX,
    Alarm,
    DecisionConfig,
    PulseKind,
    PulsePattern,
    Reaction,
    worst,
)
from .observation import ModelStanding, Observation
from .operator import acknowledge, arm, disarm, latched, reconfigure, reset
from .permit_conditions import CONDITIONS, Condition
from .presence import ABSENCES, NOTHING_KNOWN, Presence
from .state import (
    NO_PULSE,
    ActiveAlarm,
    AlarmState,
    Cause,
    Decision,
    DecisionState,
    PatternDecision,
    PatternState,
)
from .steps import step, tick

__all__ = [
    "ABSENCES", "CONDITIONS", "NOTHING_KNOWN", "NO_CLASS", "NO_PULSE",
    "UNKNOWN", "UNKNOWN_INDEX", "ActiveAlarm",
    "Alarm", "AlarmState", "Cause", "Condition", "Decision", "DecisionConfig",
    "DecisionState",
    "ModelStanding", "Observation", "PatternDecision", "PatternState",
    "Presence", "PulseKind", "PulsePattern", "Reaction", "acknowledge",
    "arm", "check_names", "disarm", "latched", "reconfigure", "reset", "step",
    "tick", "worst"]
