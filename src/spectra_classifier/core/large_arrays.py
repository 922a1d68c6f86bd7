"""Arrays that may be larger than memory.

Up to `LARGE` bytes they are in memory. Larger ones lie in a temporary file
without a name that is mapped: the system writes what it has no room for to
the disk, and what is computed with them goes block by block.
"""
import math
import os
import tempfile
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

#: bytes of an array in memory at most
LARGE = 256 * 1024**2
#: bytes that are computed with at a time
_BLOCK = 8 * 1024**2


def is_large(size: int) -> bool:
    """Whether so many bytes are not kept in memory."""
    return size > LARGE


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray:
    """An array to be filled.

    Raises
    ------
    OSError
        If there is no room for a large one; names the folder.
    """
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    if not is_large(size):
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile() as file:
        try:
            # a mapped file without room would end the process when written
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            raise OSError(
                error.errno, f"{error.strerror}: {size / 1024**3:.1f} GiB are "
                "needed there for the spectra; name another folder in TMPDIR",
                tempfile.gettempdir()) from None
        return np.asarray(np.memmap(file, dtype, "r+", shape=shape))


def blocks(values: NDArray, width: int = 1) -> Iterator[slice]:
    """Slices of the rows that are computed with one after the other.

    `width`: what a row stands for, where it is more than its own values.
    """
    row = max(8 * values[:1].size * width, 1)
    step = max(_BLOCK // row, 1)
    return (slice(first, min(first + step, len(values)))
            for first in range(0, len(values), step))


def converted(values: NDArray, dtype: DTypeLike) -> NDArray:
    """The values in C order and another type, or unchanged."""
    dtype = np.dtype(dtype)
    if values.dtype == dtype and values.flags.c_contiguous:
        return values
    if not is_large(values.size * max(values.itemsize, dtype.itemsize)):
        return values.astype(dtype, order="C")
    found = empty(values.shape, dtype)
    for rows in blocks(values):
        found[rows] = values[rows]
    return found


def taken(values: NDArray, rows: ArrayLike) -> NDArray:
    """The rows by number or by bool; a large array whole as it is."""
    rows = np.asarray(rows)
    if rows.dtype == bool:
        rows = np.flatnonzero(rows)
    if not is_large(values.nbytes) or not len(rows):
        return values[rows]
    rows = np.where(rows < 0, rows + len(values), rows)
    if len(rows) == len(values) and (rows == np.arange(len(rows))).all():
        return values
    found = empty((len(rows), *values.shape[1:]), values.dtype)
    for block in blocks(found):
        found[block] = values[rows[block]]
    return found


def first_not_finite(values: NDArray) -> tuple[tuple[int, ...] | None, int]:
    """(place of the first NaN or Inf, None without; number of them)."""
    place, count = None, 0
    if values.dtype.kind not in "fc":
        return place, count
    for rows in blocks(values):
        bad = ~np.isfinite(values[rows])
        if bad.any():
            if place is None:
                first, *rest = np.argwhere(bad)[0].tolist()
                place = (rows.start + first, *rest)
            count += int(bad.sum())
    return place, count
