"""Whether two HDF5 files say the same."""
import os

import h5py
import numpy as np
from numpy.typing import ArrayLike

#: attributes and datasets that say when and under which name
WHEN = {"date", "file_time", "file_name"}


def differences(one: str | os.PathLike[str],
                other: str | os.PathLike[str]) -> list[str]:
    """Paths where two files differ in datasets or attributes, sorted.

    NaN equals NaN; times of writing and file names do not count.
    """
    with h5py.File(one) as first, h5py.File(other) as second:
        here, there = _content(first), _content(second)
        return sorted(path for path in here.keys() | there.keys()
                      if not _same(here.get(path), there.get(path)))


def _content(file: h5py.File) -> dict[str, ArrayLike]:
    """{path: array} of all datasets and attributes; groups are None."""
    found: dict[str, ArrayLike] = {}

    def note(name: str, item: h5py.HLObject) -> None:
        if name.rpartition("/")[2] in WHEN:
            return
        found[name] = item[()] if isinstance(item, h5py.Dataset) else "group"
        for key, value in item.attrs.items():
            # references point to objects of the file itself
            if key not in WHEN | {"DIMENSION_LIST", "REFERENCE_LIST"}:
                found[f"{name}@{key}"] = value

    note("", file)
    file.visititems(note)
    return found


def _same(one: ArrayLike | None, other: ArrayLike | None) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
