"""What the demonstration plays: a simulated Gotthard-II, or a file."""
from pathlib import Path
from typing import Protocol

import numpy as np
from karabo.middlelayer import Hash
from numpy.typing import NDArray

from spectra_classifier import files
from spectra_classifier import model as models
from spectra_classifier.errors import InputError
from spectra_classifier.model.released import find_model
from spectra_classifier.model.store import LoadedModel
from spectra_classifier.model.strict_json import JsonObject
from spectra_classifier.model.taught import seen
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset

from .options import SIMULATED, Options
from .records import Truth

#: the released model for the simulated source
DEFAULT_MODEL = "gotthard2-ramp"
#: of today
FIRST_TRAIN = 2_500_000_000
SEED = 7        # not one that a released model was trained with
LOOPBACK = "127.0.0.0/8"
#: output channels of the classifier
CHANNELS = ("output", "preview", "screens.overview", "screens.pulses",
            "screens.explanation", "screens.bins")

#: properties of the classifier, one value for each channel or strip
type ClassifierSettings = dict[str, list[float] | list[int] | int]


class SimulationOptions(Protocol):
    """What the simulated source has to know of the options."""

    @property
    def pulses(self) -> int | None: ...

    @property
    def preset(self) -> str: ...


class SourceSetup(Protocol):
    """What the demonstration plays, and with which model.

    `classes`: of the source; `margin`: trains around a transition that are
    not judged; `training_spectra`: numbers of spectra that the model was
    trained on.
    """
    manifest: JsonObject
    pulses: int

    @property
    def model_path(self) -> Path: ...

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def margin(self) -> int: ...

    @property
    def training_spectra(self) -> frozenset[int]: ...

    @property
    def title(self) -> str: ...

    @property
    def description(self) -> str: ...

    def configuration(self) -> Hash:
        """For the `SpectrometerSimulator`."""

    def classifier_settings(self) -> ClassifierSettings:
        """What an operator would set after a run without beam."""


def dark_settings(twin: GotthardSource) -> ClassifierSettings:
    """The darks of both kinds of memory cells, and the dead strips."""
    return {"dark.spectrum": twin.darks.ravel().tolist(), "dark.rows": 2,
            "source.maskedStrips": np.flatnonzero(twin.dark == 0).tolist()}


def source_of(options: Options) -> "Simulated | Replay":
    """The source setup that the options ask for; raises `SpectraError`."""
    path = options.model or released_model()
    loaded = models.load(path)
    if options.source == SIMULATED:
        return Simulated(options, path, loaded)
    return Replay(options, path, loaded)


def released_model() -> Path:
    """Path of the released model for the simulated source."""
    return find_model(DEFAULT_MODEL)


class Simulated:
    """The simulated Gotthard-II, as the device makes it from its seed."""

    #: trains around a transition whose labels are a matter of definition
    margin = 10

    def __init__(self, options: SimulationOptions, model_path: Path,
                 loaded: LoadedModel) -> None:
        self.model_path = model_path
        self.manifest = loaded.manifest
        self.pulses = options.pulses or 2700
        self.preset = options.preset
        self.scenario = "ramp"
        self.twin = GotthardSource(preset(self.preset), self.scenario, SEED,
                                   FIRST_TRAIN, receiver=True)
        self.classes = self.twin.classes
        self.training_spectra: frozenset[int] = frozenset()
        if len(loaded.definition.axis) != self.twin.channels:
            raise InputError(
                f"{model_path} is for {len(loaded.definition.axis)} "
                f"channels, the simulated Gotthard-II has "
                f"{self.twin.channels}")

    @property
    def title(self) -> str:
        return f"simulated Gotthard-II, {self.preset}"

    @property
    def description(self) -> str:
        return f"{self.pulses} pulses a train at 10 Hz"

    def configuration(self) -> Hash:
        """For the `SpectrometerSimulator`."""
        return Hash("preset", self.preset, "scenario", self.scenario,
                    "source.seed", SEED,
                    "source.firstTrain", np.uint64(FIRST_TRAIN),
                    "pulses", self.pulses, "output.hostname", LOOPBACK,
                    "truth.hostname", LOOPBACK,
                    "follower.hostname", LOOPBACK,
                    "monitor.hostname", LOOPBACK)

    def classifier_settings(self) -> ClassifierSettings:
        """What an operator would set after a run without beam: the dark,
        and the strips that say nothing in it."""
        return dark_settings(self.twin)

    def spectra(self, truth: Truth) -> NDArray[np.float32]:
        """The spectra of a train as they were sent, dark subtracted."""
        train = self.twin.train(truth.train_id, len(truth.label))
        return self.twin.signal(train)


class Replay:
    """Spectra of a file: in their order one a train, then many a train."""

    margin = 0

    def __init__(self, options: Options, model_path: Path,
                 loaded: LoadedModel) -> None:
        self.model_path = model_path
        self.manifest = loaded.manifest
        self.path = Path(options.source)
        self.pulses = options.pulses or 100
        self.endless = options.seconds is not None
        self.dataset = files.read(self.path)
        self.classes = self.dataset.classes or ()
        numbers = self.dataset.indices
        self.training_spectra = (
            frozenset() if numbers is None else frozenset(numbers[
                seen(loaded, self.dataset).taught].tolist()))

    @property
    def title(self) -> str:
        return f"replay of {self.path.name}"

    @property
    def description(self) -> str:
        return (f"{len(self.dataset)} spectra, one a train, then "
                f"{self.pulses} a train")

    def configuration(self) -> Hash:
        """For the `SpectrometerSimulator`."""
        return Hash("profile", "replay", "replay.file", str(self.path),
                    "replay.singlesFirst", True,
                    "replay.cyclic", self.endless, "pulses", self.pulses,
                    "source.firstTrain", np.uint64(FIRST_TRAIN),
                    "output.hostname", LOOPBACK, "truth.hostname", LOOPBACK,
                    "follower.hostname", LOOPBACK,
                    "monitor.hostname", LOOPBACK)

    def classifier_settings(self) -> ClassifierSettings:
        return {}

    def spectra(self, truth: Truth) -> NDArray[
            np.uint16 | np.float32 | np.float64]:
        """The spectra of a train, taken from the file."""
        assert self.dataset.indices is not None     # filled in by `Dataset`
        rows = np.searchsorted(self.dataset.indices, truth.spectrum)
        return self.dataset.spectra[rows]
