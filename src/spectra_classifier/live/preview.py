"""What the screens show of the spectra: one pulse, and the mean of each class.

Made in the worker thread, at most twice a second; nothing here knows Karabo.
"""
import time
from dataclasses import dataclass

import numpy as np

from ..core.engine.explain import explain, least_confident
from ..core.preprocessing.dark import offset
from ..core.spectra import Code

#: s between two previews
PERIOD = 0.5
#: pulses of a train that are preprocessed for the means
SAMPLE = 32
#: spectra of a class below which its mean says too little
ENOUGH = 8
#: share of the newest sample in the running mean of its class
NEWEST = 0.1
POSITION, LEAST_CONFIDENT = "position", "leastConfident"
CHOICES = (POSITION, LEAST_CONFIDENT)


@dataclass(frozen=True, eq=False)
class Preview:
    """One pulse and its surroundings; see `preview_schema.PreviewData`.

    `spectrum`, `train_mean` (channels,) float32 preprocessed, the second one
    the mean over some eligible pulses of the train (NaN without any);
    `means`, `errors` (C, channels) float32: running mean of each class as
    seen lately and its standard error, NaN where there is none;
    `dark_offset`: see `core.dark.offset`.
    """
    train_id: int
    explanation: object
    raw: np.ndarray
    spectrum: np.ndarray
    train_mean: np.ndarray
    means: np.ndarray
    errors: np.ndarray
    dark_offset: float
    definition: object

    @property
    def pulse(self):
        return self.explanation.pulse

    @property
    def label(self):
        return self.explanation.label

    @property
    def votes(self):
        return self.explanation.votes


class ClassMeans:
    """Running mean and standard error of the spectra of each class."""

    def __init__(self, classes, channels):
        self._mean = np.full((classes, channels), np.nan)
        self._square = np.full((classes, channels), np.nan)
        self._count = np.zeros(classes)

    def add(self, spectra, labels):
        """Preprocessed (k, channels) with their labels (k,)."""
        for index in range(len(self._count)):
            own = spectra[labels == index].astype(np.float64)
            if not len(own):
                continue
            mean, square = own.mean(axis=0), (own ** 2).mean(axis=0)
            if self._count[index] == 0:
                self._mean[index], self._square[index] = mean, square
            else:
                self._mean[index] += NEWEST * (mean - self._mean[index])
                self._square[index] += NEWEST * (
                    square - self._square[index])
            # spectra that a running mean with this forgetting stands for
            self._count[index] = len(own) + (1 - NEWEST) * self._count[index]

    def values(self):
        """(means, errors), each (C, channels) float32, NaN for too few."""
        spread = np.sqrt(np.maximum(self._square - self._mean ** 2, 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            error = spread / np.sqrt(self._count)[:, None]
        few = self._count < ENOUGH
        return tuple(np.where(few[:, None], np.nan, values).astype(
            np.float32) for values in (self._mean, error))


class Previewer:
    """Makes a `Preview` of a classified train where one is due.

    `pulse`: position of the pulse to be shown; `choice`: one of `CHOICES`.
    """

    def __init__(self, clock=time.monotonic):
        self.pulse = 0
        self.choice = POSITION
        self._clock = clock
        self._next = 0.
        self._model = self._means = None

    def __call__(self, train, result, settings, configuration):
        now = self._clock()
        if now < self._next or not train.pulses:
            return None
        self._next = now + PERIOD
        model = configuration.model
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
        train_mean = self._sample(train, result, settings)
        means, errors = self._means.values()
        return Preview(
            result.train_id,
            explain(result, pulse, model.definition, settings), raw,
            spectrum, train_mean, means, errors,
            offset(train, result, model.definition, settings),
            model.definition)

    def _sample(self, train, result, settings):
        """Mean of some eligible pulses, which also feed the class means."""
        eligible = np.flatnonzero(result.label >= Code.UNKNOWN)
        chosen = eligible[np.linspace(
            0, len(eligible) - 1, min(SAMPLE, len(eligible))).astype(int)]
        if not len(chosen):
            return np.full(train.spectra.shape[1], np.nan, np.float32)
        spectra = self._model.preprocessed(
            np.ascontiguousarray(train.spectra[chosen], np.float32),
            settings)
        self._means.add(spectra, result.label[chosen])
        return spectra.mean(axis=0, dtype=np.float64).astype(np.float32)


def shown_pulse(labels, wanted):
    """The wanted pulse, or the next one with a class, or the wanted one."""
    wanted = min(wanted, len(labels) - 1)
    with_class = np.flatnonzero(labels >= 0)
    behind = with_class[with_class >= wanted]
    for choice in behind, with_class:
        if len(choice):
            return int(choice[0])
    return wanted
