"""Small ensembles with random weights, and spectra for them."""
import numpy as np
import pytest

from spectra_classifier import model
from spectra_classifier.core.model_definition import (
    LinearMembers,
    MlpMembers,
    ModelDefinition,
    PointwiseMembers,
    Preprocessing,
)
from spectra_classifier.core.spectra import Axis

CHANNELS, WIDTH, BINS, HIDDEN = 64, 16, 4, 7


def members_of(kind, classes, seed):
    random = np.random.default_rng(seed)

    def draw(*shape):
        return random.normal(size=shape).astype(np.float32)

    if kind == "pointwise":
        return PointwiseMembers(draw(BINS, 2, HIDDEN), draw(BINS, HIDDEN),
                                draw(BINS, HIDDEN, classes),
                                draw(BINS, classes))
    if kind == "linear":
        return LinearMembers(tuple(draw(BINS, classes, WIDTH)),
                             draw(BINS, classes))
    return MlpMembers(tuple(draw(BINS, WIDTH, HIDDEN)),
                      tuple(draw(BINS, HIDDEN)),
                      tuple(draw(BINS, HIDDEN, classes)),
                      tuple(draw(BINS, classes)))


def definition_of(kind="pointwise", classes=2, seed=0, **changes):
    """An ensemble with random weights on 64 channels in 4 bins."""
    random = np.random.default_rng(seed + 1)
    fields = {
        "model_id": "draft",
        "classes": tuple("abc"[:classes]),
        "axis": Axis(np.linspace(1, 3, CHANNELS), "two_theta", "deg"),
        "preprocessing": Preprocessing(normalisation="area"),
        "bins": tuple((b * WIDTH, (b + 1) * WIDTH) for b in range(BINS)),
        "members": members_of(kind, classes, seed),
        "weights": random.uniform(0.1, 1, BINS),
        "separability": np.array([0.5, np.nan, 0., 1.]),
        "references": random.uniform(0.5, 2, (classes, CHANNELS)).astype(
            np.float32),
        "min_intensity": 0.25} | changes
    return ModelDefinition(**fields)


def spectra_of(count=6, seed=3):
    """Raw spectra well above the gate, (count, 64) float32."""
    random = np.random.default_rng(seed)
    return random.gamma(4., 1., (count, CHANNELS)).astype(np.float32)


INFO = {"name": "small", "licence": "BSD-3-Clause"}


@pytest.fixture
def saved(tmp_path):
    """(path, manifest) of a saved two-class point-wise model."""
    path = tmp_path / "small.onnx"
    return path, model.save(path, definition_of(), INFO, spectra_of())
