"""Actions of an operator, as transitions with a reason where refused."""
from dataclasses import replace

from .alarms import acknowledged, waiting
from .config import Alarm, DecisionConfig, PulsePattern
from .observation import ModelStanding
from .permit_conditions import (
    FOR_ARMING,
    FOR_RELEASE,
    TRAINS_COME,
    View,
    first_failure,
)
from .state import Cause, DecisionState, PatternState
from .steps import fitted, present


def arm(state: DecisionState, config: DecisionConfig,
        model: ModelStanding) -> tuple[DecisionState, str]:
    """Arm the model.

    The permit itself comes with the next train that meets every condition.

    Returns
    -------
    state : DecisionState
        Unchanged if refused.
    refusal : str
        "" if armed.
    """
    view = View(fitted(state, config), config, 0., model)
    failed = first_failure(view, FOR_ARMING)
    if failed:
        return state, failed.sentence(view)
    return replace(state, armed=True, unarmed_because=""), ""


def disarm(state: DecisionState,
           because: str = "disarmed by an operator") -> DecisionState:
    """Return the state disarmed, for a reason that the permit then shows.

    A permit that is withdrawn on purpose is not lost: nothing is latched.
    """
    return replace(state, armed=False, unarmed_because=because, permit=False)


def acknowledge(state: DecisionState, now: float, config: DecisionConfig,
                model: ModelStanding | None = None,
                fault: str = "") -> tuple[DecisionState, str]:
    """Acknowledge the alarms and, where its cause is gone, release the latch.

    The latch is released only if the trains prove, under the present
    configuration, that its cause is gone: the pulses that have triggered an
    interlock are decided, in a class that triggers none; for a lost permit
    every condition holds except arming. Every raised alarm is acknowledged in
    any case.

    Parameters
    ----------
    model, fault
        As for `tick`.

    Returns
    -------
    state : DecisionState
    refusal : str
        Why the latch was not released, "" if it was.
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
            return ("the cause of the interlock is still present: sample "
                    f"state {reaction.sample_class!r} of the pulses of "
                    f"{cause.pattern.name!r}")
    return ""


def latched(state: DecisionState, latch: str,
            patterns: tuple[PulsePattern, ...] = (),
            lost: bool = False) -> DecisionState:
    """Return the state of a device that was latched when it ended.

    Where neither `patterns` nor `lost` is known, all pulses have to prove that
    the cause is gone.

    Parameters
    ----------
    latch
        The sentence.
    patterns
        Those that had triggered an interlock.
    lost
        Whether a permit was lost.
    """
    if not patterns and not lost:
        patterns = (PulsePattern(),)
    return replace(state, latch=latch, lost=lost, causes=tuple(
        Cause(pattern) for pattern in patterns))


def reset(state: DecisionState) -> DecisionState:
    """Forget what was decided and counted; keep arming, and the latch."""
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
    """Return the state under another configuration: disarmed, nothing decided.

    A latch is kept, and so is the reason where nothing was armed.

    Parameters
    ----------
    basis
        Hash of everything that a code or the decision depends on: no earlier
        vote counts once it has changed.
    because
        Reason for disarming. If empty, what was armed stays armed.
    """
    if basis == state.basis:
        return state
    if state.armed and because:
        state = disarm(state, because)
    return replace(reset(state), basis=basis, patterns=tuple(
        PatternState() for _ in config.patterns))
