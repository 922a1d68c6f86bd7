"""The fused pass: raw rows to votes, block after block, one call per shard."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import uintp
from numpy.typing import NDArray

from . import exact, lanes, members, reduced, spikes
from .members import GROUP
from .options import LANES, WIDTH, kernel

if TYPE_CHECKING:
    from ...spectra import RawSpectra
    from ..thresholds.kernel_layouts import Steps
    from .plans import Net, Run, Scratch

#: kinds of normalisation, numbered as in `model_definition.NORMALISATIONS`
AREA, SNV = 1, 2


@kernel
def _divide_by_area(block: NDArray[np.float32], channels: int,
                    mean: NDArray[np.float64],
                    factor: NDArray[np.float32]) -> None:
    """"area" in place; `mean` float64 and `factor` float32 [lane] scratch.

    In float32, as float64 would take four times as long.
    """
    members.total(block, 0, channels, mean)
    for lane in range(LANES):
        factor[lane] = (np.float32(channels / mean[lane])
                        if mean[lane] > 0 else np.float32(0))
    whole = channels - channels % GROUP
    for first in range(0, whole, GROUP):
        at = uintp(first) * WIDTH
        for lane in range(WIDTH):
            scale = factor[lane]
            for j in range(GROUP):
                block[at + uintp(j) * WIDTH + lane] *= scale
    for at in range(uintp(whole) * WIDTH, uintp(channels) * WIDTH):
        block[at] *= factor[at % WIDTH]


@kernel
def _standardise(block: NDArray[np.float32], channels: int,
                 mean: NDArray[np.float64],
                 spread: NDArray[np.float64]) -> None:
    """"snv" in place; `mean`, `spread` [lane] float64 scratch.

    In float64, as the spread may be small against the mean.
    """
    mean[:] = 0.
    spread[:] = 0.
    whole = channels - channels % GROUP
    for first in range(0, whole, GROUP):
        at = uintp(first) * WIDTH
        for lane in range(WIDTH):
            level = mean[lane]
            for j in range(GROUP):
                level += np.float64(block[at + uintp(j) * WIDTH + lane])
            mean[lane] = level
    for at in range(uintp(whole) * WIDTH, uintp(channels) * WIDTH):
        mean[at % WIDTH] += np.float64(block[at])
    for lane in range(LANES):
        mean[lane] /= channels
    for first in range(0, whole, GROUP):
        at = uintp(first) * WIDTH
        for lane in range(WIDTH):
            square = spread[lane]
            for j in range(GROUP):
                part = np.float64(
                    block[at + uintp(j) * WIDTH + lane]) - mean[lane]
                square += part * part
            spread[lane] = square
    for at in range(uintp(whole) * WIDTH, uintp(channels) * WIDTH):
        part = np.float64(block[at]) - mean[at % WIDTH]
        spread[at % WIDTH] += part * part
    for lane in range(LANES):
        spread[lane] = np.sqrt(spread[lane] / channels)
        spread[lane] = 1 / spread[lane] if spread[lane] > 0 else 0.
    for first in range(0, whole, GROUP):
        at = uintp(first) * WIDTH
        for lane in range(WIDTH):
            centre, scale = mean[lane], spread[lane]
            for j in range(GROUP):
                here = at + uintp(j) * WIDTH + lane
                block[here] = np.float32(
                    (np.float64(block[here]) - centre) * scale)
    for at in range(uintp(whole) * WIDTH, uintp(channels) * WIDTH):
        block[at] = np.float32(
            (np.float64(block[at]) - mean[at % WIDTH]) * spread[at % WIDTH])


@kernel
def preprocess(raw: RawSpectra, rows: NDArray[np.intp], first: int, run: Run,
               scratch: Scratch) -> int:
    """Rows first ... first + LANES - 1 of `rows`, ready for the members.

    Fills the lanes behind the last row with copies of it; returns the
    number of lanes that count. `run`: a `plans.Run`.
    """
    channels = raw.shape[1]
    count = min(LANES, len(rows) - first)
    for lane in range(LANES):
        scratch.rows[lane] = rows[first + min(lane, count - 1)]
    block = scratch.block
    lanes.load(raw, scratch.rows, run.dark, block, scratch.tile)
    lanes.bridge(block, run.holes, run.left, run.right, run.share)
    if len(scratch.suspect):
        spikes.mark(block, channels, run.spikes, scratch.highest, first,
                    count, scratch.suspect)
    if run.reduced:
        reduced.solve(block, scratch.work, scratch.sums, scratch.carry,
                      run.levels)
        reduced.subtract(block, scratch.work, channels, run.levels[2].step)
    elif run.exact:
        exact.solve(block, scratch.channels, run.plan)
        exact.subtract(block, scratch.channels, channels)
    if run.normalisation == AREA:
        _divide_by_area(block, channels, scratch.mean, scratch.factor)
    elif run.normalisation == SNV:
        _standardise(block, channels, scratch.mean, scratch.spread)
    return count


@kernel
def spectra(raw: RawSpectra, rows: NDArray[np.intp], start: int, stop: int,
            run: Run, scratch: Scratch, out: NDArray[np.float32]) -> None:
    """Preprocessed spectra of rows start ... stop - 1 into `out`."""
    for first in range(start, stop, LANES):
        count = preprocess(raw, rows, first, run, scratch)
        lanes.store(scratch.block, raw.shape[1], count, first, out)


@kernel
def project_block(first: int, count: int, channels: int, run: Run,
                  scratch: Scratch, norms: NDArray[np.float64],
                  projections: NDArray[np.float64]) -> None:
    """Sums over a preprocessed block into the rows of a train.

    `norms` s.s; `projections` s.r_c and, where something is compared, the
    same sums of the means of channels.
    """
    members.project(scratch.block, channels, run.references,
                    scratch.products, scratch.groups)
    classes = len(run.references)
    for lane in range(count):
        norms[first + lane] = scratch.products[lane]
        for c in range(classes):
            projections[first + lane, c] = scratch.products[
                (c + 1) * LANES + lane]
    if len(run.compared):
        members.pool(scratch.block, channels, run.width, scratch.groups,
                     scratch.pooled)
        members.project(scratch.pooled, run.compared.shape[1], run.compared,
                        scratch.products, scratch.groups[:0])
        for lane in range(count):
            for c in range(len(run.compared) + 1):
                projections[first + lane, classes + c] = scratch.products[
                    c * LANES + lane]


@kernel
def pointwise(raw: RawSpectra, rows: NDArray[np.intp], start: int, stop: int,
              run: Run, scratch: Scratch, steps: Steps,
              votes: NDArray[np.float32], norms: NDArray[np.float64],
              projections: NDArray[np.float64]) -> None:
    """Votes (R, B, C), s.s (R,) and s.r_c (R, C) of point-wise members."""
    for first in range(start, stop, LANES):
        count = preprocess(raw, rows, first, run, scratch)
        members.count_all(scratch.block, steps, scratch.total, count, first,
                          votes)
        project_block(first, count, raw.shape[1], run, scratch, norms,
                      projections)


@kernel
def layers(raw: RawSpectra, rows: NDArray[np.intp], start: int, stop: int,
           run: Run, scratch: Scratch, net: Net, logits: NDArray[np.float32],
           norms: NDArray[np.float64],
           projections: NDArray[np.float64]) -> None:
    """Logits (R, B, C) of linear members or of those with a hidden layer.

    `net`: a `plans.Net`.
    """
    classes = logits.shape[2]
    for first in range(start, stop, LANES):
        count = preprocess(raw, rows, first, run, scratch)
        for b in range(len(net.start)):
            members.dense(scratch.block, net.start[b], net.stop[b], net.w1,
                          net.row[b], net.b1[b], scratch.hidden)
            values = scratch.hidden
            if net.deep:
                members.rectify(scratch.hidden, net.w1.shape[1] * LANES)
                members.dense(scratch.hidden, 0, net.w1.shape[1], net.w2[b],
                              0, net.b2[b], scratch.logits)
                values = scratch.logits
            for c in range(classes):
                for lane in range(count):
                    logits[first + lane, b, c] = values[c * LANES + lane]
        project_block(first, count, raw.shape[1], run, scratch, norms,
                      projections)
