"""Members on views survive the file and give the same votes everywhere."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier import model
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.engine.texture_distance import Texture
from spectra_classifier.core.model_definition import (
    Calibration,
    Preprocessing,
    Settings,
    UnknownRule,
    ViewMembers,
)
from spectra_classifier.core.preprocessing.views import View, apply_view
from spectra_classifier.core.spectra import Axis, Code, make_train
from spectra_classifier.errors import InputError
from tests.model.conftest import INFO, definition_of

CHANNELS = 120
VIEWS = (View("raw", normalise=False), View("snv"),
         View("slope", derivative=1, window=7),
         View("curvature", derivative=2, window=15),
         View("texture", normalise=False, parts=3))
BINS = ((0, 120), (0, 40), (40, 80), (10, 110), (0, 120))


def viewed(classes=3, **changes):
    random = np.random.default_rng(5)
    spectra = spectra_of(2)
    widths = [apply_view(view, spectra)[:, view.columns(*part)].shape[1]
              for view, part in zip(VIEWS, BINS, strict=True)]
    members = ViewMembers(
        VIEWS, tuple(range(5)),
        tuple((random.normal(size=(classes, width)) / width).astype(
            np.float32) for width in widths),
        random.normal(size=(5, classes)).astype(np.float32))
    return definition_of(
        classes=classes, members=members, bins=BINS,
        axis=Axis.channels(CHANNELS), preprocessing=Preprocessing(),
        weights=np.full(5, 0.2), separability=np.zeros(5),
        references=random.uniform(1, 2, (classes, CHANNELS)),
        calibration=Calibration(1.5, 60, "probabilities", 0.01), **changes)


def textured(limit):
    """A model of views whose texture has a limit."""
    random = np.random.default_rng(8)
    plain = viewed()
    return replace(
        plain, unknown=UnknownRule(max_distance=limit),
        members=replace(plain.members, texture=Texture(4, *(
            random.normal(size=shape).astype(np.float32)
            for shape in ((3, 18, 18), (3, 18))))))


def spectra_of(count, seed=6):
    return np.random.default_rng(seed).gamma(
        4., 1., (count, CHANNELS)).astype(np.float32)


@pytest.fixture
def loaded(tmp_path):
    path = tmp_path / "views.onnx"
    model.save(path, viewed(), INFO, spectra_of(3))
    return model.load(path)


def test_definition_comes_back(loaded):
    members = loaded.definition.members
    assert members.views == VIEWS and members.view_of == (0, 1, 2, 3, 4)
    assert loaded.definition.calibration == Calibration(
        1.5, 60, "probabilities", 0.01)


def test_onnxruntime_equals_float64(loaded):
    train = make_train(1, spectra_of(800, seed=7))
    exact = model.make_engine(loaded, "numpy").classify(train, Settings())
    fast = model.make_engine(loaded, "onnxruntime").classify(train,
                                                             Settings())
    np.testing.assert_allclose(fast.votes, exact.votes, atol=2e-5)
    sure = np.diff(np.sort(exact.scores, axis=1))[:, -1] > 1e-4
    np.testing.assert_array_equal(fast.label[sure], exact.label[sure])


def test_textures_survive_the_file_and_have_the_same_distance(tmp_path):
    train = make_train(1, spectra_of(800, seed=7))
    limit = float(np.median(NumpyEngine(textured(1.)).classify(
        train, Settings()).distance))
    definition = textured(limit)
    path = tmp_path / "textures.onnx"
    model.save(path, definition, INFO, spectra_of(3))
    loaded = model.load(path)
    assert loaded.definition.unknown.max_distance == limit
    assert loaded.definition.texture.view == 4
    np.testing.assert_array_equal(loaded.definition.texture.coef,
                                  definition.texture.coef)
    exact, *others = [
        model.make_engine(loaded, kind).classify(train, Settings())
        for kind in ("numpy", "onnxruntime", "fused")]
    assert 0.4 < (exact.label == Code.UNKNOWN).mean() < 0.6
    clear = np.abs(exact.distance / limit - 1) > 1e-4
    for found in others:
        np.testing.assert_allclose(found.distance, exact.distance, rtol=1e-4)
        np.testing.assert_array_equal(found.label[clear], exact.label[clear])


def test_a_limit_and_its_textures_come_together():
    plain, members = viewed(), textured(1.).members
    textures = members.texture
    for change in ({"unknown": UnknownRule(max_distance=1.)},
                   {"members": members},
                   {"members": replace(members, texture=replace(
                       textures, view=3)),
                    "unknown": UnknownRule(max_distance=1.)}):
        with pytest.raises(InputError):
            replace(plain, **change)
    with pytest.raises(InputError):
        Texture(4, textures.coef[:2], textures.intercept)


def test_a_pedestal_does_not_cancel(tmp_path):
    path = tmp_path / "views.onnx"
    raised = spectra_of(50) + np.float32(2000)
    model.save(path, viewed(), INFO, raised[:2])
    loaded = model.load(path)
    train = make_train(1, raised)
    exact = model.make_engine(loaded, "numpy").classify(train, Settings())
    fast = model.make_engine(loaded, "onnxruntime").classify(train,
                                                             Settings())
    np.testing.assert_allclose(fast.votes, exact.votes, atol=1e-3)
