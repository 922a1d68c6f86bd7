"""Pieces of NeXus files that data sets and results have in common."""
import json
import uuid
from datetime import UTC, datetime

import h5py

from ... import __version__
from ...model.describe import printable

PROGRAM = "spectra_classifier"
#: name space of the identifiers that follow from contents
_NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, f"{PROGRAM}.entry")


def now():
    """The time as NeXus wants it: ISO 8601 with its offset."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def start_file(file, path, title):
    """Root attributes and the entry; returns the entry."""
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


def add_group(parent, name, nx_class, **attributes):
    """A group with its NeXus class and attributes."""
    group = parent.create_group(name)
    group.attrs["NX_class"] = nx_class
    group.attrs.update(attributes)
    return group


def add_identity(entry, licence, source, *contents):
    """What makes the entry findable and reusable.

    A UUID that follows from `contents` (words or JSON values), so that equal
    contents have equal names; the experiment as far as `source`, the
    provenance of the spectra, names it; the licence.
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


def add_note(parent, name, content, **fields):
    """JSON `content` as NXnote; `fields` are words beside it."""
    note = add_group(parent, name, "NXnote")
    note["type"] = "application/json"
    note["data"] = json.dumps(content)
    for field, text in fields.items():
        note[field] = str(text)
    return note


def add_axis(group, axis, count, indices):
    """`index` and the axis of the channels; returns their two names.

    Both are dimension scales of what stands there as `intensity`.
    """
    name = axis.quantity if axis.quantity.isidentifier() else "position"
    group["index"] = indices
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


def read_note(note):
    """The JSON content of an NXnote that `add_note` wrote."""
    return json.loads(note["data"].asstr()[()])
