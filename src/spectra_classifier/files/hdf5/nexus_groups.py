"""Pieces of NeXus files that data sets and results have in common."""
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike

from ... import __version__
from ...core.describe import printable
from ...core.spectra import Axis
from ...model.strict_json import Json

PROGRAM = "spectra_classifier"
#: name space of the identifiers that follow from contents
_NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, f"{PROGRAM}.entry")


def now() -> str:
    """The time in the form of NeXus: ISO 8601 with its offset."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def start_file(file: h5py.File, path: Path, title: str) -> h5py.Group:
    """Write the attributes of the root and the entry.

    Parameters
    ----------
    file
        A new file.
    path
        Its final name.
    title
        Title of the entry.

    Returns
    -------
    h5py.Group
        The entry.
    """
    file.attrs.update({
        "NX_class": "NXroot", "default": "entry",
        "file_name": printable(path.name),
        "file_time": now(), "creator": f"{PROGRAM} {__version__}",
        "HDF5_Version": h5py.version.hdf5_version,
        "h5py_version": h5py.version.version})
    entry = add_group(file, "entry", "NXentry")
    entry["title"] = title
    entry["program_name"] = PROGRAM
    entry["program_name"].attrs["version"] = __version__
    return entry


def add_group(parent: h5py.Group, name: str, nx_class: str,
              **attributes: Any) -> h5py.Group:
    """Add a group with its NeXus class and attributes."""
    group = parent.create_group(name)
    group.attrs["NX_class"] = nx_class
    group.attrs.update(attributes)
    return group


def add_identity(entry: h5py.Group, licence: str, source: Mapping[str, Any],
                 *contents: Json) -> None:
    """Add what makes the entry findable and reusable.

    Parameters
    ----------
    entry
        Entry of the file.
    licence
        Licence of the data, "" where it is not stated.
    source
        Provenance of the spectra, which may name the experiment.
    *contents
        JSON values that the UUID of the entry follows from, so that equal
        contents have equal names.
    """
    text = json.dumps([entry["title"].asstr()[()], *contents],
                      sort_keys=True)
    entry["entry_identifier_uuid"] = str(uuid.uuid5(_NAMES, text))
    if "proposal" in source:
        entry["experiment_identifier"] = f"p{source['proposal']:06d}"
    if "run" in source:
        entry["collection_identifier"] = f"r{source['run']:04d}"
    note = add_group(entry, "licence", "NXnote")
    note["type"] = "text/plain"
    note["description"] = "licence of the data in this entry"
    note["data"] = licence or "not stated"


def add_note(parent: h5py.Group, name: str, content: Json,
             **fields: str) -> h5py.Group:
    """Add JSON `content` as NXnote, with further text fields."""
    note = add_group(parent, name, "NXnote")
    note["type"] = "application/json"
    note["data"] = json.dumps(content)
    for field, text in fields.items():
        note[field] = str(text)
    return note


def add_axis(group: h5py.Group, axis: Axis, count: int,
             indices: ArrayLike | None) -> list[str]:
    """Add `index` and the axis of the channels to an NXdata group.

    Both become dimension scales of its dataset `intensity`, if there is one.

    Parameters
    ----------
    group
        The group.
    axis
        Axis of the channels.
    count
        Number of spectra.
    indices
        Number of each spectrum, or None to count.

    Returns
    -------
    list of str
        Their two names.
    """
    name = axis.quantity if axis.quantity.isidentifier() else "position"
    group["index"] = np.arange(count) if indices is None else indices
    group["index"].attrs["long_name"] = "spectrum number"
    group[name] = axis.values
    if axis.unit != "unknown":
        group[name].attrs["units"] = axis.unit
    group[name].attrs["long_name"] = f"{axis.quantity} ({axis.unit})"
    for dimension, scale in enumerate(("index", name)):
        group[scale].make_scale(scale)
        if "intensity" in group:
            group["intensity"].dims[dimension].attach_scale(group[scale])
    return ["index", name]


def read_note(note: h5py.Group) -> Json:
    """The JSON content of an NXnote that `add_note` wrote."""
    return json.loads(note["data"].asstr()[()])
