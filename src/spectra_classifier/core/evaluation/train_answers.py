"""What a model says of every train of a recording."""
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..spectra import Code


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
    absent
        (T, C) share of these pulses that have nothing of a class.
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
    absent: NDArray[np.float64]


class PulseSums:
    """Sums over the pulses of so many trains, added part by part."""

    def __init__(self, trains: int, classes: int) -> None:
        self._counts = np.zeros((trains, classes), np.int64)
        self._unknown, self._rejected = np.zeros((2, trains), np.int64)
        self._mixture, self._square, self._absent = np.zeros(
            (3, trains, classes))
        self._residual = np.zeros(trains)

    def add(self, of: NDArray[np.intp], label: NDArray[np.int8],
            mixture: NDArray[np.floating],
            residual: NDArray[np.floating]) -> None:
        """Add pulses.

        Parameters
        ----------
        of
            (P,) number of the train of each pulse, from 0.
        label, mixture, residual
            (P,), (P, C) and (P,).
        """
        trains, classes = self._counts.shape
        answered = label >= Code.UNKNOWN
        for number in range(classes):
            self._counts[:, number] += np.bincount(
                of[label == number], minlength=trains)
        self._unknown += np.bincount(of[label == Code.UNKNOWN],
                                     minlength=trains)
        self._rejected += np.bincount(of[~answered], minlength=trains)
        mine = of[answered]
        for number in range(classes):
            share = mixture[answered, number].astype(np.float64)
            for total, values in ((self._mixture, share),
                                  (self._square, np.square(share)),
                                  (self._absent, share <= 0)):
                total[:, number] += np.bincount(mine, values, trains)
        self._residual += np.bincount(mine, residual[answered], trains)

    def answers(self, over: str, ids: NDArray[np.int64],
                classes: Sequence[str]) -> TrainAnswers:
        """The means of what was added; `ids` (T,)."""
        number = (self._counts.sum(axis=1) + self._unknown)[:, None]
        with np.errstate(invalid="ignore"):
            mixture = self._mixture / number
            spread = np.sqrt(np.maximum(
                self._square / number - np.square(mixture), 0))
            return TrainAnswers(
                over, ids, tuple(classes), self._counts, self._unknown,
                self._rejected, mixture, self._residual / number[:, 0],
                spread, self._absent / number)
