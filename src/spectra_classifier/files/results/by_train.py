"""The answers of a result of `classify`, train by train."""
import numpy as np
from numpy.typing import NDArray

from ...core.evaluation.train_answers import PulseSums, TrainAnswers
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
        sums = PulseSums(len(known), len(classes))
        for first in range(0, len(owner), _ROWS):
            rows = slice(first, first + _ROWS)
            sums.add(owner[rows], *(entry[name][rows] for name in (
                "result/label", "scores/mixture", "result/residual")))
        return sums.answers(over, known, classes)


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
