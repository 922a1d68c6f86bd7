"""The answers of a result of `classify`, train by train."""
import h5py
import numpy as np
from numpy.typing import NDArray

from ...core.evaluation.train_answers import TrainAnswers
from ...core.spectra import Code
from ...model.plain import AnyPath
from ..hdf5 import opened
from ..hdf5.values import values_of
from ..refusals import refusals

#: pulses read at a time
_ROWS = 1 << 20


def read_by_train(path: AnyPath) -> TrainAnswers:
    """Read the answers of a result by train.

    Raises
    ------
    DataFileError
        If the file is no result.
    """
    with (refusals(path, "it is not a result of classify, or damaged"),
          opened(path) as file):
        entry = file["entry"]
        classes = tuple(str(name) for name in entry[
            "result/label"].attrs["class_names"])
        ids = values_of(path, entry["result/train_id"]).astype(np.int64)
        over = "trains" if ids.any() else "spectra"
        if over == "spectra":
            ids = values_of(path, entry["result/index"]).astype(np.int64)
        known, owner = np.unique(ids, return_inverse=True)
        return TrainAnswers(over, known, classes,
                            *_sums(entry, owner, len(known), len(classes)))


def _sums(entry: h5py.Group, owner: NDArray[np.intp], trains: int,
          classes: int) -> tuple[NDArray[np.int64], NDArray[np.int64],
                                 NDArray[np.int64], NDArray[np.float64],
                                 NDArray[np.float64], NDArray[np.float64]]:
    counts = np.zeros((trains, classes), np.int64)
    unknown, rejected = np.zeros((2, trains), np.int64)
    mixture, square = np.zeros((2, trains, classes))
    residual = np.zeros(trains)
    for first in range(0, len(owner), _ROWS):
        rows = slice(first, first + _ROWS)
        of, label = owner[rows], entry["result/label"][rows]
        answered = label >= Code.UNKNOWN
        np.add.at(counts, (of[label >= 0], label[label >= 0]), 1)
        unknown += np.bincount(of[label == Code.UNKNOWN], minlength=trains)
        rejected += np.bincount(of[~answered], minlength=trains)
        share = entry["scores/mixture"][rows][answered].astype(np.float64)
        np.add.at(mixture, of[answered], share)
        np.add.at(square, of[answered], np.square(share))
        residual += np.bincount(
            of[answered], entry["result/residual"][rows][answered], trains)
    answers = counts.sum(axis=1) + unknown
    with np.errstate(invalid="ignore", divide="ignore"):
        mixture /= answers[:, None]
        spread = np.sqrt(np.maximum(
            square / answers[:, None] - np.square(mixture), 0))
        return (counts, unknown, rejected, mixture, residual / answers,
                spread)


def trains_of(path: AnyPath, numbers: NDArray[np.int64]
              ) -> NDArray[np.int64]:
    """Train (N,), or number, of spectra that have an answer in a result.

    -1 for others.

    Parameters
    ----------
    path
        The result.
    numbers
        (N,) number of each spectrum in what was classified.
    """
    with (refusals(path, "it is not a result of classify, or damaged"),
          opened(path) as file):
        result = file["entry/result"]
        index, train, label = (values_of(path, result[name]) for name in (
            "index", "train_id", "label"))
    if not train.any():
        train = index
    row = {int(number): int(owner) for number, owner, code in zip(
        index, train, label, strict=True) if code >= Code.UNKNOWN}
    return np.array([row.get(number, -1) for number in numbers.tolist()],
                    np.int64)


def input_of(path: AnyPath) -> str:
    """Where the spectra of a result came from, as its provenance has it."""
    with (refusals(path, "it is not a result of classify, or damaged"),
          opened(path) as file):
        return str(file["entry/process/input/file_name"].asstr()[()])
