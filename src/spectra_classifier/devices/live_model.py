"""A model in use: what was loaded, the engine that runs it, its standing."""
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.fused_preprocessing import FusedPreprocessing
from ..core.spectra import make_train
from ..model.verdict import objection


@dataclass(frozen=True, eq=False)
class LiveModel:
    """A verified model and the warm engine that runs it."""
    path: str
    loaded: object
    engine: object

    @cached_property
    def _preprocessing(self):
        return FusedPreprocessing(self.definition.preprocessing,
                                  len(self.definition.axis))

    def preprocessed(self, spectra, settings):
        """Raw spectra (k, channels) float32 as the members see them.

        Whatever the engine is, this is the compiled way: the reference
        takes seconds for a baseline, in Python, and would hold up trains.
        """
        raw = make_train(0, spectra).spectra
        run = self._preprocessing.run(settings.dark, settings.mask)
        return self._preprocessing.spectra(raw, np.arange(len(raw)), run)

    @property
    def definition(self):
        return self.loaded.definition

    @property
    def identity(self):
        """Hash of everything that a code or the permit depends on."""
        return self.loaded.identity

    @cached_property
    def objection(self):
        """What its manifest says against arming it, "" for nothing."""
        return objection(self.loaded.manifest)
