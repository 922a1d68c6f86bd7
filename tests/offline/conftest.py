"""A small model and a run for it."""
import numpy as np
import pytest
from mock_runs import gotthard_run
from small_run import CHANNELS, FRAMES, TRAINS, spectra_of, true_labels

from spectra_classifier import model
from spectra_classifier.core.model_definition import (
    LinearMembers,
    ModelDefinition,
    Preprocessing,
)
from spectra_classifier.core.spectra import Axis

CLASSES = ("cold", "hot")


@pytest.fixture(scope="session")
def model_file(tmp_path_factory):
    """A linear ensemble that tells the two states apart."""
    labels = np.arange(40) % 2
    spectra = spectra_of(labels, seed=1).astype(np.float32)
    bins = tuple((10 * b, 10 * b + 10) for b in range(4))
    references = np.array([spectra[labels == c].mean(0) for c in (0, 1)])
    middle = references.mean(0)
    coef = (0.01 * (references - middle)).astype(np.float32)
    definition = ModelDefinition(
        "draft", CLASSES, Axis.channels(CHANNELS), Preprocessing(), bins,
        LinearMembers(tuple(coef[:, a:b] for a, b in bins),
                      np.array([-coef[:, a:b] @ middle[a:b] for a, b in bins],
                               np.float32)),
        np.array([1., 0.5, 1., 0.]), references.astype(np.float32), 5.)
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    model.save(path, definition, {"name": "test", "licence": "BSD-3-Clause"},
               spectra[:3])
    return path


@pytest.fixture
def run_folder(tmp_path):
    """A run of three files in which a frame of every train is missing."""
    lost = np.zeros((TRAINS, FRAMES), bool)
    lost[:, 2] = True
    gain = np.zeros((TRAINS, FRAMES, CHANNELS), np.uint8)
    gain[1, 0, 7] = 2
    return gotthard_run(tmp_path / "r0012", spectra_of(true_labels()), 3,
                        gain=gain, lost=lost)
