"""Values that a scan went through, by train."""
import math

import numpy as np
from numpy.typing import NDArray

from ...errors import DataFileError
from ...model.plain import AnyPath
from ..spectra.labels import table_rows

#: names of the first column
IDS = ("train_id", "spectrum")


def read_values(path: AnyPath, ids: NDArray[np.int64]
                ) -> tuple[str, NDArray[np.float64]]:
    """Read a table of one value per train or spectrum.

    Parameters
    ----------
    path
        Text with a header: `train_id` or `spectrum`, and the name of the
        value.
    ids
        (T,) trains or spectra that are wanted.

    Returns
    -------
    name : str
        Heading of the values.
    values : (T,)
        NaN where the table has none.

    Raises
    ------
    DataFileError
        Names the line.
    """
    header, rows = table_rows(path, IDS)
    if len(header) != 2 or header[0] not in IDS:
        raise DataFileError(
            f"{path}: the columns are {','.join(header)}; expected train_id "
            "(or spectrum) and one value")
    known: dict[int, float] = {}
    for number, row in rows:
        try:
            key, value = int(row[header[0]]), float(row[header[1]] or "nan")
        except ValueError:
            raise DataFileError(
                f"{path}, line {number}: {','.join(row.values())!r} is no "
                "number of a train and a value") from None
        if math.isinf(value):
            raise DataFileError(f"{path}, line {number}: the value is "
                                "infinite")
        if key in known:
            raise DataFileError(f"{path}, line {number}: {header[0]} {key} "
                                "is there twice")
        known[key] = value
    values = np.array([known.get(key, np.nan) for key in ids.tolist()])
    if not np.isfinite(values).any():
        raise DataFileError(f"{path}: has no value for any of the result's "
                            f"{ids.min()} to {ids.max()}")
    return header[1], values
