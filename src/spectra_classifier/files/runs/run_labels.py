"""Labels of the trains of a run: a table of train ids, or another source.

The table has a header: `first_train,last_train,label` and perhaps `capture`;
both ends are included. Trains that it does not name, and those with the
label `-`, are left out. From another source, one value per train is compared
with limits.
"""
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...errors import DataFileError
from ...model.plain import AnyPath
from ..spectra.labels import LEFT_OUT, check_word, table_rows

_HEADER = ("first_train", "last_train", "label")


def labels_from_table(path: AnyPath, train_ids: NDArray[np.uint64]
                     ) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Read the labels of trains from a table.

    Parameters
    ----------
    path
        The table.
    train_ids
        (T,)

    Returns
    -------
    labels : (T,)
        None for a train that is left out.
    captures : (T,)
        Without a column `capture` every line of the table is one.

    Raises
    ------
    DataFileError
        Names the line.
    """
    header, rows = table_rows(path, _HEADER)
    if not set(_HEADER) <= set(header) or set(header) - {*_HEADER, "capture"}:
        raise DataFileError(
            f"{path}: the columns are {','.join(header)}; for a run expected "
            f"{','.join(_HEADER)}, and perhaps capture")
    words = np.full(len(train_ids), None, object)
    captures = np.zeros(len(train_ids), np.int64)
    taken = np.zeros(len(train_ids), bool)
    known: dict[str, int] = {}
    for number, row in rows:
        first, last = (_train_id(path, number, row[name])
                       for name in _HEADER[:2])
        if last < first:
            raise DataFileError(f"{path}, line {number}: the first train "
                                f"{first} is after the last, {last}")
        mine = (train_ids >= first) & (train_ids <= last)
        if (mine & taken).any():
            twice = train_ids[mine & taken][0]
            raise DataFileError(f"{path}, line {number}: train {twice} has "
                                "a label already; remove one of them")
        taken |= mine
        if row["label"] != LEFT_OUT:
            check_word(f"{path}, line {number}: the label", row["label"])
            words[mine] = row["label"]
        capture = row.get("capture", str(number))
        captures[mine] = known.setdefault(capture, len(known))
    if not taken.any():
        raise DataFileError(
            f"{path}: names no train of this run, which has "
            f"{train_ids.min()} to {train_ids.max()}")
    return words, captures


def labels_from_values(values: NDArray[np.float64],
                       limits: NDArray[np.float64], names: Sequence[str],
                       train_ids: NDArray[np.uint64]
                      ) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Label trains by one value per train.

    Parameters
    ----------
    values
        (T,), NaN where there is none: such trains are left out.
    limits
        In increasing order.
    names
        Value v gets names[number of limits <= v]; `-` leaves a band out.
    train_ids
        (T,)

    Returns
    -------
    labels : (T,)
        None for a train that is left out.
    captures : (T,)
        A capture is a sequence of trains, in the order of their ids, that stay
        in one band.

    Raises
    ------
    DataFileError
        If limits and names do not fit together, or no train has a label.
    """
    if len(names) != len(limits) + 1 or (np.diff(limits) <= 0).any():
        raise DataFileError(
            f"--limits {','.join(f'{limit:g}' for limit in limits)} --classes "
            f"{','.join(names)}: expected increasing limits, and one class "
            "more than limits")
    order = np.argsort(train_ids, kind="stable")
    band = np.searchsorted(limits, values, side="right")
    band[~np.isfinite(values)] = -1
    words = np.array([None if b < 0 or names[b] == LEFT_OUT else names[b]
                      for b in band], object)
    captures = np.empty(len(train_ids), np.int64)
    captures[order] = np.cumsum(np.diff(band[order], prepend=band[order][0])
                                != 0)
    if all(word is None for word in words):
        raise DataFileError("no train of the run lies in a band that has a "
                            f"class: its values go from {np.nanmin(values):g}"
                            f" to {np.nanmax(values):g}"
                            if np.isfinite(values).any() else
                            "the source of the labels has no value for any "
                            "train of the run")
    return words, captures


def _train_id(path: AnyPath, line: int, text: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", text):
        raise DataFileError(f"{path}, line {line}: {text!r} is not a train "
                            "id")
    return int(text)
