"""All engines give the same codes; the numpy engine is the oracle."""
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import definition, linear_members, pointwise_members

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.core.definition import (
    Baseline,
    MlpMembers,
    Preprocessing,
    Settings,
    ViewMembers,
)
from spectra_classifier.core.fused_engine import FusedEngine
from spectra_classifier.core.numpy_engine import NumpyEngine
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.core.views import View

# a first call compiles, on a busy machine for a minute
pytestmark = pytest.mark.timeout(600)

BINS = ((0, 10), (10, 20), (15, 30))
DATA = Path(__file__).parents[3] / "shared/data"
MODES = ("none", "reduced", "exact")
KINDS = ("pointwise", "linear", "mlp", "views")


def mlp_members(bins, classes, seed):
    rng = np.random.default_rng(seed)

    def arrays(*shapes):
        return tuple(rng.normal(size=shape).astype(np.float32)
                     for shape in shapes)

    hidden = [5 + b for b in range(len(bins))]
    return MlpMembers(
        arrays(*((stop - start, h) for (start, stop), h in zip(
            bins, hidden, strict=True))),
        arrays(*((h,) for h in hidden)),
        arrays(*((h, classes) for h in hidden)),
        arrays(*((classes,) for _ in hidden)))


def view_members(bins, classes, seed):
    linear = linear_members(bins, classes, seed)
    return ViewMembers((View("raw"), View("first", 1, 5)), (0, 1, 1),
                       linear.coef, linear.intercept)


def make_members(kind, classes, seed, scale=50.):
    if kind == "pointwise":
        return pointwise_members(len(BINS), classes, 12, seed, scale)
    make = {"linear": linear_members, "mlp": mlp_members,
            "views": view_members}[kind]
    return make(BINS, classes, seed)


def compare(model, raw, run=None, points=0, close=1e-5):
    """Labels equal wherever the oracle's scores are not close to a tie."""
    run = run or Settings()
    train = make_train(1, raw)
    expected = NumpyEngine(model).classify(train, run)
    for threads in 1, 2:
        result = FusedEngine(model, threads).classify(train, run)
        np.testing.assert_allclose(result.votes, expected.votes,
                                   atol=points or close)
        np.testing.assert_array_equal(np.isnan(result.intensity),
                                      np.isnan(expected.intensity))
        two = np.sort(expected.scores, axis=1)[:, -2:]
        clear = two[:, 1] - two[:, 0] > max(close, 3 * points / 10)
        clear |= expected.label < -1
        np.testing.assert_array_equal(result.label[clear],
                                      expected.label[clear])
        if not points:
            np.testing.assert_array_equal(result.label, expected.label)
            np.testing.assert_allclose(result.residual, expected.residual,
                                       atol=10 * close)
            np.testing.assert_allclose(result.mixture, expected.mixture,
                                       atol=10 * close)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.sampled_from(MODES),
       st.sampled_from(["none", "area", "snv"]), st.integers(2, 8),
       st.integers(0, 10 ** 6), st.sampled_from([np.uint16, np.float32]),
       st.sampled_from([1, 32, 33]), st.booleans())
def test_random_models(kind, mode, normalisation, classes, seed, dtype,
                       pulses, masked):
    rng = np.random.default_rng(seed)
    raw = (200 + rng.integers(0, 100, (pulses, 30))).astype(dtype)
    model = definition(
        make_members(kind, classes, seed), bins=BINS,
        classes=tuple("abcdefgh"[:classes]),
        preprocessing=Preprocessing(Baseline(mode), normalisation))
    run = (Settings(mask=rng.random(30) < .2) if masked and mode == "none"
           else Settings(dark=np.round(rng.uniform(0, 9))
                         * np.ones(30, np.float32)))
    # a count may differ where the float32 spectrum differs in its last bit
    exact = kind != "pointwise" or (mode, normalisation) == ("none", "none")
    # and a reduced baseline, solved in float32, by some thousandths; float32
    # logits of bare counts are thousands, and wrong by some 1e-4
    close = 1e-4 if normalisation == "none" else 1e-5
    compare(model, raw, run, points=0 if exact else 1,
            close=close if mode == "none" else 2e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10 ** 6),
       st.sampled_from([np.uint16, np.float32]), st.sampled_from([30, 71]))
def test_without_a_baseline_every_count_is_equal(classes, seed, dtype,
                                                 channels):
    """Rows shorter and longer than what is compared in one go."""
    rng = np.random.default_rng(seed)
    dark = rng.uniform(0, 50, channels)
    raw = rng.uniform(0, 300, (67, channels)).astype(dtype)
    model = definition(make_members("pointwise", classes, seed), bins=BINS,
                       classes=tuple("abcdefgh"[:classes]), channels=channels)
    train = make_train(1, raw)
    run = Settings(dark=dark, min_intensity=-np.inf)
    np.testing.assert_array_equal(
        FusedEngine(model).classify(train, run).votes,
        NumpyEngine(model).classify(train, run).votes)


def test_adversarial_networks():
    """Steps on whole numbers, where detector counts are."""
    hidden = 24
    members = pointwise_members(3, 2, hidden)
    for b in range(3):
        members.w1[b] = [[0.] * hidden, [1.] * hidden]
        members.b1[b] = -100 - np.arange(hidden)
        members.w2[b] = 0
        members.w2[b, :, 1] = np.where(np.arange(hidden) % 2, -2, 2)
        members.w2[b, 0, 1] = 1
        members.b2[b] = [0, -1] if b else [0, -.5]
    raw = np.random.default_rng(0).integers(90, 130, (70, 30))
    for dtype in np.uint16, np.float32:
        compare(definition(members, bins=BINS), raw.astype(dtype))


def model_of(spectra, axis, classes, seed=0):
    """Networks with their steps in the range of the spectra."""
    spread = float(np.percentile(np.abs(spectra), 90))
    bins = equal_bins(spectra.shape[1], 15)
    members = pointwise_members(15, classes, 40, seed, spread)
    members.w1[:, 0] /= float(np.abs(axis.values).max())
    return definition(
        members, bins=bins, axis=axis, channels=len(axis),
        classes=tuple("abcdefgh"[:classes]),
        weights=np.linspace(.1, 1, 15),
        references=np.abs(spectra[:classes]) + 1,
        preprocessing=Preprocessing(Baseline("reduced"), "none"))


@pytest.mark.parametrize(("folder", "classes"), [
    ("y2mn2o7_insitu_xrd", 2), ("fermentation_midir", 3)])
def test_real_spectra(folder, classes):
    path = DATA / folder / "data.npz"
    if not path.exists():
        pytest.skip(f"{path} is not there: it may not be distributed")
    with np.load(path) as file:
        spectra = np.asarray(file["Y"][:96], np.float32)
    spectra *= np.float32(500 / np.abs(spectra).mean())
    compare(model_of(spectra, Axis.channels(spectra.shape[1]), classes),
            spectra, points=3)
