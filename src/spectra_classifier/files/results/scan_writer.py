"""A scan as a table: CSV and NeXus."""
import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...model.plain import AnyPath
from ...model.strict_json import Json
from ..atomic import check_target, replaced
from ..reading import HDF5_SUFFIXES
from .report_writer import write_report

SUFFIXES = (".csv", *HDF5_SUFFIXES)


def write_scan(path: AnyPath, columns: Mapping[str, NDArray[np.generic]],
               report: Json) -> None:
    """Write a scan by its ending; it appears whole or not at all.

    Parameters
    ----------
    path
        .csv, a row per step; or .h5, the same columns in an NXdata group.
    columns
        {heading: (S,) values}; the mixture of the first class is the signal
        of the group.
    report
        Transitions, JSON values, kept in the NeXus file.

    Raises
    ------
    DataFileError
        For another ending.
    """
    path = Path(path)
    check_target(path, SUFFIXES)
    if path.suffix.lower() != ".csv":
        fields = {name.replace(" ", "_").replace("/", "_"): values
                  for name, values in columns.items()}
        signal = next(name for name in fields if name.startswith("mixture_"))
        values = fields.pop(signal)
        write_report(path, "state against scan", report, None, {
            signal: (values, ["step"],
                     {"step": np.arange(len(values)), **fields})})
        return
    with replaced(path) as temporary, open(
            temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["step", *columns])
        for step, row in enumerate(zip(*columns.values(), strict=True)):
            writer.writerow([step, *("" if value != value else value
                                     for value in row)])
