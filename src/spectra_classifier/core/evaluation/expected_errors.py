"""Expected number of wrong answers among the last ones, from their confidence.

A calibrated confidence is a probability: of n pulses with class X, the sum
of 1 - confidence is the expected number of errors. An operator can compare
that number with what is observed. It has no meaning for an uncalibrated
confidence, and is displayed as such.
"""
from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class ExpectedWrong(NamedTuple):
    """Sufficiently confident pulses of a class, and expected errors."""
    pulses: int = 0
    wrong: float = 0.


def tally(labels: ArrayLike, confidence: ArrayLike, least: float,
          classes: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return pulses and expected errors of one train by class.

    Parameters
    ----------
    labels
        (P,) class index or `Code`.
    confidence
        (P,) in [0, 1].
    least
        Pulses with less confidence, or NaN, are left out, as are pulses
        without a class.
    classes
        Number of classes.

    Returns
    -------
    pulses, wrong : NDArray
        (C,) each.
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
    """Sums over the last `pulses` pulses of every class, rounded up to trains.

    Another number of classes, or another `least`, restarts the sums.

    Parameters
    ----------
    least
        Confidence from which a pulse counts.
    pulses
        Length of the sums.
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
        """Change the settings; another `least` restarts the sums."""
        if least != self.least:
            self.forget()
        self.least, self.pulses = least, pulses

    def forget(self) -> None:
        """Restart the sums."""
        self._trains = []

    @property
    def classes(self) -> tuple[ExpectedWrong, ...]:
        """The sums of every class; () before the first train."""
        return tuple(self._sums) if self._trains else ()
