"""Measured spectra, played as if they came from a detector."""

import numpy as np
from numpy.typing import NDArray

from ..core.dataset import Dataset
from ..errors import ConfigurationError
from .train import FAR, SourceTrain, frame_numbers, require_pulses


class ReplaySource:
    """The spectra of a dataset in order, some of them a train.

    uint16 and float32 are played as they are, float64 becomes float32. The
    truth is the label of the file; without labels it is -1, not known.

    Parameters
    ----------
    dataset
        The spectra.
    pulses
        Spectra per train; the last train of a lap may be shorter.
    cyclic
        Whether it starts again at the end.
    first_train
        Train id of the first train.
    singles_first
        Whether the whole file is played once before, one spectrum a train.

    Raises
    ------
    ConfigurationError
        If there are no spectra, or too many in a train.
    """

    dark = None

    def __init__(self, dataset: Dataset, pulses: int = 1, cyclic: bool = False,
                 first_train: int = 0, singles_first: bool = False) -> None:
        if not len(dataset):
            raise ConfigurationError("the file holds no spectra to replay")
        require_pulses(pulses, least=1)
        self.axis = dataset.axis
        self.classes = dataset.classes or ()
        self.first_train = int(first_train)
        self._pulses = int(pulses)
        self._cyclic = bool(cyclic)
        self._singles = len(dataset) if singles_first else 0
        self._spectra: NDArray[np.uint16 | np.float32] = (
            np.asarray(dataset.spectra, np.uint16)
            if dataset.spectra.dtype == np.uint16
            else np.asarray(dataset.spectra, np.float32))
        self._numbers = (np.arange(len(dataset)) if dataset.indices is None
                         else dataset.indices)
        self._labels = (np.full(len(dataset), -1, np.int8)
                        if dataset.labels is None
                        else dataset.labels.astype(np.int8))
        self._inside = np.flatnonzero(np.diff(self._labels)) + 1

    @property
    def dtype(self) -> type[np.generic]:
        return self._spectra.dtype.type

    @property
    def channels(self) -> int:
        return len(self.axis)

    def train(self, train_id: int,
              pulses: int | None = None) -> SourceTrain | None:
        """The train of that id, None after the end.

        `pulses` is not used: their number is a property of a replay, so that
        every train has its place in the file.
        """
        index = train_id - self.first_train
        lap = self._lap(index)
        if lap is None:
            return None
        start, per_train = lap
        first = (index - start) * per_train
        rows = slice(first, first + per_train)
        labels = self._labels[rows]
        changes = self._changes(lap)
        transition, distance = 0, FAR
        if len(changes):
            nearest = int(changes[np.abs(changes - index).argmin()])
            transition = self.first_train + nearest
            distance = abs(nearest - index)
        return SourceTrain(
            train_id, self._spectra[rows], None, *frame_numbers(len(labels)),
            labels, np.where(labels >= 0, labels, np.nan).astype(np.float32),
            self._numbers[rows], transition, distance)

    def _lap(self, index: int) -> tuple[int, int] | None:
        """The lap through the file that a train belongs to.

        (index of its first train, spectra a train); None before and after
        all laps.
        """
        if index < 0:
            return None
        if index < self._singles:
            return 0, 1
        lap, _ = divmod(index - self._singles, self._trains(self._pulses))
        if lap and not self._cyclic:
            return None
        return (self._singles + lap * self._trains(self._pulses),
                self._pulses)

    def _trains(self, per_train: int) -> int:
        return -(-len(self._spectra) // per_train)

    def _changes(self, lap: tuple[int, int]) -> NDArray[np.int64]:
        """Indices of the trains in which the label changes, in a lap and in
        those before and behind it."""
        start, per_train = lap
        found: list[NDArray[np.int64]] = []
        for near in (self._lap(start - 1), lap,
                     self._lap(start + self._trains(per_train))):
            if near is None:
                continue
            first, per_train = near
            found.append(self._inside // per_train + first)
            if first and self._labels[0] != self._labels[-1]:
                found.append(np.array([first]))
        return np.concatenate(found).astype(np.int64)
