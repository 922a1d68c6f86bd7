"""Trains that are prepared before they are played, so that making them does
not take processor time from what is measured."""
from pathlib import Path

import numpy as np
from karabo.middlelayer import Hash

from spectra_classifier.model.released import find_model
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset
from spectra_classifier.simulation.published_ramp import ramp
from spectra_lab.demo.sources import FIRST_TRAIN, LOOPBACK, SEED

#: different trains that are played over and over
TRAINS = {"gotthard2": 6, "curves": 3}
MODELS = {"gotthard2": "gotthard2-ramp", "curves": "published-ramp"}
TITLES = {"gotthard2": "simulated Gotthard-II", "curves": "published ramp"}


def released(profile):
    """Path of the released model that goes with a profile."""
    return find_model(MODELS[profile])


class Prepared:
    """A source setup of the demonstration: a replay of prepared trains.

    `profile` "gotthard2": raw uint16 words; "curves": float32 intensities,
    background included. `folder`: where the file goes.
    """
    margin = 0
    training_spectra = frozenset()
    classes = ()

    def __init__(self, profile, pulses, model_path, loaded, folder):
        self.title = TITLES[profile]
        self.description = f"{pulses} pulses a train, prepared"
        self.model_path = model_path
        self.manifest = loaded.manifest
        self.pulses = pulses
        self.path = Path(folder) / "trains.npz"
        self.axis = loaded.definition.axis.values
        self.dark = None
        make = self._words if profile == "gotthard2" else self._curves
        self.spectra = make(TRAINS[profile] * pulses)
        np.savez(self.path, x=self.axis, Y=self.spectra)

    def _words(self, count):
        source = GotthardSource(preset("realistic"), "ramp", SEED,
                                FIRST_TRAIN)
        self.dark = source.dark
        trains = [source.train(FIRST_TRAIN + 60 * k, self.pulses)
                  for k in range(count // self.pulses)]
        return np.concatenate([train.adc for train in trains])

    def _curves(self, count):
        numbers = np.linspace(0, ramp.CURVES - 1, count)
        return np.concatenate([
            ramp.curves(numbers=part, seed=(SEED, k))[1].astype(np.float32)
            for k, part in enumerate(np.array_split(numbers, 20))])

    def configuration(self):
        """For the `SpectrometerSimulator`."""
        return Hash("profile", "replay", "replay.file", str(self.path),
                    "replay.singlesFirst", False, "replay.cyclic", True,
                    "pulses", self.pulses,
                    "source.firstTrain", np.uint64(FIRST_TRAIN),
                    "output.hostname", LOOPBACK, "truth.hostname", LOOPBACK,
                    "follower.hostname", LOOPBACK,
                    "monitor.hostname", LOOPBACK)

    def classifier_settings(self):
        """Dark and dead strips, as an operator would set them."""
        if self.dark is None:
            return {}
        return {"dark.spectrum": self.dark.tolist(),
                "source.maskedStrips": np.flatnonzero(self.dark == 0).tolist()}
