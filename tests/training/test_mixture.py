"""The mixture weighs spectra as measured, whatever the brightness."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier import model
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.model import make_engine
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions

CHANNELS, EACH, CAPTURES = 120, 30, 3
PLACE = np.arange(CHANNELS)


def line(place, height):
    return height * np.exp(-0.5 * ((PLACE - place) / 6) ** 2)


#: the second state scatters three times as much
STATES = np.stack([2 + line(40, 6), 2 + line(75, 20) + line(20, 3)])


def seen(shares, random):
    """Noisy spectra of brightness 0.3 to 3."""
    bright = np.exp(random.uniform(np.log(0.3), np.log(3), len(shares)))
    spectra = bright[:, None] * (shares @ STATES)
    return (spectra + 0.1 * random.normal(size=spectra.shape)).astype(
        np.float32)


@pytest.fixture(scope="module")
def taught():
    random = np.random.default_rng(0)
    labels = np.tile(np.repeat([0, 1], EACH), CAPTURES)
    return Dataset(Axis.channels(CHANNELS), seen(np.eye(2)[labels], random),
                   labels, ("a", "b"),
                   np.repeat(np.arange(2 * CAPTURES), EACH))


def biases(definition, kind="numpy"):
    """Mean error of the fraction at several fractions."""
    from spectra_classifier.core.engine.fused_engine import FusedEngine
    from spectra_classifier.core.engine.reference_engine import NumpyEngine
    engine = (FusedEngine if kind == "fused" else NumpyEngine)(definition)
    random = np.random.default_rng(1)
    for share in 0.1, 0.3, 0.5, 0.7, 0.9:
        mixed = seen(np.tile([1 - share, share], (200, 1)), random)
        found = engine.classify(make_train(0, mixed), Settings(
            min_intensity=-np.inf)).mixture
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
        yield abs(float(found[:, 1].mean()) - share)


@pytest.mark.parametrize("options", [
    TrainingOptions(members="linear", normalisation=kind)
    for kind in ("none", "area", "snv")] + [
    TrainingOptions(members="linear", normalisation="snv", baseline="exact",
                    lam=1e7),
    TrainingOptions(members="auto", time_budget=1.)],
    ids=["none", "area", "snv", "baseline", "auto"])
def test_brightness_does_not_matter(taught, options):
    definition = train(taught, options).definition
    # a baseline takes a part of each line
    most = 0.03 if options.baseline == "none" else 0.05
    assert max(biases(definition)) < most
    if definition.strengths:
        forgotten = replace(definition, strengths=())
        assert max(biases(forgotten)) > 0.1


def test_both_engines_and_the_file_agree(taught, tmp_path):
    result = train(taught, TrainingOptions(members="linear",
                                           normalisation="snv"))
    assert max(biases(result.definition, "fused")) < 0.03
    result.save(tmp_path / "m.onnx")
    loaded = model.load(tmp_path / "m.onnx")
    assert loaded.definition.strengths == pytest.approx(
        result.definition.strengths)
    mixed = seen(np.full((20, 2), 0.5), np.random.default_rng(2))
    for kind in "numpy", "onnxruntime":
        found = make_engine(loaded, kind).classify(
            make_train(0, mixed), Settings(min_intensity=-np.inf)).mixture
        assert found[:, 1].mean() == pytest.approx(0.5, abs=0.03)
