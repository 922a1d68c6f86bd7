"""Spikes of raw spectra, compiled: see `preprocessing.spikes`."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...preprocessing.spikes import TRIMMED
from .options import kernel
from .rows import _correct

if TYPE_CHECKING:
    from ...spectra import RawSpectra
    from .plans import Run


@kernel
def _above(y: NDArray[np.float32], counts: np.float32) -> np.int32:
    """How many strips of y stand out by more than that."""
    last = len(y) - 1
    hits = np.int32(y[0] - y[1] > counts) + np.int32(
        y[last] - y[last - 1] > counts)
    for i in range(1, last):
        hits += np.int32((y[i] - y[i - 1] > counts)
                         & (y[i] - y[i + 1] > counts))
    return hits


@kernel
def suspects(raw: RawSpectra, rows: NDArray[np.intp], start: int, stop: int,
             run: Run, counts: np.float32,
             suspect: NDArray[np.bool_]) -> None:
    """Whether rows[start:stop] of raw have a strip that stands out by more
    than that, into suspect (R,)."""
    y = np.empty(raw.shape[1], np.float32)
    for r in range(start, stop):
        _correct(raw, rows[r], run, y)
        suspect[r] = _above(y, counts) > 0


@kernel
def _roughness(y: NDArray[np.float32]) -> np.float64:
    largest = np.zeros(TRIMMED, np.float32)     # in descending order
    total = np.float64(0)
    for i in range(1, len(y)):
        step = abs(y[i] - y[i - 1])
        total += step
        if step > largest[TRIMMED - 1]:
            place = TRIMMED - 1
            while place > 0 and largest[place - 1] < step:
                largest[place] = largest[place - 1]
                place -= 1
            largest[place] = step
    for each in largest:
        total -= each
    return total / (len(y) - 1 - TRIMMED)


@kernel
def remove(raw: RawSpectra, rows: NDArray[np.intp], run: Run,
           counts: np.float32, times: np.float64,
           clean: NDArray[np.float32], spikes: NDArray[np.int64]) -> None:
    """Rows of raw without spikes into clean (R, n), and their numbers into
    spikes (R,)."""
    last = raw.shape[1] - 1
    y = np.empty(last + 1, np.float32)
    for r in range(len(rows)):
        _correct(raw, rows[r], run, y)
        for i in range(last + 1):
            clean[r, i] = np.float32(raw[rows[r], i])
        least = max(np.float64(counts), times * _roughness(y))
        spikes[r] = 0
        for i in range(last + 1):
            before = y[i - 1] if i else y[1]
            behind = y[i + 1] if i < last else y[last - 1]
            if y[i] - before > least and y[i] - behind > least:
                clean[r, i] = (before + behind) / 2 + run.dark[i]
                spikes[r] += 1
