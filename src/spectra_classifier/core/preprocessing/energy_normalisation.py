"""Spectra per unit of pulse energy, for models trained on such spectra.

Only a model whose manifest requests it receives them.
"""
from dataclasses import replace

import numpy as np

from ...errors import InputError
from ..decision.beam_state import Beam
from ..model_definition import ModelDefinition, Settings
from ..spectra import Code, Train
from .quality import saturated

#: a saturation level that no spectrum reaches; finite, as JSON wants it
NEVER = float(np.finfo(np.float32).max)


class PerEnergy:
    """Divides the spectra of a train by the pulse energies."""

    def __init__(self) -> None:
        # settings as they are, and without dark
        self._last: tuple[Settings, Settings] | None = None

    def __call__(self, train: Train, settings: Settings,
                 definition: ModelDefinition, beam: Beam | None,
                 why: str = "") -> tuple[Train, Settings]:
        """Return the train as (raw - dark) / energy and its settings.

        The settings have no dark and no saturation level any more: saturation
        is judged here on the counts, the gate later on counts per unit of
        energy. A pulse without beam becomes LOW_INTENSITY, one with unknown
        energy BAD_DATA, unless the source has already determined its code.

        Parameters
        ----------
        train
            Raw counts.
        beam
            None where there is no monitor.
        why
            Reason why there is none, for the error.

        Raises
        ------
        InputError
            Without a monitor.
        """
        if beam is None or not beam.monitored:
            raise InputError(
                f"{definition.model_id} takes spectra per pulse energy, and "
                f"there is none: {why or 'no monitor is joined'}")
        verdicts = train.verdicts.copy()
        new = verdicts == 0
        lit = beam.has_beam
        for code, found in (
                (Code.LOW_INTENSITY, lit == 0),
                (Code.BAD_DATA, lit < 0),
                (Code.SATURATED, saturated(train, settings, definition))):
            verdicts[new & found] = code
        spectra = train.spectra.astype(np.float32)
        if settings.dark is not None:
            spectra -= np.asarray(settings.dark, np.float32)
        energy = np.where(lit == 1, beam.energy, 1).astype(np.float32)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            spectra /= energy[:, None]      # not finite: the engine sees it
        return (replace(train, spectra=spectra, verdicts=verdicts),
                self._without(settings))

    def _without(self, settings: Settings) -> Settings:
        # the same object again, so that engines keep their constants
        if self._last is None or self._last[0] is not settings:
            self._last = settings, replace(
                settings, dark=None, saturation_level=NEVER)
        return self._last[1]
