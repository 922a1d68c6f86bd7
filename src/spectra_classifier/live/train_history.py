"""The last minutes, train by train, for display; bounded in size."""
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.decision import Decision
from ..core.spectra import Code, TrainResult

#: trains that are kept: five minutes at 10 Hz
TRAINS = 3000
#: trains whose labels are kept
MAP_TRAINS = 100


@dataclass(frozen=True, eq=False)
class Moment:
    """One train; NaN where a value is unknown.

    `time`: monotonic s; `fractions` and `mixture`: shape (C,); `dim`: share
    of the pulses that were looked at which are below the gate, as without
    beam.
    """
    time: float
    fractions: NDArray[np.float32]
    unknown: float
    dim: float
    mixture: NDArray[np.float64]
    confidence: float
    residual: float


class TrainHistory:
    """Keeps the last trains of one set of classes; cleared by another one."""

    def __init__(self) -> None:
        self._moments: deque[Moment] = deque(maxlen=TRAINS)
        self._labels: deque[tuple[int, NDArray[np.int8]]] = deque(
            maxlen=MAP_TRAINS)
        self.classes: tuple[str, ...] = ()

    def add(self, now: float, result: TrainResult, decision: Decision,
            classes: tuple[str, ...]) -> None:
        """Add a classified train.

        Parameters
        ----------
        now
            Monotonic s.
        classes
            Names of the classes of the model.
        """
        if classes != self.classes:
            self._moments.clear()
            self._labels.clear()
            self.classes = classes
        eligible = result.label >= Code.UNKNOWN
        self._moments.append(Moment(
            now, np.array(decision.class_fractions, np.float32),
            decision.unknown_fraction,
            float(_mean(result.label[result.label > Code.SKIPPED]
                        == Code.LOW_INTENSITY)),
            _mean(result.mixture[eligible]),
            # 0: no pulse shows the sample state, so it is not known
            decision.confidence or float("nan"),
            float(_mean(result.residual[eligible]))))
        self._labels.append((result.train_id, result.label))

    def moments(self) -> "HistoryView":
        """The present content; safe to use in another thread."""
        return HistoryView(self.classes, tuple(self._moments),
                           tuple(self._labels))


@dataclass(frozen=True, eq=False)
class HistoryView:
    """Content of a `TrainHistory` at one time.

    `trains`: train id and labels (pulses,) of the last `MAP_TRAINS`.
    """
    classes: tuple[str, ...]
    rows: tuple[Moment, ...]
    trains: tuple[tuple[int, NDArray[np.int8]], ...]

    def series(self) -> dict[str, NDArray[np.float64]]:
        """The values of all trains, by field of `Moment`.

        Shape (trains,), and (trains, C) for `fractions` and `mixture`;
        `seconds` is the time relative to the last train.
        """
        names = ("fractions", "unknown", "dim", "mixture", "confidence",
                 "residual")
        values = {name: np.array([getattr(row, name) for row in self.rows],
                                 np.float64) for name in names}
        times = np.array([row.time for row in self.rows])
        values["seconds"] = times - times[-1] if len(times) else times
        return values

    def label_map(self) -> NDArray[np.int8]:
        """Labels, shape (trains, pulses), newest last; padded with SKIPPED."""
        pulses = max((len(label) for _, label in self.trains), default=0)
        table = np.full((len(self.trains), pulses), Code.SKIPPED, np.int8)
        for row, (_, label) in zip(table, self.trains, strict=True):
            row[:len(label)] = label
        return table


def _mean(values: NDArray[np.float32] | NDArray[np.bool_],
          ) -> NDArray[np.float64]:
    """Mean over the first axis without NaN; NaN where there is no value."""
    found = np.asarray(values, np.float64)
    known = np.isfinite(found)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.where(known, found, 0.).sum(axis=0) / count
