"""Spectra that a model was taught, known again in whatever file they come.

Every spectrum gets a mark of a few numbers: its standard normal variate
(mean subtracted, divided by the standard deviation), projected onto fixed
random directions. The mark does not depend on the file, its format and order,
nor on the type, unit and offset of the intensities; marks of two spectra
differ about as much as the spectra do, in units of their spread (W. B.
Johnson, J. Lindenstrauss, Contemp. Math. 26, 189, 1984). Other spectra of one
state differ by their noise in all numbers of the mark.
"""
import hashlib
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..large_arrays import blocks

#: numbers of a mark
NUMBERS = 6
#: largest difference of marks of one spectrum in two forms, such as text
#: of six digits
SAME = 1e-4
#: and of spectra that are nearly the same, such as one and its rounded copy
NEAR = 1e-3
#: length of the cells of space that marks are looked for in
_CELL = 8 * NEAR
#: multiplies the numbers of a cell
_ODD = 0x9E3779B97F4A7C15
#: rows at a time, and pairs compared at a time
_ROWS, _PAIRS = 4096, 1_000_000


def marks(spectra: ArrayLike,
          dark: ArrayLike | None = None) -> NDArray[np.float32]:
    """Marks (N, `NUMBERS`) of raw spectra (N, channels).

    NaN for a spectrum without any structure, which is like every other one.

    Parameters
    ----------
    dark : (channels,)
        Subtracted first, or None.
    """
    spectra = np.asarray(spectra)
    directions = _directions(spectra.shape[1])
    found = np.empty((len(spectra), NUMBERS), np.float32)
    for block in blocks(spectra):
        rows = spectra[block].astype(np.float32)
        if dark is not None:
            rows = rows - np.asarray(dark, np.float32)
        shape = rows.astype(np.float64)
        shape -= shape.mean(axis=1, keepdims=True)
        spread = shape.std(axis=1, keepdims=True)
        found[block] = np.divide(
            shape @ directions, spread, where=spread > 0,
            out=np.full((len(shape), NUMBERS), np.nan))
    return found


def distances(given: NDArray[np.float32],
              taught: NDArray[np.float32]) -> NDArray[np.float64]:
    """Difference of every mark from the nearest taught one.

    Parameters
    ----------
    given : (N, `NUMBERS`)
    taught : (M, `NUMBERS`)

    Returns
    -------
    (N,)
        Inf where it is more than `NEAR`.
    """
    taught = np.unique(taught[np.isfinite(taught).all(axis=1)], axis=0)
    keys = _keys(np.floor(taught / np.float64(_CELL)))
    order = np.argsort(keys, kind="stable")
    places, keys = taught[order].astype(np.float64), keys[order]
    found = np.full(len(given), np.inf)
    known = np.flatnonzero(np.isfinite(given).all(axis=1))
    for first in range(0, len(known), _ROWS):
        rows = known[first:first + _ROWS]
        found[rows] = _nearest(given[rows].astype(np.float64), places, keys)
    return found


def _nearest(given: NDArray[np.float64], taught: NDArray[np.float64],
             keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """As `distances`, with the taught ones in the order of their `keys`.

    Only marks in the same cell of space are compared, or in the next one
    where it is nearer than `NEAR`.
    """
    found = np.full(len(given), np.inf)
    low, high = (np.floor((given + side) / _CELL) for side in (-NEAR, NEAR))
    for way in product((False, True), repeat=given.shape[1]):
        other = np.array(way)
        rows = np.flatnonzero(((low != high) | ~other).all(axis=1))
        cell = _keys(np.where(other, high[rows], low[rows]))
        start = np.searchsorted(keys, cell)
        count = np.searchsorted(keys, cell, "right") - start
        rows, start, count = (each[count > 0] for each in (rows, start, count))
        total = np.cumsum(count)
        done = 0
        while done < len(rows):
            before = total[done] - count[done]
            stop = max(int(np.searchsorted(total, before + _PAIRS, "right")),
                       done + 1)
            part = slice(done, stop)
            one = np.repeat(rows[part], count[part])
            places = (np.arange(len(one)) - np.repeat(
                total[part] - count[part] - before, count[part])
                + np.repeat(start[part], count[part]))
            np.minimum.at(found, one, np.abs(
                given[one] - taught[places]).max(axis=1))
            done = stop
    found[~(found <= NEAR)] = np.inf
    return found


def _keys(cells: NDArray[np.floating]) -> NDArray[np.uint64]:
    """A number for each cell (N, `NUMBERS`); few cells share one."""
    powers = np.array([pow(_ODD, power, 2**64)
                       for power in range(cells.shape[1])], np.uint64)
    return (cells.astype(np.int64).astype(np.uint64) * powers).sum(
        axis=1, dtype=np.uint64)


def _directions(channels: int) -> NDArray[np.float64]:
    """(channels, `NUMBERS`) of length 1, the same everywhere and for ever."""
    size = channels * NUMBERS
    bits = np.unpackbits(np.frombuffer(hashlib.shake_256(
        b"spectra_classifier").digest(-(-size // 8)), np.uint8))[:size]
    return (2. * bits.reshape(channels, NUMBERS) - 1) / np.sqrt(channels)
