"""The position of each channel of a detector: linear, or from a file."""
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.spectra import Axis
from ...errors import DataFileError, InputError
from ..refusals import read_text
from .axis_names import QuantityUnit
from .delimited import is_number, split_lines

#: the file may have these columns
_COLUMNS = "one position per line, or channel and position"
_REVERSED = (
    "the positions decrease with the channel, but spectra are classified in "
    "the order of the detector; use a position that increases, such as the "
    "channel itself or the distance from the highest energy")


def calibrated_axis(text: str, channels: int,
                    quantity_unit: QuantityUnit | None) -> Axis:
    """Make the axis of a detector from its calibration.

    Parameters
    ----------
    text
        "FIRST,STEP", the position of channel 0 and the distance of two
        channels, or the path of a text file with a position for every channel.
    channels
        Number of channels.
    quantity_unit
        For example ("energy", "eV").

    Raises
    ------
    DataFileError
        If the calibration does not give an increasing axis.
    """
    if quantity_unit is None:
        raise DataFileError(f"--calibration {text}: state with --axis what "
                            "the positions are, such as energy:eV")
    linear = _linear(text)
    values = (linear[0] + linear[1] * np.arange(channels) if linear
              else _from_file(text, channels))
    if (np.diff(values) < 0).all():
        raise DataFileError(f"--calibration {text}: {_REVERSED}")
    try:
        return Axis(values.astype(np.float64), *quantity_unit)
    except InputError as error:
        raise DataFileError(f"--calibration {text}: {error}") from None


def _linear(text: str) -> tuple[float, float] | None:
    """(first, step), or None where `text` is not two numbers."""
    try:
        first, step = map(float, text.split(","))
    except ValueError:
        return None
    return first, step


def _from_file(text: str, channels: int) -> NDArray[np.float64]:
    path = Path(text)
    if not path.exists():
        raise DataFileError(
            f"--calibration {text}: neither two numbers such as 9000,0.25 "
            "nor an existing file")
    rows: list[list[float]] = []
    for number, line in enumerate(split_lines(read_text(path)), 1):
        words = re.split(r"[ \t]*,[ \t]*|[ \t]+", line.partition("#")[0]
                         .strip(" \t"))
        if words == [""]:
            continue
        if not all(map(is_number, words)) or len(words) != len(
                rows[0] if rows else words):
            raise DataFileError(f"{path}, line {number}: {line.strip()!a}; "
                                f"expected {_COLUMNS}")
        rows.append([float(word) for word in words])
    if not rows:
        raise DataFileError(f"{path}: is empty; expected {_COLUMNS}")
    table = np.array(rows)
    if table.shape[1] == 2:
        if not np.array_equal(table[:, 0], np.arange(len(table))):
            raise DataFileError(f"{path}: its first column is not the "
                                "channels 0, 1, 2, ...")
        table = table[:, 1:]
    if table.shape != (channels, 1):
        raise DataFileError(f"{path}: {len(table)} lines of "
                            f"{table.shape[1]} numbers for {channels} "
                            f"channels; expected {_COLUMNS}")
    return table[:, 0]
