"""What the demonstration plays: a simulated Gotthard-II, or a file."""
from pathlib import Path

import numpy as np
from karabo.middlelayer import Hash

from spectra_classifier import files
from spectra_classifier import model as models
from spectra_classifier.errors import InputError, ModelFileError
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset

from .options import SIMULATED

#: folder of the released models, in the repository
RELEASED = Path(__file__).resolve().parents[3] / "models"
#: the released model for the simulated source
DEFAULT_MODEL = "gotthard2-ramp-*.onnx"
FIRST_TRAIN = 1_000_000
SEED = 7        # not one that a released model was trained with
LOOPBACK = "127.0.0.0/8"
#: output channels of the classifier
CHANNELS = ("output", "preview", "screens.overview", "screens.pulses",
            "screens.explanation", "screens.bins")


def source_of(options):
    """The source setup that the options ask for; raises `SpectraError`."""
    path = options.model or released_model()
    loaded = models.load(path)
    if options.source == SIMULATED:
        return Simulated(options, path, loaded)
    return Replay(options, path, loaded)


def released_model():
    """Path of the released model for the simulated source."""
    found = sorted(RELEASED.glob(DEFAULT_MODEL))
    if not found:
        raise ModelFileError(f"no {DEFAULT_MODEL} in {RELEASED}: name a "
                             "model with --model")
    return found[-1]


class Simulated:
    """The simulated Gotthard-II, as the device makes it from its seed."""

    #: trains around a transition whose labels are a matter of definition
    margin = 10

    def __init__(self, options, model_path, loaded):
        self.model_path = model_path
        self.manifest = loaded.manifest
        self.pulses = options.pulses or 2700
        self.preset = options.preset
        self.scenario = "ramp"
        self.twin = GotthardSource(preset(self.preset), self.scenario, SEED,
                                   FIRST_TRAIN)
        self.classes = self.twin.classes
        self.training_spectra = frozenset()
        if len(loaded.definition.axis) != self.twin.channels:
            raise InputError(
                f"{model_path} is for {len(loaded.definition.axis)} "
                f"channels, the simulated Gotthard-II has "
                f"{self.twin.channels}")

    @property
    def title(self):
        return f"simulated Gotthard-II, {self.preset}"

    @property
    def description(self):
        return f"{self.pulses} pulses a train at 10 Hz"

    def configuration(self):
        """For the `SpectrometerSimulator`."""
        return Hash("preset", self.preset, "scenario", self.scenario,
                    "source.seed", SEED, "source.firstTrain", FIRST_TRAIN,
                    "pulses", self.pulses, "output.hostname", LOOPBACK,
                    "truth.hostname", LOOPBACK,
                    "follower.hostname", LOOPBACK,
                    "monitor.hostname", LOOPBACK)

    def classifier_settings(self):
        """What an operator would set after a run without beam: the dark,
        and the strips that say nothing in it."""
        dark = self.twin.dark
        return {"dark.spectrum": dark.tolist(),
                "source.maskedStrips": np.flatnonzero(dark == 0).tolist()}

    def spectra(self, truth):
        """The spectra of a train as they were sent, dark subtracted."""
        train = self.twin.train(truth.train_id, len(truth.label))
        return train.adc - self.twin.dark


class Replay:
    """Spectra of a file: in their order one a train, then many a train."""

    margin = 0

    def __init__(self, options, model_path, loaded):
        self.model_path = model_path
        self.manifest = loaded.manifest
        self.path = options.source
        self.pulses = options.pulses or 100
        self.endless = options.seconds is not None
        self.dataset = files.read(self.path)
        self.classes = self.dataset.classes or ()
        self.training_spectra = frozenset(self._trained_on())

    def _trained_on(self):
        """Numbers of the spectra that the model was trained on."""
        checksum = files.checksum(self.path)
        for entry in self.manifest["training"].get("data", ()):
            if entry["sha256"] == checksum:
                yield from entry["indices"]

    @property
    def title(self):
        return f"replay of {self.path.name}"

    @property
    def description(self):
        return (f"{len(self.dataset)} spectra, one a train, then "
                f"{self.pulses} a train")

    def configuration(self):
        """For the `SpectrometerSimulator`."""
        return Hash("profile", "replay", "replay.file", str(self.path),
                    "replay.singlesFirst", True,
                    "replay.cyclic", self.endless, "pulses", self.pulses,
                    "source.firstTrain", FIRST_TRAIN,
                    "output.hostname", LOOPBACK, "truth.hostname", LOOPBACK,
                    "follower.hostname", LOOPBACK,
                    "monitor.hostname", LOOPBACK)

    def classifier_settings(self):
        return {}

    def spectra(self, truth):
        """The spectra of a train, taken from the file."""
        rows = np.searchsorted(self.dataset.indices, truth.spectrum)
        return self.dataset.spectra[rows]
