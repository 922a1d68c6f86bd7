"""Streams that are matched to the trains by train id, and their use.

`completed` runs in the event loop, where chunks arrive; `join` and `context`
in the worker thread, where arrays are processed.
"""
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..core.decision import NOTHING_KNOWN, Presence
from ..core.decision.beam_state import Beam, beam_of, presence
from ..core.preprocessing.detector_modules import JOINS, OFF, join_modules
from ..errors import ConfigurationError, InputError
from .records import Incoming, Parts

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


def completed(incoming: Incoming, parts: Parts, missing: Mapping[str, str],
              waited: float) -> Incoming:
    """A train with the parts that were matched to it.

    Parameters
    ----------
    missing
        Why a part is missing, by stream.
    waited
        Seconds.
    """
    incoming = replace(incoming, parts=parts, missing=missing, waited=waited)
    why = missing.get(FOLLOWER)
    if why is None:
        return incoming
    # half a spectrum must not be classified
    return replace(
        incoming, arrays={}, parts={}, reason=f"no follower: {why}",
        problem=f"train {incoming.train_id}: only half of the spectra is "
                f"there, the follower is missing: {why}")


def join(incoming: Incoming,
         matching: MatchSettings) -> Mapping[str, NDArray[Any]]:
    """The arrays of a train, by field of `Layout`, both modules as one.

    Raises `InputError` where the follower cannot be used.
    """
    if not matching.with_follower:
        return incoming.arrays
    follower = incoming.parts[FOLLOWER]
    if follower.problem:
        raise InputError(f"the follower: {follower.problem}")
    return join_modules(incoming.arrays, follower.arrays, matching.follower)


def context(incoming: Incoming, matching: MatchSettings,
            pulses: int) -> tuple[Beam | None, str]:
    """The beam of a train; None and the reason where it is not known."""
    if not matching.with_context:
        return None, ""
    part = incoming.parts.get(CONTEXT)
    if part is None:
        return None, ("monitor and shutter of this train are missing: "
                      f"{incoming.missing.get(CONTEXT, 'not joined')}")
    if "problem" in part:
        return None, part["problem"]
    try:
        return beam_of(pulses, part.get("energies"), matching.least,
                       part.get("shutter_open")), ""
    except InputError as error:
        return None, str(error)


def shown_by(labels: NDArray[np.int8], beam: Beam | None, problem: str,
             fraction: float) -> Presence:
    """The presence of beam and sample for a train with these labels."""
    if beam is None:
        return Presence(sentence=problem) if problem else NOTHING_KNOWN
    return presence(labels, beam, fraction)
