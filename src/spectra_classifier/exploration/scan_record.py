"""Answers of trains and a scanned value, collected as they come."""
from collections import deque
from collections.abc import Sequence
from dataclasses import fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.evaluation.train_answers import PulseSums, TrainAnswers
from ..errors import InputError
from .scan import Scan, find_steps, scan
from .shapes import Array

#: trains that are kept, and values: an hour at 10 a second
MOST = 36_000


class _Answer(NamedTuple):
    """One train."""
    train_id: int
    seconds: float
    answers: TrainAnswers


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
        sums = PulseSums(1, len(self.classes))
        sums.add(np.zeros(len(label), np.intp), label, mixture, residual)
        self._answers.append(_Answer(train_id, seconds, sums.answers(
            "trains", np.array([train_id]), self.classes)))

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
        every = [each.answers for each in answers]
        return scan(TrainAnswers("trains", classes=self.classes, **{
            each.name: np.concatenate([getattr(one, each.name)
                                       for one in every])
            for each in fields(TrainAnswers)
            if each.name not in ("over", "classes")}),
            find_steps(value, resolution), name, unit)
