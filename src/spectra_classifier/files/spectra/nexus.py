"""NeXus/HDF5 files: find the data that are meant, and read them.

The plottable data are found as NeXus defines it: the attribute `default` leads
from the root to an NXdata group, whose `signal` names the spectra and whose
`axes` their axis. Without `default`, a single NXdata group of two dimensions
is used. `labels`, `class_names`, `groups` and `indices` may be in the group of
the signal or in its entry. A plain HDF5 file with x and Y at its root is read
as an .npz file is.
"""
from collections.abc import Mapping
from functools import partial
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ...core.dataset import Dataset
from ...core.describe import printable
from ...errors import DataFileError
from ...model.plain import AnyPath
from ..checksum import array_sha256
from ..hdf5 import load_filters, opened
from ..hdf5.nexus_groups import PROGRAM
from ..hdf5.values import item_of, text_of, texts_of, values_of
from ..refusals import refusals
from .assembly import (
    assemble,
    axis_origin,
    check_finite,
    exact_type,
    increasing,
    make_axis,
)
from .axis_names import UNKNOWN, QuantityUnit, axis_of, quantity_of
from .npz import OPTIONAL, from_arrays, origin

#: {dimension: (dataset, name)}
type Axes = dict[int, tuple[h5py.Dataset, str]]

_DEPTH = 8      # of the chain of defaults; a longer one goes in circles
_REMEDY = ("it is cut off, damaged, not HDF5, or still being written: copy "
           "it again")


def read_nexus(path: AnyPath, labels: AnyPath | None = None,
               axis: QuantityUnit | None = None) -> Dataset:
    """Read a NeXus or HDF5 file; see `files.read`."""
    load_filters()
    with refusals(path, _REMEDY), opened(path) as file:
        _refuse_runs_and_results(path, file)
        group = _find_data(path, file)
        if group is None:
            return _plain(path, file, labels, axis)
        return _from_data(path, group, labels, axis)


def _plain(path: AnyPath, file: h5py.File, labels: AnyPath | None,
           axis: QuantityUnit | None) -> Dataset:
    """The `Dataset` of x and Y at the root."""
    items = {name: item_of(path, file, name)
             for name in ("x", "Y", "quantity", "unit", *OPTIONAL)}
    arrays: dict[str, Any] = {
        name: values_of(path, item) for name, item in items.items()
        if item is not None}
    for name in "x", "Y":
        if np.asarray(arrays[name]).dtype.kind == "f":
            check_finite(np.atleast_2d(arrays[name]), partial(
                "{}: /{}, spectrum {}, channel {}".format, path, name))
    attributes = file["x"].attrs
    units = text_of(attributes.get("units"))
    if units and "unit" not in arrays:
        named = axis_of(text_of(attributes.get("long_name")) or "", units)
        if named is not None:
            arrays |= {"quantity": named[0], "unit": named[1]}
    return from_arrays(path, "HDF5 file", arrays, labels, axis)


def _from_data(path: AnyPath, group: h5py.Group, label_file: AnyPath | None,
               axis: QuantityUnit | None) -> Dataset:
    """The `Dataset` of an NXdata group."""
    signal = _signal(path, group)
    where = f"{path}: {printable(signal.name)}"
    if signal.ndim not in (1, 2):
        raise DataFileError(f"{where}: has shape {signal.shape}; expected "
                            "(spectra, channels)")
    spectra = exact_type(values_of(path, signal, group, True), where)
    spectra, item, name, changes = _along_channels(path, group, signal,
                                                   spectra)
    quantity_unit, axis_where = None, ""
    if item is None:
        x = np.arange(spectra.shape[1], dtype=np.float64)
    else:
        axis_where = f"{path}: {printable(item.name)}"
        x = exact_type(values_of(path, item, group), axis_where).astype(
            np.float64)
        if x.ndim != 1:
            raise DataFileError(f"{axis_where}: has shape {x.shape}; expected"
                                " one position per channel, the same for all "
                                "spectra")
        quantity_unit = _quantity(item, name)
        if x.shape == (spectra.shape[1] + 1,):
            x = (x[:-1] + x[1:]) / 2          # edges of a histogram
    if x.shape != (spectra.shape[1],):
        raise DataFileError(f"{axis_where}: has shape {x.shape} for "
                            f"{spectra.shape[1]} channels of {signal.name}")
    check_finite(spectra, lambda row, channel:
                 f"{where}, spectrum {row}, channel {channel}")
    found = {name: _beside(path, group, name) for name in OPTIONAL}
    if found["indices"] is None and _is_own(path, group.parent):
        found["indices"] = item_of(path, group, "index")
    arrays: dict[str, Any] = {
        name: None if item is None else values_of(path, item)
        for name, item in found.items()}
    _verify(path, group, {"intensity": spectra, "axis": x, **arrays})
    x, spectra, reversal = increasing(x, spectra, axis_where)
    note = _beside(path, group, "provenance")
    if isinstance(note, h5py.Group):
        note = item_of(path, note, "data")
    made = make_axis(x, quantity_unit, axis_where or where, axis)
    return assemble(
        path, "NeXus/HDF5 file", made, spectra,
        label_file=label_file, changes=changes + reversal,
        axis_from=axis_origin(made, quantity_unit, "name and units of "
                              f"{'' if item is None else item.name}", axis),
        where={name: f"{path}: {item.name}"
               for name, item in found.items() if item is not None},
        dataset=signal.name,
        **origin(None if note is None else values_of(path, note)), **arrays)


def _along_channels[Value: np.generic](
        path: AnyPath, group: h5py.Group, signal: h5py.Dataset,
        spectra: NDArray[Value]
        ) -> tuple[NDArray[Value], h5py.Dataset | None, str, list[str]]:
    """Spectra (n, channels), their axis dataset or None, its name, changes.

    Channels run along the last dimension, unless another one is stated to be
    an energy, an angle or the like and the last one to be something else.
    """
    axes = _axes(path, group, signal)
    last = signal.ndim - 1
    spectral = [place for place, (item, name) in axes.items()
                if _is_spectral(item, name)]
    if signal.ndim == 2 and spectral == [0] and last in axes:
        return spectra.T, *axes[0], [
            f"{signal.name}: the channels lie along its first dimension "
            f"({axes[0][1]}, not {axes[last][1]}): transposed"]
    spectra = spectra.reshape(-1, spectra.shape[-1])
    if last in axes:
        return spectra, *axes[last], []
    _refuse_possible_axes(path, group, signal)
    return spectra, None, "", [
        f"{group.name}: no axis is named for the channels of "
        f"{signal.name}, channel numbers are taken"]


def _refuse_possible_axes(path: AnyPath, group: h5py.Group,
                          signal: h5py.Dataset) -> None:
    """`DataFileError` where a dataset could be the axis and none is named."""
    channels = signal.shape[-1]
    possible = [
        name for name in group
        if name not in OPTIONAL
        and isinstance(item := item_of(path, group, name), h5py.Dataset)
        and item != signal and item.dtype.kind in "iuf"
        and item.shape in ((channels,), (channels + 1,))]
    if possible:
        raise DataFileError(
            f"{path}: no axis is named for the channels of {signal.name}, "
            f"and {' or '.join(map(printable, possible))} could be it; name "
            f"it with the attribute axes of {group.name}")


def _is_spectral(item: h5py.Dataset, name: str) -> bool:
    return (_quantity(item, name) or (UNKNOWN,))[0] != UNKNOWN


def _verify(path: AnyPath, group: h5py.Group,
            arrays: Mapping[str, NDArray[Any] | None]) -> None:
    """`DataFileError` where the file states other checksums than it has."""
    entry = group.parent
    if not _is_own(path, entry):
        return
    note = item_of(path, entry, "content")
    if not isinstance(note, h5py.Group):
        return
    stated = origin(values_of(path, note["data"])).get("origin", {})
    for name, digest in stated.items():
        values = arrays.get(name)
        if values is None or digest != array_sha256(values):
            raise DataFileError(
                f"{path}: {name} is not what was written, its checksum is "
                "another one; copy the file again, or remove its group "
                f"{note.name} if it was changed on purpose")


def _is_own(path: AnyPath, entry: h5py.Group) -> bool:
    """Whether this program has written an entry."""
    return text_of(_word(path, entry, "program_name")) == PROGRAM


def _word(path: AnyPath, group: h5py.Group, name: str) -> Any:
    item = item_of(path, group, name)
    if not isinstance(item, h5py.Dataset) or item.shape != ():
        return None
    return values_of(path, item)[()]


def _refuse_runs_and_results(path: AnyPath, file: h5py.File) -> None:
    if {"INDEX", "METADATA"} <= set(file):
        raise DataFileError(
            f"{path}: is a file of a European XFEL run; write run:{path}, or "
            "run: and its folder")
    if "entry/result/label" in file:
        raise DataFileError(
            f"{path}: holds classification results, not spectra; give the "
            "file that was classified")


def _find_data(path: AnyPath, file: h5py.File) -> h5py.Group | None:
    """The NXdata group that is meant; None for a plain file with x and Y."""
    group = file
    for _ in range(_DEPTH):
        if text_of(group.attrs.get("NX_class")) == "NXdata":
            return group
        target = text_of(group.attrs.get("default"))
        if not target:
            break
        item = item_of(path, group, target)
        if not isinstance(item, h5py.Group):
            raise DataFileError(
                f"{path}: the attribute default of {group.name} names "
                f"{target!r}, which is not a group there; correct it")
        group = item
    if "x" in file and "Y" in file:
        return None
    found = []

    def note(_: str, item: h5py.Group | h5py.Dataset) -> None:
        if (isinstance(item, h5py.Group)
                and text_of(item.attrs.get("NX_class")) == "NXdata"):
            found.append(item)
    group.visititems(note)
    fit = [item for item in found if _is_spectra(item)] or found
    if len(fit) == 1:
        return fit[0]
    if not fit:
        raise DataFileError(
            f"{path}: has no NXdata group, only "
            f"{', '.join(map(printable, sorted(file))) or 'nothing'}; "
            "expected NeXus data "
            "(signal and axes), or datasets x and Y")
    names = ", ".join(item.name for item in fit)
    raise DataFileError(f"{path}: has {len(fit)} NXdata groups ({names}); "
                        "name one with the attribute default of the file "
                        "and its entry")


def _is_spectra(group: h5py.Group) -> bool:
    name = text_of(group.attrs.get("signal"))
    try:
        item = group.get(name) if name else None
    except (KeyError, RuntimeError):
        return False
    return isinstance(item, h5py.Dataset) and item.ndim == 2


def _signal(path: AnyPath, group: h5py.Group) -> h5py.Dataset:
    name = text_of(group.attrs.get("signal"))
    if name:
        item = item_of(path, group, name)
        if not isinstance(item, h5py.Dataset):
            raise DataFileError(f"{path}: the attribute signal of "
                                f"{group.name} names {name!r}, which is not "
                                "a dataset there; correct it")
        return _with_values(path, item)
    marked = [item for name in group    # files before 2014 mark the dataset
              if isinstance(item := item_of(path, group, name), h5py.Dataset)
              and text_of(item.attrs.get("signal")) == "1"]
    if len(marked) > 1:
        raise DataFileError(
            f"{path}: {len(marked)} datasets of {group.name} are marked as "
            f"signal ({', '.join(item.name for item in marked)}); name one "
            "with the attribute signal of the group")
    if marked:
        return _with_values(path, marked[0])
    raise DataFileError(f"{path}: {group.name} has no attribute signal that "
                        "names its spectra; add it")


def _with_values(path: AnyPath, item: h5py.Dataset) -> h5py.Dataset:
    if item.shape is None:
        raise DataFileError(f"{path}: {item.name} is empty")
    return item


def _axes(path: AnyPath, group: h5py.Group, signal: h5py.Dataset) -> Axes:
    """{dimension: (dataset, name)} from new and old attributes."""
    own = signal.name.rpartition("/")[2]
    stated = (place.attrs.get(name) for place, name in (
        (group, "axes"), (signal, "axes"),
        (group, f"{own}_axes")))            # the last is of canSAS
    names = texts_of(next((each for each in stated if each is not None),
                          None))
    found: Axes = {}
    for place, name in enumerate(names):
        if name in (".", ""):
            continue
        item = item_of(path, group, name)
        if not isinstance(item, h5py.Dataset):
            raise DataFileError(
                f"{path}: the attribute axes of {group.name} names {name!r},"
                " which is not a dataset there; correct it")
        stated = group.attrs.get(f"{name}_indices")
        if stated is not None:
            dimensions = [int(number) for number in np.ravel(stated)]
        elif len(names) == signal.ndim:
            dimensions = [place]
        else:       # one name for two dimensions: that of the channels
            dimensions = [signal.ndim - 1] if len(names) == 1 else []
        for dimension in dimensions:
            if dimension in found:
                raise DataFileError(
                    f"{path}: {found[dimension][1]} and {name} of "
                    f"{group.name} are both axes of dimension {dimension}; "
                    f"correct axes and {name}_indices")
            found[dimension] = item, name
    return found or _old_axes(path, group, signal)


def _old_axes(path: AnyPath, group: h5py.Group, signal: h5py.Dataset) -> Axes:
    """Axes as before 2014: datasets with the attributes axis and primary."""
    marked: dict[int, list[tuple[h5py.Dataset, str]]] = {}
    for name in group:
        item = item_of(path, group, name)
        if not isinstance(item, h5py.Dataset) or item == signal:
            continue
        for number in texts_of(item.attrs.get("axis")):
            if number.isdecimal() and 1 <= int(number) <= signal.ndim:
                marked.setdefault(int(number) - 1, []).append((item, name))
    found = {}
    for dimension, items in marked.items():
        first = [pair for pair in items
                 if text_of(pair[0].attrs.get("primary")) == "1"] or items
        if len(first) > 1:
            raise DataFileError(
                f"{path}: {', '.join(name for _, name in first)} of "
                f"{group.name} are all axis {dimension + 1}; mark one with "
                "primary=1")
        found[dimension] = first[0]
    return found


def _quantity(item: h5py.Dataset, name: str) -> QuantityUnit | None:
    """(quantity, unit) that an axis states, None where it does not."""
    unit = text_of(item.attrs.get("units")) or ""
    long_name = text_of(item.attrs.get("long_name")) or ""
    if quantity_of(name) == UNKNOWN != quantity_of(long_name):
        name = long_name
    return axis_of(name, unit)


def _beside(path: AnyPath, group: h5py.Group,
            name: str) -> h5py.Group | h5py.Dataset | None:
    """`name` in the NXdata group, in its entry or the classes there."""
    entry = group.parent
    for place in (group, entry, item_of(path, entry, "classes")):
        if isinstance(place, h5py.Group) and (
                item := item_of(path, place, name)) is not None:
            return item
    return None
