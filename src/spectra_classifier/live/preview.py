"""Spectra for display: one pulse, and the running mean of each class.

Made in the worker thread, at most twice a second; independent of Karabo.
"""
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.engine.explain import Explanation, explain, least_confident
from ..core.model_definition import ModelDefinition, Settings
from ..core.preprocessing.dark import offset
from ..core.spectra import Code, Train, TrainResult
from .configuration.configuration import Configuration
from .configuration.live_model import LiveModel
from .records import SourceTimestamp

#: s between two previews
PERIOD = 0.5
#: pulses of a train that are preprocessed for the means
SAMPLE = 32
#: spectra of a class below which its mean is not shown
ENOUGH = 8
#: share of a whole sample in the running mean of its class
NEWEST = 0.1
POSITION, LEAST_CONFIDENT = "position", "leastConfident"
CHOICES = (POSITION, LEAST_CONFIDENT)


@dataclass(frozen=True, eq=False)
class Preview:
    """One pulse with the mean spectra to compare it with.

    Attributes
    ----------
    timestamp
        Of the source; passed on unchanged.
    raw, spectrum
        The pulse before and after preprocessing, shape (channels,).
    train_mean
        Mean over some eligible pulses of the train, preprocessed, shape
        (channels,); NaN without an eligible pulse.
    means, errors
        Running mean of each class and its standard error, preprocessed,
        shape (C, channels); NaN where there is none.
    dark_offset
        See `core.preprocessing.dark.offset`.
    """
    train_id: int
    timestamp: SourceTimestamp | None
    explanation: Explanation
    raw: NDArray[np.float32]
    spectrum: NDArray[np.float32]
    train_mean: NDArray[np.float32]
    means: NDArray[np.float32]
    errors: NDArray[np.float32]
    dark_offset: float
    definition: ModelDefinition

    @property
    def pulse(self) -> int:
        return self.explanation.pulse

    @property
    def label(self) -> int:
        return self.explanation.label

    @property
    def votes(self) -> NDArray[np.float32]:
        return self.explanation.votes


class ClassMeans:
    """Running mean and standard error of the spectra of each class.

    Every spectrum counts alike: the few that are called another class in each
    sample must not take the place of those that were it.
    """

    def __init__(self, classes: int, channels: int) -> None:
        self._mean = np.full((classes, channels), np.nan)
        self._square = np.full((classes, channels), np.nan)
        self._count = np.zeros(classes)

    def add(self, spectra: NDArray[np.float32],
            labels: NDArray[np.int8]) -> None:
        """Add preprocessed spectra (k, channels) with their labels (k,)."""
        for index in range(len(self._count)):
            own = spectra[labels == index].astype(np.float64)
            if not len(own):
                continue
            mean, square = own.mean(axis=0), (own ** 2).mean(axis=0)
            before = self._count[index]
            kept = max(1 - NEWEST * len(own) / SAMPLE, 0) * before
            # effective number of spectra in a mean with this forgetting
            self._count[index] = len(own) + kept
            if before == 0:
                self._mean[index], self._square[index] = mean, square
            else:
                share = len(own) / self._count[index]
                self._mean[index] += share * (mean - self._mean[index])
                self._square[index] += share * (square - self._square[index])

    def values(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Means and errors, each (C, channels); NaN for too few spectra."""
        spread = np.sqrt(np.maximum(self._square - self._mean ** 2, 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            error = spread / np.sqrt(self._count)[:, None]
        few = self._count < ENOUGH
        means, errors = (
            np.where(few[:, None], np.nan, values).astype(np.float32)
            for values in (self._mean, error))
        return means, errors


class Previewer:
    """Makes a `Preview` of a classified train when one is due.

    `pulse`: position of the pulse to be shown; `choice`: one of `CHOICES`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.pulse = 0
        self.choice = POSITION
        self._clock = clock
        self._next = 0.
        self._model: LiveModel | None = None
        self._means = ClassMeans(0, 0)

    def __call__(self, train: Train, result: TrainResult, settings: Settings,
                 configuration: Configuration,
                 timestamp: SourceTimestamp | None = None) -> Preview | None:
        now = self._clock()
        if now < self._next or not train.pulses:
            return None
        self._next = now + PERIOD
        model = configuration.model
        assert model is not None        # it has classified this train
        if model is not self._model:
            self._model = model
            self._means = ClassMeans(len(model.definition.classes),
                                     len(model.definition.axis))
        pulse = (least_confident(result) if self.choice == LEAST_CONFIDENT
                 else shown_pulse(result.label, self.pulse))
        raw = train.spectra[pulse].astype(np.float32)
        spectrum = raw
        if np.isfinite(raw).all():
            spectrum, = model.preprocessed(raw[None], settings)
        train_mean = self._sample(train, result, settings, model)
        means, errors = self._means.values()
        return Preview(
            result.train_id, timestamp,
            explain(result, pulse, model.definition, settings), raw,
            spectrum, train_mean, means, errors,
            offset(train, result, model.definition, settings),
            model.definition)

    def _sample(self, train: Train, result: TrainResult, settings: Settings,
                model: LiveModel) -> NDArray[np.float32]:
        """Mean of some eligible pulses; adds them to the class means."""
        eligible = np.flatnonzero(result.label >= Code.UNKNOWN)
        chosen = eligible[np.linspace(
            0, len(eligible) - 1, min(SAMPLE, len(eligible))).astype(int)]
        if not len(chosen):
            return np.full(train.spectra.shape[1], np.nan, np.float32)
        spectra = model.preprocessed(
            np.ascontiguousarray(train.spectra[chosen], np.float32),
            settings)
        self._means.add(spectra, result.label[chosen])
        return spectra.mean(axis=0, dtype=np.float64).astype(np.float32)


def shown_pulse(labels: NDArray[np.int8], wanted: int) -> int:
    """Position of the pulse to show.

    The next pulse with a class from `wanted` on, else the first one with a
    class, else `wanted` itself.
    """
    wanted = min(wanted, len(labels) - 1)
    with_class = np.flatnonzero(labels >= 0)
    behind = with_class[with_class >= wanted]
    for choice in behind, with_class:
        if len(choice):
            return int(choice[0])
    return wanted
