"""Labelled spectra as NeXus/HDF5 or .npz."""
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ..core.dataset import Dataset
from ..errors import DataFileError
from ..model.plain import AnyPath
from .atomic import replaced
from .checksum import array_sha256
from .hdf5 import created
from .hdf5.nexus_groups import (
    add_axis,
    add_group,
    add_identity,
    add_note,
    now,
    start_file,
)
from .reading import HDF5_SUFFIXES
from .spectra.npz import write_npz

WORDS = h5py.string_dtype("utf-8")


def write_dataset(path: AnyPath, dataset: Dataset, licence: str = "") -> None:
    """Write a dataset as NeXus/HDF5 or, by its ending, as .npz.

    The file appears whole or not at all and replaces one of the same name;
    `files.read` gives the same spectra again, bit for bit.

    Parameters
    ----------
    path
        File to write.
    dataset
        The spectra.
    licence
        Licence of the spectra, "" where it is not stated (NeXus only).

    Raises
    ------
    DataFileError
        For another ending, or a place that cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".npz":
        write_npz(path, dataset)
    elif suffix in HDF5_SUFFIXES:
        with replaced(path) as temporary, created(temporary) as file:
            _write(file, path, dataset, licence)
    else:
        raise DataFileError(f"{path}: cannot write files ending in "
                            f"{suffix or 'nothing'}; use .h5 or .npz")


def _write(file: h5py.File, path: Path, dataset: Dataset,
           licence: str) -> None:
    entry = start_file(file, path, "labelled spectra"
                       if dataset.labels is not None else "spectra")
    entry.attrs["default"] = "data"
    contents = {name: array_sha256(values) for name, values in (
        ("intensity", dataset.spectra), ("axis", dataset.axis.values),
        ("labels", dataset.labels), ("groups", dataset.groups))
        if values is not None}
    add_identity(entry, licence, dataset.provenance, *contents.values())
    data = add_group(entry, "data", "NXdata", signal="intensity",
                     title=_title(dataset))
    data["intensity"] = dataset.spectra
    data["intensity"].attrs["long_name"] = "intensity"
    # curves, also where the spectra are so few that they look like an image
    data["intensity"].attrs["interpretation"] = "spectrum"
    data.attrs["axes"] = add_axis(data, dataset.axis, len(dataset),
                                  dataset.indices)
    _add_detector(entry, data["intensity"], dataset.provenance)
    if dataset.labels is not None:
        data["labels"] = dataset.labels
        data["labels"].attrs["long_name"] = "class index of each spectrum"
        data["labels"].attrs["class_names"] = list(dataset.classes or ())
        # elsewhere: classes are no dimension of the spectra
        classes = add_group(entry, "classes", "NXcollection")
        classes.create_dataset("class_names", dtype=WORDS,
                               data=np.array(dataset.classes, object))
        classes["class_names"].make_scale("class_names")
    if dataset.groups is not None:
        data["groups"] = dataset.groups
        data["groups"].attrs["long_name"] = "capture of each spectrum"
    if dataset.files is not None:
        data.create_dataset("file_names", dtype=WORDS,
                            data=np.array(dataset.files, object))
        data["file_names"].attrs["long_name"] = "file of each spectrum"
    for name in {"labels", "groups", "file_names"} & data.keys():
        data[name].dims[0].attach_scale(data["index"])
    for name in {"index", "labels", "groups", "file_names"} & data.keys():
        data.attrs[f"{name}_indices"] = [0]
    data.attrs[f"{data.attrs['axes'][1]}_indices"] = [1]
    add_note(entry, "provenance", dataset.provenance, date=now(),
             description="where the spectra come from")
    add_note(entry, "content", contents, algorithm="sha256",
             description="checksum of the values, little-endian, row by row")


def _title(dataset: Dataset) -> str:
    """What a plot of the spectra is called."""
    count = f"{len(dataset)} spectra"
    return (f"{count} of {', '.join(dataset.classes)}" if dataset.classes
            else count)


def _add_detector(entry: h5py.Group, spectra: h5py.Dataset,
                  provenance: Mapping[str, Any]) -> None:
    """The detector, where the spectra are those of one in a run."""
    if "source" not in provenance:
        return
    instrument = add_group(entry, "instrument", "NXinstrument")
    detector = add_group(instrument, "detector", "NXdetector")
    # without the data: under a second name netCDF misses their dimensions
    detector["local_name"] = provenance["source"]
    spectra.attrs["units"] = "counts"
