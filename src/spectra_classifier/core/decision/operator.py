"""What an operator does, as transitions with a reason where refused."""
from dataclasses import replace

from .alarms import acknowledged, waiting
from .conditions import FOR_ARMING, View, first_failure
from .config import DecisionConfig
from .observation import ModelStanding
from .state import DecisionState, PatternState
from .steps import firing, fitted


def arm(state: DecisionState, config: DecisionConfig, model: ModelStanding):
    """(state, "") armed, or (the same state, why not).

    The permit itself comes with the next train that meets every condition.
    """
    view = View(fitted(state, config), config, 0., model)
    failed = first_failure(view, FOR_ARMING)
    if failed:
        return state, failed.sentence(view)
    return replace(state, armed=True, unarmed_because=""), ""


def disarm(state: DecisionState, because="disarmed by an operator"):
    """Not armed any more, for a reason that the permit then shows.

    A permit that is given up on purpose is not lost: nothing is latched.
    """
    return replace(state, armed=False, unarmed_because=because, permit=False)


def acknowledge(state: DecisionState, config: DecisionConfig):
    """(state without its latch, ""), or (state with it, why not).

    Every alarm that is raised is acknowledged in any case.
    """
    if not state.latch and not waiting(state.alarms):
        return state, "nothing is latched"
    state = replace(fitted(state, config), alarms=acknowledged(state.alarms))
    if state.interlocked and (cause := firing(state, config)):
        return state, f"the cause of the interlock still stands: {cause}"
    return replace(state, latch="", interlocked=False), ""


def reset(state: DecisionState):
    """Forgets what was decided and counted; keeps arming and the latch."""
    return replace(
        state, losses=(), presences=(), permit=False, broken=frozenset(),
        patterns=tuple(PatternState() for _ in state.patterns))


def reconfigure(state: DecisionState, old: DecisionConfig,
                new: DecisionConfig):
    """The state under another configuration: disarmed if it differs.

    Everything in a `DecisionConfig` is something the permit depends on.
    Votes of other classes, patterns or windows say nothing under the new
    ones and are forgotten; a latch stays.
    """
    if new.hash == old.hash:
        return state
    state = disarm(state, "disarmed: the configuration of the decision "
                          "has changed")
    voting = ("classes", "patterns", "window", "fraction",
              "min_valid_pulses", "min_valid_fraction")
    if any(getattr(old, name) != getattr(new, name) for name in voting):
        state = replace(fitted(reset(state), new), patterns=tuple(
            PatternState() for _ in new.patterns), losses=())
    return state
