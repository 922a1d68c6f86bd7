"""Views: derivatives take out what a spectrometer adds."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.engine.reference_engine import reference_votes
from spectra_classifier.core.model_definition import ViewMembers
from spectra_classifier.core.preprocessing.texture import (
    LAGS,
    PER_PART,
    features,
)
from spectra_classifier.core.preprocessing.views import (
    View,
    apply_view,
    differentiate,
    kernel,
)
from spectra_classifier.errors import ConfigurationError
from tests.core.small_models import definition

SLOPE = View("slope", derivative=1, window=7)
CURVATURE = View("curvature", derivative=2, window=9)
PARABOLA = np.arange(40.) ** 2


def test_derivatives_of_a_parabola_are_exact():
    x = np.arange(40.)
    np.testing.assert_allclose(differentiate(SLOPE, PARABOLA[None])[0],
                               2 * x[3:-3])
    np.testing.assert_allclose(differentiate(CURVATURE, PARABOLA[None])[0],
                               np.full(32, 2.))


def test_kernel_is_that_of_scipy():
    signal = pytest.importorskip("scipy.signal")
    for view in SLOPE, CURVATURE:
        expected = signal.savgol_coeffs(view.window, 2, view.derivative,
                                        use="dot")
        np.testing.assert_allclose(kernel(view), expected, atol=1e-12)


@given(gain=st.floats(0.01, 100), pedestal=st.floats(-1e4, 1e4),
       tilt=st.floats(-10, 10))
def test_curvature_ignores_gain_pedestal_and_slope(gain, pedestal, tilt):
    spectra = np.random.default_rng(1).gamma(3., 1., (3, 60))
    moved = gain * (spectra + pedestal + tilt * np.arange(60.))
    np.testing.assert_allclose(apply_view(CURVATURE, moved),
                               apply_view(CURVATURE, spectra), atol=1e-6)


def test_a_view_has_no_mean_unit_spread_and_empty_ends():
    spectra = np.random.default_rng(2).normal(size=(4, 50))
    seen = apply_view(SLOPE, spectra)
    assert seen.shape == (4, 50)
    assert not seen[:, :3].any() and not seen[:, -3:].any()
    np.testing.assert_allclose(seen[:, 3:-3].mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(seen[:, 3:-3].std(axis=1), 1)


def test_a_flat_spectrum_is_zero_in_every_normalised_view():
    flat = np.full((2, 40), 7.)
    for view in View("snv"), SLOPE, CURVATURE:
        assert np.abs(apply_view(view, flat)).max() == 0 or np.allclose(
            differentiate(view, flat), 0, atol=1e-12)


def test_wrong_constants_are_named(subtests):
    for wrong in [
            dict(derivative=3), dict(derivative=1, window=4), dict(window=0),
            dict(derivative=1, window=1), dict(parts=-1)]:
        with (subtests.test(wrong=wrong),
              pytest.raises(ConfigurationError, match="'v'")):
            View("v", **wrong)


def test_too_few_channels_are_refused():
    with pytest.raises(ConfigurationError, match="needs 8 channels"):
        differentiate(SLOPE, np.zeros((1, 7)))


def test_texture_sees_the_width_of_spikes_and_not_the_energy():
    random = np.random.default_rng(3)
    rough = random.exponential(size=(200, 256))
    kernel_of = np.ones(8) / 8
    smooth = np.array([np.convolve(s, kernel_of, "same") for s in rough])
    seen = features(rough, 4).reshape(200, 4, PER_PART)
    wide = features(smooth, 4).reshape(200, 4, PER_PART)
    assert (wide[:, :, 2] > seen[:, :, 2]).mean() > 0.99    # lag 2
    np.testing.assert_allclose(features(5 * rough, 4), features(rough, 4))


def test_texture_of_a_flat_spectrum_is_finite():
    seen = features(np.full((1, 128), 3.), 2).reshape(2, PER_PART)
    assert np.isfinite(seen).all()
    np.testing.assert_allclose(seen[:, 0], 0)
    assert not seen[:, 2:].any()


def test_texture_needs_room():
    with pytest.raises(ConfigurationError, match=str(max(LAGS))):
        features(np.ones((1, 64)), 4)


def test_votes_are_the_softmax_of_the_view():
    bins = ((0, 10), (10, 30), (5, 25))
    random = np.random.default_rng(4)
    views = (View("raw", normalise=False), SLOPE)
    members = ViewMembers(
        views, (0, 1, 1),
        tuple(random.normal(size=(2, stop - start)).astype(np.float32)
              for start, stop in bins),
        random.normal(size=(3, 2)).astype(np.float32))
    model = definition(members, bins=bins, weights=[1, 1, 1])
    spectra = random.gamma(3., 1., (5, 30)).astype(np.float32)
    votes, _ = reference_votes(model)(spectra)
    logits = apply_view(SLOPE, spectra)[:, 5:25] @ members.coef[2].T.astype(
        float) + members.intercept[2]
    odds = np.exp(logits[:, 0] - logits[:, 1])
    np.testing.assert_allclose(votes[:, 2, 0], odds / (1 + odds), rtol=1e-5)
    np.testing.assert_allclose(votes.sum(axis=2), 1, rtol=1e-6)
