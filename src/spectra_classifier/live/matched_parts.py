"""Which streams are matched to the trains, and what a train gets of them."""
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypedDict

import numpy as np
from numpy.typing import NDArray

from ..core.decision.beam_state import beam_of
from ..core.decision.shutter_reading import ShutterReading
from ..core.preprocessing.detector_modules import JOINS, OFF
from ..core.trains.bunch_pattern import (
    BRANCHES,
    LASERS,
    NO_LASER,
    BunchPattern,
    FrameRule,
    Frames,
    assign,
)
from ..errors import ConfigurationError, InputError
from .records import Incoming

#: names of the streams that are matched to the leading one
FOLLOWER: Final = "follower"
CONTEXT: Final = "context"
PATTERN: Final = "pattern"


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
    shutter_property
        `device:property` of a shutter device, "" where none is asked.
    shutter_age
        Seconds for which its answer counts.
    table
        Path of the bunch pattern table, "" where the machine is not asked.
    branch, laser
        Whose pulses are looked for, one of `core.trains.bunch_pattern`'s
        `BRANCHES` and `LASERS`.
    frames, first, step, laser_offset
        As in `FrameRule`.
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
    shutter_property: str = ""
    shutter_age: float = 1.
    table: str = ""
    branch: str = "SA1"
    laser: str = NO_LASER
    frames: str = Frames.PLACE
    first: int = 0
    step: int = 1
    laser_offset: int = 0
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
        if self.shutter_property and not all(self.shutter_source):
            raise ConfigurationError(
                f"joining.shutterProperty {self.shutter_property!r}: expected "
                "device:property, such as HED/SHUTTER/1:isOpen")
        if self.shutter_property and self.shutter:
            raise ConfigurationError(
                "joining.shutterPath and joining.shutterProperty are both "
                "set: leave one of them empty, there is one shutter")
        if not 0 < self.shutter_age < math.inf:
            raise ConfigurationError(
                f"joining.shutterMaxAge is {self.shutter_age:g}: expected "
                "more than 0 s")
        for name, value, known in (("branch", self.branch, BRANCHES),
                                   ("laser", self.laser, LASERS),
                                   ("frames", self.frames, list(Frames))):
            if value not in known:
                raise ConfigurationError(f"joining.{name} {value!r}: use one "
                                         f"of {', '.join(known)}")
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
    def with_machine(self) -> bool:
        return bool(self.table)

    @property
    def shutter_source(self) -> tuple[str, str]:
        """(device, property) of the shutter device."""
        device, _, name = self.shutter_property.rpartition(":")
        return device, name

    @property
    def rule(self) -> FrameRule:
        """Which frame is at which place of the bunch pattern."""
        return FrameRule(Frames(self.frames), self.first, self.step,
                         self.laser_offset)

    @property
    def partners(self) -> tuple[str, ...]:
        """Names of the streams to be matched."""
        return ((FOLLOWER,) * self.with_follower
                + (CONTEXT,) * self.with_context
                + (PATTERN,) * self.with_machine)


class ContextPart(TypedDict, total=False):
    """Monitor and shutter of a train.

    `energies`: pulse energies, shape (pulses,) or (); `shutter_open`: shape
    (); `problem`: why one of them cannot be used, and is not there.
    """
    energies: NDArray[Any]
    shutter_open: NDArray[Any]
    problem: str


type PatternPart = BunchPattern | InputError
"""The pulses of a train, or why they cannot be used."""


class Parts(TypedDict, total=False):
    """What was matched to a train, by stream."""
    follower: Incoming
    context: ContextPart
    pattern: PatternPart


def completed(incoming: Incoming, parts: Parts, missing: Mapping[str, str],
              waited: float, matching: MatchSettings,
              shutter: ShutterReading | None = None,
              now: float = 0.) -> Incoming:
    """A train with everything that was matched to it.

    Parameters
    ----------
    missing
        Why a part is missing, by stream.
    waited
        Seconds.
    shutter, now
        The last answer of the shutter device, and the monotonic seconds at
        which it is used.
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
    if matching.with_machine:
        incoming = _with_machine(incoming, parts.get(PATTERN), matching.rule,
                                 missing.get(PATTERN, "not joined"))
    if matching.with_context or matching.shutter_property:
        part = parts.get(CONTEXT)
        if not matching.with_context:
            part = ContextPart()
        elif part is None:
            part = ContextPart(
                problem="monitor and shutter of this train are missing: "
                        + missing.get(CONTEXT, "not joined"))
        if matching.shutter_property:
            part = _with_shutter(part, shutter or ShutterReading(), now,
                                 matching)
        incoming = _with_beam(incoming, part, matching.least,
                              matching.with_machine)
    return replace(incoming, waited=waited)


def _with_shutter(part: ContextPart, shutter: ShutterReading, now: float,
                  matching: MatchSettings) -> ContextPart:
    """The context with the answer of the shutter device."""
    is_open, why = shutter.is_open(now, matching.shutter_age)
    if is_open is not None:
        return {**part, "shutter_open": np.asarray(is_open)}
    problems = filter(None, (
        part.get("problem"), f"the shutter {matching.shutter_property}: "
        f"{why}"))
    return {**part, "problem": "; ".join(problems)}


def _with_machine(incoming: Incoming, part: PatternPart | None,
                  rule: FrameRule, missing: str) -> Incoming:
    """A train with its pulses, or with the reason why they are not known."""
    if part is None:
        part = InputError(f"is missing: {missing}")
    try:
        if isinstance(part, InputError):
            raise part
        return replace(incoming, machine=assign(part, incoming.pulses, rule))
    except InputError as error:
        # the same sentence for all trains: it is shown, logged and kept
        return replace(incoming, machine_problem=(
            f"the bunch pattern of this train: {error}"))


def _with_beam(incoming: Incoming, part: ContextPart, least: float,
               by_machine: bool) -> Incoming:
    """A train with its beam, and the reason for what is not known of it.

    Monitor and shutter count each for itself.
    """
    problems = [part["problem"]] if "problem" in part else []
    machine = incoming.machine
    usable: dict[str, Any] = {}
    for name, value in (("energies", part.get("energies")),
                        ("shutter_open", part.get("shutter_open"))):
        if value is None:
            continue
        if name == "energies" and by_machine and machine is None:
            problems.append("the pulse energies belong to no pulse: "
                            + incoming.machine_problem)
            continue
        one: dict[str, Any] = {name: value}
        try:
            beam_of(incoming.pulses, **one)
        except InputError as error:
            problems.append(str(error))
        else:
            usable |= one
    if usable:
        incoming = replace(incoming, beam=beam_of(
            incoming.pulses, least=least, **usable,
            index=machine.index if machine is not None else None))
    return replace(incoming, beam_problem="; ".join(problems))
