"""The values of HDF5 datasets, converted as their attributes state."""
import os
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.describe import printable
from ...core.large_arrays import blocks, empty, is_large
from ...errors import DataFileError
from ...model.plain import AnyPath
from ..refusals import need_room
from ..spectra.labels import decoded
from .access import need_filters
from .virtual_datasets import missing_rows


def item_of(path: AnyPath, group: h5py.Group,
            name: str) -> h5py.Group | h5py.Dataset | None:
    """What `name` leads to from a group; None if there is no such name.

    Raises
    ------
    DataFileError
        If a link of that name leads nowhere, in circles, or into no HDF5
        file.
    """
    try:
        link = group.get(name, getlink=True)
    except (KeyError, RuntimeError, ValueError):
        return group if name.strip() in ("/", ".") else None
    if link is None:
        return None
    if isinstance(link, h5py.ExternalLink):
        local = os.path.join(os.path.dirname(os.path.abspath(path)),
                              link.filename)
        if not (os.path.isfile(local) or os.path.isfile(link.filename)):
            raise _nowhere(path, group, name,
                           f"{link.filename}, which is not there")
    try:
        return group[name]
    except (KeyError, RuntimeError, OSError, ValueError) as error:
        target = getattr(link, "path", "")
        raise _nowhere(path, group, name, f"{target or error}") from None


def _nowhere(path: AnyPath, group: h5py.Group, name: str,
             target: str) -> DataFileError:
    return DataFileError(
        f"{path}: the link {printable(group.name).rstrip('/')}/"
        f"{printable(name)} leads nowhere ({printable(target)}); copy the "
        "file with what it links to")


def values_of(path: AnyPath, item: h5py.Group | h5py.Dataset,
              group: h5py.Group | None = None,
              is_signal: bool = False) -> NDArray[Any]:
    """The numbers of a dataset, unpacked; text as str.

    Parameters
    ----------
    path
        File of the dataset, for messages.
    item
        The dataset.
    group
        NXdata group that may hold `<name>_scaling_factor` and
        `<name>_offset`.
    is_signal
        Whether those without the name are meant as well.

    Raises
    ------
    DataFileError
        If the values would be filled in silently by HDF5 (virtual datasets
        whose files are missing), are too large, or cannot be decompressed.
    """
    where = f"{path}: {printable(item.name)}"
    if not isinstance(item, h5py.Dataset):
        raise DataFileError(f"{where} is a group, expected a dataset")
    if item.shape is None:
        raise DataFileError(f"{where}: is empty")
    need_filters(where, item)
    for first, stop, problem in missing_rows(item):
        raise DataFileError(f"{where}, rows {first} to {stop - 1}: {problem};"
                            " copy it next to the file")
    for name, _, _ in item.external or ():
        # any bytes of any file would do
        raise DataFileError(f"{where}: its values are raw bytes of another "
                            f"file, {printable(os.fsdecode(name))}; save them "
                            "in this one")
    if h5py.check_string_dtype(item.dtype):
        need_room(where, item.shape, item.dtype.itemsize)
        return words_of(item[()])
    return _unpacked(where, item, group, is_signal)


def words_of(values: ArrayLike) -> NDArray[np.str_]:
    """Text of bytes or str as an array of str."""
    values = np.asarray(values)
    words = [decoded(word) if isinstance(word, bytes) else str(word)
             for word in values.ravel().tolist()]
    return np.array(words, dtype=str).reshape(values.shape)


def _unpacked(where: str, item: h5py.Dataset, group: h5py.Group | None,
              is_signal: bool) -> NDArray[Any]:
    """Values times scale plus offset, fill values as NaN."""
    values = _stored(where, item)
    if values.dtype.kind not in "buif":
        return values
    attributes = item.attrs
    if str(text_of(attributes.get("_Unsigned"))).lower() == "true" and (
            values.dtype.kind == "i"):
        values = values.view(values.dtype.str.replace("i", "u"))
    scale = _number(where, "scale_factor", attributes)
    scale *= _number(where, "scaling_factor", attributes)
    offset = _number(where, "add_offset", attributes, 0.)
    offset += _number(where, "offset", attributes, 0.)
    name = item.name.rpartition("/")[2]
    if group is not None:
        # those of no name are for the signal, as before 2014
        own = [f"{name}_", ""] if is_signal else [f"{name}_"]
        scale *= next((_number(where, f"{prefix}scaling_factor", group)
                       for prefix in own
                       if f"{prefix}scaling_factor" in group), 1.)
        offset += next((_number(where, f"{prefix}offset", group, 0.)
                        for prefix in own if f"{prefix}offset" in group), 0.)
    fills = [np.ravel(attributes[name]).astype(values.dtype, copy=False)
             for name in ("_FillValue", "missing_value") if name in attributes
             and np.ravel(attributes[name]).dtype.kind in "buif"]
    if scale == 1 and offset == 0 and not fills:
        return values
    flat = np.atleast_1d(values)
    parts = list(blocks(flat))
    if scale == 1 and offset == 0 and not any(
            np.isin(flat[rows], fill).any()
            for rows in parts for fill in fills):
        return values
    found = empty(flat.shape, np.float64)
    for rows in parts:
        part = flat[rows].astype(np.float64)
        for fill in fills:
            part[np.isin(flat[rows], fill)] = np.nan
        found[rows] = part * scale + offset
    return found.reshape(values.shape)


def _stored(where: str, item: h5py.Dataset) -> NDArray[Any]:
    """The values as they are in the file; large ones are mapped.

    What is not in one piece is copied block by block.
    """
    if not is_large(item.nbytes):
        return np.asarray(item[()])
    place = item.id.get_offset()
    if place is not None and item.dtype.kind in "buif":
        found = np.asarray(np.memmap(item.file.filename, item.dtype, "r",
                                     place, item.shape))
        if all(np.array_equal(found[row], item[row], equal_nan=True)
               for row in (0, -1)):
            return found
    need_room(where, item.shape, item.dtype.itemsize)
    found = empty(item.shape, item.dtype)
    for rows in blocks(found):
        found[rows] = item[rows]
    return found


def _number(where: str, name: str, holder: Mapping[str, Any],
            default: float = 1.) -> float:
    """One finite number of attributes or a group."""
    value = holder.get(name)
    if value is None:
        return default
    try:
        value = np.ravel(value[()] if isinstance(value, h5py.Dataset)
                         else value)
        number = float(value[0])
        if len(value) != 1 or not np.isfinite(number) or (
                default == 1 and number == 0):
            raise ValueError
        return number
    except (TypeError, ValueError, IndexError):
        raise DataFileError(f"{where}: its {name} is {value}; expected one "
                            "number") from None


def text_of(value: Any) -> str | None:
    """An attribute as str, arrays of one element too; None stays None."""
    if value is None:
        return None
    if isinstance(value, h5py.Empty):
        return ""
    if isinstance(value, np.ndarray):
        value = value.ravel()[0] if value.size else ""
    return decoded(value) if isinstance(value, bytes) else str(value)


def texts_of(value: Any) -> list[str]:
    """An attribute that lists names: an array, or "a:b", "a,b", "[a,b]"."""
    if value is None or isinstance(value, h5py.Empty):
        return []
    if isinstance(value, str | bytes):
        text = decoded(value) if isinstance(value, bytes) else value
        return [name.strip() for name in text.strip("[]").replace(
            ",", ":").split(":")]
    return [(text_of(name) or "").strip() for name in np.ravel(value)]
