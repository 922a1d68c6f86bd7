"""What a report shows, as data: NeXus/HDF5 beside the HTML."""
from pathlib import Path

import h5py
import numpy as np

from .atomic import replaced
from .nexus_groups import add_group, add_note, now, start_file
from .writing import WORDS


def write_report(path, title, report, axis, tables):
    """Writes a report as NeXus; the file appears whole or not at all.

    `report`: plain JSON values, kept as a note. `tables`: {name: (signal
    array, names of its axes, {name: array})}; the name "position" stands for
    the axis of the channels. Arrays of words are allowed.
    """
    path = Path(path)
    with replaced(path) as temporary, h5py.File(temporary, "x") as file:
        entry = start_file(file, path, title)
        entry.attrs["default"] = next(iter(tables))
        for name, (signal, axes, fields) in tables.items():
            group = add_group(entry, name, "NXdata", signal=name)
            group.attrs["axes"] = axes
            _put(group, name, signal)
            for field, values in fields.items():
                _put(group, field, values)
            if "position" in axes:
                _put(group, "position", axis.values)
                group["position"].attrs["units"] = axis.unit
        add_note(entry, "report", report, date=now(),
                 description="all figures of the report")


def _put(group, name, values):
    values = np.asarray(values)
    if values.dtype.kind in "UO":
        group.create_dataset(name, dtype=WORDS, data=values.astype(object))
    else:
        group[name] = values
