"""The mean mixture of a live train."""
import numpy as np
from numpy.typing import NDArray

from ..core.engine.mean_mixture import MeanMixer, MeanMixture
from ..core.model_definition import Settings
from ..core.spectra import Code, Train
from .configuration.configuration import Configuration

#: pulses whose mixture is taken, at most
PULSES = 256


class TrainMixture:
    """The mixture of the pulse pattern that decides; of one thread.

    Starts again with every change of the configuration hash. Behind a baseline
    it is not known: one of single pulses takes longer than a train lasts.
    """

    def __init__(self) -> None:
        self._key = ""
        self._mixer: MeanMixer | None = None
        self._trains = 0

    def __call__(self, train: Train, labels: NDArray[np.int8],
                 settings: Settings,
                 configuration: Configuration) -> MeanMixture | None:
        """Return the mixture of a classified train; None where not known.

        Never raises: it is shown, and decides nothing.

        Parameters
        ----------
        labels
            (P,). Only pulses with a class or unknown take part.
        settings
            For dark and mask.
        """
        self.begin(configuration)
        if self._mixer is None:
            return None
        self._trains += 1
        decision = configuration.decision
        pattern = decision.patterns[decision.primary]
        rows = np.flatnonzero((labels >= Code.UNKNOWN) & pattern.selects(
            train.pulse_ids, train.light))
        step = max(len(rows) // PULSES, 1)
        rows = rows[self._trains % step::step][:PULSES]
        try:
            return self._mixer(train.spectra[rows], settings.dark,
                               settings.mask)
        except Exception:
            return None

    def begin(self, configuration: Configuration) -> None:
        """Prepare for trains under this configuration."""
        if self._key == configuration.hash:
            return
        self._key, self._mixer = configuration.hash, None
        if configuration.model is None:
            return
        definition = configuration.model.definition
        if definition.preprocessing.baseline.mode == "none":
            self._mixer = MeanMixer(definition)
