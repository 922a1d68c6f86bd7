"""The kernels of views give the votes of the float64 reference."""
import numpy as np
import pytest

from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import (
    Baseline,
    Preprocessing,
    Settings,
    ViewMembers,
)
from spectra_classifier.core.preprocessing.views import View, apply_view
from spectra_classifier.core.spectra import make_train
from tests.core.small_models import definition

CHANNELS = 150
VIEWS = {
    "raw": View("raw", normalise=False), "snv": View("snv"),
    "slope 7": View("slope 7", derivative=1, window=7),
    "slope 15": View("slope 15", derivative=1, window=15),
    "slope 9": View("slope 9", derivative=1, window=9),
    "curvature 15": View("curvature 15", derivative=2, window=15),
    "curvature 5": View("curvature 5", derivative=2, window=5),
    "texture": View("texture", normalise=False, parts=4)}


def model_of(names, classes=3, preprocessing=None):
    random = np.random.default_rng(1)
    views = tuple(VIEWS[name] for name in names)
    bins = tuple(part for _ in views for part in (
        (0, 150), (0, 50), (13, 120)))
    view_of = tuple(v for v in range(len(views)) for _ in range(3))
    sample = spectra_of(2)
    coef = tuple(
        (random.normal(size=(classes, width)) / np.sqrt(width)).astype(
            np.float32)
        for view, part in zip((views[v] for v in view_of), bins, strict=True)
        for width in [apply_view(view, sample)[
            :, view.columns(*part)].shape[1]])
    members = ViewMembers(views, view_of, coef, random.normal(
        size=(len(bins), classes)).astype(np.float32))
    return definition(
        members, CHANNELS, tuple("abc"[:classes]), bins,
        weights=random.uniform(0.5, 1, len(bins)),
        preprocessing=preprocessing or Preprocessing())


def spectra_of(count, pedestal=0., seed=2):
    random = np.random.default_rng(seed)
    return (random.gamma(4., 2., (count, CHANNELS)) + pedestal).astype(
        np.float32)


def compare(model, spectra, tolerance):
    train = make_train(1, spectra)
    exact = NumpyEngine(model).classify(train, Settings())
    fast = FusedEngine(model).classify(train, Settings())
    np.testing.assert_allclose(fast.votes, exact.votes, atol=tolerance)
    np.testing.assert_allclose(fast.residual, exact.residual, atol=1e-3)
    order = np.sort(exact.scores, axis=1)
    sure = order[:, -1] - order[:, -2] > 1e-3
    assert sure.mean() > 0.9
    np.testing.assert_array_equal(fast.label[sure], exact.label[sure])


def test_every_view_equals_the_reference(subtests):
    for name in VIEWS:
        with subtests.test(name=name):
            compare(model_of([name]), spectra_of(70), 1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_views_together(classes):
    compare(model_of(list(VIEWS), classes), spectra_of(100), 1e-4)


def test_a_pedestal_of_a_thousand_does_not_cancel():
    names = [name for name in VIEWS if name not in ("raw", "texture")]
    compare(model_of(names), spectra_of(70, 1000.), 2e-3)


def test_counts_as_they_come():
    raw = np.random.default_rng(3).poisson(30, (40, CHANNELS)).astype(
        np.uint16)
    compare(model_of(["snv", "slope 15", "texture"]), raw, 2e-4)


def test_behind_baseline_and_normalisation():
    preprocessing = Preprocessing(Baseline("reduced", lam=1e4, knot_step=4),
                                  "snv")
    compare(model_of(["snv", "curvature 15"], preprocessing=preprocessing),
            spectra_of(50), 5e-3)


def test_a_flat_spectrum_has_the_votes_of_the_intercepts():
    model = model_of(["snv", "slope 7"])
    dark = np.arange(CHANNELS, dtype=np.float32)
    train = make_train(1, np.tile(dark + 9, (3, 1)))
    fast = FusedEngine(model).classify(train, Settings(dark=dark))
    logits = model.members.intercept.astype(float)
    share = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fast.votes[0], share, atol=1e-5)
