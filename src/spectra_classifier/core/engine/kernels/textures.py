"""Textures of a block of preprocessed spectra, [channel][lane].

Counterpart of `preprocessing.texture`.
"""
import numpy as np
from numba import uintp
from numpy.typing import NDArray

from . import members
from .options import LANES, WIDTH, kernel

_ZERO = np.float32(0)


@kernel
def features(block: NDArray[np.float32], channels: int, parts: int,
             lags: NDArray[np.int64], out: NDArray[np.float32],
             pivot: NDArray[np.float32], mean: NDArray[np.float64],
             sums: NDArray[np.float64]) -> None:
    """`preprocessing.texture.features` of a block into `out` [feature][lane].

    `lags`: the four of `preprocessing.texture`; `mean` (LANES,) and `sums`
    (6 * LANES,) float64 are scratch.
    """
    width = channels // parts
    features = 2 + len(lags)
    whole = sums[:LANES]
    whole[:] = 0.
    for part in range(parts):
        members.total(block, part * width, (part + 1) * width, mean)
        for lane in range(LANES):
            whole[lane] += mean[lane]
            out[part * features * LANES + lane] = mean[lane] / width
    members.total(block, parts * width, channels, mean)
    for lane in range(LANES):
        mean[lane] = max(abs(whole[lane] + mean[lane]) / channels, 1e-12)
    for part in range(parts):
        to = part * features * LANES
        for lane in range(LANES):
            pivot[lane] = out[to + lane]
            out[to + lane] = np.log(max(out[to + lane] / mean[lane], 1e-6))
        _neighbours(block, part * width, width, lags, pivot, sums)
        for lane in range(LANES):
            rest = sums[lane] / width
            variance = max(sums[LANES + lane] / width - rest * rest, 0.)
            out[to + LANES + lane] = np.log(
                max(np.sqrt(variance) / mean[lane], 1e-6))
            for k in range(len(lags)):
                out[to + (2 + k) * LANES + lane] = (
                    sums[(2 + k) * LANES + lane] / (width - lags[k])
                    / variance if variance > 0 else 0.)


@kernel
def _neighbours(block: NDArray[np.float32], first: int, width: int,
                lags: NDArray[np.int64], pivot: NDArray[np.float32],
                sums: NDArray[np.float64]) -> None:
    """Sums of r, r r and r r' with r' a lag away, of one part.

    r is a value minus `pivot` [lane] float32, so that a pedestal does not
    cancel; `sums` [quantity][lane] float64. One pass: a block of 32 spectra
    does not fit the first cache, neighbours do.
    """
    sums[:] = 0.
    lag_0, lag_1 = uintp(lags[0]) * WIDTH, uintp(lags[1]) * WIDTH
    lag_2, lag_3 = uintp(lags[2]) * WIDTH, uintp(lags[3]) * WIDTH
    inside = max(width - lags[3], 0) // members.GROUP * members.GROUP
    for begin in range(0, inside, members.GROUP):
        at = uintp(first + begin) * WIDTH
        for lane in range(WIDTH):
            level = pivot[lane]
            total, square = _ZERO, _ZERO
            by_0, by_1, by_2, by_3 = _ZERO, _ZERO, _ZERO, _ZERO
            for j in range(members.GROUP):
                here = at + uintp(j) * WIDTH + lane
                rest = block[here] - level
                total += rest
                square += rest * rest
                by_0 += rest * (block[here + lag_0] - level)
                by_1 += rest * (block[here + lag_1] - level)
                by_2 += rest * (block[here + lag_2] - level)
                by_3 += rest * (block[here + lag_3] - level)
            sums[lane] += np.float64(total)
            sums[LANES + lane] += np.float64(square)
            sums[2 * LANES + lane] += np.float64(by_0)
            sums[3 * LANES + lane] += np.float64(by_1)
            sums[4 * LANES + lane] += np.float64(by_2)
            sums[5 * LANES + lane] += np.float64(by_3)
    for i in range(inside, width):
        at = uintp(first + i) * WIDTH
        for lane in range(WIDTH):
            rest = block[at + lane] - pivot[lane]
            sums[lane] += np.float64(rest)
            sums[LANES + lane] += np.float64(rest * rest)
        for k in range(len(lags)):
            if i + lags[k] < width:
                there = at + uintp(lags[k]) * WIDTH
                to = uintp(2 + k) * WIDTH
                for lane in range(WIDTH):
                    sums[to + lane] += np.float64(
                        (block[at + lane] - pivot[lane])
                        * (block[there + lane] - pivot[lane]))
