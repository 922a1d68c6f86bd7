"""What a model says of every train of a recording."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TrainAnswers:
    """Sums over the pulses of each train, in the order of the ids.

    Attributes
    ----------
    over
        "trains", or "spectra" where there are no trains.
    ids
        (T,) train ids, or numbers of spectra.
    classes
        Class names.
    counts
        (T, C) pulses of each class.
    unknown, rejected
        (T,) pulses that are unknown; low intensity, saturated, bad or skipped.
    mixture, residual
        (T, C) and (T,), mean over the pulses that have an answer; NaN without
        any.
    spread
        (T, C) standard deviation of the mixture of these pulses.
    """
    over: str
    ids: NDArray[np.int64]
    classes: tuple[str, ...]
    counts: NDArray[np.int64]
    unknown: NDArray[np.int64]
    rejected: NDArray[np.int64]
    mixture: NDArray[np.float64]
    residual: NDArray[np.float64]
    spread: NDArray[np.float64]
