"""Values of a device of a run, such as a motor, by train id."""
import numpy as np
from numpy.typing import NDArray

from ...errors import ConfigurationError, DataFileError
from ...model.plain import AnyPath
from .runs import RunValues


def split_name(name: str) -> tuple[str, str]:
    """(source, key) of SOURCE.KEY; device names hold no dot.

    Raises
    ------
    ConfigurationError
        If there is no dot behind the last slash.
    """
    head, slash, tail = name.rpartition("/")
    device, dot, key = tail.partition(".")
    if not (device and dot and key):
        raise ConfigurationError(
            f"--by {name}: expected SOURCE.KEY, such as "
            "HED_EXP_DAC/PRESSURE/1.actualPosition")
    return f"{head}{slash}{device}", key


def values_by_train(path: AnyPath, name: str,
                    ids: NDArray[np.int64]) -> NDArray[np.float64]:
    """One value (T,) per train of SOURCE.KEY; NaN where it has none.

    `.value` may be left out, as EXtra-data allows. Of several numbers per
    train, one per pulse, the mean.

    Raises
    ------
    DataFileError
        If the run has no such numbers.
    """
    source, key = split_name(name)
    try:
        values = RunValues(path, source, key)
    except DataFileError:
        if key.endswith(".value"):
            raise
        values = RunValues(path, source, f"{key}.value")
    found = np.full(len(ids), np.nan)
    for row, train_id in enumerate(ids.tolist()):
        entry = values.of_train(train_id)
        if entry is not None and np.size(entry):
            found[row] = float(np.mean(entry))
    return found
