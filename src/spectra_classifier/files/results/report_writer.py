"""The data of a report, as NeXus/HDF5 next to the HTML."""
from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import ArrayLike

from ...core.spectra import Axis
from ...model.plain import AnyPath
from ...model.strict_json import Json
from ..atomic import replaced
from ..hdf5 import created
from ..hdf5.nexus_groups import add_group, add_note, now, start_file
from ..writing import WORDS

#: a signal, the names of its axes, further arrays by name
type Table = tuple[ArrayLike, Sequence[str], Mapping[str, ArrayLike]]


def write_report(path: AnyPath, title: str, report: Json, axis: Axis | None,
                 tables: Mapping[str, Table]) -> None:
    """Write a report as NeXus; the file appears whole or not at all.

    Parameters
    ----------
    path
        File to write.
    title
        Title of the entry.
    report
        JSON values, kept as a note.
    axis
        Axis of the channels, which "position" names in `tables`, or None.
    tables
        {name: (signal, names of its axes, {name: array})}; arrays of words are
        allowed.
    """
    path = Path(path)
    with replaced(path) as temporary, created(temporary) as file:
        entry = start_file(file, path, title)
        entry.attrs["default"] = next(iter(tables))
        for name, (signal, axes, fields) in tables.items():
            group = add_group(entry, name, "NXdata", signal=name,
                              title=name.replace("_", " "))
            group.attrs["axes"] = axes
            item = _put(group, name, signal)
            item.attrs["interpretation"] = "spectrum"
            for field, values in fields.items():
                _put(group, field, values)
            if axis is not None and "position" in axes:
                _put(group, "position", axis.values)
                group["position"].attrs["units"] = axis.unit
            for axis_name in axes:
                group[axis_name].make_scale(axis_name)
            for each in (item, *map(group.get, fields)):
                _attach(group, each, axes, item.shape)
        add_note(entry, "report", report, date=now(),
                 description="all figures of the report")


def _put(group: h5py.Group, name: str, values: ArrayLike) -> h5py.Dataset:
    values = np.asarray(values)
    if values.dtype.kind in "UO":
        return group.create_dataset(name, dtype=WORDS,
                                    data=values.astype(object))
    group[name] = values
    return group[name]


def _attach(group: h5py.Group, item: h5py.Dataset, axes: Sequence[str],
            shape: tuple[int, ...]) -> None:
    """Gives the dimensions of an array the names of the signal's axes."""
    if item.is_scale:
        return
    if item.shape == shape:
        places = list(range(len(axes)))
    else:       # one value per entry of one axis; `bin_start` is of `bin`
        name = item.name.rpartition("/")[2]
        fit = [d for d, size in enumerate(shape) if item.shape == (size,)]
        places = ([d for d in fit if name.startswith(axes[d])] or fit)[:1]
    for dimension, place in enumerate(places):
        item.dims[dimension].attach_scale(group[axes[place]])
