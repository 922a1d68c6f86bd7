"""The answers of a result of `classify` in order, for `core.evaluation`."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...model.plain import AnyPath
from ..hdf5 import opened
from ..hdf5.values import values_of
from ..refusals import refusals


@dataclass(frozen=True, eq=False)
class ResultSequence:
    """Answers one after the other.

    Attributes
    ----------
    over
        "spectra", "trains" or "pulses".
    numbers
        (N,) numbers of the spectra in their file, train ids, or numbers of the
        pulses in their train.
    scores, mixture
        (N, C), zero where there is no answer.
    classes
        Names.
    """
    over: str
    numbers: NDArray[np.int64]
    scores: NDArray[np.float64]
    mixture: NDArray[np.float64]
    classes: tuple[str, ...]


def read_sequence(path: AnyPath, train: int | None = None) -> ResultSequence:
    """Read the answers of a result in order.

    With trains, one step per train: the mean over its pulses that have an
    answer. Without trains, one step per spectrum.

    Parameters
    ----------
    path
        File with the result.
    train
        Train id: the pulses of this train instead.

    Raises
    ------
    DataFileError
        If the file is no result.
    InputError
        If it has no such train.
    """
    with (refusals(path, "it is not a result of classify, or damaged"),
          opened(path) as file):
        entry = file["entry"]
        classes = tuple(str(name) for name in entry[
            "result/label"].attrs["class_names"])
        ids = values_of(path, entry["result/train_id"])
        rows = _rows(path, ids, train)
        numbers = entry["result/index"][rows]
        scores, mixture = (values_of(path, entry[f"scores/{name}"])[
            rows].astype(np.float64) for name in ("scores", "mixture"))
    if train is not None:
        return ResultSequence("pulses", np.arange(len(numbers)), scores,
                              mixture, classes)
    if not ids.any():                   # a file of spectra has no trains
        return ResultSequence("spectra", numbers, scores, mixture, classes)
    trains, owner = np.unique(ids, return_inverse=True)
    answered = scores.sum(axis=1) > 0
    count = np.maximum(np.bincount(owner[answered], minlength=len(trains)),
                       1)[:, None]

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.zeros((len(trains), len(classes)))
        np.add.at(total, owner[answered], np.nan_to_num(values[answered]))
        return total / count

    return ResultSequence("trains", trains.astype(np.int64), mean(scores),
                          mean(mixture), classes)


def _rows(path: AnyPath, ids: NDArray[np.uint64], train: int | None) -> slice:
    if train is None:
        return slice(None)
    rows = np.flatnonzero(ids == train)
    if not len(rows) or train == 0:
        known = ids[ids > 0]
        raise InputError(
            f"{path}: has no train {train}; " + (
                f"it has trains {known.min()} to {known.max()}"
                if len(known) else "its spectra belong to no train"))
    return slice(int(rows[0]), int(rows[-1]) + 1)
