"""Where two models say the same of the same pulses, and where not."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..decision import UNKNOWN, PulsePattern
from ..spectra import Code, TrainResult

#: what is said of a pulse that never had a class
REJECTED = "rejected"

#: pattern, live class, shadow class, pulses, train id, pulse id
type Row = tuple[str, str, str, int, int, int]


@dataclass
class Difference:
    """How often two models differed so, and where last."""
    pulses: int = 0
    train_id: int = 0
    pulse_id: int = 0


class Agreement:
    """Counts over trains; `differences`: (pattern, live, shadow) -> count.

    `pulses` and `agreeing` count every pulse once; a difference counts for
    each pulse pattern that the pulse belongs to.
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
            patterns: Iterable[PulsePattern]) -> None:
        """One train: the `TrainResult`s of both models, their classes.

        Compared are the names, not the indices, of pulses that the live
        model looked at (`unknown` and `rejected` are names as well).
        """
        looked_at = live.label != Code.SKIPPED
        names = _Names()
        ours = names.of(live.label[looked_at], live_classes)
        theirs = names.of(shadow.label[looked_at], shadow_classes)
        numbers = live.pulse_ids[looked_at]
        self.trains += 1
        self.pulses += len(ours)
        self.agreeing += int(np.count_nonzero(ours == theirs))
        for pattern in patterns:
            rows = np.flatnonzero((ours != theirs)
                                  & pattern.selects(numbers))
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
        """(pattern, live, shadow, pulses, train id, pulse id), worst first."""
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
