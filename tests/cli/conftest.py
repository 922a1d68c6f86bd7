"""A small model, spectra for it, and the command line to run on them."""
import numpy as np
import pytest

from spectra_classifier import files, model
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.model_definition import (
    LinearMembers,
    ModelDefinition,
    Preprocessing,
)
from spectra_classifier.core.spectra import Axis

CHANNELS, BINS = 40, 4
AXIS = Axis(np.linspace(10, 20, CHANNELS), "two_theta", "deg")


@pytest.fixture
def run(command):
    """Runs the command line in this process."""
    return command


def states(count=60, seed=0):
    """Two states with a peak in bin 0 or bin 2, and their labels."""
    random = np.random.default_rng(seed)
    labels = (np.arange(count) >= count // 2).astype(np.int64)
    peak = np.exp(-(np.arange(CHANNELS) - np.where(labels, 25, 5)[:, None])**2
                  / 8)
    spectra = 100 * peak + random.normal(20, 1, (count, CHANNELS))
    return spectra.astype(np.float32), labels


@pytest.fixture
def spectra_file(tmp_path):
    """60 labelled spectra of two states in a NeXus file."""
    spectra, labels = states()
    path = tmp_path / "spectra.h5"
    files.write_dataset(path, Dataset(
        AXIS, spectra, labels, ("cold", "hot"), np.arange(60) // 10))
    return path


@pytest.fixture
def model_file(tmp_path):
    """A linear ensemble that tells the two states apart; bin 3 is idle."""
    spectra, labels = states(seed=1)
    bins = tuple((10 * b, 10 * b + 10) for b in range(BINS))
    references = np.array([spectra[labels == c].mean(0) for c in (0, 1)])
    middle = references.mean(0)
    coef = (0.01 * (references - middle)).astype(np.float32)
    definition = ModelDefinition(
        "draft", ("cold", "hot"), AXIS, Preprocessing(), bins,
        LinearMembers(
            tuple(coef[:, a:b] for a, b in bins),
            np.array([-coef[:, a:b] @ middle[a:b] for a, b in bins],
                     np.float32)),
        np.array([1., 0.5, 1., 0.]), references.astype(np.float32), 5.,
        separability=np.array([0.9, 0.4, 0.9, 0.]))
    path = tmp_path / "model.onnx"
    model.save(path, definition, {"name": "test", "licence": "BSD-3-Clause"},
               spectra[:3])
    return path
