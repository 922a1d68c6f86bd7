"""What the worker thread does with one train."""
import time
from dataclasses import dataclass

import numpy as np

from ..core.frames import MaskedSettings
from ..core.spectra import Code
from ..errors import InputError
from .payload import prepare
from .worker import Fate, Outcome

#: s between two previews
PREVIEW_PERIOD = 0.5
UNUSABLE = "unusable payload"
NO_MODEL = "no model"


@dataclass(frozen=True, eq=False)
class Preview:
    """One pulse, explained: see `schema.PreviewData`."""
    train_id: int
    pulse: int
    label: int
    raw: np.ndarray
    spectrum: np.ndarray
    votes: np.ndarray
    definition: object


class Processor:
    """Callable for `worker.Worker`: (incoming, configuration) -> `Outcome`.

    `preview_pulse`: position of the pulse to be shown.
    """

    def __init__(self, clock=time.monotonic):
        self.preview_pulse = 0
        self._clock = clock
        self._next_preview = 0.
        self._masked = MaskedSettings()

    def __call__(self, incoming, configuration):
        if incoming.problem:
            return _rejected(incoming, configuration, incoming.problem)
        if configuration is None or configuration.model is None:
            return Outcome(incoming, configuration, Fate.SKIPPED, NO_MODEL,
                           "no model is live")
        try:
            prepared = prepare(incoming, configuration.layout,
                               configuration.selection,
                               configuration.channels)
        except InputError as error:
            return _rejected(incoming, configuration, str(error))
        settings = self._masked(configuration.settings, prepared.mask)
        if settings.mask is not None and settings.mask.all():
            return _rejected(incoming, configuration,
                             "every strip is masked: look at maskPath and "
                             "maskedStrips")
        result = configuration.model.engine.classify(prepared.train, settings)
        return Outcome(
            incoming, configuration, Fate.CLASSIFIED, result=result,
            coverage=coverage(prepared.train, result, configuration),
            switched=prepared.switched, prepared=prepared,
            preview=self._preview(prepared.train, result, settings,
                                  configuration))

    def _preview(self, train, result, settings, configuration):
        now = self._clock()
        if now < self._next_preview or not train.pulses:
            return None
        self._next_preview = now + PREVIEW_PERIOD
        pulse = shown_pulse(result.label, self.preview_pulse)
        definition = configuration.model.definition
        raw = train.spectra[pulse].astype(np.float32)
        spectrum = raw
        if np.isfinite(raw).all():
            spectrum, = configuration.model.preprocessed(raw[None], settings)
        votes = result.votes[pulse].astype(np.float32)
        cast = votes.sum(axis=1, keepdims=True)
        votes = np.divide(votes, cast, out=np.zeros_like(votes),
                          where=cast > 0)
        return Preview(result.train_id, pulse, int(result.label[pulse]), raw,
                       spectrum, votes, definition)


def shown_pulse(labels, wanted):
    """The wanted pulse, or the next one with a class, or the wanted one."""
    wanted = min(wanted, len(labels) - 1)
    with_class = np.flatnonzero(labels >= 0)
    behind = with_class[with_class >= wanted]
    for choice in behind, with_class:
        if len(choice):
            return int(choice[0])
    return wanted


def coverage(train, result, configuration):
    """Share of the selected pulses that the engine looked at; 1 of none."""
    left_out = configuration.selection.left_out(train.pulses)
    selected = train.pulses - int(np.count_nonzero(left_out))
    missed = np.count_nonzero((result.label == Code.SKIPPED) & ~left_out)
    return 1. - missed / selected if selected else 1.


def _rejected(incoming, configuration, problem):
    return Outcome(incoming, configuration, Fate.REJECTED, UNUSABLE, problem)
