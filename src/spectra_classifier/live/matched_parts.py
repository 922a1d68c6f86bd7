"""Which streams are matched to the trains, and what a train gets of them."""
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypedDict

from numpy.typing import NDArray

from ..core.decision.beam_state import beam_of
from ..core.preprocessing.detector_modules import JOINS, OFF
from ..errors import ConfigurationError, InputError
from .records import Incoming

#: names of the streams that are matched to the leading one
FOLLOWER: Final = "follower"
CONTEXT: Final = "context"


@dataclass(frozen=True)
class MatchSettings:
    """Which streams are matched; by default none.

    Attributes
    ----------
    follower
        How the second module is joined, one of
        `core.preprocessing.detector_modules.JOINS`.
    energy, shutter
        Paths in the data of the context, "" where there is none.
    least
        Pulse energy from which there is beam, in the unit of the monitor.
    wait
        Time that a train waits for its parts, ms.
    trains
        Number of trains that wait at most.
    """
    follower: str = OFF
    energy: str = ""
    shutter: str = ""
    least: float = -1.
    wait: float = 300.
    trains: int = 5

    def __post_init__(self) -> None:
        if self.follower not in JOINS:
            raise ConfigurationError(f"joining.followerJoin "
                                     f"{self.follower!r}: use one of "
                                     f"{', '.join(JOINS)}")
        if self.energy and not 0 < self.least < math.inf:
            raise ConfigurationError(
                f"joining.minPulseEnergy is {self.least:g} and "
                f"joining.energyPath is set: set it above what the monitor "
                "shows without beam, in its unit")
        if not 0 < self.wait < math.inf:
            raise ConfigurationError(f"joining.timeout is {self.wait:g}: "
                                     f"expected more than 0 ms")

    @property
    def with_follower(self) -> bool:
        return self.follower != OFF

    @property
    def with_context(self) -> bool:
        return bool(self.energy or self.shutter)

    @property
    def partners(self) -> tuple[str, ...]:
        """Names of the streams to be matched."""
        return ((FOLLOWER,) * self.with_follower
                + (CONTEXT,) * self.with_context)


class ContextPart(TypedDict, total=False):
    """Monitor and shutter of a train, or why they cannot be used.

    `energies`: pulse energies, shape (pulses,) or (); `shutter_open`: shape
    ().
    """
    energies: NDArray[Any]
    shutter_open: NDArray[Any]
    problem: str


class Parts(TypedDict, total=False):
    """What was matched to a train, by stream."""
    follower: Incoming
    context: ContextPart


def completed(incoming: Incoming, parts: Parts, missing: Mapping[str, str],
              waited: float, matching: MatchSettings) -> Incoming:
    """A train with everything that was matched to it.

    Parameters
    ----------
    missing
        Why a part is missing, by stream.
    waited
        Seconds.
    """
    if (why := missing.get(FOLLOWER)) is not None:
        # half a spectrum must not be classified
        return replace(
            incoming, waited=waited, arrays={}, reason=f"no follower: {why}",
            problem=f"train {incoming.train_id}: only half of the spectra is "
                    f"there, the follower is missing: {why}")
    if matching.with_follower:
        incoming = replace(incoming, follower=parts.get(FOLLOWER),
                           join=matching.follower)
    if matching.with_context:
        incoming = _with_beam(incoming, parts.get(CONTEXT), matching.least,
                              missing.get(CONTEXT, "not joined"))
    return replace(incoming, waited=waited)


def _with_beam(incoming: Incoming, part: ContextPart | None, least: float,
               missing: str) -> Incoming:
    """A train with its beam, or with the reason why that is not known."""
    if part is None:
        problem = f"monitor and shutter of this train are missing: {missing}"
    elif "problem" in part:
        problem = part["problem"]
    else:
        try:
            return replace(incoming, beam=beam_of(
                incoming.pulses, part.get("energies"), least,
                part.get("shutter_open")))
        except InputError as error:
            problem = str(error)
    return replace(incoming, beam_problem=problem)
