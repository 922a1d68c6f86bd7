"""One mean spectrum against the training, cause by cause."""
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.core.drift.compare import Comparator
from spectra_classifier.core.drift.reference import DriftReference
from spectra_classifier.errors import InputError

CHANNELS = 480
RANGES = tuple((str(n), *part)
               for n, part in enumerate(equal_bins(CHANNELS, 4)))
X = np.arange(CHANNELS)
LINES = (40, 90, 160, 210, 270, 330, 400, 440)


def lines(places, heights):
    return sum(height * np.exp(-0.5 * ((X - place) / 4) ** 2)
               for place, height in zip(places, heights, strict=True))


STATES = np.array([
    0.3 + lines(LINES, (2, 5, 1, 4, 3, 6, 2, 4)),
    0.3 + lines(LINES, (5, 2, 4, 1, 6, 2, 4, 3))])
STATES /= STATES.mean(axis=1, keepdims=True)
COMPARE = Comparator(DriftReference(STATES, 100.), RANGES)


def spectrum(share=0.3, intensity=100., noise=0., seed=0):
    clean = intensity * (share * STATES[0] + (1 - share) * STATES[1])
    return clean + noise * np.random.default_rng(seed).normal(size=CHANNELS)


def worst(found):
    return max(np.abs(found.shifts).max(), np.abs(found.levels).max(),
               found.peaks.max())


@given(st.floats(0, 1), st.floats(1, 1e5), st.floats(0, 3),
       st.integers(0, 10 ** 6))
@settings(max_examples=60, deadline=None)
def test_no_mixture_and_no_intensity_is_drift(share, intensity, noise, seed):
    found = COMPARE(spectrum(share, intensity, noise * intensity / 100, seed))
    assert found.source == pytest.approx(intensity / 100, rel=0.05)
    assert found.shift == pytest.approx(0, abs=0.5)
    assert worst(found) < 0.1 + 0.03 * noise


def test_an_axis_that_moved(subtests):
    for shift, share in product([-6, -3, -1.5, 1.5, 3, 6], [0., 0.5]):
        with subtests.test(shift=shift, share=share):
            found = COMPARE(np.interp(X - shift, X, spectrum(share)))
            assert found.shift == pytest.approx(shift, abs=0.3)
            np.testing.assert_allclose(found.shifts, shift, atol=0.6)
            assert np.abs(found.levels).max() < 0.1
            assert found.peaks.max() < 0.25


def test_one_bin_that_moved():
    moved = spectrum()
    part = slice(130, 230)
    moved[part] = np.interp(X - 3, X, moved)[part]
    found = COMPARE(moved)
    assert abs(found.shift) < 0.5
    assert found.shifts[1] == pytest.approx(3, abs=0.5)
    np.testing.assert_allclose(found.shifts[[0, 2, 3]], 0, atol=0.5)


@pytest.mark.parametrize("level", [-20, 20, 50])
def test_a_baseline_that_moved(level):
    found = COMPARE(spectrum() + level)
    expected = level / (100 + level)
    assert found.level == pytest.approx(expected, abs=0.04)
    np.testing.assert_allclose(found.levels, expected, atol=0.05)
    assert found.peaks.max() < 0.1


def test_a_line_that_no_class_has():
    found = COMPARE(spectrum() + lines((300,), (150,)))
    assert found.peaks.argmax() == 2
    assert found.peaks[2] > 0.5
    assert found.places[2] == pytest.approx(300, abs=3)
    assert found.peaks[[0, 1, 3]].max() < 0.1
    assert np.abs(found.levels[[0, 1, 3]]).max() < 0.1


@pytest.mark.parametrize("height", [150, 1500])
def test_a_line_does_not_bend_what_explains_the_rest(height):
    found = COMPARE(spectrum() + lines((300,), (height,)))
    assert found.source == pytest.approx(1, rel=0.05)
    assert np.abs(found.levels[[0, 1, 3]]).max() < 0.05


def test_dead_and_hot_strips_are_no_drift():
    dead = spectrum(noise=0.5)
    dead[[91, 205, 333, 430]] = 0
    assert worst(COMPARE(dead)) < 0.2
    dead[300] = 2000
    assert worst(COMPARE(dead)) < 0.2


def test_noise_alone_tells_nothing():
    """As from a handful of photons: what is not sure is 0."""
    for seed in range(20):
        photons = np.random.default_rng(seed).poisson(spectrum(intensity=3.))
        found = COMPARE(photons)
        assert found.peaks.max() < 0.1
        assert np.abs(found.shifts).max() < 1


def test_a_range_without_lines_tells_no_shift():
    """What ripples there is another thing in every detector."""
    flat = STATES.copy()
    flat[:, 360:] = flat[:, 350:351]
    random = np.random.default_rng(0)
    for _ in range(20):
        taught, live = (1 + 0.05 * np.sin(2 * np.pi * (
            X / 24 + random.uniform())) for _ in range(2))
        compare = Comparator(DriftReference(flat * taught, 1.), RANGES)
        assert compare(flat[0] * live).shifts[3] == 0


@pytest.mark.parametrize("bad", [np.zeros(CHANNELS), -spectrum(),
                                 np.full(CHANNELS, np.nan)])
def test_nothing_to_compare(bad):
    assert COMPARE(bad) is None


def test_the_spectrum_is_left_alone():
    given_one = spectrum()
    kept = given_one.copy()
    COMPARE(given_one)
    np.testing.assert_array_equal(given_one, kept)


@pytest.mark.parametrize(("spectra", "intensity"), [
    (STATES[0], 1.), (STATES * np.nan, 1.), (STATES, 0.), (STATES, np.nan)])
def test_a_reference_that_is_none_is_refused(spectra, intensity):
    with pytest.raises(InputError, match="drift reference"):
        DriftReference(spectra, intensity)
