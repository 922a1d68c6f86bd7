"""Photons into strips: the compiled inner loop of the Gotthard-II source."""
import numba
import numpy as np
from numpy.typing import NDArray

from ..presets import ADC_MAX

#: steps in which the position of a photon is kept, per channel
FINE = 16
#: strips read out by one chip
CHIP = 128


def photon_pool(density: NDArray[np.float64], size: int,
                random: np.random.Generator) -> NDArray[np.uint16]:
    """Draw positions of photons from a density, shuffled.

    The draw is stratified: the pool follows the density to about one photon
    per channel, so that its own statistics do not become a feature of the
    class. Every contiguous piece of it is a sample of independent photons.

    Parameters
    ----------
    density
        (channels,)
    size
        Number of photons.
    random
        Generator.

    Returns
    -------
    NDArray
        (size,) positions in 1/FINE channel, from the first channel of
        `density`.
    """
    edges = np.concatenate([[0.], np.cumsum(density / density.sum())])
    quantile = (np.arange(size) + random.random(size)) / size
    position = np.interp(quantile, edges, np.arange(len(edges)) * FINE)
    random.shuffle(position)
    return np.minimum(position, len(density) * FINE - 1).astype(np.uint16)


@numba.njit(nogil=True, cache=True, error_model="numpy")
def expose(pools: NDArray[np.uint16], counts: NDArray[np.int64],
           starts: NDArray[np.int64], shift: int, margin: int,
           adu_per_photon: NDArray[np.float32], pedestal: NDArray[np.float32],
           cells: NDArray[np.float32],
           chip_offset: NDArray[np.float32], noise: NDArray[np.float32],
           noise_starts: NDArray[np.int64], switch_level: float,
           switched_pedestal: np.float32, switched_slope: np.float32,
           dead: NDArray[np.int64], lost: NDArray[np.bool_],
           adc: NDArray[np.uint16], gain: NDArray[np.uint8]) -> None:
    """Fill `adc` and `gain`, zeros before.

    Parameters
    ----------
    pools
        (K, size) photon positions of the K states.
    counts, starts
        (P, K): the piece of each pool that a pulse gets.
    shift
        In 1/FINE channel, smaller than `margin` channels.
    margin
        Channels beyond both ends.
    adu_per_photon, pedestal
        (C,)
    cells
        (2, C) ADU on top of it in even and odd memory cells.
    chip_offset
        (P, chips)
    noise
        The pool of read noise in ADU.
    noise_starts
        (P,)
    switch_level
        ADU above which a strip changes its gain stage.
    switched_pedestal, switched_slope
        ADU, and ADU per photon, in that stage.
    dead
        Strip numbers, which stay at zero.
    lost
        (P,), frames that stay at zero.
    adc, gain
        (P, C)
    """
    pulses, channels = adc.shape
    photons = np.empty(channels + 2 * margin, np.float32)
    level = np.empty(channels, np.float32)
    for p in range(pulses):
        if lost[p]:
            continue
        photons[:] = 0
        for k in range(len(pools)):
            begin = starts[p, k]
            for position in pools[k, begin:begin + counts[p, k]]:
                photons[(np.int64(position) + shift) // FINE] += 1
        row = adc[p]
        seen = photons[margin:margin + channels]
        read = noise[noise_starts[p]:noise_starts[p] + channels]
        cell = cells[p % 2]
        for chip in range(chip_offset.shape[1]):
            offset = chip_offset[p, chip] + np.float32(0.5)
            first = chip * CHIP
            stop = first + CHIP
            level[first:stop] = (pedestal[first:stop] + cell[first:stop]
                                 + offset)
        brightest = np.int32(0)
        for c in range(channels):
            value = seen[c] * adu_per_photon[c] + level[c] + read[c]
            number = np.int32(min(max(value, np.float32(0)),
                                  np.float32(ADC_MAX)))
            brightest = max(brightest, number)
            row[c] = number
        if brightest >= switch_level:
            for c in range(channels):
                if row[c] >= switch_level:
                    value = (seen[c] * switched_slope + switched_pedestal
                             + read[c])
                    row[c] = np.int32(min(value, np.float32(ADC_MAX)))
                    gain[p, c] = 1
        for c in dead:
            row[c] = gain[p, c] = 0
