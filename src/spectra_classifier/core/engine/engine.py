"""One interface for everything that turns a train into codes."""
from typing import Protocol

from ..model_definition import ModelDefinition, Settings
from ..spectra import Train, TrainResult


class Engine(Protocol):
    """Classifies trains with one model; safe to call from several threads.

    All engines give the same labels.

    Attributes
    ----------
    name
        "fused", "numpy" or "onnxruntime".
    """
    name: str
    definition: ModelDefinition

    def warm_up(self) -> None:
        """Compile and allocate everything that the first train needs."""

    def classify(self, train: Train, settings: Settings) -> TrainResult:
        """Return the codes of a train.

        Never raises because of values in the spectra: a pulse that cannot be
        used gets a `Code`.
        """
