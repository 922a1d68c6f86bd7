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

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: numbers of a mark
NUMBERS = 6
#: largest difference of marks of one spectrum in two forms, such as text
#: of six digits
SAME = 1e-4
#: and of spectra that are nearly the same, such as one and its rounded copy
NEAR = 1e-3
#: rows marked at a time, and pairs compared at a time
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
    for first in range(0, len(spectra), _ROWS):
        rows = spectra[first:first + _ROWS].astype(np.float32)
        if dark is not None:
            rows = rows - np.asarray(dark, np.float32)
        shape = rows.astype(np.float64)
        shape -= shape.mean(axis=1, keepdims=True)
        spread = shape.std(axis=1, keepdims=True)
        found[first:first + _ROWS] = np.divide(
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
    taught = taught[np.isfinite(taught).all(axis=1)].astype(np.float64)
    taught = np.unique(taught, axis=0)      # sorted by the first number
    found = np.full(len(given), np.inf)
    exact = np.asarray(given, np.float64)
    low = np.searchsorted(taught[:, 0], exact[:, 0] - NEAR)
    count = np.searchsorted(taught[:, 0], exact[:, 0] + NEAR, "right") - low
    count[~np.isfinite(exact[:, 0])] = 0
    total = np.cumsum(count)
    start = 0
    while start < len(given):
        before = total[start] - count[start]
        stop = max(int(np.searchsorted(total, before + _PAIRS, "right")),
                   start + 1)
        rows = np.repeat(np.arange(start, stop), count[start:stop])
        places = np.arange(len(rows)) - np.repeat(
            total[start:stop] - count[start:stop] - before,
            count[start:stop]) + low[rows]
        apart = np.abs(exact[rows] - taught[places]).max(axis=1)
        np.minimum.at(found, rows, apart)
        start = stop
    found[~(found <= NEAR)] = np.inf
    return found


def _directions(channels: int) -> NDArray[np.float64]:
    """(channels, `NUMBERS`) of length 1, the same everywhere and for ever."""
    size = channels * NUMBERS
    bits = np.unpackbits(np.frombuffer(hashlib.shake_256(
        b"spectra_classifier").digest(-(-size // 8)), np.uint8))[:size]
    return (2. * bits.reshape(channels, NUMBERS) - 1) / np.sqrt(channels)
