"""Whether there was beam, and what a spectrum without signal then means."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InputError
from ..spectra import Code
from .presence import BEAM, NO_BEAM, NOTHING_KNOWN, SAMPLE_GONE, Presence


@dataclass(frozen=True, eq=False)
class Beam:
    """What monitor and shutter say about the pulses of one train.

    `energy` (P,) float32 in the unit of the monitor, NaN where it says
    nothing; `least`: the energy from which there is beam; `closed`: the
    shutter says that it is; `monitored`: whether there is a monitor at all.
    """
    energy: NDArray[np.float32]
    least: float
    closed: bool = False
    monitored: bool = True

    @property
    def has_beam(self) -> NDArray[np.int8]:
        """(P,) int8: 1 beam, 0 no beam, -1 not known.

        An open shutter alone does not prove that there is beam.
        """
        if self.closed:
            return np.zeros(len(self.energy), np.int8)
        lit = np.full(len(self.energy), -1, np.int8)
        finite = np.isfinite(self.energy)
        lit[finite & (self.energy >= self.least)] = 1
        lit[finite & (self.energy < self.least)] = 0
        return lit


def beam_of(pulses: int, energies: ArrayLike | None = None, least: float = 0.,
            shutter_open: float | bool | None = None) -> Beam:
    """The `Beam` of a train of so many pulses; raises `InputError`.

    `energies`: of the pulses by their position, or one number for all of
    them; what goes beyond the pulses is left out, and of pulses beyond it
    nothing is known. `shutter_open`: number or bool, 0 where it is
    closed, None without one; what is no finite number tells nothing.
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
        else:
            energy[:len(found)] = found[:pulses]
    return Beam(energy, float(least), _closed(shutter_open),
                energies is not None)


def _closed(shutter_open: float | bool | None) -> bool:
    """Whether a shutter says that it is closed; raises `InputError`."""
    if shutter_open is None:
        return False
    said = np.asarray(shutter_open)
    if said.ndim or said.dtype.kind not in "buif" or not np.isfinite(said):
        raise InputError(f"the shutter says {shutter_open!r:.60}: expected a "
                         "number or bool, 0 where it is closed")
    return not said


def presence(labels: NDArray[np.int8], beam: Beam,
             fraction: float) -> Presence:
    """The `Presence` that a train shows.

    `labels` (P,) int8; `beam`: a `Beam` of as many pulses; `fraction` of
    the pulses that says something about the train. Pulses that were not
    received or not looked at say nothing.
    """
    told = (labels != Code.SKIPPED) & (labels != Code.BAD_DATA)
    if not told.any():
        return NOTHING_KNOWN
    low = labels[told] == Code.LOW_INTENSITY
    lit = beam.has_beam[told]
    energy = beam.energy[told]
    if (low & (lit == 0)).mean() >= fraction:
        return Presence(NO_BEAM, _without(beam, energy))
    with_beam = lit == 1
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
