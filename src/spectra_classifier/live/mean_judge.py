"""The means of a live train against the taught states."""
import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from ..core.decision import PulsePattern
from ..core.decision.mean_verdict import NOT_JUDGED, MeanVerdict, worst
from ..core.engine.mean_spectrum import MeanRule, MeanScore, interleaved
from ..core.model_definition import Settings
from ..core.preprocessing.preprocess import correct
from ..core.spectra import Code, Train
from .configuration.configuration import Configuration

#: pulses of a pattern that enter its mean, at most
PULSES = 256
#: patterns that are judged in a train, in turns; what was found of the others
#: holds until then
AT_ONCE = 4


class MeanJudge:
    """Judges the mean of every pulse pattern of a train; of one thread.

    Starts again with every change of the configuration hash.
    """

    def __init__(self) -> None:
        self._key = ""
        self._rule: MeanRule | None = None
        self._compare: MeanScore | None = None
        self._turns: deque[PulsePattern] = deque()
        self._verdict = MeanVerdict()
        self._trains = 0

    def __call__(self, train: Train, labels: NDArray[np.int8],
                 settings: Settings,
                 configuration: Configuration) -> MeanVerdict:
        """Return the verdict on a classified train.

        Never raises: what cannot be judged by a model with limits is like no
        taught state.

        Parameters
        ----------
        labels
            (P,). Only pulses with a class or unknown enter a mean.
        settings
            For dark and mask.
        """
        if self._key != configuration.hash:
            self._start(configuration)
        if self._rule is None:
            return self._verdict
        scores = dict(self._verdict.scores)
        self._trains += 1
        eligible = labels >= Code.UNKNOWN
        for _ in range(min(AT_ONCE, len(self._turns))):
            pattern = self._turns[0]
            self._turns.rotate(-1)
            try:
                scores[pattern.selection] = self._score(
                    train, np.flatnonzero(eligible & pattern.selects(
                        train.pulse_ids, train.light)), settings)
            except Exception:
                scores[pattern.selection] = math.nan
        self._verdict = MeanVerdict(scores, worst(list(scores.values())))
        return self._verdict

    def _start(self, configuration: Configuration) -> None:
        self._key = configuration.hash
        self._turns = deque(configuration.decision.patterns)
        self._verdict = MeanVerdict()
        self._rule = self._compare = None
        model = configuration.model
        if model is not None:
            definition = model.definition
            self._rule = definition.mean_rule
            if definition.mean_rule and definition.drift:
                self._compare = MeanScore(definition.drift.spectra,
                                          definition.mean_rule)

    def _score(self, train: Train, rows: NDArray[np.intp],
               settings: Settings) -> float:
        rule, compare = self._rule, self._compare
        if rule is None or compare is None:
            return math.nan
        if len(rows) < rule.pulses:
            return NOT_JUDGED
        step = max(len(rows) // PULSES, 1)
        rows = rows[self._trains % step::step][:PULSES]
        return compare(correct(interleaved(train.spectra[rows]),
                               settings.dark, settings.mask))
