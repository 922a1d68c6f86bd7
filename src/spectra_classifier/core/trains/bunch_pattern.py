"""X-ray and laser pulses of a train, from what the machine reports.

The time server sends a table with one entry for each place of a bunch, at
4.5 MHz; the pulse pattern decoder lists the places that are taken. Places are
counted from 0 and are the *pulse ids* of the facility. A laser is always
listed from place 0 on, wherever its pulses are in time; it is moved to the
first X-ray pulse, as `PumpProbePulses` of EXtra does.
"""
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import euxfel_bunch_pattern as definitions
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InputError
from ..spectra import LASER, XRAY, Code, Train

#: name of a branch -> its number
BRANCHES: Final = {"SA1": 1, "SA2": 2, "SA3": 3}
NO_LASER: Final = "none"
#: name of a pump-probe laser -> its bit in the table
LASERS: Final = {NO_LASER: 0} | {
    bit.name: int(bit) for bit in definitions.PPL_BITS}
#: places of a table at most; today it has 2700, and 4096 are announced
LONGEST: Final = 8192
_ALL_BITS: Final = 2**32 - 1


class Frames(StrEnum):
    """How the frames of a detector go with the places of bunches."""
    PLACE = "one per bunch place"     # frame k is place first + k * step
    PULSE = "one per X-ray pulse"     # the n-th frame is the n-th pulse


@dataclass(frozen=True)
class FrameRule:
    """Which frame of a train is which place.

    Attributes
    ----------
    first, step
        Place of the first frame, and from one frame to the next; only for
        `Frames.PLACE`.
    laser_offset
        Place of the first laser pulse, counted from the first X-ray pulse.
    """
    frames: Frames = Frames.PLACE
    first: int = 0
    step: int = 1
    laser_offset: int = 0


@dataclass(frozen=True, eq=False)
class BunchPattern:
    """Places of the pulses of one train.

    Attributes
    ----------
    xray
        (X,) places of the X-ray pulses of one branch, rising.
    laser
        (L,) places of the laser as listed, rising.
    """
    xray: NDArray[np.int64]
    laser: NDArray[np.int64]

    def pumped(self, offset: int) -> NDArray[np.bool_]:
        """Return (X,) bool, True for X-ray pulses that come with the laser."""
        return np.isin(self.xray, self.laser_places(offset))

    def laser_places(self, offset: int) -> NDArray[np.int64]:
        """Return (L,) places of the laser in time; empty without X-rays."""
        if not len(self.xray):
            return self.xray
        return self.laser + self.xray[0] + offset

    def sentence(self, offset: int) -> str:
        """Return what an operator reads about the pattern."""
        if not len(self.xray):
            return "no X-ray pulse"
        pumped = int(np.count_nonzero(self.pumped(offset)))
        steps = np.unique(np.diff(self.xray))
        every = (f", every {steps[0]}" if len(steps) == 1 else
                 ", unevenly spaced" if len(steps) else "")
        return (f"{len(self.xray)} X-ray pulses at bunch places "
                f"{self.xray[0]} to {self.xray[-1]}{every}; {pumped} of them "
                "with laser")


@dataclass(frozen=True, eq=False)
class FramePulses:
    """What the machine says about the P frames of a train.

    Attributes
    ----------
    index
        (P,) number of the X-ray pulse in its branch, -1 where there is none.
    light
        (P,) bits `XRAY` and `LASER`.
    pattern
        What it was made of.
    """
    index: NDArray[np.int64]
    light: NDArray[np.uint8]
    pattern: BunchPattern


def from_table(table: ArrayLike, branch: str, laser: str) -> BunchPattern:
    """Return the pulses in a table of the time server.

    Parameters
    ----------
    table
        (places,) 32 bits for each place: destination, deflection, lasers.
    branch, laser
        One of `BRANCHES`, one of `LASERS`.

    Raises
    ------
    InputError
        For values that are no such table.
    """
    found = np.asarray(table)
    if (found.ndim != 1 or not 1 <= len(found) <= LONGEST
            or found.dtype.kind not in "ui" or found.dtype.itemsize < 4
            or (found > _ALL_BITS).any()):
        raise InputError(
            f"a table of type {found.dtype} and shape {found.shape}: "
            f"expected 1 to {LONGEST} numbers of 32 bits")
    bits = found.astype(np.uint64) & np.uint64(_ALL_BITS)
    lit = (bits & np.uint64(LASERS[laser])) != 0
    return BunchPattern(
        np.flatnonzero(definitions.is_sase(bits, BRANCHES[branch])),
        np.flatnonzero(lit))


def from_decoder(xray: ArrayLike, xray_count: object, laser: ArrayLike = (),
                 laser_count: object = 0) -> BunchPattern:
    """Return the pulses that a pulse pattern decoder lists.

    Parameters
    ----------
    xray, laser
        Places, `pulseIds` of the nodes `sase1` ... and `laser`; what goes
        beyond the counts is padding.
    xray_count, laser_count
        `nPulses` of the same nodes.

    Raises
    ------
    InputError
        For lists that do not rise, or do not have so many places.
    """
    return BunchPattern(_listed("X-ray", xray, xray_count),
                        _listed("laser", laser, laser_count))


def _listed(what: str, places: ArrayLike, count: object) -> NDArray[np.int64]:
    found, number = np.asarray(places), np.asarray(count)
    if number.ndim or number.dtype.kind not in "ui" or not (
            0 <= number <= (len(found) if found.ndim == 1 else -1)):
        raise InputError(f"{number!r:.40} {what} pulses in a list of shape "
                         f"{found.shape}")
    found = found[:int(number)]
    if not len(found):
        return np.zeros(0, np.int64)
    if found.dtype.kind not in "ui" or not (
            found[0] >= 0 and found[-1] < LONGEST
            and (np.diff(found.astype(np.int64)) > 0).all()):
        raise InputError(f"the list of {what} pulses of type {found.dtype}: "
                         f"expected rising bunch places below {LONGEST}")
    return found.astype(np.int64)


def lit(train: Train, pulses: FramePulses | None) -> Train:
    """Return the train with its light; as it is where that is not known.

    A frame without X-rays has no beam, and is not classified.
    """
    if pulses is None:
        return train
    unlit = (train.verdicts == 0) & (pulses.light & XRAY == 0)
    return replace(train, light=pulses.light, verdicts=np.where(
        unlit, Code.LOW_INTENSITY, train.verdicts).astype(np.int8))


def assign(pattern: BunchPattern, frames: int, rule: FrameRule) -> FramePulses:
    """Return which X-ray pulse each of so many frames has.

    Raises
    ------
    InputError
        Where pattern and frames contradict each other: an X-ray pulse that
        no frame has means that the frames are not where they are thought.
    """
    xray = pattern.xray
    if rule.frames is Frames.PULSE:
        if frames != len(xray):
            raise InputError(
                f"{frames} frames and {len(xray)} X-ray pulses in the bunch "
                f"pattern, with joining.frames {rule.frames.value!r}")
        places, index = xray, np.arange(frames)
    else:
        places = rule.first + rule.step * np.arange(frames)
        inside = np.isin(xray, places)
        if not inside.all():
            raise InputError(
                f"{np.count_nonzero(~inside)} of {len(xray)} X-ray pulses in "
                f"the bunch pattern, such as that at place "
                f"{xray[~inside][0]}, are in none of the {frames} frames: "
                "check joining.firstPlace, joining.placeStep and "
                "joining.branch")
        index = np.full(frames, -1)
        index[np.isin(places, xray)] = np.arange(len(xray))
    light = np.where(index >= 0, XRAY, 0)
    light |= np.where(np.isin(places, pattern.laser_places(
        rule.laser_offset)), LASER, 0)
    return FramePulses(index, light.astype(np.uint8), pattern)
