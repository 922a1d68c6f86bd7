"""numpy archives with `x`, `Y` and perhaps `labels`."""
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from ..errors import DataFileError
from .assembly import (
    assemble,
    check_finite,
    exact_type,
    increasing,
    make_axis,
)
from .atomic import replaced

OPTIONAL = ("labels", "class_names", "groups", "indices")


def read_npz(path, labels=None, axis=None):
    """A `Dataset` of an .npz file; see `files.read`.

    `x` (channels,), `Y` (spectra, channels); optional: `labels`,
    `class_names`, `groups` (captures), `indices` (spectrum numbers), and the
    words `quantity` and `unit` of the axis. Other arrays are left alone.
    """
    arrays = _load(path)
    for name in "x", "Y":
        if name not in arrays:
            raise DataFileError(
                f"{path}: has no array {name}, only "
                f"{', '.join(sorted(arrays)) or 'nothing'}; expected x "
                "(channels) and Y (spectra, channels)")
    return from_arrays(path, ".npz file", arrays, labels, axis)


def from_arrays(path, kind, arrays, label_file, axis):
    """The `Dataset` of a mapping of arrays named as in an .npz file."""
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
    if axis is None and "quantity" in arrays and "unit" in arrays:
        axis = str(arrays["quantity"]), str(arrays["unit"])
    return assemble(
        path, kind, make_axis(x, axis, f"{path}: x"), spectra,
        label_file=label_file, changes=changes,
        **origin(arrays.get("provenance")),
        **{name: arrays.get(name) for name in OPTIONAL})


def origin(text):
    """{"origin": provenance that a file brings along}, or {}."""
    try:
        record = json.loads(str(text))
    except ValueError:
        return {}
    return {"origin": record} if isinstance(record, dict) else {}


def write_npz(path, dataset):
    """Writes a `Dataset` that `read_npz` gives back, atomically."""
    arrays = {name: getattr(dataset, name) for name in
              ("labels", "groups", "indices")}
    if dataset.classes is not None:
        arrays["class_names"] = np.array(dataset.classes)
    arrays = {name: array for name, array in arrays.items()
              if array is not None}
    with replaced(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, x=dataset.axis.values, Y=dataset.spectra,
                 quantity=np.array(dataset.axis.quantity),
                 unit=np.array(dataset.axis.unit),
                 provenance=np.array(json.dumps(dataset.provenance)),
                 **arrays)


def _load(path):
    """{name: array}; never unpickles."""
    if not zipfile.is_zipfile(path):
        raise DataFileError(f"{path}: is not an .npz archive or is cut off; "
                            "save it again with numpy.savez")
    try:
        with np.load(Path(path), allow_pickle=False) as archive:
            wanted = {"x", "Y", "quantity", "unit", "provenance", *OPTIONAL}
            return {name: _array(path, archive, name) if name in wanted
                    else None for name in archive.files}
    except DataFileError:
        raise
    except (OSError, EOFError, ValueError, zlib.error,
            zipfile.BadZipFile) as error:
        raise DataFileError(f"{path}: is damaged ({error}); copy it again, "
                            "or save it again with numpy.savez") from None


def _array(path, archive, name):
    try:
        return archive[name]
    except ValueError as error:
        if "pickle" not in str(error):
            raise
        raise DataFileError(
            f"{path}: {name} holds Python objects, which are never loaded; "
            "save it as an array of numbers or of words") from None
