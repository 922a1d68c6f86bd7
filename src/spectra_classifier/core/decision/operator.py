"""What an operator does, as transitions with a reason where refused."""
from dataclasses import replace

from .alarms import acknowledged, waiting
from .conditions import (
    FOR_ARMING,
    FOR_RELEASE,
    TRAINS_COME,
    View,
    first_failure,
)
from .config import Alarm, DecisionConfig, PulsePattern
from .observation import ModelStanding
from .state import Cause, DecisionState, PatternState
from .steps import fitted, present


def arm(state: DecisionState, config: DecisionConfig,
        model: ModelStanding) -> tuple[DecisionState, str]:
    """(state, "") armed, or (the same state, why not).

    The permit itself comes with the next train that meets every condition.
    """
    view = View(fitted(state, config), config, 0., model)
    failed = first_failure(view, FOR_ARMING)
    if failed:
        return state, failed.sentence(view)
    return replace(state, armed=True, unarmed_because=""), ""


def disarm(state: DecisionState,
           because: str = "disarmed by an operator") -> DecisionState:
    """Not armed any more, for a reason that the permit then shows.

    A permit that is given up on purpose is not lost: nothing is latched.
    """
    return replace(state, armed=False, unarmed_because=because, permit=False)


def acknowledge(state: DecisionState, now: float, config: DecisionConfig,
                model: ModelStanding | None = None,
                fault: str = "") -> tuple[DecisionState, str]:
    """(state without its latch, ""), or (state with it, why not).

    The latch is released only where its cause is proved gone by the trains
    that come, under the present configuration: the pulses that have fired
    an interlock are decided, in a class that fires none; for a permit that
    was lost every condition holds but arming. Parameters as for `tick`.
    Every alarm that is raised is acknowledged in any case.
    """
    if not state.latch and not waiting(state.alarms):
        return state, "nothing is latched"
    state = replace(state, alarms=acknowledged(state.alarms))
    if cause := _standing_cause(present(state, now, config, model, fault)):
        return state, cause
    return replace(state, latch="", causes=(), lost=False), ""


def _standing_cause(view: View) -> str:
    """Why the cause of what is latched is not proved gone, or ""."""
    state, config = view.state, view.config
    if not state.latch:
        return ""
    rows = FOR_RELEASE if state.lost else TRAINS_COME
    if failed := first_failure(view, rows):
        return ("the cause of what is latched is not proved gone: "
                f"{failed.sentence(view)}")
    for cause in state.causes:
        reaction = config.reaction(cause.shown.state)
        if cause.shown.state < 0:
            return ("the cause of the interlock is not proved gone: no class "
                    f"is decided for the pulses of {cause.pattern.name!r}, "
                    f"which have latched it ({state.latch})")
        if reaction.alarm is Alarm.INTERLOCK:
            return ("the cause of the interlock still stands: sample state "
                    f"{reaction.sample_class!r} of the pulses of "
                    f"{cause.pattern.name!r}")
    return ""


def latched(state: DecisionState, latch: str,
            patterns: tuple[PulsePattern, ...] = (),
            lost: bool = False) -> DecisionState:
    """The state of a device that was latched when it ended.

    `latch`: the sentence; `patterns`: the `PulsePattern`s that had fired an
    interlock; `lost`: a permit was lost. Where neither is known all pulses
    have to prove that the cause is gone.
    """
    if not patterns and not lost:
        patterns = (PulsePattern(),)
    return replace(state, latch=latch, lost=lost, causes=tuple(
        Cause(pattern) for pattern in patterns))


def reset(state: DecisionState) -> DecisionState:
    """Forgets what was decided and counted; keeps arming, and the latch
    with all that it rests on."""
    return replace(
        state, losses=(), presences=(), permit=False, broken=frozenset(),
        patterns=tuple(PatternState() for _ in state.patterns),
        causes=tuple(Cause(one.pattern) for one in state.causes))


def reconfigure(
        state: DecisionState,
        config: DecisionConfig,
        basis: str,
        because: str = "disarmed: the configuration has changed",
) -> DecisionState:
    """The state under another configuration: disarmed, and nothing decided.

    `basis`: hash of everything that a code or the decision depends on, so
    that whatever has changed, no vote of before counts from now on. A latch
    stays, and so does the reason where nothing was armed. With `because`
    empty what was armed stays armed.
    """
    if basis == state.basis:
        return state
    if state.armed and because:
        state = disarm(state, because)
    return replace(reset(state), basis=basis, patterns=tuple(
        PatternState() for _ in config.patterns))
