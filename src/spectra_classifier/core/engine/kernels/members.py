"""Votes of the members for a block of preprocessed spectra, and its sums."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import uintp
from numpy.typing import NDArray

from .options import LANES, WIDTH, kernel

if TYPE_CHECKING:
    from ..thresholds.kernel_layouts import Steps

#: channels in one go: without groups, LLVM does not vectorise over lanes,
#: and those added up in float32 before the groups are in float64
GROUP = 8
#: steps compared in one go
STEPS = 4
_ZERO = np.float32(0)


@kernel
def total(values: NDArray[np.float32], first: int, last: int,
          sums: NDArray[np.float64]) -> None:
    """Sum of channels first ... last - 1 of each lane, float64."""
    sums[:] = 0.
    whole = first + (last - first) // GROUP * GROUP
    for begin in range(first, whole, GROUP):
        at = uintp(begin) * WIDTH
        for lane in range(WIDTH):
            value = _ZERO
            for j in range(GROUP):
                value += values[at + uintp(j) * WIDTH + lane]
            sums[lane] += np.float64(value)
    for at in range(uintp(whole) * WIDTH, uintp(last) * WIDTH):
        sums[at % WIDTH] += np.float64(values[at])


@kernel
def project(block: NDArray[np.float32], channels: int,
            references: NDArray[np.float32], out: NDArray[np.float64],
            groups: NDArray[np.float32]) -> None:
    """s.s and s.r_c of each lane: `out` [1 + C][lane] float64.

    `references` (C, n) float32. Groups of channels are summed in float32,
    the groups in float64. `groups` gets the sum of each whole group of
    channels, [n // GROUP][lane], unless it is empty: a pass of its own over
    the block would cost half as much as this one.
    """
    out[:] = 0.
    whole = channels - channels % GROUP
    for first in range(0, whole, GROUP):
        at = uintp(first) * WIDTH
        if len(groups):
            to = uintp(first // GROUP) * WIDTH
            for lane in range(WIDTH):
                square = total = _ZERO
                for j in range(GROUP):
                    s = block[at + uintp(j) * WIDTH + lane]
                    square += s * s
                    total += s
                out[lane] += np.float64(square)
                groups[to + lane] = total
        else:
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


@kernel
def pool(block: NDArray[np.float32], channels: int, width: int,
         sums: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Means of `width` channels, the last of all that are left, less the
    mean over them: `out` [channels // width][lane] float32.

    `sums`: the groups of `project`.
    """
    groups = channels // width
    summed = width % GROUP == 0
    level = np.zeros(LANES)
    for group in range(groups):
        to = uintp(group) * WIDTH
        last = channels if group == groups - 1 else (group + 1) * width
        for lane in range(WIDTH):
            out[to + lane] = _ZERO
        for first in range(group * width, last, GROUP):
            at = uintp(first) * WIDTH
            if summed and first + GROUP <= last:
                here = uintp(first // GROUP) * WIDTH
                for lane in range(WIDTH):
                    out[to + lane] += sums[here + lane]
            elif first + GROUP <= last:
                for lane in range(WIDTH):
                    value = out[to + lane]
                    for j in range(GROUP):
                        value += block[at + uintp(j) * WIDTH + lane]
                    out[to + lane] = value
            else:
                for j in range(last - first):
                    there = at + uintp(j) * WIDTH
                    for lane in range(WIDTH):
                        out[to + lane] += block[there + lane]
        share = np.float32(1 / (last - group * width))
        for lane in range(WIDTH):
            out[to + lane] *= share
            level[lane] += np.float64(out[to + lane])
    for lane in range(LANES):
        level[lane] /= groups
    for group in range(groups):
        to = uintp(group) * WIDTH
        for lane in range(WIDTH):
            out[to + lane] = np.float32(np.float64(out[to + lane])
                                        - level[lane])


@kernel
def count(block: NDArray[np.float32], channel: NDArray[np.uint64],
          threshold: NDArray[np.float32], first: int, last: int,
          by: np.int32, total: NDArray[np.int32]) -> None:
    """Adds `by` for every step e in first ... last - 1 that s reaches.

    Steps come in groups of `STEPS`; `channel` uint64 offsets into the block,
    `threshold` float32; `total` [lane] int32.
    """
    for e in range(first, last, STEPS):
        at_0, at_1, at_2, at_3 = (channel[e], channel[e + 1], channel[e + 2],
                                  channel[e + 3])
        t_0, t_1, t_2, t_3 = (threshold[e], threshold[e + 1],
                              threshold[e + 2], threshold[e + 3])
        for lane in range(WIDTH):
            votes = total[lane]
            votes = np.int32(votes + by if block[at_0 + lane] >= t_0
                             else votes)
            votes = np.int32(votes + by if block[at_1 + lane] >= t_1
                             else votes)
            votes = np.int32(votes + by if block[at_2 + lane] >= t_2
                             else votes)
            votes = np.int32(votes + by if block[at_3 + lane] >= t_3
                             else votes)
            total[lane] = votes


@kernel
def count_all(block: NDArray[np.float32], steps: Steps,
              total: NDArray[np.int32], lanes: int, first: int,
              out: NDArray[np.float32]) -> None:
    """Points of each bin that go to each class: out[first + lane, b, c].

    `steps`: a `kernel_layouts.Steps`. Class 0 has what the others leave.
    """
    bins, classes = steps.base.shape
    for b in range(bins):
        for lane in range(lanes):
            out[first + lane, b, 0] = steps.length[b]
        for c in range(1, classes):
            total[:] = steps.base[b, c]
            count(block, steps.channel, steps.threshold, steps.start[b, c],
                  steps.turn[b, c], np.int32(1), total)
            count(block, steps.channel, steps.threshold, steps.turn[b, c],
                  steps.stop[b, c], np.int32(-1), total)
            for lane in range(lanes):
                out[first + lane, b, c] = total[lane]
                out[first + lane, b, 0] -= total[lane]


@kernel
def dense(block: NDArray[np.float32], start: int, stop: int,
          weight: NDArray[np.float32], row: int, bias: NDArray[np.float32],
          to: NDArray[np.float32]) -> None:
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


@kernel
def rectify(values: NDArray[np.float32], count: int) -> None:
    """The first `count` values become max(value, 0); NaN stays NaN."""
    for i in range(count):
        values[i] = _ZERO if values[i] < _ZERO else values[i]
