"""Answers of trains and a scanned value, collected as they come."""
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.evaluation.train_answers import TrainAnswers
from ..core.spectra import Code
from ..errors import InputError
from .scan import Scan, find_steps, scan
from .shapes import Array

#: trains that are kept, and values: an hour at 10 a second
MOST = 36_000


class _Answer(NamedTuple):
    """One train, as in `TrainAnswers`."""
    train_id: int
    seconds: float
    counts: NDArray[np.int64]
    unknown: int
    rejected: int
    mixture: Array
    residual: float
    spread: Array


class _Value(NamedTuple):
    train_id: int
    seconds: float
    value: float


class ScanRecord:
    """Answers by train, and the values that belong to them.

    Parameters
    ----------
    classes
        Class names.
    held
        Whether a value holds until the next one, as that of a property; else
        it belongs to its own train alone, as that of a channel.
    """

    def __init__(self, classes: Sequence[str], held: bool) -> None:
        self.classes = tuple(classes)
        self._held = held
        self._answers: deque[_Answer] = deque(maxlen=MOST)
        self._values: deque[_Value] = deque(maxlen=MOST)

    def __len__(self) -> int:
        return len(self._answers)

    def add_train(self, train_id: int, seconds: float,
                  label: NDArray[np.int8], mixture: NDArray[np.floating],
                  residual: NDArray[np.floating]) -> None:
        """Add the answers of a train; (P,), (P, classes) and (P,)."""
        number = len(self.classes)
        answered = label >= Code.UNKNOWN
        counts = np.bincount(label[label >= 0], minlength=number)[:number]
        shares = mixture[answered, :number].astype(np.float64)
        nothing = np.full(number, np.nan)
        self._answers.append(_Answer(
            train_id, seconds, counts.astype(np.int64),
            int(np.count_nonzero(label == Code.UNKNOWN)),
            int(np.count_nonzero(~answered)),
            shares.mean(axis=0) if len(shares) else nothing,
            float(residual[answered].mean(dtype=np.float64))
            if len(shares) else np.nan,
            shares.std(axis=0) if len(shares) else nothing))

    def add_value(self, train_id: int, seconds: float, value: float) -> None:
        """Add a value; train id 0: not known."""
        self._values.append(_Value(train_id, seconds, value))

    @property
    def by_train(self) -> bool:
        """Whether values are matched by train id: where all have one."""
        return (all(each.train_id for each in tuple(self._values))
                and all(each.train_id for each in tuple(self._answers)))

    def matched(self) -> Array:
        """(T,) the value of every train, NaN where it is not known."""
        answers, values = tuple(self._answers), tuple(self._values)
        found = np.full(len(answers), np.nan)
        if not values or not answers:
            return found
        by_train = self.by_train
        when = [float(each.train_id) if by_train else each.seconds
                for each in values]
        at = [float(each.train_id) if by_train else each.seconds
              for each in answers]
        order = np.argsort(when, kind="stable")
        times = np.array(when)[order]
        known = np.array([each.value for each in values])[order]
        place = np.searchsorted(times, at, side="right") - 1
        there = place >= 0
        if not self._held:
            there &= times[place] == at
        found[there] = known[place[there]]
        return found

    def result(self, name: str, unit: str = "",
               resolution: float | None = None) -> Scan:
        """Steps, shares and transitions of what there is now.

        Raises
        ------
        InputError
            If there is nothing, or the value does not change.
        """
        answers = tuple(self._answers)
        if not answers:
            raise InputError("no train has come yet")
        value = self.matched()[:len(answers)]
        if not np.isfinite(value).any():
            raise InputError("no value has come for any of the "
                             f"{len(answers)} trains")
        return scan(TrainAnswers(
            "trains", np.array([each.train_id for each in answers]),
            self.classes, np.stack([each.counts for each in answers]),
            np.array([each.unknown for each in answers]),
            np.array([each.rejected for each in answers]),
            np.stack([each.mixture for each in answers]),
            np.array([each.residual for each in answers]),
            np.stack([each.spread for each in answers])),
            find_steps(value, resolution), name, unit)
