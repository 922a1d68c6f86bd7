"""The residual beside the mixture and beside what varies within a state."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from spectra_classifier.core.engine import mixture
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.engine.within_class_variation import (
    FLAT,
    Comparison,
    Variation,
    pool,
)
from spectra_classifier.core.model_definition import Settings, ViewMembers
from spectra_classifier.core.preprocessing.views import View
from spectra_classifier.core.spectra import make_train
from spectra_classifier.errors import InputError
from tests.core.small_models import (
    definition,
    linear_members,
    pointwise_members,
)

# a first call compiles, on a busy machine for a minute

CHANNELS, WIDTH = 103, 5
BINS = ((0, 40), (40, 103))


def variation(count=2, seed=0):
    random = np.random.default_rng(seed)
    some = random.normal(size=(CHANNELS // WIDTH, count))
    some -= some.mean(axis=0)
    return Variation(WIDTH, np.linalg.qr(some)[0].T.astype(np.float32))


def residual_of(compared, spectra):
    return compared.residual(
        np.square(spectra).sum(axis=1), compared.sums(spectra),
        lambda *sums: mixture.solve(*sums, compared.gram)[1])


def test_means_of_channels_take_all_of_them_and_no_pedestal():
    spectra = np.random.default_rng(1).normal(size=(4, 13))
    means = pool(spectra, 5)
    expected = np.stack([spectra[:, :5].mean(axis=1),
                         spectra[:, 5:].mean(axis=1)], axis=1)
    np.testing.assert_allclose(means, expected - expected.mean(
        axis=1, keepdims=True))
    np.testing.assert_allclose(pool(spectra + 1e3, 5), means, atol=1e-9)


def test_residual_is_what_least_squares_leaves():
    random = np.random.default_rng(2)
    known = variation()
    references = random.uniform(size=(2, CHANNELS))
    compared = Comparison(references, known)
    spectra = random.normal(size=(50, CHANNELS))
    basis = np.concatenate([known.directions, pool(references, WIDTH)]).T
    expected = []
    for s in pool(spectra, WIDTH):
        # amounts below zero are not allowed: the best of all subsets
        left = [np.linalg.norm(s - basis[:, use] @ amount)
                for use in ([0, 1], [0, 1, 2], [0, 1, 3], [0, 1, 2, 3])
                for amount in [np.linalg.lstsq(
                    basis[:, use], s, rcond=None)[0]]
                if (amount[2:] >= 0).all()]
        expected.append(min(left) / np.linalg.norm(s))
    np.testing.assert_allclose(residual_of(compared, spectra), expected,
                               atol=1e-5)


def test_a_weight_is_the_share_of_the_square_that_counts():
    random = np.random.default_rng(5)
    known = Variation(WIDTH, variation().directions, [0.2, 0.9])
    references = random.uniform(size=(2, CHANNELS))
    spectra = random.normal(size=(50, CHANNELS)) + 2 * references[0]
    scaled = np.eye(CHANNELS // WIDTH) - (
        known.directions.T * (1 - np.sqrt(known.weights))) @ known.directions
    basis = scaled @ pool(references, WIDTH).T
    expected = [nnls(basis, scaled @ s)[1] / np.linalg.norm(s)
                for s in pool(spectra, WIDTH)]
    np.testing.assert_allclose(residual_of(
        Comparison(references, known), spectra), expected, atol=1e-5)


@settings(max_examples=200, deadline=None)
@given(channels=st.integers(2, 12), classes=st.integers(1, 6),
       count=st.integers(1, 11), scale=st.integers(-15, 15),
       close=st.integers(0, 12), weight=st.floats(0, 1),
       seed=st.integers(0, 2**16))
def test_whatever_the_directions_take_a_residual_is_left(
        channels, classes, count, scale, close, weight, seed):
    """References within the directions, or nearly, or all alike."""
    random = np.random.default_rng(seed)
    some = random.normal(size=(channels, min(count, channels - 1)))
    directions = np.linalg.qr(some - some.mean(axis=0))[0].T
    references = 10. ** scale * (
        random.normal(size=(classes, len(directions))) @ directions
        + 10. ** -close * random.normal(size=(classes, channels)) + 3)
    compared = Comparison(references.astype(np.float32), Variation(
        1, directions.astype(np.float32), np.full(len(directions), weight)))
    assert (np.linalg.eigvalsh(compared.solved_with) > 0).all()
    spectra = np.concatenate([references, 10. ** scale * random.normal(
        size=(4, channels))])
    found = residual_of(compared, spectra)
    flat = ~(np.square(pool(spectra, 1)).sum(axis=1)
             > FLAT * np.square(spectra).sum(axis=1))
    assert np.array_equal(np.isnan(found), flat)
    assert ((found >= 0) & (found <= 1) | flat).all()


def test_mixtures_pedestals_and_variation_leave_nothing():
    random = np.random.default_rng(3)
    known = variation()
    references = random.uniform(size=(2, CHANNELS))
    # the direction at the resolution of the channels
    fine = np.repeat(known.directions[0], WIDTH)
    fine = np.append(fine, [fine[-1]] * (CHANNELS - len(fine)))
    spectra = np.stack([0.3 * references[0] + 0.9 * references[1] + 700.,
                        references[0] - 0.4 * fine])
    compared = Comparison(references, known)
    assert residual_of(compared, spectra).max() < 1e-3
    assert residual_of(compared, -references).min() > 0.5


def members_of(kind):
    if kind == "pointwise":
        return pointwise_members(len(BINS))
    linear = linear_members(BINS)
    return linear if kind == "linear" else ViewMembers(
        (View("snv"), View("slope 7", 1, 7)), (0, 1), linear.coef,
        linear.intercept)


@pytest.mark.parametrize("kind", ["linear", "pointwise", "views"])
def test_engines_agree_far_above_a_pedestal(kind):
    model = definition(members_of(kind), CHANNELS, bins=BINS,
                       variation=Variation(WIDTH, variation().directions,
                                           [0., 0.3]))
    random = np.random.default_rng(4)
    mixed = random.uniform(size=(70, 2)) @ model.references
    raw = (900. + 40. * mixed + random.normal(
        size=(70, CHANNELS))).astype(np.float32)
    raw[3] = 50.
    settings = Settings(dark=np.arange(CHANNELS, dtype=np.float32))
    train = make_train(1, raw + settings.dark)
    exact = NumpyEngine(model).classify(train, settings)
    for threads in 1, 2:
        fast = FusedEngine(model, threads).classify(train, settings)
        np.testing.assert_allclose(fast.residual, exact.residual, atol=2e-4)
        np.testing.assert_allclose(fast.mixture, exact.mixture, atol=2e-3)
    assert np.isnan(exact.residual[3]) and exact.label[3] == -1
    assert 0.05 < np.nanmedian(exact.residual) < 0.95


def test_directions_must_fit_the_axis():
    with pytest.raises(InputError, match="does not fit 120 channels"):
        definition(linear_members(BINS), 120, bins=BINS,
                   variation=variation())
    for wrong in [0.5], [0.5, 1.5], [np.nan, 0.]:
        with pytest.raises(InputError, match="one from 0 to 1"):
            Variation(WIDTH, variation().directions, wrong)
    with pytest.raises(InputError, match="one direction or more"):
        Variation(5, np.empty((0, 20)))
