"""A run in a few numbers, from the file that `classify` has written."""
import re
from typing import Any

import h5py
import numpy as np

from ...core.spectra import Code
from ...errors import DataFileError
from ...model.plain import AnyPath
from ..hdf5 import opened


def summarise(path: AnyPath) -> dict[str, Any]:
    """Summarise a result, for a table with a line per run.

    Returns
    -------
    dict
        `model` (its id), `trains`, `pulses`, `classified_share` and
        `unknown_share` of the pulses, `state` (the class with most pulses, ""
        without any), per class `share_NAME` of the pulses with a class and
        `share_NAME_by_train` (trains,) float32, NaN where a train has none.

    Raises
    ------
    DataFileError
        If the file is no result.
    """
    try:
        with opened(path) as file:
            return _summary(file["entry"])
    except (OSError, KeyError) as error:
        raise DataFileError(f"{path}: is not a result of classify ({error})"
                            ) from None


def _summary(entry: h5py.Group) -> dict[str, Any]:
    label = entry["result/label"][()]
    names = [str(name) for name in entry["result/label"].attrs["class_names"]]
    pulses = entry["trains/pulses"][()].astype(np.int64)
    train = np.repeat(np.arange(len(pulses)), pulses)
    with_class = label >= 0
    count = np.bincount(label[with_class], minlength=len(names))
    total = np.bincount(train[with_class], minlength=len(pulses))
    summary = {
        "model": entry["process/model/identifier_model"].asstr()[()],
        "trains": len(pulses), "pulses": len(label),
        "classified_share": _share(int(np.count_nonzero(
            label >= Code.UNKNOWN)), len(label)),
        "unknown_share": _share(int(np.count_nonzero(
            label == Code.UNKNOWN)), len(label)),
        "state": names[int(count.argmax())] if count.any() else ""}
    for index, name in enumerate(names):
        mine = np.bincount(train[label == index], minlength=len(pulses))
        key = f"share_{identifier(name)}"
        summary[key] = _share(int(count[index]), int(count.sum()))
        with np.errstate(invalid="ignore"):
            summary[f"{key}_by_train"] = (mine / total).astype(np.float32)
    return summary


def identifier(name: str) -> str:
    """A class name as part of a Python name."""
    return re.sub(r"\W+", "_", name).strip("_").lower() or "unnamed"


def _share(number: float, of: float) -> float:
    return float(number / of) if of else float("nan")
