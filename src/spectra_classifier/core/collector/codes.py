"""The result of one worker for one train."""
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..decision.mean_verdict import MeanVerdict
from ..decision.presence import NOTHING_KNOWN, Presence
from ..drift import DriftReport
from ..engine.mean_mixture import MeanMixture
from ..spectra import Code
from ..trains.accounting import Tally


class SourceTimestamp(Protocol):
    """The time stamp that a source gives its data, in Karabo's type."""

    def toTimestamp(self) -> float:
        """Seconds since 1970."""


@dataclass(frozen=True, eq=False)
class Codes:
    """The codes of P pulses with the quantities that the decision needs.

    Attributes
    ----------
    label
        (P,) class index or `Code`.
    pulse_ids
        (P,).
    confidence, residual, intensity
        (P,) as in `TrainResult`.
    scores, mixture
        (P, C) as in `TrainResult`, C at least the number of classes.
    number
        The worker's own count of finished trains.
    counted
        Whether this train increased that count.
    fate
        Of the train as a whole: "classified", "rejected" or "skipped".
    problem
        Why it was not classified, or "".
    coverage
        Share of the pulses that were classified.
    gate
        Minimum intensity in force.
    drift
        Comparison with the training, made by the worker.
    presence
        Beam and sample according to monitor and shutter.
    means
        The worst of the pulse patterns of the worker.
    mean_mixture
        Of the pulse pattern of the worker that decides; None where not known.
    latency
        Seconds in the worker.
    received
        Monotonic seconds at which the codes arrived here.
    timestamp, source_time
        Of the source; `source_time` in seconds, NaN where not known.
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
    means: MeanVerdict = MeanVerdict()      # noqa: RUF009 (immutable)
    mean_mixture: MeanMixture | None = None
    latency: float = 0.
    received: float = 0.
    timestamp: SourceTimestamp | None = None
    source_time: float = float("nan")

    def proved(self,
               classes: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """Return the labels and confidences that can be relied on.

        A class is kept where the model has it, its scores are finite and its
        confidence is a probability above 0; else it is UNKNOWN, with
        confidence 0 where that is not a probability (NaN). An undefined code
        is BAD_DATA.

        Parameters
        ----------
        classes
            Number of classes of the model.

        Returns
        -------
        label : NDArray[np.int8]
            (P,).
        confidence : NDArray[np.float32]
            (P,) in [0, 1].
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
        """Number of pulses."""
        return len(self.label)

    @property
    def tally(self) -> Tally:
        """One train with its pulses."""
        return Tally(1, self.pulses)
