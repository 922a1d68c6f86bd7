"""Measured spectra, played as if they came from a detector."""
import numpy as np

from ..errors import ConfigurationError
from .train import FAR, MAX_PULSES, SourceTrain, frame_numbers


class ReplaySource:
    """The spectra of a `Dataset` in order, `pulses` of them a train.

    uint16 and float32 are played as they are, float64 becomes float32.
    `cyclic`: start again at the end, else `train` returns None there; the
    last train of a lap may be shorter. The truth is the label of the file;
    without labels it is -1, not known.
    """

    dark = None

    def __init__(self, dataset, pulses=1, cyclic=False, first_train=0):
        if not len(dataset):
            raise ConfigurationError("the file holds no spectra to replay")
        if not 1 <= pulses <= MAX_PULSES:
            raise ConfigurationError(f"{pulses} pulses a train: a replay "
                                     f"takes 1 to {MAX_PULSES}")
        self.axis = dataset.axis
        self.classes = dataset.classes or ()
        self.pulses = int(pulses)
        self.cyclic = bool(cyclic)
        self.first_train = int(first_train)
        self._spectra = dataset.spectra
        if self._spectra.dtype not in (np.uint16, np.float32):
            self._spectra = self._spectra.astype(np.float32)
        self._numbers = dataset.indices
        self._labels = (np.full(len(dataset), -1, np.int8)
                        if dataset.labels is None
                        else dataset.labels.astype(np.int8))
        self._changes = self._find_changes()

    def _find_changes(self):
        """Trains of a lap in which the label changes, (n,) int64."""
        at = np.flatnonzero(np.diff(self._labels)) + 1
        return np.unique(at // self.pulses)

    @property
    def dtype(self):
        return self._spectra.dtype.type

    @property
    def channels(self):
        return len(self.axis)

    @property
    def trains(self):
        """Trains of one lap."""
        return -(-len(self._spectra) // self.pulses)

    def train(self, train_id, pulses=None):
        """The `SourceTrain` of that id, None behind the end.

        `pulses` is not used: how many there are is a property of a replay,
        so that every train has its place in the file.
        """
        lap, index = divmod(train_id - self.first_train, self.trains)
        if lap and not self.cyclic:
            return None
        rows = slice(index * self.pulses, (index + 1) * self.pulses)
        labels = self._labels[rows]
        known = np.where(labels >= 0, labels, np.nan).astype(np.float32)
        transition, distance = self._nearest(lap, index)
        return SourceTrain(
            train_id, self._spectra[rows], None, *frame_numbers(len(labels)),
            labels, known, self._numbers[rows], transition, distance)

    def _nearest(self, lap, index):
        """Train id of the nearest change, and how far it is."""
        changes = self._changes
        if self.cyclic:
            joint = self._labels[0] != self._labels[-1]
            changes = np.concatenate([
                changes, [0] if joint and lap else [],
                [self.trains] if joint else []]).astype(np.int64)
        if not len(changes):
            return 0, FAR
        nearest = int(changes[np.abs(changes - index).argmin()])
        return (self.first_train + lap * self.trains + nearest,
                abs(nearest - index))
