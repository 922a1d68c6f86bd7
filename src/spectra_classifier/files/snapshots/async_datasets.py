"""Large arrays into HDF5 files without stopping the rest of the process.

h5py holds the interpreter lock while it writes, so a slow disk would hold up
every other thread. Here HDF5 only reserves the space of an array; its bytes
are written by the operating system afterwards, with the lock released.
"""
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

#: bytes per call of the operating system
_BLOCK = 4 * 2 ** 20
#: bytes that may wait in memory for the disk: what waits beyond the limits
#: of the machine is taken from those who need memory, such as the next train
_UNSYNCED = 32 * 2 ** 20


class Reserved:
    """Arrays that have their space in a file and not yet their bytes."""

    def __init__(self) -> None:
        #: (offset in the file, array)
        self._pieces: list[tuple[int, NDArray[Any]]] = []

    def add(self, group: h5py.Group, name: str, pieces: Sequence[ArrayLike],
            dtype: DTypeLike, columns: tuple[int, ...] = (),
            **attributes: Any) -> h5py.Dataset:
        """Reserve a dataset that is `pieces` one after the other.

        Parameters
        ----------
        group, name
            Place of the dataset.
        pieces
            Arrays (n, *columns), each with its own n; they are kept by
            reference and must not change any more.
        dtype
            Type of the dataset.
        columns
            Shape of one row.
        **attributes
            Attributes of the dataset.
        """
        dtype = np.dtype(dtype)
        arrays = [np.ascontiguousarray(piece, dtype) for piece in pieces]
        shape = (sum(map(len, arrays)), *columns)
        dataset = _reserve(group, name, shape, dtype)
        dataset.attrs.update(attributes)
        offset = dataset.id.get_offset()
        for piece in arrays:
            if piece.size:
                self._pieces.append((offset, piece))
                offset += piece.nbytes
        return dataset

    def write(self, path: Path) -> None:
        """Fill the closed file.

        Raises
        ------
        OSError
            If the disk is full.
        """
        with open(path, "rb+", buffering=0) as file:
            waiting = 0
            for offset, piece in self._pieces:
                _write(file.fileno(), offset, memoryview(piece).cast("B"))
                waiting += piece.nbytes
                if waiting >= _UNSYNCED:
                    waiting = 0
                    _let_go(file.fileno())


def _reserve(group: h5py.Group, name: str, shape: tuple[int, ...],
             dtype: np.dtype[Any]) -> h5py.Dataset:
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    layout.set_layout(h5py.h5d.CONTIGUOUS)
    layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    return h5py.Dataset(h5py.h5d.create(
        group.id, name.encode(), h5py.h5t.py_create(dtype, logical=True),
        h5py.h5s.create_simple(shape), dcpl=layout))


def _let_go(file: int) -> None:
    """Synchronise to the disk what was written, and free its memory."""
    os.fdatasync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def _write(file: int, offset: int, data: memoryview) -> None:
    done = 0
    while done < len(data):
        done += os.pwrite(file, data[done:done + _BLOCK], offset + done)
