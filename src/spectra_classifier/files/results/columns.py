"""The columns of a result: one value per pulse, one per train."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.decision.mean_verdict import NOT_JUDGED, MeanVerdict
from ...core.spectra import Code, TrainResult

#: {column: array}
type Columns = dict[str, NDArray[Any]]

#: per pulse: dtype, long name, unit
VECTORS: dict[str, tuple[type[np.generic], str, str]] = {
    "label": (np.int8, "class index, or a negative code", ""),
    "confidence": (np.float32, "calibrated confidence", ""),
    "residual": (np.float32, "share that no mixture explains", ""),
    "intensity": (np.float32, "mean intensity above the dark", "counts"),
    "pulse_id": (np.uint64, "pulse id", ""),
    "train_id": (np.uint64, "train id", ""),
}
#: per pulse and class: long name
MATRICES = {
    "scores": "share of the vote of each class",
    "mixture": "fraction of the reference of each class",
}
#: per train: dtype, long name
TRAINS: dict[str, tuple[type[np.generic], str]] = {
    "train_id": (np.uint64, "train id"),
    "pulses": (np.uint32, "number of pulses"),
    "status": (np.int8, "fate of the train"),
    "suspect": (np.uint8, "1 where the data acquisition doubts the train id"),
    "mean_score": (np.float32, "residual of the mean of the pulses in units "
                   "of its limit; NaN where it cannot be compared, -1 where "
                   "it is not judged"),
    "mean_code": (np.int8, "whether that mean is like a taught state"),
}
CLASSIFIED, NO_DATA, UNUSABLE = range(3)
STATUS = "0 classified, 1 no data from the source, 2 unusable"
MEAN_CODE = "0 taught, 1 foreign, 2 not judged"


@dataclass(eq=False)
class Chunk:
    """The result of some successive trains.

    Attributes
    ----------
    pulses
        {column: array} of `VECTORS`, `MATRICES` and "index".
    trains
        {column: array} of `TRAINS`.
    problems
        [(train id, why it is unusable)].
    sha256
        Checksum of the arrays that were read.
    seconds
        Time for preparation and engine.
    waited
        Time that these waited for data.
    """
    pulses: Columns
    trains: Columns
    problems: list[tuple[int, str]] = field(default_factory=list)
    sha256: str = ""
    seconds: float = 0.
    waited: float = 0.


def of_result(result: TrainResult, indices: ArrayLike) -> Columns:
    """Columns of a classified train; `indices`: number of each spectrum."""
    return {
        "index": np.asarray(indices, np.int64), "label": result.label,
        "confidence": result.confidence, "residual": result.residual,
        "intensity": result.intensity, "pulse_id": result.pulse_ids,
        "train_id": np.full(result.pulses, result.train_id, np.uint64),
        "scores": result.scores, "mixture": result.mixture}


def of_unusable(train_id: int, indices: Sequence[int] | NDArray[np.int64],
                classes: int) -> Columns:
    """Columns of a train that cannot be used: every pulse is bad data."""
    pulses = len(indices)
    return {
        "index": np.asarray(indices, np.int64),
        "label": np.full(pulses, Code.BAD_DATA, np.int8),
        "confidence": np.zeros(pulses, np.float32),
        "residual": np.full(pulses, np.nan, np.float32),
        "intensity": np.full(pulses, np.nan, np.float32),
        "pulse_id": np.zeros(pulses, np.uint64),
        "train_id": np.full(pulses, train_id, np.uint64),
        "scores": np.zeros((pulses, classes), np.float32),
        "mixture": np.zeros((pulses, classes), np.float32)}


def joined(parts: Sequence[Columns], classes: int) -> Columns:
    """Concatenate columns; `parts` may be empty."""
    nothing = of_unusable(0, [], classes)
    return {name: np.concatenate([part[name] for part in [nothing, *parts]])
            for name in nothing}


def of_train(train_id: int, pulses: int, status: int,
             suspect: bool = False, mean: float = NOT_JUDGED) -> Columns:
    """Columns of one row of the table of trains; `mean`: its score."""
    values = dict(train_id=train_id, pulses=pulses, status=status,
                  suspect=suspect, mean_score=mean,
                  mean_code=MeanVerdict(rest=mean).code)
    return {name: np.array([values[name]], dtype)
            for name, (dtype, _) in TRAINS.items()}


def joined_trains(rows: Sequence[Columns]) -> Columns:
    """Concatenate rows of the table of trains."""
    return {name: np.concatenate([np.empty(0, dtype),
                                  *(row[name] for row in rows)])
            for name, (dtype, _) in TRAINS.items()}
