"""Presence of beam, and the meaning of a spectrum without signal."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InputError
from ..spectra import XRAY, Code
from .presence import BEAM, NO_BEAM, NOTHING_KNOWN, SAMPLE_GONE, Presence


@dataclass(frozen=True, eq=False)
class Beam:
    """Readings of monitor and shutter for the pulses of one train.

    Attributes
    ----------
    energy
        (P,) in the unit of the monitor; NaN where there is no reading.
    least
        Energy from which there is beam.
    closed
        Whether the shutter is reported closed.
    monitored
        Whether there is a monitor at all.
    """
    energy: NDArray[np.float32]
    least: float
    closed: bool = False
    monitored: bool = True

    @property
    def has_beam(self) -> NDArray[np.int8]:
        """(P,) 1: beam, 0: no beam, -1: not known.

        An open shutter alone does not prove that there is beam.
        """
        if self.closed:
            return np.zeros(len(self.energy), np.int8)
        beam = np.full(len(self.energy), -1, np.int8)
        finite = np.isfinite(self.energy)
        beam[finite & (self.energy >= self.least)] = 1
        beam[finite & (self.energy < self.least)] = 0
        return beam


#: what a gas monitor sends behind its last pulse, see `XGM.pulse_energy` of
#: EXtra
FILLING = 1.


def beam_of(pulses: int, energies: ArrayLike | None = None, least: float = 0.,
            shutter_open: ArrayLike | None = None,
            index: NDArray[np.int64] | None = None) -> Beam:
    """Return the readings for a train of so many pulses.

    Parameters
    ----------
    pulses
        Number of pulses.
    energies
        By position of the pulse, or one number for all. Excess values are
        ignored; pulses without a value are NaN. None without a monitor.
        With `index` by number of the X-ray pulse.
    least
        Energy from which there is beam.
    shutter_open
        0 where it is closed; None without a shutter.
    index
        (pulses,) number of the X-ray pulse, -1 for none; None where it is the
        position.

    Raises
    ------
    InputError
        For energies of a wrong type or shape, or a shutter value that is not a
        finite number.
    """
    energy = np.full(pulses, np.nan, np.float32)
    if energies is not None:
        found = np.asarray(energies)
        if found.dtype.kind not in "buif" or found.ndim > 1:
            raise InputError(
                f"pulse energies of type {found.dtype} and shape "
                f"{found.shape}: expected one number, or one per pulse")
        if found.ndim == 0:
            energy[:] = found
        elif index is not None:
            has = (index >= 0) & (index < len(found))
            energy[has] = found[index[has]]
            energy[energy == FILLING] = np.nan
        else:
            energy[:len(found)] = found[:pulses]
    return Beam(energy, float(least), _closed(shutter_open),
                energies is not None)


def _closed(shutter_open: ArrayLike | None) -> bool:
    """Whether a shutter is reported closed; raises `InputError`."""
    if shutter_open is None:
        return False
    opened = np.asarray(shutter_open)
    if (opened.ndim or opened.dtype.kind not in "buif"
            or not np.isfinite(opened)):
        raise InputError(f"the shutter reports {shutter_open!r:.60}: expected "
                         "a number or bool, 0 where it is closed")
    return not opened


def presence(labels: NDArray[np.int8], beam: Beam | None, fraction: float,
             light: NDArray[np.uint8] | None = None) -> Presence:
    """Return the presence of beam and sample that a train shows.

    Pulses that were not received or not classified are ignored, and those
    that have no X-rays by the bunch pattern.

    Parameters
    ----------
    labels
        (P,) class index or `Code`.
    beam
        None without monitor and shutter.
    fraction
        Share of the pulses that determines the result.
    light
        (P,) as in `Train`, None where not known.
    """
    used = (labels != Code.SKIPPED) & (labels != Code.BAD_DATA)
    if light is not None:
        if len(light) and not (light & XRAY).any():
            return Presence(NO_BEAM, "the bunch pattern has no X-ray pulse")
        used &= light & XRAY != 0
    if beam is None or not used.any():
        return NOTHING_KNOWN
    low = labels[used] == Code.LOW_INTENSITY
    beam_there = beam.has_beam[used]
    energy = beam.energy[used]
    if (low & (beam_there == 0)).mean() >= fraction:
        return Presence(NO_BEAM, _without(beam, energy))
    with_beam = beam_there == 1
    if with_beam.any() and low[with_beam].mean() >= fraction:
        return Presence(
            SAMPLE_GONE, f"the beam is there (mean pulse energy "
            f"{energy[with_beam].mean():.4g}), and "
            f"{low[with_beam].mean():.0%} of its pulses give no signal")
    if with_beam.any() and (~low[with_beam]).mean() >= fraction:
        return Presence(BEAM, "")
    return NOTHING_KNOWN


def _without(beam: Beam, energy: NDArray[np.float32]) -> str:
    if beam.closed:
        return "the shutter is closed"
    return (f"the mean pulse energy is {np.nanmean(energy):.4g}, beam is "
            f"from {beam.least:.4g} on")
