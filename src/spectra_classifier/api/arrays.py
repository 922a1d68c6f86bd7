"""Spectra, axes and labels of notebooks: numpy, pandas, xarray, lists.

pandas and xarray are known by what their objects offer and never imported.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.dataset import Dataset
from ..core.spectra import Axis
from ..errors import InputError
from ..files.checksum import array_sha256
from ..files.spectra.assembly import exact_type, increasing, make_axis
from ..files.spectra.axis_names import UNKNOWN, QuantityUnit
from ..files.spectra.axis_names import axis_of as named_axis
from ..files.spectra.labels import encode
from .inputs import mismatch
from .reading import Spectra

#: from which on float64 does not hold every whole number
_EXACT = 2**53
#: an axis with increasing positions, and whether the given ones decreased
type _Directed = tuple[Axis, bool]


@dataclass(frozen=True, eq=False)
class Given:
    """Spectra with what their container states.

    Attributes
    ----------
    spectra
        (N, channels) uint16, float32 or float64; NaN where a value is masked.
    axis
        None where nothing states it.
    index
        (N,) name or number of each spectrum.
    index_name
        What these are.
    numbers
        (N,) number of each spectrum in its file.
    files
        (N,) names of files, or None.
    provenance
        Where the spectra come from.
    """
    spectra: NDArray[Any]
    axis: Axis | None
    index: NDArray[Any]
    index_name: str = "spectrum"
    numbers: NDArray[np.int64] | None = None
    files: tuple[str, ...] | None = None
    provenance: Mapping[str, object] = field(default_factory=dict)


def given(spectra: Any, axis: Any = None) -> Given:
    """The spectra of an array, a data frame, a data array or `Spectra`.

    Parameters
    ----------
    spectra
        (N, channels), or (channels,) for a single spectrum.
    axis
        An `Axis`, or (channels,) positions. By default the axis of `spectra`:
        columns of a data frame that are numbers, the coordinate of a data
        array.

    Raises
    ------
    InputError
        If the spectra are no real numbers, or two axes disagree.
    """
    if isinstance(spectra, Spectra):
        spectra = spectra.dataset
    own: _Directed | None = None
    if isinstance(spectra, Dataset):
        values, own = spectra.spectra, (spectra.axis, False)
    elif hasattr(spectra, "iloc") and hasattr(spectra, "columns"):
        values = _matrix(_frame_values(spectra))
        own = _of_headings(spectra.columns.tolist())
    elif hasattr(spectra, "dims") and hasattr(spectra, "coords"):
        spectra, own = _of_data_array(spectra)
        values = _matrix(spectra.values)
    else:
        values = _matrix(spectra)
    stated = _directed(axis, values.shape[1])
    found = _agreed(own, stated)
    if found is not None and found[1]:
        values = values[:, ::-1]
    index, name = _index(spectra, len(values))
    if isinstance(spectra, Dataset):
        return Given(values, found and found[0], index, name,
                     spectra.indices, spectra.files, spectra.provenance)
    return Given(values, found and found[0], index, name, provenance={
        "path": "spectra in memory", "format": type(spectra).__name__,
        "sha256": array_sha256(values)})


def _matrix(values: Any) -> NDArray[Any]:
    """(N, channels) of real numbers."""
    try:
        array = (values if isinstance(values, np.ma.MaskedArray)
                 else np.asarray(values))
    except ValueError:      # lists of different lengths
        raise InputError("spectra of different lengths: expected an array "
                         "(spectra, channels)") from None
    if not hasattr(values, "dtype") and array.dtype.kind == "f" and (
            np.abs(array) >= _EXACT).any():
        # whole numbers of different types became float64 with fewer digits
        array = np.asarray(values, dtype=object)
    if array.dtype.kind == "O":
        array = _of_objects(array)
    if isinstance(array, np.ma.MaskedArray):
        array = _unmasked(array)
    if array.ndim == 1:
        array = array[None]
    if array.ndim != 2:
        raise InputError(f"spectra of shape {array.shape}: expected "
                         "(spectra, channels)")
    if not array.size:
        raise InputError(f"spectra of shape {array.shape}: expected at least "
                         "one")
    return exact_type(array, "spectra")


def _unmasked(array: np.ma.MaskedArray[Any, Any]) -> NDArray[Any]:
    """NaN where a value is masked."""
    numbers = exact_type(np.asarray(array.data), "spectra")
    if not np.ma.is_masked(array):
        return numbers
    return np.where(np.ma.getmaskarray(array), np.nan, numbers)


def _of_objects(array: NDArray[Any]) -> NDArray[np.float64]:
    """Numbers of Python; a text is none, even if it looks like one."""
    for value in array.ravel().tolist():
        if not isinstance(value, Real):
            raise InputError(f"spectra hold {value!r:.40} "
                             f"({type(value).__name__}): expected real "
                             "numbers")
        if value == value and float(value) != value:
            raise InputError(f"spectra hold {value!r:.40}, which has more "
                             "digits than float64 holds")
    return array.astype(np.float64)


def _frame_values(frame: Any) -> Any:
    """Values of a data frame; NaN where pandas has NA."""
    if any(str(kind)[:1].isupper() for kind in frame.dtypes):   # Int64 ...
        return frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return frame.to_numpy()


def _of_headings(headings: Sequence[Any]) -> _Directed | None:
    """The axis of column headings that are positions, None of others."""
    try:
        positions = np.array([
            float(each) for each in headings if not isinstance(each, bool)])
    except (TypeError, ValueError):
        return None
    if len(positions) < len(headings) or len(headings) < 2 or (
            np.array_equal(positions, np.arange(len(positions)))):
        return None         # numbers of columns are no positions
    return _axis(positions, None, "columns of the data frame")


def _of_data_array(array: Any) -> tuple[Any, _Directed | None]:
    """(array with the channels last, its axis)."""
    if array.ndim not in (1, 2):
        raise InputError(f"a data array with dimensions {array.dims}: "
                         "expected two, spectra and channels")
    named = {dim: _stated(array.coords[dim]) for dim in array.dims
             if dim in array.coords}
    spectral = [dim for dim, stated in named.items()
                if stated is not None and stated[0] != UNKNOWN]
    if array.ndim == 2 and spectral == [array.dims[0]]:
        array = array.transpose()
    last = array.dims[-1]
    if last not in named:
        return array, None
    return array, _axis(np.asarray(array.coords[last].values), named[last],
                        f"coordinate {last}")


def _stated(coordinate: Any) -> QuantityUnit | None:
    """(quantity, unit) that a coordinate states, None where it does not."""
    return named_axis(str(coordinate.name or ""),
                      str(coordinate.attrs.get("units", "")))


def _directed(axis: Any, channels: int) -> _Directed | None:
    if axis is None:
        return None
    if isinstance(axis, Axis):
        found: _Directed = (axis, False)
    else:
        stated = (_stated(axis) if hasattr(axis, "coords")
                  and hasattr(axis, "attrs") else None)
        found = _axis(np.asarray(axis), stated, "axis")
    if len(found[0]) != channels:
        raise InputError(f"axis of {len(found[0])} positions for spectra of "
                         f"{channels} channels")
    return found


def _axis(values: NDArray[Any], stated: QuantityUnit | None,
          where: str) -> _Directed:
    if values.dtype.kind not in "uif" or values.ndim != 1:
        raise InputError(f"{where} of type {values.dtype} and shape "
                         f"{values.shape}: expected one position per channel")
    x = values.astype(np.float64)
    ordered, _, changes = increasing(x, x[None], where)
    return make_axis(ordered, stated, where), bool(changes)


def _agreed(own: _Directed | None,
            stated: _Directed | None) -> _Directed | None:
    """The axis of the container and the one that is given, which agree."""
    if own is None or stated is None:
        return own or stated
    difference = mismatch(own[0], stated[0])
    if difference or own[1] != stated[1]:
        raise InputError(
            "axis: the spectra have an axis of their own, and the given one "
            f"has {difference or 'the other direction'}; leave one of them "
            "out")
    return stated if own[0].quantity == UNKNOWN else own


def _index(spectra: Any, count: int) -> tuple[NDArray[Any], str]:
    """(name of each spectrum, what these are)."""
    if isinstance(spectra, Dataset):
        return np.asarray(spectra.indices), "spectrum"
    if hasattr(spectra, "iloc"):
        return np.asarray(spectra.index), str(spectra.index.name or
                                              "spectrum")
    if hasattr(spectra, "coords") and spectra.ndim == 2:
        dim = str(spectra.dims[0])
        if dim in spectra.coords:
            return np.asarray(spectra.coords[dim].values), dim
        return np.arange(count), dim
    return np.arange(count), "spectrum"


def labels_of(y: Any, count: int) -> tuple[NDArray[np.int64],
                                           tuple[str, ...]]:
    """(class index (N,), class names) of labels of any type.

    Categories keep their order; other labels are sorted, numbers by value.

    Raises
    ------
    InputError
        If a spectrum has no label.
    """
    categories = getattr(getattr(y, "cat", y), "categories", None)
    values = np.asarray(y)
    if values.dtype.kind == "T":
        values = values.astype(str)
    if values.dtype.kind == "O":
        values = _of_label_objects(values)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    names = None
    if categories is not None and values.dtype.kind == "U":
        used = set(values.tolist())
        names = [str(name) for name in categories if str(name) in used]
    return encode(values, names, count, "y")


def _of_label_objects(values: NDArray[Any]) -> NDArray[Any]:
    flat = values.ravel().tolist()
    for row, value in enumerate(flat):
        if not isinstance(value, str | bytes | Real) or value != value:
            raise InputError(f"y: label {row} is {value!r:.40}: leave "
                             "spectra without a label out")
    kinds = {isinstance(value, str | bytes) for value in flat}
    if len(kinds) > 1:
        raise InputError("y: holds texts and numbers; use one of the two")
    return np.array(flat).reshape(values.shape)


def captures_of(groups: Any, count: int) -> NDArray[np.int64]:
    """(N,) number of the capture of each spectrum.

    Integers stay as they are; other names are numbered in the order in which
    they first appear, which is taken for that in time.

    Raises
    ------
    InputError
        If a spectrum has none.
    """
    values = np.asarray(groups)
    if values.shape != (count,):
        raise InputError(f"groups of shape {values.shape} for {count} "
                         "spectra: expected one each")
    if values.dtype.kind in "iu":
        return values.astype(np.int64)
    number: dict[Any, int] = {}
    found = []
    for row, value in enumerate(values.tolist()):
        if value is None or value != value or value == "":
            raise InputError(f"groups: spectrum {row} has none ({value!r})")
        found.append(number.setdefault(value, len(number)))
    return np.array(found, np.int64)
