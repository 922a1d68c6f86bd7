"""One spectrum at a time: quality, and what needs no baseline."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from . import intervals
from .options import LANES, kernel, sum_kernel

if TYPE_CHECKING:
    from ...spectra import RawSpectra
    from ..thresholds.kernel_layouts import Intervals
    from .plans import Run

#: what turns the bits of a float32 into an integer of the same order
_SIGN, _MAGNITUDE = np.int32(31), np.int32(0x7FFFFFFF)
_LOWEST = np.int32(-1 << 31)


@sum_kernel
def _scan_words(values: RawSpectra) -> tuple[np.uint32, np.uint16]:
    """(sum, largest) of uint16 values."""
    total = np.uint32(0)
    high = np.uint16(0)
    for i in range(len(values)):
        total = np.uint32(total + np.uint32(values[i]))
        high = max(high, values[i])
    return total, high


@sum_kernel
def _scan_floats(
        values: RawSpectra,
) -> tuple[np.float64, np.float32, np.float32]:
    """(sum, largest, largest magnitude) of float32 values; the sum in
    float64.

    Values are compared by their bits, as integers in the order of floats: a
    maximum of floats must heed NaN, and is therefore not vectorised. In the
    order of magnitudes NaN comes behind Inf, so that it is found.
    """
    total = np.float64(0)
    bits = values.view(np.int32)
    high = _LOWEST
    far = np.int32(0)
    for i in range(len(values)):
        total += np.float64(values[i])
        key = np.int32(bits[i] ^ ((bits[i] >> _SIGN) & _MAGNITUDE))
        high = max(high, key)
        far = max(far, np.int32(bits[i] & _MAGNITUDE))
    keys = np.empty(2, np.int32)
    keys[0] = high ^ ((high >> _SIGN) & _MAGNITUDE)
    keys[1] = far
    found = keys.view(np.float32)
    return total, found[0], found[1]


@kernel
def assess_words(raw: RawSpectra, first: int, last: int,
                 starts: NDArray[np.intp], stops: NDArray[np.intp],
                 mean: NDArray[np.float64], highest: NDArray[np.float64],
                 farthest: NDArray[np.float64]) -> None:
    """Mean, largest value and largest magnitude over valid strips of uint16
    rows.

    Valid strips are the runs starts[j] ... stops[j] - 1, each shorter than
    2^16; `mean`, `highest`, `farthest` (P,) float64.
    """
    valid = (stops - starts).sum()
    for row in range(first, last):
        mean[row] = 0.
        highest[row] = 0.
        for run in range(len(starts)):
            total, high = _scan_words(raw[row, starts[run]:stops[run]])
            mean[row] += total
            highest[row] = max(highest[row], np.float64(high))
        farthest[row] = highest[row]
        mean[row] /= valid


@kernel
def assess_floats(raw: RawSpectra, first: int, last: int,
                  starts: NDArray[np.intp], stops: NDArray[np.intp],
                  mean: NDArray[np.float64], highest: NDArray[np.float64],
                  farthest: NDArray[np.float64]) -> None:
    """The same for float32 rows.

    `farthest` is NaN or Inf exactly where a value is; `highest` means
    nothing there.
    """
    valid = (stops - starts).sum()
    for row in range(first, last):
        mean[row] = 0.
        highest[row] = -np.inf
        farthest[row] = 0.
        for run in range(len(starts)):
            total, high, far = _scan_floats(
                raw[row, starts[run]:stops[run]])
            mean[row] += total
            highest[row] = max(highest[row], np.float64(high))
            if far > farthest[row] or far != far:
                farthest[row] = far
        mean[row] /= valid


@sum_kernel
def _dot(a: NDArray[np.float32], b: NDArray[np.float32]) -> np.float32:
    total = np.float32(0)
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@kernel
def correct(raw: RawSpectra, row: int, run: Run,
             y: NDArray[np.float32]) -> None:
    """Row `row` minus dark, masked strips bridged, into y (n,) float32."""
    for i in range(raw.shape[1]):
        y[i] = np.float32(raw[row, i]) - run.dark[i]
    for hole in range(len(run.holes)):
        part = run.share[hole]
        y[run.holes[hole]] = np.float32(
            (1 - part) * np.float64(y[run.left[hole]])
            + part * np.float64(y[run.right[hole]]))


@kernel
def sharp(y: NDArray[np.float32], counts: np.float32) -> np.int32:
    """How many strips of y stand out from both neighbours by more than that.
    """
    last = len(y) - 1
    hits = np.int32(y[0] - y[1] > counts) + np.int32(
        y[last] - y[last - 1] > counts)
    for i in range(1, last):
        hits += np.int32((y[i] - y[i - 1] > counts)
                         & (y[i] - y[i + 1] > counts))
    return hits


@kernel
def pointwise(raw: RawSpectra, rows: NDArray[np.intp], start: int, stop: int,
              run: Run, y: NDArray[np.float32], table: Intervals, vote: bool,
              votes: NDArray[np.float32], norms: NDArray[np.float64],
              projections: NDArray[np.float64],
              suspect: NDArray[np.bool_]) -> None:
    """What `blocks.pointwise` gives, without baseline and normalisation.

    `table`: a `kernel_layouts.Intervals` of float32 intensities, used if
    `vote`; else only s.s and s.r_c are wanted. `y` (LANES, n or more)
    float32 scratch; `suspect` as of `plans.Scratch`.
    """
    channels = raw.shape[1]
    lines = np.arange(LANES)
    for first in range(start, stop, LANES):
        count = min(LANES, stop - first)
        for line in range(count):
            correct(raw, rows[first + line], run, y[line])
        if vote:
            intervals.count(y, lines, 0, count, table,
                            votes[first:first + count])
        for line in range(count):
            s = y[line, :channels]
            if len(suspect):
                suspect[first + line] = sharp(s, run.spikes) > 0
            norms[first + line] = _dot(s, s)
            for c in range(projections.shape[1]):
                projections[first + line, c] = _dot(s, run.references[c])
