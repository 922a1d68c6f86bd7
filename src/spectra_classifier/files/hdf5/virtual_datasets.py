"""Virtual datasets: rows that no file backs.

HDF5 gives the fill value, zero, where the file that a part comes from is
missing; the values alone do not distinguish it from a dark spectrum.
"""
import os
from pathlib import Path
from typing import Any

import h5py

from ...core.describe import printable

#: of sources that are virtual themselves; deeper ones go in circles
_DEPTH = 8


def missing_rows(dataset: h5py.Dataset,
                 depth: int = 0) -> list[tuple[int, int, str]]:
    """Rows of a dataset that no file backs.

    Parameters
    ----------
    dataset
        Any dataset.
    depth
        Number of virtual datasets that lead to this one.

    Returns
    -------
    list of (first, stop, reason)
        Rows of the first dimension; empty for datasets that are whole or not
        virtual.
    """
    if not dataset.is_virtual or not dataset.shape:
        return []
    rows = len(dataset)
    found, backed = [], 0
    for source in dataset.virtual_sources():
        space = source.vspace
        low, high = space.get_select_bounds()
        first, stop = int(low[0]), min(int(high[0]) + 1, rows)
        backed += max(int(space.get_select_npoints()), 0)
        problem = _problem(dataset, source, depth)
        if problem:
            found.append((first, stop, problem))
    if not found and backed < dataset.size:
        found.append((0, rows, "the virtual dataset has parts without a "
                               "source"))
    return found


def _problem(dataset: h5py.Dataset, source: Any, depth: int) -> str:
    """Why a source cannot be read, "" where it can."""
    name = printable(source.file_name)
    if "%" in source.file_name:
        return f"virtual sources by pattern ({name}) are not supported"
    if depth >= _DEPTH:
        return "the virtual sources go in circles"
    if source.file_name == ".":
        return _mismatch(dataset.file, name, source, depth)
    path = _find(dataset.file.filename, source.file_name)
    if path is None:
        return f"{name}, a source of the virtual dataset, is missing"
    try:
        with h5py.File(path, "r") as file:
            return _mismatch(file, name, source, depth)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        return (f"{name}, a source of the virtual dataset, cannot be read "
                f"({error})")


def _find(owner: str | bytes, name: str) -> Path | None:
    """The source file where HDF5 looks for it, or None."""
    if isinstance(owner, bytes):
        owner = os.fsdecode(owner)
    folders = [os.environ.get("HDF5_VDS_PREFIX", "").replace(
        "${ORIGIN}", str(Path(owner).parent)), "", str(Path(owner).parent)]
    found = (Path(folder, name) for folder in folders)
    return next((path for path in found if path.is_file()), None)


def _mismatch(file: h5py.File, name: str, source: Any, depth: int) -> str:
    item = file.get(source.dset_name)
    if not isinstance(item, h5py.Dataset):
        return (f"{name}, a source of the virtual dataset, has no dataset "
                f"{printable(source.dset_name)}")
    shape = item.shape
    space = source.src_space
    if space.get_select_type() == h5py.h5s.SEL_ALL:
        enough = item.size >= source.vspace.get_select_npoints()
    else:
        _, high = space.get_select_bounds()
        enough = len(high) == len(shape) and all(
            last < length for last, length in zip(high, shape, strict=True))
    if not enough:
        return (f"{name}, a source of the virtual dataset, is shorter than "
                f"it should be ({shape})")
    inner = missing_rows(item, depth + 1)
    return inner[0][2] if inner else ""
