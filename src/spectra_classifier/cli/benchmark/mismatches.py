"""The compiled thresholds compared with the networks, point by point.

Every step of every channel with the adjacent floats or words, intensities of
measured spectra, and intensities of all sizes. The networks are evaluated in
float64, in integers where their logits are too close for it.
"""
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from ...core.engine.kernels import intervals
from ...core.engine.thresholds.compile import StepTable
from ...core.engine.thresholds.exact_winner import winner
from ...core.engine.thresholds.kernel_layouts import Intervals
from ...core.model_definition import ModelDefinition
from . import workload

#: rows at a time: bounds the memory that the networks take
ROWS = 64
#: rows and compiled thresholds of one type
type Layout = tuple[NDArray[np.uint16] | NDArray[np.float32], Intervals]
_NEIGHBOURS = np.arange(-2, 3)


def count_mismatches(
        model: ModelDefinition, table: StepTable,
        layouts: Mapping[str, Layout],
        dark: NDArray[np.float32], points: int) -> dict[str, tuple[int, int]]:
    """{type: (votes that differ, points)}, at least `points` of each type.

    `layouts`: {"uint16": (raw rows, `Intervals`), "float32": ...}.
    """
    ladder = _ladder(table, len(dark))
    found = {}
    for dtype, (spectra, layout) in layouts.items():
        words = dtype == "uint16"
        rng = np.random.default_rng(0)
        wrong = done = 0
        for block in _blocks(ladder, spectra, dark, words, rng):
            wrong += _compare(model, layout, block, dark, words)
            done += block.size
            if done >= points:
                break
        found[dtype] = wrong, done
    return found


def _ladder(table: StepTable, channels: int) -> NDArray[np.float32]:
    """Steps (K, n) of each channel, NaN after the last one."""
    place = table.channel + np.array(table.bins)[table.bin, 0]
    order = np.argsort(place, kind="stable")
    place, value = place[order], table.value[order]
    rank = np.arange(len(place)) - np.searchsorted(place, place)
    ladder = np.full((rank.max(initial=0) + 1, channels), np.nan, np.float32)
    ladder[rank, place] = value
    return ladder


def _blocks(
        ladder: NDArray[np.float32],
        spectra: NDArray[np.uint16] | NDArray[np.float32],
        dark: NDArray[np.float32], words: bool,
        rng: np.random.Generator,
        ) -> Iterator[NDArray[np.uint16] | NDArray[np.float32]]:
    """Blocks of rows without end; those at the steps come first."""
    around = np.concatenate([_beside(step, dark, words) for step in ladder])
    missing = np.isnan(around)
    around[missing] = rng.normal(0, 300, np.count_nonzero(missing))
    sizes = rng.choice([-1, 1], (ROWS, len(dark))) * np.exp(
        rng.uniform(np.log(1e-5), np.log(3e3), (ROWS, len(dark))))
    for first in range(0, len(around), ROWS):
        yield _as_type(around[first:first + ROWS], dark, words)
    while True:
        chosen = rng.integers(0, len(spectra), ROWS)
        yield spectra[chosen]
        yield _as_type(rng.permuted(sizes, axis=0), dark, words)
        mixed = around[rng.integers(0, len(around), ROWS)[:, None],
                       np.arange(len(dark))]
        yield _as_type(mixed, dark, words)


def _beside(step: NDArray[np.float32], dark: NDArray[np.float32],
            words: bool) -> NDArray[np.float32]:
    """Intensities (5, n) at and around one step per channel."""
    if words:
        return (np.ceil(step.astype(np.float64) + dark)
                + _NEIGHBOURS[:, None] - dark).astype(np.float32)
    rows = [step]
    for _ in range(2):
        rows.append(np.nextafter(rows[-1], np.float32(np.inf)))
        rows.insert(0, np.nextafter(rows[0], np.float32(-np.inf)))
    return np.stack(rows)


def _as_type(y: NDArray[np.float32] | NDArray[np.float64],
             dark: NDArray[np.float32],
             words: bool) -> NDArray[np.uint16] | NDArray[np.float32]:
    if not words:
        return y.astype(np.float32)
    return np.clip(np.round(y + dark), 0, 65535).astype(np.uint16)


def _compare(model: ModelDefinition, layout: Intervals,
             block: NDArray[np.uint16] | NDArray[np.float32],
             dark: NDArray[np.float32], words: bool) -> int:
    """Number of votes of one block of rows that differ."""
    votes = np.empty((len(block), len(model.bins), 2), np.float32)
    if not block.flags.c_contiguous:
        block = block.copy()
    intervals.count(block, np.arange(len(block)), 0, len(block), layout,
                    votes)
    y = block.astype(np.float32) - dark if words else block
    wrong, networks = 0, workload.networks(model)
    for b, (start, stop) in enumerate(model.bins):
        x = np.tile(model.axis.values[start:stop], len(block))
        of_networks = winner(networks, b, x, np.ascontiguousarray(
            y[:, start:stop]).ravel()).reshape(len(block), -1)
        wrong += int(np.abs(votes[:, b, 1]
                            - np.count_nonzero(of_networks, axis=1)).sum())
    return wrong
