"""From the arrays of a file to a checked `Dataset`."""
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.dataset import Dataset
from ...core.describe import printable
from ...core.large_arrays import blocks, converted, first_not_finite, taken
from ...core.limits import alike
from ...core.spectra import Axis
from ...errors import DataFileError, InputError
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from ..checksum import file_sha256, provenance
from ..hdf5.values import words_of
from .axis_names import UNKNOWN, QuantityUnit, joined
from .labels import encode, read_labels

UNKNOWN_AXIS = (UNKNOWN, UNKNOWN)
#: numeric types kept as they are; others go to the smallest that holds them
_KEPT = (np.uint16, np.float32, np.float64)


def exact_type(values: ArrayLike,
               where: str) -> NDArray[np.uint16 | np.float32 | np.float64]:
    """`values` as uint16, float32 or float64, no value changed.

    Raises
    ------
    DataFileError
        Opened by `where`: if the values are not real numbers, or have more
        digits than float64.
    """
    values = np.asarray(values)
    if values.dtype.kind not in "buif":
        raise DataFileError(f"{where}: holds {values.dtype}, expected real "
                            "numbers")
    if not values.dtype.isnative:
        values = converted(values, values.dtype.newbyteorder("="))
    if values.dtype in _KEPT:
        return values
    for dtype in _KEPT:
        # 64 bit integers count as castable for numpy, but lose digits
        if values.dtype.itemsize < 8 and np.can_cast(values.dtype, dtype):
            return converted(values, dtype)
    # beyond the type there and back: then the two differ
    with np.errstate(over="ignore", invalid="ignore"):
        wide = converted(values, np.float64)
        flat, back = np.atleast_1d(values), np.atleast_1d(wide)
        same = all(np.array_equal(
            back[rows].astype(values.dtype), flat[rows],
            equal_nan=values.dtype.kind == "f") for rows in blocks(flat))
    if not same:
        raise DataFileError(f"{where}: some {values.dtype} values have more "
                            "digits than float64 holds; store float64")
    return wide


def increasing[Value: np.generic](
        x: NDArray[np.float64], spectra: NDArray[Value], where: AnyPath
        ) -> tuple[NDArray[np.float64], NDArray[Value], list[str]]:
    """Order channels by an increasing axis.

    Parameters
    ----------
    x
        Axis (channels,).
    spectra
        (n, channels).
    where
        Opens the sentence about the change.

    Returns
    -------
    x, spectra
        Reversed if the axis decreased.
    changes
        One sentence for each change.
    """
    if len(x) > 1 and np.isfinite(x).all() and (np.diff(x) < 0).all():
        return x[::-1], spectra[:, ::-1], [
            f"{where}: the axis decreased, channels reversed"]
    return x, spectra, []


def make_axis(x: NDArray[np.float64], quantity_unit: QuantityUnit | None,
              where: AnyPath, wanted: QuantityUnit | None = None) -> Axis:
    """Make an `Axis`.

    Bare channel numbers 0, 1, 2 ... without a stated quantity are channels.

    Parameters
    ----------
    x
        Positions (channels,).
    quantity_unit
        What the file states, with "unknown" where it states only one of the
        two; None where it states nothing.
    where
        Opens the message of errors.
    wanted
        What the user states for files that do not.

    Raises
    ------
    DataFileError
        If the two contradict each other, or `x` is no axis.
    """
    quantity_unit, contradiction = joined(quantity_unit, wanted)
    if contradiction and wanted is not None:
        raise DataFileError(
            f"{where}: states an axis of {contradiction}, and --axis states "
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


def axis_origin(axis: Axis, stated: QuantityUnit | None, where: str,
                wanted: QuantityUnit | None = None) -> str:
    """Where quantity and unit of an axis come from, as words.

    Parameters
    ----------
    axis
        What `make_axis` has made.
    stated, wanted
        As for `make_axis`.
    where
        The place that states them.
    """
    if stated is not None:
        given = " and the axis that was given" if (
            wanted is not None and UNKNOWN in stated) else ""
        return where + given
    if wanted is not None:
        return "the axis that was given"
    return ("positions that count from 0" if axis.quantity == "channel"
            else "not stated")


def check_finite(spectra: NDArray[Any],
                 describe: Callable[[int, int], str]) -> None:
    """Check that all values are finite.

    Parameters
    ----------
    spectra
        (n, channels).
    describe
        Called with spectrum and channel; returns the start of the message.

    Raises
    ------
    DataFileError
        Names the first NaN or Inf.
    """
    bad, count = first_not_finite(spectra)
    if bad is not None:
        raise DataFileError(
            f"{describe(*bad)}: the value is {spectra[bad]}, as are "
            f"{count - 1} others; leave such spectra out or interpolate their "
            "bad channels")


def assemble(path: AnyPath, kind: str, axis: Axis, spectra: NDArray[Any], *,
             labels: ArrayLike | None = None,
             class_names: ArrayLike | None = None,
             groups: ArrayLike | None = None, indices: ArrayLike | None = None,
             label_file: AnyPath | None = None,
             file_names: ArrayLike | None = None, sha256: str | None = None,
             changes: Iterable[str] = (),
             where: Mapping[str, str] | None = None, **more: Any) -> Dataset:
    """Assemble the `Dataset` from the arrays of a file.

    Parameters
    ----------
    path
        File or folder.
    kind
        Its format.
    axis
        Axis of the spectra.
    spectra
        (n, channels).
    labels
        (n,) integers or words, or None.
    class_names
        Names in the order of their index, or None.
    groups, indices
        (n,) capture and number of each spectrum, or None.
    label_file
        Replaces `labels` and `class_names`.
    file_names
        (n,) file of each spectrum, or None.
    sha256
        Checksum of the source; by default that of the file.
    changes
        One sentence for each change so far.
    where
        Names of the datasets in messages.
    **more
        Further JSON values of the provenance.

    Raises
    ------
    DataFileError
        If the arrays do not fit together.
    """
    where = where or {}
    if not len(spectra):
        raise DataFileError(f"{path}: holds no spectra")
    record = provenance(path, kind, sha256 or file_sha256(path), changes,
                        **more)
    for name, values in ("groups", groups), ("indices", indices):
        _check_integers(where.get(name, f"{path}: {name}"), values,
                        len(spectra))
    names = None if file_names is None else _words(
        where.get("file_names", f"{path}: file_names"), file_names,
        len(spectra))
    classes = None
    if label_file is not None:
        labels, groups, kept = _from_label_file(
            label_file, len(spectra), names, record)
        class_names = None
        indices = (np.arange(len(spectra)) if indices is None
                   else np.asarray(indices))[kept]
        spectra = taken(spectra, kept)
        if names is not None:
            names = [names[row] for row in np.flatnonzero(kept)]
    spectra = converted(spectra, spectra.dtype)
    if labels is not None:
        origin = (str(label_file) if label_file is not None
                  else where.get("labels", f"{path}: labels"))
        labels, classes = encode(labels, class_names, len(spectra), origin)
        record["changes"] += alike(classes)
    try:
        return Dataset(axis, spectra, labels, classes, _array(groups),
                       _array(indices), record,
                       None if names is None else tuple(map(printable, names)))
    except InputError as error:
        raise DataFileError(f"{path}: {error}") from None


def _words(where: str, values: ArrayLike, count: int) -> list[str]:
    """Names of files; `DataFileError` where there is not one for each."""
    words = words_of(values)
    if words.shape != (count,):
        raise DataFileError(f"{where}: shape {words.shape}; expected one name "
                            f"for each of {count} spectra")
    return [str(word) for word in words]


def _array(values: ArrayLike | None) -> NDArray[Any] | None:
    return None if values is None else np.asarray(values)


def _from_label_file(label_file: AnyPath, count: int,
                     names: Sequence[str] | None, record: JsonObject
        ) -> tuple[list[str], NDArray[np.int64] | None, NDArray[np.bool_]]:
    """Labels and captures of the spectra that are kept, and which these are.

    The provenance `record` gets their origin.
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


def _check_integers(where: str, values: ArrayLike | None, count: int) -> None:
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
