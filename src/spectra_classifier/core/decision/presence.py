"""What is missing where there is no signal: the beam or the sample.

A train shows one of these; it is taken as the result when as many trains of
the window show it as a class needs. It never yields a class or a permit: it
gives the reason why there is none.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .config import DecisionConfig
    from .observation import Observation
    from .state import DecisionState

BEAM = "beam"
NO_BEAM = "no beam"
SAMPLE_GONE = "sample gone"
NOT_KNOWN = "not known"
#: those that have an alarm, and may have a reaction of their own
ABSENCES = NO_BEAM, SAMPLE_GONE


class Presence(NamedTuple):
    """Beam and sample.

    Attributes
    ----------
    word
        BEAM, NO_BEAM, SAMPLE_GONE or NOT_KNOWN.
    sentence
        Why, with the numbers.
    """
    word: str = NOT_KNOWN
    sentence: str = ""


NOTHING_KNOWN = Presence()


def followed(window: tuple[Presence, ...], seen: Observation,
             config: DecisionConfig) -> tuple[Presence, ...]:
    """Return the window of presences after a train that is newer."""
    if seen.kind.breaks:
        window = ()
    lost = (NOTHING_KNOWN,) * min(seen.lost, config.window)
    return (*window, *lost, seen.presence)[-config.window:]


def standing(state: DecisionState, config: DecisionConfig) -> Presence:
    """Return the newest presence that has the votes of the window."""
    words = [shown.word for shown in state.presences]
    for shown in reversed(state.presences):
        if words.count(shown.word) >= config.votes_needed:
            return shown
    return NOTHING_KNOWN


def absence(state: DecisionState, config: DecisionConfig) -> str:
    """Return "no beam", "sample gone" or "": the name for the reactions."""
    word = standing(state, config).word
    return word if word in ABSENCES else ""
