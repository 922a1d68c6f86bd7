"""The means of a live train against the taught states."""
from collections import deque

import numpy as np
from numpy.typing import NDArray

from ..core.decision import PulsePattern
from ..core.decision.mean_verdict import MeanVerdict, worst
from ..core.engine.train_mean import TrainMean
from ..core.model_definition import Settings
from ..core.spectra import Train
from .configuration.configuration import Configuration

#: patterns that are judged in a train, in turns; what was found of the others
#: holds until then
AT_ONCE = 4


class MeanJudge:
    """Judges the mean of every pulse pattern of a train; of one thread.

    Starts again with every change of the configuration hash.
    """

    def __init__(self) -> None:
        self._key = ""
        self._score: TrainMean | None = None
        self._turns: deque[PulsePattern] = deque()
        self._verdict = MeanVerdict()

    def __call__(self, train: Train, labels: NDArray[np.int8],
                 settings: Settings,
                 configuration: Configuration) -> MeanVerdict:
        """Return the verdict on a classified train; never raises.

        `labels`, `settings`: as of `TrainMean`.
        """
        self.begin(configuration)
        if self._score is None:
            return self._verdict
        scores = dict(self._verdict.scores)
        for _ in range(min(AT_ONCE, len(self._turns))):
            pattern = self._turns[0]
            self._turns.rotate(-1)
            scores[pattern.selection] = self._score(train, labels, settings,
                                                    pattern)
        self._verdict = MeanVerdict(scores, worst(list(scores.values())))
        return self._verdict

    def begin(self, configuration: Configuration) -> None:
        """Prepare for trains under this configuration."""
        if self._key == configuration.hash:
            return
        model = configuration.model
        score = None if model is None else TrainMean(model.definition)
        self._score = score if score and score.judges else None
        self._turns = deque(configuration.decision.patterns)
        self._verdict = MeanVerdict()
        self._key = configuration.hash
