"""numpy archives with `x`, `Y` and perhaps `labels`."""
import json
import math
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.dataset import Dataset
from ...core.describe import unprintable
from ...core.large_arrays import blocks, empty, is_large
from ...errors import DataFileError
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from ..atomic import replaced
from ..hdf5.values import words_of
from ..refusals import need_room, refusals
from ..seal import NAME, STATED, need_seal, seal_archive
from .assembly import (
    assemble,
    axis_origin,
    check_finite,
    exact_type,
    increasing,
    make_axis,
)
from .axis_names import UNKNOWN, QuantityUnit, unit_of

OPTIONAL = ("labels", "class_names", "groups", "indices", "file_names")


def read_npz(path: AnyPath, labels: AnyPath | None = None,
             axis: QuantityUnit | None = None) -> Dataset:
    """Read an .npz file; see `files.read`.

    `x` (channels,), `Y` (spectra, channels); optional: `labels`,
    `class_names`, `groups` (captures), `indices` (spectrum numbers),
    `file_names`, and the words `quantity` and `unit` of the axis. Other arrays
    are ignored.
    """
    arrays = _load(path)
    for name in "x", "Y":
        if name not in arrays:
            raise DataFileError(
                f"{path}: has no array {name}, only "
                f"{', '.join(sorted(arrays)) or 'nothing'}; expected x "
                "(channels) and Y (spectra, channels)")
    return from_arrays(path, ".npz file", arrays, labels, axis)


def from_arrays(path: AnyPath, kind: str, arrays: Mapping[str, Any],
                label_file: AnyPath | None,
                axis: QuantityUnit | None) -> Dataset:
    """Make a `Dataset` from arrays named as in an .npz file.

    Parameters
    ----------
    path
        Their file.
    kind
        Its format.
    arrays
        {name: array}, see `read_npz`.
    label_file
        Replaces the labels, or None.
    axis
        (quantity, unit) where the arrays do not state them, or None.

    Raises
    ------
    DataFileError
        If an array is missing or does not fit.
    """
    x = exact_type(arrays["x"], f"{path}: x").astype(np.float64)
    spectra = exact_type(arrays["Y"], f"{path}: Y")
    if x.ndim != 1 or spectra.ndim != 2 or spectra.shape[1] != len(x):
        turn = (spectra.ndim == 2 and x.ndim == 1
                and spectra.shape[0] == len(x))
        raise DataFileError(
            f"{path}: Y has shape {spectra.shape} and x {x.shape}; expected "
            "Y (spectra, channels) and x (channels)"
            + (": transpose Y" if turn else ""))
    check_finite(spectra, lambda row, channel:
                 f"{path}: Y, spectrum {row}, channel {channel}")
    x, spectra, changes = increasing(x, spectra, path)
    quantity, unit = (_word(path, arrays, name)
                      for name in ("quantity", "unit"))
    stated = (None if quantity is unit is None
              else (quantity or UNKNOWN, unit_of(unit or UNKNOWN)))
    made = make_axis(x, stated, f"{path}: x", axis)
    return assemble(
        path, kind, made, spectra, label_file=label_file, changes=changes,
        axis_from=axis_origin(made, stated, "quantity and unit of x", axis),
        **origin(arrays.get("provenance")),
        **{name: arrays.get(name) for name in OPTIONAL})


def _word(path: AnyPath, arrays: Mapping[str, Any], name: str) -> str | None:
    """The one word of an array, None where there is none."""
    if arrays.get(name) is None:
        return None
    words = np.ravel(arrays[name])
    if len(words) != 1 or words.dtype.kind not in "SU":
        raise DataFileError(f"{path}: {name} of the axis is not a single word")
    word = str(words_of(words)[0]).strip()
    if unprintable(word):
        raise DataFileError(f"{path}: {name} of the axis, {word!a}, "
                            "holds characters that cannot be shown; "
                            "correct it")
    return word


def origin(text: ArrayLike | None) -> JsonObject:
    """{"origin": provenance that a file holds}, or {}."""
    try:
        record = json.loads(str(text))
        json.dumps(record, allow_nan=False).encode("ascii")
    except (ValueError, RecursionError):
        return {}
    return {"origin": record} if isinstance(record, dict) else {}


def write_npz(path: AnyPath, dataset: Dataset) -> None:
    """Write a dataset that `read_npz` reads; whole or not at all."""
    arrays = {name: getattr(dataset, name) for name in
              ("labels", "groups", "indices")}
    if dataset.classes is not None:
        arrays["class_names"] = np.array(dataset.classes)
    if dataset.files is not None:
        arrays["file_names"] = np.array(dataset.files)
    arrays = {name: array for name, array in arrays.items()
              if array is not None}
    with replaced(path) as temporary:
        with open(temporary, "wb") as file:
            np.savez(file, x=dataset.axis.values, Y=dataset.spectra,
                     quantity=np.array(dataset.axis.quantity),
                     unit=np.array(dataset.axis.unit),
                     provenance=np.array(json.dumps(dataset.provenance)),
                     checksum=np.array(STATED), **arrays)
        seal_archive(temporary)


def _load(path: AnyPath) -> dict[str, NDArray[Any] | None]:
    """{name: array}; never unpickles."""
    if not zipfile.is_zipfile(path):
        raise DataFileError(f"{path}: is not an .npz archive or is cut off; "
                            "save it again with numpy.savez")
    # anything may be wrong in an archive that others have made
    with (refusals(path, "copy it again, or save it with numpy.savez"),
          open(path, "rb") as file,     # numpy leaves it open on errors
          np.load(file, allow_pickle=False) as archive):
        need_seal(path, NAME if NAME in archive.files else None)
        wanted = {"x", "Y", "quantity", "unit", "provenance", *OPTIONAL}
        return {name: _array(path, archive, name) if name in wanted
                else None for name in archive.files}


def _streamed(path: AnyPath, archive: zipfile.ZipFile,
              name: str) -> NDArray[Any] | None:
    """A large array, read block by block; None where it is small.

    `DataFileError` where its header asks for more than is there, or than is
    ever read.
    """
    member = name if name in archive.namelist() else f"{name}.npy"
    there = archive.getinfo(member).file_size
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        shape, by_columns, dtype = (np.lib.format.read_array_header_1_0
                                    if version == (1, 0) else
                                    np.lib.format.read_array_header_2_0)(file)
        need_room(f"{path}: {name}", shape, dtype.itemsize)
        size = math.prod(shape) * dtype.itemsize
        if size > there:
            raise DataFileError(
                f"{path}: {name} has a header of shape {shape}, which is more"
                " than the file holds; save it again with numpy.savez")
        if not is_large(size) or by_columns or dtype.kind not in "biuf":
            return None
        found = empty(shape, dtype)
        for rows in blocks(found):
            part = found[rows]
            part[...] = np.frombuffer(file.read(part.nbytes), dtype).reshape(
                part.shape)
        file.read()     # to the end, where the archive has its checksum
        return found


def _array(path: AnyPath, archive: np.lib.npyio.NpzFile,
           name: str) -> NDArray[Any]:
    found = (None if archive.zip is None
             else _streamed(path, archive.zip, name))
    try:
        return archive[name] if found is None else found
    except ValueError as error:
        if "pickle" not in str(error):
            raise
        raise DataFileError(
            f"{path}: {name} holds Python objects, which are never loaded; "
            "save it as an array of numbers or of words") from None
