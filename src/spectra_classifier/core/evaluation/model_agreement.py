"""Agreement of two models on the same pulses."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..decision import UNKNOWN, PulsePattern
from ..spectra import Code, TrainResult

#: label of a pulse that never had a class
REJECTED = "rejected"

#: pattern, live class, shadow class, pulses, train id, pulse id
type Row = tuple[str, str, str, int, int, int]


@dataclass
class Difference:
    """Number of pulses with one kind of difference, and the last of them."""
    pulses: int = 0
    train_id: int = 0
    pulse_id: int = 0


class Agreement:
    """Counts over trains.

    Attributes
    ----------
    pulses, agreeing
        Count every compared pulse once.
    differences
        By (pattern, live class, shadow class); a pulse counts for each pulse
        pattern that it belongs to.
    """

    def __init__(self) -> None:
        self.trains = self.pulses = self.agreeing = 0
        self.differences: dict[tuple[str, str, str], Difference] = {}

    @property
    def rate(self) -> float:
        """Share of the compared pulses that agree; NaN without any."""
        return self.agreeing / self.pulses if self.pulses else float("nan")

    def add(self, live: TrainResult, shadow: TrainResult,
            live_classes: Sequence[str], shadow_classes: Sequence[str],
            patterns: Iterable[PulsePattern],
            light: NDArray[np.uint8] | None = None) -> None:
        """Add one train.

        Class names are compared, not indices, for pulses that the live model
        classified; "unknown" and "rejected" are names as well.

        Parameters
        ----------
        live, shadow
            Results of the same train.
        live_classes, shadow_classes
            Class names in the order of the index.
        light
            (P,) as in `Train`.
        """
        looked_at = live.label != Code.SKIPPED
        names = _Names()
        ours = names.of(live.label[looked_at], live_classes)
        theirs = names.of(shadow.label[looked_at], shadow_classes)
        numbers = live.pulse_ids[looked_at]
        light = None if light is None else light[looked_at]
        self.trains += 1
        self.pulses += len(ours)
        self.agreeing += int(np.count_nonzero(ours == theirs))
        for pattern in patterns:
            rows = np.flatnonzero((ours != theirs)
                                  & pattern.selects(numbers, light))
            self._differ(pattern.name, ours, theirs, rows, numbers,
                         live.train_id, names)

    def _differ(self, pattern: str, ours: NDArray[np.intp],
                theirs: NDArray[np.intp], rows: NDArray[np.intp],
                numbers: NDArray[np.uint64], train_id: int,
                names: "_Names") -> None:
        pairs = ours[rows] * len(names.known) + theirs[rows]
        for pair in np.unique(pairs):
            mine = rows[pairs == pair]
            live, shadow = divmod(int(pair), len(names.known))
            found = self.differences.setdefault(
                (pattern, names.known[live], names.known[shadow]),
                Difference())
            found.pulses += len(mine)
            found.train_id = int(train_id)
            found.pulse_id = int(numbers[mine[-1]])

    def rows(self, most: int = 100) -> list[Row]:
        """Return the `most` largest differences."""
        found = [(*names, one.pulses, one.train_id, one.pulse_id)
                 for names, one in self.differences.items()]
        return sorted(found, key=lambda row: (-row[3], row))[:most]


class _Names:
    """Numbers for names, the same for both models."""

    def __init__(self) -> None:
        self.known = [UNKNOWN, REJECTED]

    def of(self, label: NDArray[np.int8],
           classes: Sequence[str]) -> NDArray[np.intp]:
        """(P,) numbers of the names of labels."""
        numbers = []
        for name in classes:
            if name not in self.known:
                self.known.append(name)
            numbers.append(self.known.index(name))
        found = np.where(label == Code.UNKNOWN, 0, 1)
        found[label >= 0] = np.array(numbers)[label[label >= 0]]
        return found
