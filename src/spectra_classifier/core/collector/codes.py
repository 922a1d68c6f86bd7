"""What one worker says about one train."""
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..decision.presence import NOTHING_KNOWN, Presence
from ..drift import DriftReport
from ..spectra import Code
from ..trains.accounting import Tally


class SourceTimestamp(Protocol):
    """The time stamp that a source gives its data, in Karabo's type."""

    def toTimestamp(self) -> float:
        """Seconds since 1970."""


@dataclass(frozen=True, eq=False)
class Codes:
    """The codes of P pulses, and what speaks for or against them.

    `label` (P,) int8, `pulse_ids` (P,) uint64, `confidence`, `residual`,
    `intensity` (P,) float32, `scores`, `mixture` (P, C) float32 as in
    `TrainResult`, C at least the number of classes; `number`: the worker's
    own count of finished trains, `counted`: whether this one is in it, so
    that it says something new; `fate` of the train as a whole:
    "classified", "rejected" or "skipped", with its `problem`; `coverage`
    share of pulses looked at; `gate`: minimum intensity in force; `drift`
    as the worker sees it; `presence`: what monitor and shutter make of it;
    `latency` s in the worker; `received` monotonic s
    at which they came here; `timestamp` and `source_time` (s) of the source.
    """
    worker: str
    train_id: int
    label: NDArray[np.int8]
    pulse_ids: NDArray[np.uint64]
    confidence: NDArray[np.float32]
    scores: NDArray[np.float32]
    mixture: NDArray[np.float32]
    residual: NDArray[np.float32]
    intensity: NDArray[np.float32]
    model_id: str = ""
    config_hash: str = ""
    number: int = 0
    counted: bool = True
    fate: str = "classified"
    problem: str = ""
    coverage: float = 1.
    gate: float = 0.
    drift: DriftReport = DriftReport()      # noqa: RUF009 (immutable)
    presence: Presence = NOTHING_KNOWN
    latency: float = 0.
    received: float = 0.
    timestamp: SourceTimestamp | None = None
    source_time: float = float("nan")

    def proved(self,
               classes: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """(label (P,) int8, confidence (P,) float32) that can be relied on.

        A class stays where the model has it, its scores are finite and its
        confidence is a probability above 0; else it is UNKNOWN, with
        confidence 0 where that is none (NaN). A code that does not exist is
        BAD_DATA.
        """
        sound = (self.confidence > 0) & (self.confidence <= 1)
        # in a type that holds what a worker may send
        label = self.label.astype(np.int64)
        proved = ((label < classes) & sound
                  & np.isfinite(self.scores[:, :classes]).all(axis=1))
        label[(label >= 0) & ~proved] = Code.UNKNOWN
        label[label < min(Code)] = Code.BAD_DATA
        return label.astype(np.int8), np.where(
            sound, self.confidence, 0).astype(np.float32)

    @property
    def pulses(self) -> int:
        return len(self.label)

    @property
    def tally(self) -> Tally:
        return Tally(1, self.pulses)
