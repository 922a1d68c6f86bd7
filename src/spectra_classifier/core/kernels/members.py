"""What the members say of a block of preprocessed spectra, and its sums."""
import numpy as np
from numba import njit, uintp

from .options import OPTIONS, WIDTH

#: channels or steps added up in one go
GROUP = 8
_ZERO = np.float32(0)


@njit(**OPTIONS)
def project(block, channels, references, out):
    """s.s and s.r_c of each lane: `out` [1 + C][lane] float64.

    `references` (C, n) float32. Groups of channels are summed in float32,
    the groups in float64.
    """
    out[:] = 0.
    whole = channels - channels % GROUP
    for first in range(0, whole, GROUP):
        at = uintp(first) * WIDTH
        for lane in range(WIDTH):
            square = _ZERO
            for j in range(GROUP):
                s = block[at + uintp(j) * WIDTH + lane]
                square += s * s
            out[lane] += np.float64(square)
        for c in range(len(references)):
            to = uintp(c + 1) * WIDTH
            for lane in range(WIDTH):
                product = _ZERO
                for j in range(GROUP):
                    product += (references[c, first + j]
                                * block[at + uintp(j) * WIDTH + lane])
                out[to + lane] += np.float64(product)
    for i in range(whole, channels):
        at = uintp(i) * WIDTH
        for lane in range(WIDTH):
            s = np.float64(block[at + lane])
            out[lane] += s * s
            for c in range(len(references)):
                out[uintp(c + 1) * WIDTH + lane] += references[c, i] * s


@njit(**OPTIONS)
def count(block, channel, threshold, sign, first, last, total):
    """Adds sign[e] for every step e in first ... last - 1 that s reaches.

    Steps come in whole groups; `channel` uint64 offsets into the block,
    `threshold` float32, `sign` int32; `total` [lane] int32.
    """
    for e in range(first, last, GROUP):
        for lane in range(WIDTH):
            votes = total[lane]
            for j in range(GROUP):
                votes = (votes + sign[e + j]
                         if block[channel[e + j] + lane] >= threshold[e + j]
                         else votes)
            total[lane] = votes


@njit(**OPTIONS)
def count_all(block, steps, total, lanes, first, out):
    """Points of each bin that go to each class: out[first + lane, b, c].

    `steps`: a `thresholds.Steps`. Class 0 has what the others leave.
    """
    bins, classes = steps.base.shape
    for b in range(bins):
        for lane in range(lanes):
            out[first + lane, b, 0] = steps.length[b]
        for c in range(1, classes):
            total[:] = steps.base[b, c]
            count(block, steps.channel, steps.threshold, steps.sign,
                  steps.start[b, c], steps.stop[b, c], total)
            for lane in range(lanes):
                out[first + lane, b, c] = total[lane]
                out[first + lane, b, 0] -= total[lane]


@njit(**OPTIONS)
def dense(block, start, stop, weight, row, bias, to):
    """to[unit][lane] = bias + sum_i weight[row + i, unit] block[start + i].

    i runs over stop - start; `weight` (rows, units), `bias` (units,) and
    sums float32.
    """
    units = len(bias)
    for unit in range(units):
        at = uintp(unit) * WIDTH
        for lane in range(WIDTH):
            to[at + lane] = bias[unit]
    for first in range(start, stop, GROUP):
        width = min(GROUP, stop - first)
        at = uintp(first) * WIDTH
        for unit in range(units):
            here = uintp(unit) * WIDTH
            if width == GROUP:
                for lane in range(WIDTH):
                    value = to[here + lane]
                    for j in range(GROUP):
                        value += (weight[row + first - start + j, unit]
                                  * block[at + uintp(j) * WIDTH + lane])
                    to[here + lane] = value
            else:
                for j in range(width):
                    w = weight[row + first - start + j, unit]
                    there = at + uintp(j) * WIDTH
                    for lane in range(WIDTH):
                        to[here + lane] += w * block[there + lane]


@njit(**OPTIONS)
def rectify(values, count):
    """The first `count` values become max(value, 0)."""
    for i in range(count):
        values[i] = max(values[i], _ZERO)
