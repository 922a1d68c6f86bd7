"""The mean of the pulses of a train against the taught states."""
import math

import numpy as np
from numpy.typing import NDArray

from ..decision.config import PulsePattern
from ..decision.mean_verdict import NOT_JUDGED
from ..model_definition import ModelDefinition, Settings
from ..preprocessing.preprocess import correct
from ..spectra import Code, Train
from .mean_spectrum import MeanScore, interleaved

#: pulses that enter a mean, at most
PULSES = 256


class TrainMean:
    """Scores the mean of the pulses of a train by the rule of a model.

    Parameters
    ----------
    definition
        The model; of one without a rule nothing is judged.
    """

    def __init__(self, definition: ModelDefinition) -> None:
        self._rule = definition.mean_rule
        self._compare = (MeanScore(definition.drift.spectra, self._rule)
                         if self._rule and definition.drift else None)

    @property
    def judges(self) -> bool:
        """Whether the model has a rule."""
        return self._rule is not None

    def __call__(self, train: Train, labels: NDArray[np.int8],
                 settings: Settings,
                 pattern: PulsePattern | None = None) -> float:
        """Return the score of a train, see `MeanVerdict`.

        Never raises: what cannot be judged by a model with limits is like no
        taught state.

        Parameters
        ----------
        labels
            (P,). Only pulses with a class or unknown enter a mean.
        settings
            For dark and mask.
        pattern
            Its pulses; all by default.
        """
        if self._rule is None:
            return NOT_JUDGED
        try:
            return self._score(train, np.flatnonzero(
                (labels >= Code.UNKNOWN) & (pattern or PulsePattern()).selects(
                    train.pulse_ids, train.light)), settings)
        except Exception:
            return math.nan

    def _score(self, train: Train, rows: NDArray[np.intp],
               settings: Settings) -> float:
        rule, compare = self._rule, self._compare
        if rule is None or compare is None:
            return math.nan
        if len(rows) < rule.pulses:
            return NOT_JUDGED
        # other pulses of the next train; the same ones whoever judges it
        step = max(len(rows) // PULSES, 1)
        rows = rows[int(train.train_id) % step::step][:PULSES]
        return compare(correct(interleaved(train.spectra[rows]),
                               settings.dark, settings.mask))
