"""What goes out: the codes of one train."""
from dataclasses import dataclass

import numpy as np

from .spectra import Code


@dataclass(frozen=True, eq=False)
class TrainResult:
    """Labels and what they rest on, one entry per pulse of the train.

    `label` (P,) int8: class index or `Code`; `confidence` (P,) float32 in
    [0, 1], 0 where there is no class score; `scores` (P, C) float32, summing
    to 1 where something voted, else 0; `mixture` (P, C) float32 fractions of
    the taught states, summing to 1 where defined, else 0; `residual` (P,)
    float32: share of the spectrum's norm that no mixture explains (0 ... 1,
    NaN where undefined); `intensity` (P,) float32: mean over valid channels
    of the dark-corrected spectrum; `votes` (P, B, C) float32: what each bin
    says (number of points for point-wise members, probabilities for others).
    """
    train_id: int
    pulse_ids: np.ndarray
    label: np.ndarray
    confidence: np.ndarray
    scores: np.ndarray
    mixture: np.ndarray
    residual: np.ndarray
    intensity: np.ndarray
    votes: np.ndarray
    model_id: str
    config_hash: str

    @property
    def pulses(self):
        return len(self.label)

    def counts(self):
        """Pulses by fate: {"classified", "unknown", a name per Code}.

        classified counts class labels and UNKNOWN: pulses the engine decided
        on. The sum of "classified", "low_intensity", "saturated", "bad_data"
        and "skipped" is the number of pulses.
        """
        count = {code: int(np.count_nonzero(self.label == code))
                 for code in Code}
        return {
            "classified": int(np.count_nonzero(self.label >= 0))
            + count[Code.UNKNOWN],
            "unknown": count[Code.UNKNOWN],
            "low_intensity": count[Code.LOW_INTENSITY],
            "saturated": count[Code.SATURATED],
            "bad_data": count[Code.BAD_DATA],
            "skipped": count[Code.SKIPPED]}
