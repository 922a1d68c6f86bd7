"""From the arrays of a file to a checked `Dataset`."""
import numpy as np

from ...core.dataset import Dataset
from ...core.spectra import Axis
from ...errors import DataFileError, InputError
from ..checksum import file_sha256, provenance
from .axis_names import UNKNOWN, joined
from .labels import encode, read_labels

UNKNOWN_AXIS = (UNKNOWN, UNKNOWN)
#: numeric types kept as they are; others go to the smallest that holds them
_KEPT = (np.uint16, np.float32, np.float64)


def exact_type(values, where):
    """`values` as uint16, float32 or float64, no value changed.

    `where` opens the message of the `DataFileError` about other types.
    """
    values = np.asarray(values)
    if values.dtype.kind not in "buif":
        raise DataFileError(f"{where}: holds {values.dtype}, expected real "
                            "numbers")
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype in _KEPT:
        return values
    for dtype in _KEPT:
        # 64 bit integers count as castable for numpy, but lose digits
        if values.dtype.itemsize < 8 and np.can_cast(values.dtype, dtype):
            return values.astype(dtype)
    with np.errstate(over="ignore"):
        wide = values.astype(np.float64)
    if not np.array_equal(wide.astype(values.dtype), values,
                          equal_nan=values.dtype.kind == "f"):
        raise DataFileError(f"{where}: some {values.dtype} values have more "
                            "digits than float64 holds; store float64")
    return wide


def increasing(x, spectra, where):
    """`x`, `spectra` in the order of an increasing axis, and what changed."""
    if len(x) > 1 and np.isfinite(x).all() and (np.diff(x) < 0).all():
        return x[::-1], spectra[:, ::-1], [
            f"{where}: the axis decreased, channels reversed"]
    return x, spectra, []


def make_axis(x, quantity_unit, where, wanted=None):
    """An `Axis`, its errors naming `where`.

    `quantity_unit`: what the file states, "unknown" where it says only one
    of the two, or None; `wanted`: what the user says of files that do not
    state it. Bare channel numbers 0, 1, 2 ... without a stated quantity are
    channels.
    """
    quantity_unit, contradiction = joined(quantity_unit, wanted)
    if contradiction:
        raise DataFileError(
            f"{where}: states an axis of {contradiction}, and --axis says "
            f"{wanted[0]}:{wanted[1]}; --axis is for data that do not state "
            "theirs")
    if quantity_unit is None:
        quantity_unit = (("channel", "channel")
                         if np.array_equal(x, np.arange(len(x)))
                         else UNKNOWN_AXIS)
    try:
        return Axis(x, *quantity_unit)
    except InputError as error:
        raise DataFileError(f"{where}: {error}") from None


def check_finite(spectra, describe):
    """`DataFileError` that says where the first NaN or Inf is.

    `describe(spectrum, channel)` opens the message.
    """
    bad = ~np.isfinite(spectra)
    if bad.any():
        row, channel = (int(i) for i in np.argwhere(bad)[0])
        raise DataFileError(
            f"{describe(row, channel)}: the value is "
            f"{spectra[row, channel]}, as are {int(bad.sum()) - 1} others; "
            "leave such spectra out or interpolate their bad channels")


def assemble(path, kind, axis, spectra, *, labels=None, class_names=None,
             groups=None, indices=None, label_file=None, names=None,
             sha256=None, changes=(), where=None, **more):
    """The `Dataset` of arrays as they stand in a file.

    `labels`: integers or words, `class_names` the names in order of their
    index, both may be None; `label_file` replaces them; `names` the file of
    each spectrum. `where` names the datasets in messages. `more` goes into
    the provenance.
    """
    where = where or {}
    if not len(spectra):
        raise DataFileError(f"{path}: holds no spectra")
    record = provenance(path, kind, sha256 or file_sha256(path), changes,
                        **more)
    for name, values in ("groups", groups), ("indices", indices):
        _check_integers(where.get(name, f"{path}: {name}"), values,
                        len(spectra))
    kept, classes = slice(None), None
    if label_file is not None:
        labels, groups, kept = _from_label_file(
            label_file, len(spectra), names, record)
        class_names = None
        indices = (np.arange(len(spectra)) if indices is None
                   else indices)[kept]
    spectra = np.ascontiguousarray(spectra[kept])
    if labels is not None:
        origin = (str(label_file) if label_file is not None
                  else where.get("labels", f"{path}: labels"))
        labels, classes = encode(labels, class_names, len(spectra), origin)
        record["changes"] += _lookalikes(classes)
    try:
        return Dataset(axis, spectra, labels, classes, groups, indices,
                       record)
    except InputError as error:
        raise DataFileError(f"{path}: {error}") from None


def _from_label_file(label_file, count, names, record):
    """Labels and captures of the spectra that are kept, and which these are.

    Says in the provenance `record` where they come from.
    """
    words, groups = read_labels(label_file, count, names)
    kept = np.array([word is not None for word in words])
    if not kept.any():
        raise DataFileError(f"{label_file}: leaves every spectrum out")
    record["labels"] = {"path": str(label_file),
                        "sha256": file_sha256(label_file)}
    if not kept.all():
        record["changes"].append(f"{int((~kept).sum())} of {count} spectra "
                                 f"left out by {label_file}")
    return ([word for word in words if word is not None],
            None if groups is None else groups[kept], kept)


def _lookalikes(classes):
    """A sentence for every two classes that differ only in capitals."""
    known, found = {}, []
    for name in classes:
        twin = known.setdefault(name.casefold(), name)
        if twin != name:
            found.append(f"the classes {twin!r} and {name!r} differ only in "
                         "capitals; are they one?")
    return found


def _check_integers(where, values, count):
    if values is not None and np.asarray(values).dtype.kind in "iu":
        outside = (np.asarray(values) < 0) | (
            np.asarray(values) > np.iinfo(np.int64).max)
        if outside.any():
            raise DataFileError(
                f"{where}: holds {np.asarray(values)[outside][0]}; expected "
                "numbers from 0 on")
    if values is not None and (np.shape(values) != (count,)
                               or np.asarray(values).dtype.kind not in "iu"):
        raise DataFileError(
            f"{where}: shape {np.shape(values)}, type "
            f"{np.asarray(values).dtype}; expected one integer for each of "
            f"{count} spectra")
