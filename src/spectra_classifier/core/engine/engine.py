"""One interface for everything that turns a train into codes."""
from typing import Protocol

from ..model_definition import ModelDefinition, Settings
from ..spectra import Train, TrainResult


class Engine(Protocol):
    """Classifies trains of one model; safe to call from several threads.

    `name` is "fused", "numpy" or "onnxruntime"; `definition` the model.
    `classify` never raises because of what is in the spectra: a pulse that
    cannot be used gets a code. All engines give the same labels.
    """
    name: str
    definition: ModelDefinition

    def warm_up(self) -> None:
        """Compile and touch everything that the first train would."""

    def classify(self, train: Train, settings: Settings) -> TrainResult:
        """The codes of a train."""
