"""What is joined to the trains by their id, and what comes of it.

`Partners` runs in the event loop, where chunks come in; `join` and `context`
in the worker, where arrays are looked at.
"""
import math
from dataclasses import dataclass, replace

from ..core.decision import NOTHING_KNOWN, Presence
from ..core.decision.beam_state import beam_of, presence
from ..core.preprocessing.detector_modules import JOINS, OFF, join_modules
from ..errors import ConfigurationError, InputError

#: names of the streams beside the leading one
FOLLOWER, CONTEXT = "follower", "context"


@dataclass(frozen=True)
class Joining:
    """What is joined, as the properties say; by default nothing.

    `follower`: one of `core.modules.JOINS`; `energy`, `shutter`: paths in
    the data of the context, "" where there is none; `least`: pulse energy
    from which there is beam; `wait` ms, `trains`: see `Patience`.
    """
    follower: str = OFF
    energy: str = ""
    shutter: str = ""
    least: float = -1.
    wait: float = 300.
    trains: int = 5

    def __post_init__(self):
        if self.follower not in JOINS:
            raise ConfigurationError(f"followerJoin {self.follower!r}: use "
                                     f"one of {', '.join(JOINS)}")
        if self.energy and not 0 < self.least < math.inf:
            raise ConfigurationError(
                f"minPulseEnergy is {self.least:g} and energyPath is set: "
                "set it above what the monitor shows without beam, in its "
                "unit")
        if not 0 < self.wait < math.inf:
            raise ConfigurationError(f"joinTimeout is {self.wait:g}: expected"
                                     " more than 0 ms")

    @property
    def with_follower(self):
        return self.follower != OFF

    @property
    def with_context(self):
        return bool(self.energy or self.shutter)

    @property
    def partners(self):
        """Names of the streams to be joined."""
        return ((FOLLOWER,) * self.with_follower
                + (CONTEXT,) * self.with_context)


def completed(joined):
    """The `Incoming` train with what was joined to it."""
    incoming = replace(joined.item, parts=joined.parts,
                       missing=joined.missing, waited=joined.waited)
    why = joined.missing.get(FOLLOWER)
    if why is None:
        return incoming
    # half a spectrum is never classified
    return replace(
        incoming, arrays={}, parts={}, reason=f"no follower: {why}",
        problem=f"train {incoming.train_id}: there is only half of the "
                f"spectra, the follower is missing: {why}")


def join(incoming, joining):
    """{name: array} of a train, both modules as one; or `InputError`."""
    if not joining.with_follower:
        return incoming.arrays
    follower = incoming.parts[FOLLOWER]
    if follower.problem:
        raise InputError(f"the follower: {follower.problem}")
    return join_modules(incoming.arrays, follower.arrays, joining.follower)


def context(incoming, joining, pulses):
    """(`Beam` or None, why it is not known) of a train."""
    if not joining.with_context:
        return None, ""
    part = incoming.parts.get(CONTEXT)
    if part is None:
        return None, ("monitor and shutter of this train are missing: "
                      f"{incoming.missing.get(CONTEXT, 'not joined')}")
    if "problem" in part:
        return None, part["problem"]
    try:
        return beam_of(pulses, least=joining.least, **part), ""
    except InputError as error:
        return None, str(error)


def shown_by(labels, beam, problem, fraction):
    """The `Presence` of a train with these labels."""
    if beam is None:
        return Presence(sentence=problem) if problem else NOTHING_KNOWN
    return presence(labels, beam, fraction)
