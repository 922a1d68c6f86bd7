"""Views of a block of preprocessed spectra, and the linear members on them.

Counterpart of `preprocessing.views`, in the layout of all kernels,
[channel][lane]: 32 spectra side by side.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import uintp
from numpy.typing import NDArray

from . import blocks, members, textures
from .options import LANES, WIDTH, kernel

if TYPE_CHECKING:
    from ...spectra import RawSpectra
    from .plans import Run, Scratch

_ZERO = np.float32(0)


class ViewNet(NamedTuple):
    """Members on views, all constants in a few arrays.

    Per view: `half` of its window, `order` of its derivative, `normalise`
    and `parts` (0: linear), with `taps` (V, longest window) float32. Bins
    `first[v]` ... `first[v + 1]` - 1 of `number` belong to view v; a bin has
    features start ... stop - 1 of it and rows from `row` on of `w`
    (rows, C); `column` (B, C) float64 is the sum of those that the window
    reaches; `bias` (B, C). Bins in the order of `number`, weights float32.
    `texture`: the view that is compared, -1 for none, with `coef` (F, C F)
    and `intercept` (C F,) of `texture_distance.Texture`.
    """
    half: NDArray[np.int64]
    order: NDArray[np.int64]
    normalise: NDArray[np.bool_]
    parts: NDArray[np.int64]
    taps: NDArray[np.float32]
    first: NDArray[np.int64]
    number: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    row: NDArray[np.int64]
    w: NDArray[np.float32]
    column: NDArray[np.float64]
    bias: NDArray[np.float32]
    texture: int
    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]


@kernel
def _odd(block: NDArray[np.float32], channels: int, taps: NDArray[np.float32],
         half: tuple[int, ...], out: NDArray[np.float32]) -> None:
    """out = sum_j taps[j] (s_{i+j} - s_{i-j}), j = 1 ... half.

    `half`: a tuple of that length, so that the sum is unrolled.
    """
    reach = len(half)
    for i in range(reach, channels - reach):
        at = uintp(i) * WIDTH
        for lane in range(WIDTH):
            value = _ZERO
            for j in range(1, len(half) + 1):
                there = uintp(j) * WIDTH
                value += taps[reach + j] * (block[at + there + lane]
                                            - block[at - there + lane])
            out[at + lane] = value


@kernel
def _even(block: NDArray[np.float32], channels: int, taps: NDArray[np.float32],
          half: tuple[int, ...], out: NDArray[np.float32]) -> None:
    """out = taps[0] s_i + sum_j taps[j] (s_{i+j} + s_{i-j})."""
    reach = len(half)
    for i in range(reach, channels - reach):
        at = uintp(i) * WIDTH
        for lane in range(WIDTH):
            value = taps[reach] * block[at + lane]
            for j in range(1, len(half) + 1):
                there = uintp(j) * WIDTH
                value += taps[reach + j] * (block[at + there + lane]
                                            + block[at - there + lane])
            out[at + lane] = value


@kernel
def _moments(values: NDArray[np.float32], first: int, last: int,
             pivot: NDArray[np.float32], mean: NDArray[np.float64],
             spread: NDArray[np.float64]) -> None:
    """Mean minus `pivot` and spread of channels first ... last - 1.

    The spread is the standard deviation. `pivot` [lane] float32 lies near
    the mean; `mean`, `spread` [lane] float64. Groups are summed in float32,
    the groups in float64.
    """
    mean[:] = 0.
    spread[:] = 0.
    whole = first + (last - first) // members.GROUP * members.GROUP
    for begin in range(first, last, members.GROUP):
        at = uintp(begin) * WIDTH
        count = members.GROUP if begin < whole else last - whole
        for lane in range(WIDTH):
            total, square = _ZERO, _ZERO
            if count == members.GROUP:
                for j in range(members.GROUP):
                    value = values[at + uintp(j) * WIDTH + lane] - pivot[lane]
                    total += value
                    square += value * value
            else:
                for j in range(count):
                    value = values[at + uintp(j) * WIDTH + lane] - pivot[lane]
                    total += value
                    square += value * value
            mean[lane] += np.float64(total)
            spread[lane] += np.float64(square)
    for lane in range(LANES):
        mean[lane] /= last - first
        spread[lane] = np.sqrt(max(
            spread[lane] / (last - first) - mean[lane] * mean[lane], 0.))


@kernel
def _subtract(values: NDArray[np.float32], channels: int,
              pivot: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    whole = channels - channels % members.GROUP
    for first in range(0, whole, members.GROUP):
        at = uintp(first) * WIDTH
        for lane in range(WIDTH):
            centre = pivot[lane]
            for j in range(members.GROUP):
                here = at + uintp(j) * WIDTH + lane
                out[here] = values[here] - centre
    for at in range(uintp(whole) * WIDTH, uintp(channels) * WIDTH):
        out[at] = values[at] - pivot[at % WIDTH]


@kernel
def _derivative(block: NDArray[np.float32], channels: int, half: int,
                order: int, taps: NDArray[np.float32],
                out: NDArray[np.float32]) -> None:
    """D s of a block; the channels at the ends become 0."""
    if order == 1 and half == 3:
        _odd(block, channels, taps, (0,) * 3, out)
    elif order == 1 and half == 7:
        _odd(block, channels, taps, (0,) * 7, out)
    elif order == 2 and half == 7:
        _even(block, channels, taps, (0,) * 7, out)
    else:
        _any(block, channels, half, taps, out)
    for i in range(half):
        at, back = uintp(i) * WIDTH, uintp(channels - 1 - i) * WIDTH
        for lane in range(WIDTH):
            out[at + lane] = _ZERO
            out[back + lane] = _ZERO


@kernel
def _any(block: NDArray[np.float32], channels: int, half: int,
         taps: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Correlation with taps of any length."""
    count = 2 * half + 1
    whole = count - count % members.GROUP
    for i in range(half, channels - half):
        at = uintp(i) * WIDTH
        left = at - uintp(half) * WIDTH
        for lane in range(WIDTH):
            out[at + lane] = _ZERO
        for first in range(0, whole, members.GROUP):
            there = left + uintp(first) * WIDTH
            for lane in range(WIDTH):
                value = out[at + lane]
                for j in range(members.GROUP):
                    value += (taps[first + j]
                              * block[there + uintp(j) * WIDTH + lane])
                out[at + lane] = value
        for j in range(whole, count):
            there = left + uintp(j) * WIDTH
            for lane in range(WIDTH):
                out[at + lane] += taps[j] * block[there + lane]


@kernel
def _linear(block: NDArray[np.float32], channels: int, net: ViewNet, v: int,
            out: NDArray[np.float32], pivot: NDArray[np.float32],
            mean: NDArray[np.float64], spread: NDArray[np.float64]) -> None:
    """View v, not yet divided by its `spread`, and without its `mean` taken
    out where that is small: into `out`."""
    half = net.half[v]
    pivot[:] = _ZERO
    if half:
        _derivative(block, channels, half, net.order[v], net.taps[v], out)
    elif net.normalise[v]:
        _moments(block, 0, channels, pivot, mean, spread)
        for lane in range(LANES):
            pivot[lane] = np.float32(mean[lane])
        _subtract(block, channels, pivot, out)
        pivot[:] = _ZERO
    else:
        _subtract(block, channels, pivot, out)
    if net.normalise[v]:
        _moments(out, half, channels - half, pivot, mean, spread)
    else:
        mean[:] = 0.
        spread[:] = 1.


@kernel
def _distance(features: NDArray[np.float32], net: ViewNet,
              steps: NDArray[np.float32], nearest: NDArray[np.float64]
              ) -> None:
    """Distance [lane] of the texture from the nearest class: `nearest`.

    `steps` C F * LANES float32 is scratch.
    """
    size = len(net.coef)
    members.dense(features, 0, size, net.coef, 0, net.intercept, steps)
    nearest[:] = np.inf
    for first in range(0, len(net.intercept), size):
        for lane in range(LANES):
            square = 0.
            for unit in range(first, first + size):
                step = np.float64(steps[unit * LANES + lane])
                square += step * step
            # a distance that is not a number stays none
            if not square >= nearest[lane]:
                nearest[lane] = square
    for lane in range(LANES):
        nearest[lane] = np.sqrt(nearest[lane])


@kernel
def evaluate(raw: RawSpectra, rows: NDArray[np.intp], start: int, stop: int,
             run: Run, scratch: Scratch, net: ViewNet, lags: NDArray[np.int64],
             out: NDArray[np.float32], pivot: NDArray[np.float32],
             hidden: NDArray[np.float32], logits: NDArray[np.float32],
             norms: NDArray[np.float64],
             projections: NDArray[np.float64]) -> None:
    """Logits (R, B, C) of members on views; see `blocks.layers`.

    `out` (channels or features) * LANES, `pivot` LANES and `hidden` (C or
    C F) * LANES float32 are scratch. With m the mean and d the spread of a
    view (w . (D s - m)) / d + b is evaluated as (w . D s - m sum(w)) / d + b.
    Where a texture is compared, its distance goes into the last column of
    `projections`.
    """
    channels = raw.shape[1]
    classes = net.bias.shape[1]
    none = np.zeros(classes, np.float32)
    sums = np.empty(6 * LANES)
    mean, scale = scratch.mean, scratch.spread
    for first in range(start, stop, LANES):
        count = blocks.preprocess(raw, rows, first, run, scratch)
        for v in range(len(net.half)):
            if net.parts[v]:
                textures.features(scratch.block, channels, net.parts[v], lags,
                                  out, pivot, mean, sums)
                if v == net.texture:
                    _distance(out, net, hidden, mean)
                    for lane in range(count):
                        projections[first + lane, -1] = mean[lane]
                mean[:] = 0.
                scale[:] = 1.
            else:
                _linear(scratch.block, channels, net, v, out, pivot, mean,
                        scale)
            for lane in range(LANES):
                scale[lane] = 1 / scale[lane] if scale[lane] > 0 else 0.
            for b in range(net.first[v], net.first[v + 1]):
                members.dense(out, net.start[b], net.stop[b], net.w,
                              net.row[b], none, hidden)
                for c in range(classes):
                    for lane in range(count):
                        logits[first + lane, net.number[b], c] = (
                            (hidden[c * LANES + lane]
                             - mean[lane] * net.column[b, c]) * scale[lane]
                            + net.bias[b, c])
        blocks.project_block(first, count, channels, run, scratch, norms,
                             projections)
