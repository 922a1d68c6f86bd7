"""The fused pass: raw rows to votes, block after block, one call per shard."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import uintp
from numpy.typing import NDArray

from . import exact, lanes, members, reduced, spikes
from .options import LANES, WIDTH, kernel

if TYPE_CHECKING:
    from ...spectra import RawSpectra
    from ..thresholds.kernel_layouts import Steps
    from .plans import Net, Run, Scratch

#: kinds of normalisation, numbered as in `model_definition.NORMALISATIONS`
NONE, AREA = 0, 1


@kernel
def _normalise(block: NDArray[np.float32], channels: int, kind: int,
               mean: NDArray[np.float64], spread: NDArray[np.float64]) -> None:
    """"area" or "snv" in place; `mean`, `spread` [lane] float64 scratch."""
    mean[:] = 0.
    spread[:] = 0.
    for i in range(channels):
        at = uintp(i) * WIDTH
        for lane in range(WIDTH):
            mean[lane] += np.float64(block[at + lane])
    for lane in range(LANES):
        mean[lane] /= channels
    if kind == AREA:
        for lane in range(LANES):
            spread[lane] = mean[lane]
            mean[lane] = 0.
    else:
        for i in range(channels):
            at = uintp(i) * WIDTH
            for lane in range(WIDTH):
                part = np.float64(block[at + lane]) - mean[lane]
                spread[lane] += part * part
        for lane in range(LANES):
            spread[lane] = np.sqrt(spread[lane] / channels)
    for lane in range(LANES):
        spread[lane] = 1 / spread[lane] if spread[lane] > 0 else 0.
    for i in range(channels):
        at = uintp(i) * WIDTH
        for lane in range(WIDTH):
            block[at + lane] = np.float32(
                (np.float64(block[at + lane]) - mean[lane]) * spread[lane])


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
    if run.normalisation != NONE:
        _normalise(block, channels, run.normalisation, scratch.mean,
                   scratch.spread)
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
