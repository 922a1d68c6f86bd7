"""How many of the last sure answers should be wrong, by their own word.

A calibrated confidence is a probability, so of n pulses called X the sum of
1 - confidence is the number that should be wrong. A number that people can
compare with what they see is the honest test of a confidence while data
flow; of an uncalibrated one it is worth nothing, and shown as such.
"""
from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class ExpectedWrong(NamedTuple):
    """Of one class: `pulses` called so and sure enough, `wrong` of them."""
    pulses: int = 0
    wrong: float = 0.


def tally(labels: ArrayLike, confidence: ArrayLike, least: float,
          classes: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """((C,) pulses, (C,) expected wrong) of one train.

    `labels` (P,) int8, `confidence` (P,) in [0, 1]; pulses without a class,
    less sure than `least` or with no probability (NaN) are left out.
    """
    labels = np.asarray(labels)
    confidence = np.asarray(confidence, np.float64)
    sure = (labels >= 0) & (labels < classes) & (
        confidence >= least) & (confidence <= 1)
    found = labels[sure].astype(np.int64)
    return (np.bincount(found, minlength=classes),
            np.bincount(found, 1 - confidence[sure],
                        minlength=classes).astype(np.float64))


class ExpectedWrongCheck:
    """Sums over the last `pulses` of every class, to the next whole train.

    `least`: the confidence from which a pulse counts. Another number of
    classes, or another `least`, starts anew.
    """

    def __init__(self, least: float = 0.95, pulses: int = 27_000) -> None:
        self.least, self.pulses = least, pulses
        self._trains: list[deque[ExpectedWrong]] = []
        self._sums: list[ExpectedWrong] = []

    def add(self, labels: ArrayLike, confidence: ArrayLike,
            classes: int) -> None:
        """One classified train."""
        if len(self._trains) != classes:
            self._trains = [deque() for _ in range(classes)]
            self._sums = [ExpectedWrong()] * classes
        parts = zip(*tally(labels, confidence, self.least, classes),
                    strict=True)
        for number, (count, wrong) in enumerate(parts):
            if count:
                self._follow(number, ExpectedWrong(int(count), float(wrong)))

    def _follow(self, number: int, part: ExpectedWrong) -> None:
        trains, total = self._trains[number], self._sums[number]
        trains.append(part)
        total = ExpectedWrong(*np.add(total, part).tolist())
        while total.pulses - trains[0].pulses >= self.pulses:
            total = ExpectedWrong(*np.subtract(
                total, trains.popleft()).tolist())
        self._sums[number] = total._replace(pulses=int(total.pulses),
                                            wrong=max(total.wrong, 0.))

    def set(self, least: float, pulses: int) -> None:
        """Take other settings; sums of another confidence are forgotten."""
        if least != self.least:
            self.forget()
        self.least, self.pulses = least, pulses

    def forget(self) -> None:
        """Start anew."""
        self._trains = []

    @property
    def classes(self) -> tuple[ExpectedWrong, ...]:
        """An `ExpectedWrong` of every class; () before the first train."""
        return tuple(self._sums) if self._trains else ()
