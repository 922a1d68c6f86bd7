"""All engines give the same codes; the numpy engine is the oracle."""
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import definition, linear_members, pointwise_members

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.engine.kernels import votes as vote_kernels
from spectra_classifier.core.engine.labels import softmax
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.engine.texture_distance import Texture
from spectra_classifier.core.model_definition import (
    Baseline,
    Calibration,
    MlpMembers,
    Preprocessing,
    Settings,
    ViewMembers,
)
from spectra_classifier.core.preprocessing.quality import too_few_strips
from spectra_classifier.core.preprocessing.views import View
from spectra_classifier.core.spectra import LARGEST, Axis, Code, make_train

# a first call compiles, on a busy machine for a minute

BINS = ((0, 10), (10, 20), (15, 30))
DATA = Path(__file__).parents[3] / "shared/data"
MODES = ("none", "reduced", "exact")
KINDS = ("pointwise", "linear", "mlp", "views", "textures")


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


def texture_members(bins, classes, seed):
    """The last bin is a texture of six features, whose distances count."""
    rng = np.random.default_rng(seed)
    linear = linear_members(bins[:2], classes, seed)
    return ViewMembers(
        (View("raw"), View("texture", normalise=False, parts=1)), (0, 0, 1),
        (*linear.coef, rng.normal(size=(classes, 6)).astype(np.float32)),
        rng.normal(size=(3, classes)).astype(np.float32),
        Texture(1, rng.normal(size=(classes, 6, 6)).astype(np.float32),
                rng.normal(size=(classes, 6)).astype(np.float32)))


def make_members(kind, classes, seed, scale=50.):
    if kind == "pointwise":
        return pointwise_members(len(BINS), classes, 12, seed, scale)
    make = {"linear": linear_members, "mlp": mlp_members,
            "views": view_members, "textures": texture_members}[kind]
    return make(BINS, classes, seed)


def with_level(kind, normalisation):
    """A texture divides by the mean, which snv leaves to rounding."""
    return ("area" if kind == "textures" and normalisation == "snv"
            else normalisation)


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
        distance = np.stack([result.distance, expected.distance])
        np.testing.assert_allclose(*distance, rtol=max(100 * close, 1e-3))
        beside = ~(np.abs(distance / model.unknown.max_distance - 1).max(
            axis=0) < 100 * close)
        clear &= beside
        np.testing.assert_array_equal(result.label[clear],
                                      expected.label[clear])
        if not points:
            np.testing.assert_array_equal(result.label[beside],
                                          expected.label[beside])
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
        preprocessing=Preprocessing(Baseline(mode), with_level(
            kind, normalisation)))
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


def agree(model, raw, run, engines=None):
    """Every engine gives the same codes, and none a class that is not
    finite."""
    train = make_train(1, raw)
    first, *others = [engine.classify(train, run) for engine in engines or (
        NumpyEngine(model), FusedEngine(model))]
    for result in first, *others:
        for name in "confidence", "scores", "mixture", "votes":
            assert np.isfinite(getattr(result, name)).all(), name
        assert np.isfinite(result.residual[result.label >= 0]).all()
        assert not result.confidence[result.label < -1].any()
    two = np.sort(first.scores, axis=1)[:, -2:]
    # a point may lie on the other side of a threshold
    clear = (two[:, 1] - two[:, 0] > 0.1) | (first.label < -1)
    for result in others:
        np.testing.assert_array_equal(result.label[clear],
                                      first.label[clear])
        np.testing.assert_array_equal(np.isnan(result.residual),
                                      np.isnan(first.residual))
        np.testing.assert_array_equal(result.confidence == 0,
                                      first.confidence == 0)
    return first


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.sampled_from(["none", "area", "snv"]),
       st.booleans(), st.lists(st.tuples(
           st.integers(0, 39), st.integers(0, 29), st.integers(0, 31)),
           min_size=1, max_size=40))
def test_flipped_bits(kind, normalisation, masked, flips):
    """Any bits of any strips of float32 spectra."""
    raw = np.random.default_rng(1).uniform(0.5, 300, (40, 30)).astype("f4")
    for pulse, strip, bit in flips:
        raw.view(np.uint32)[pulse, strip] ^= np.uint32(1 << bit)
    model = definition(make_members(kind, 3, 5), bins=BINS,
                       classes=("a", "b", "c"), preprocessing=Preprocessing(
                           Baseline(), with_level(kind, normalisation)))
    mask = np.arange(30) % 7 == 3 if masked else None
    result = agree(model, raw, Settings(mask=mask))
    seen = raw if mask is None else raw[:, ~mask]
    absurd = ~(np.abs(seen) <= LARGEST).all(axis=1)
    np.testing.assert_array_equal(result.label == Code.BAD_DATA, absurd)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(KINDS), st.lists(st.floats(width=32), min_size=30,
                                        max_size=30), st.booleans())
def test_any_spectrum_and_any_dark(kind, values, as_dark):
    model = definition(make_members(kind, 2, 5), bins=BINS,
                       preprocessing=Preprocessing(
                           Baseline(), with_level(kind, "snv")))
    odd = np.array(values, np.float32)
    run = Settings(dark=odd if as_dark else None, min_intensity=-np.inf)
    raw = np.full((2, 30), 100, np.uint16 if as_dark else np.float32)
    raw[:, ::2] = 130
    if not as_dark:
        raw[1] = odd
    with np.errstate(over="ignore", invalid="ignore"):
        result = agree(model, raw, run)
    if not as_dark:
        assert result.label[0] != Code.BAD_DATA


@pytest.mark.parametrize("kind", KINDS)
def test_what_becomes_too_large_on_the_way_is_unknown(kind):
    """Area: the mean over the strips nearly cancels."""
    raw = np.zeros((3, 30), np.float32)
    raw[:, ::2], raw[:, 1::2] = 1e14, -1e14
    raw[1:, 0] *= np.float32(1 + 2e-7)
    model = definition(make_members(kind, 2, 5), bins=BINS,
                       preprocessing=Preprocessing(Baseline(), "area"),
                       calibration=Calibration(of="votes"))
    result = agree(model, raw, Settings(min_intensity=-np.inf))
    assert result.label[0] == Code.UNKNOWN


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 10 ** 6), st.floats(-45, 30))
def test_an_area_that_is_rounding_gives_no_class(kind, seed, exponent):
    """Whatever the scale, as far as 32 bits have numbers."""
    noise = np.random.default_rng(seed).normal(size=(4, 30))
    noise -= noise.mean(axis=1, keepdims=True)
    noise += np.array([0., 1e-9, 1e-6, 1.])[:, None]
    with np.errstate(under="ignore"):
        raw = (noise * 10 ** exponent).astype(np.float32)
    model = definition(make_members(kind, 2, 5), bins=BINS,
                       preprocessing=Preprocessing(Baseline(), "area"),
                       calibration=Calibration(of="votes"))
    result = agree(model, raw, Settings(min_intensity=-np.inf))
    assert (result.label[:3] < 0).all()


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(KINDS), st.lists(st.integers(0, 29), max_size=30),
       st.sampled_from([0., 0.3, 0.9, 1.]),
       st.sampled_from([(), (0,), (1, 2)]))
def test_masks(kind, strips, least, selected):
    """Too little to judge is bad data in every engine, else nothing is."""
    model = definition(make_members(kind, 2, 5), bins=BINS,
                       min_valid_share=least)
    mask = np.zeros(30, bool)
    mask[strips] = True
    run = Settings(selected, mask=mask)
    for dtype in np.uint16, np.float32:
        raw = np.random.default_rng(2).uniform(50, 300, (40, 30)).astype(
            dtype)
        result = agree(model, raw, run)
        bad = bool(too_few_strips(model, run))
        assert ((result.label == Code.BAD_DATA) == bad).all()


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 5).flatmap(lambda classes: st.lists(
    st.lists(st.floats(width=32), min_size=classes, max_size=classes),
    min_size=1, max_size=10)))
def test_softmax_of_any_logits(rows):
    logits = np.array(rows, np.float32)[:, None]
    found = np.empty_like(logits)
    vote_kernels.softmax(logits, found)
    np.testing.assert_allclose(found, softmax(logits), rtol=1e-5, atol=1e-30)
