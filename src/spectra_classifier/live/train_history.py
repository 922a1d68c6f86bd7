"""The last minutes, train by train, for the screens; bounded in size."""
from collections import deque
from dataclasses import dataclass

import numpy as np

from ..core.spectra import Code

#: trains that are remembered: five minutes at 10 Hz
TRAINS = 3000
#: trains of which every label is remembered
MAP_TRAINS = 100


@dataclass(frozen=True, eq=False)
class Moment:
    """One train. `fractions`, `mixture` (C,); NaN where nothing is known."""
    time: float
    fractions: np.ndarray
    unknown: float
    mixture: np.ndarray
    confidence: float
    residual: float


class Chronicle:
    """Remembers trains of one set of classes; another one starts anew."""

    def __init__(self):
        self._moments = deque(maxlen=TRAINS)
        self._labels = deque(maxlen=MAP_TRAINS)
        self.classes = ()

    def add(self, now, result, decision, classes):
        """A classified train: `TrainResult`, `Decision`, names of classes."""
        if classes != self.classes:
            self._moments.clear()
            self._labels.clear()
            self.classes = classes
        eligible = result.label >= Code.UNKNOWN
        self._moments.append(Moment(
            now, np.array(decision.class_fractions, np.float32),
            decision.unknown_fraction, _mean(result.mixture[eligible]),
            # 0: no pulse shows the sample state, so there is none
            decision.confidence or float("nan"),
            float(_mean(result.residual[eligible]))))
        self._labels.append((result.train_id, result.label))

    def moments(self):
        """A `Past` of what is remembered now; safe to use in a thread."""
        return Past(self.classes, tuple(self._moments), tuple(self._labels))


@dataclass(frozen=True, eq=False)
class Past:
    """What was remembered at one time."""
    classes: tuple
    rows: tuple
    trains: tuple

    def series(self):
        """{name: float array, one entry per train}; `fractions` and
        `mixture` are (trains, C), `seconds` counts back from the last."""
        names = ("fractions", "unknown", "mixture", "confidence", "residual")
        values = {name: np.array([getattr(row, name) for row in self.rows],
                                 np.float64) for name in names}
        times = np.array([row.time for row in self.rows])
        values["seconds"] = times - times[-1] if len(times) else times
        return values

    def label_map(self):
        """(trains, pulses) int8, newest last; SKIPPED behind a train."""
        pulses = max((len(label) for _, label in self.trains), default=0)
        table = np.full((len(self.trains), pulses), Code.SKIPPED, np.int8)
        for row, (_, label) in zip(table, self.trains, strict=True):
            row[:len(label)] = label
        return table


def _mean(values):
    """Mean over the pulses, NaN values left out; NaN for none."""
    values = np.asarray(values, np.float64)
    known = np.isfinite(values)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0.).sum(axis=0) / count
