"""The simulated sample that the lesson is given on."""
from dataclasses import dataclass, field

import numpy as np
from karabo.middlelayer import Hash
from numpy.typing import NDArray

from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset
from spectra_classifier.simulation.timeline import Timeline

from ..demo.records import Truth
from ..demo.sources import (
    FIRST_TRAIN,
    LOOPBACK,
    SEED,
    ClassifierSettings,
    dark_settings,
)

#: trains in a pure state and on the way to the next one, while it is watched
HOLD, MIXING = 40, 20


@dataclass
class Sample:
    """The source, and its twin in this process, which knows the truth.

    `margin`: trains around a mixed one that are not judged.
    """
    preset: str
    scenario: str
    pulses: int
    margin: int = 1
    training_spectra: frozenset[int] = frozenset()
    twin: GotthardSource = field(init=False)

    def __post_init__(self) -> None:
        bare = GotthardSource(preset(self.preset), self.scenario, SEED)
        self.twin = GotthardSource(
            preset(self.preset), self.scenario, SEED, FIRST_TRAIN,
            Timeline(len(bare.classes), HOLD, MIXING), receiver=True)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.twin.classes

    def configuration(self) -> Hash:
        """For the `SpectrometerSimulator`: held in its first state."""
        return Hash(
            "preset", self.preset, "scenario", self.scenario,
            "pulses", self.pulses, "heldState", 0., "source.seed", SEED,
            "source.firstTrain", np.uint64(FIRST_TRAIN),
            "source.hold", HOLD, "source.mixing", MIXING,
            "output.hostname", LOOPBACK, "truth.hostname", LOOPBACK,
            "follower.hostname", LOOPBACK,
            "monitor.hostname", LOOPBACK)

    def classifier_settings(self) -> ClassifierSettings:
        """What an operator has set after a run without beam."""
        return dark_settings(self.twin)

    def axis_settings(self) -> dict[str, str | float]:
        """The axis, for the `SpectraTrainer`."""
        axis = self.twin.axis
        return {"axis.quantity": axis.quantity, "axis.unit": axis.unit,
                "axis.first": float(axis.values[0]), "axis.step": axis.step}

    def spectra(self, truth: Truth) -> NDArray[np.float32]:
        """The spectra of a train as they were sent, dark subtracted."""
        train = self.twin.train(truth.train_id, len(truth.label))
        return self.twin.signal(train)
