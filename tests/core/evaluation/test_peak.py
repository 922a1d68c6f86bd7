"""Peaks are measured as well as counting allows."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.evaluation.peak import fit

X = 530 + 0.1 * np.arange(60)
NAMES = "intensity", "position", "width", "asymmetry"


def expected(truth, x=X):
    intensity, middle, width, skew, background = truth
    z = (x - middle) / width
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) / width
    return intensity * density * (
        1 + skew * (z ** 3 - 3 * z) / 6) * (x[1] - x[0]) + background


def bound(truth):
    truth = np.asarray(truth, float)
    step = 1e-4 * np.maximum(np.abs(truth), 0.1)
    slopes = np.array([(expected(truth + h) - expected(truth - h))
                       / (2 * h.sum()) for h in np.diag(step)])
    return np.sqrt(np.diag(np.linalg.inv(
        slopes / expected(truth) @ slopes.T)))[:4]


def test_bias_and_spread_against_the_cramer_rao_bound(subtests):
    random = np.random.default_rng(58)
    for photons, skew in (300, 0.), (2000, 0.2), (10000, 0.):
        truth = (photons, 533.03, 0.45, skew, 1.)
        peaks = [fit(X, random.poisson(expected(truth)))
                 for _ in range(400)]
        found = np.array([[getattr(peak, name) for name in NAMES]
                          for peak in peaks])
        stated = np.array([[getattr(peak, f"{name}_error") for name in NAMES]
                           for peak in peaks])
        limit = bound(truth)
        for place, name in enumerate(NAMES):
            with subtests.test(photons=photons, name=name):
                # 400 tries know the spread within 4 %, the bias within 5 %
                assert abs(found[:, place].mean() - truth[place]) < (
                    0.25 * limit[place])
                assert found[:, place].std() == pytest.approx(
                    limit[place], rel=0.15)
                assert np.median(stated[:, place]) == pytest.approx(
                    limit[place], rel=0.1)


@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_units_of_counts_and_axis_do_not_matter(gain, start, size):
    truth = (3000, 533., 0.5, 0.1, 2.)
    counts = np.random.default_rng(6).poisson(expected(truth))
    plain = fit(X - 530, counts)
    found = fit(start + size * (X - 530), gain * counts)
    assert found.intensity == pytest.approx(gain * plain.intensity, rel=1e-3)
    assert found.intensity_error == pytest.approx(
        gain * plain.intensity_error, rel=1e-2)
    assert found.position == pytest.approx(
        start + size * plain.position, abs=1e-3 * size)
    assert found.width_error == pytest.approx(size * plain.width_error,
                                              rel=1e-2)
    assert found.asymmetry == pytest.approx(plain.asymmetry, abs=1e-2)


def test_a_known_variance_gives_the_errors():
    truth = (3000, 533., 0.5, 0., 2.)
    random = np.random.default_rng(7)
    found = [fit(X, expected(truth) + random.normal(0, 5, len(X)),
                 np.full(len(X), 25.)) for _ in range(300)]
    spread = np.std([peak.position for peak in found])
    assert np.median([peak.position_error for peak in found]) == (
        pytest.approx(spread, rel=0.15))


def test_where_there_is_no_peak(subtests):
    random = np.random.default_rng(8)
    edge = np.exp(-0.5 * ((X - 540) / 0.5) ** 2)
    for name, counts, variance in (
            ("flat", np.ones(60), None), ("nan", np.full(60, np.nan), None),
            ("dip", -expected((3000, 533., 0.5, 0., 0.)), None),
            ("slope", np.linspace(0, 100, 60), None),
            ("outside", 1000 * edge + 1, None),
            ("no variance", expected((3000, 533., 0.5, 0., 2.)),
             np.zeros(60))):
        with subtests.test(name):
            assert np.isnan(fit(X, counts, variance).position)
    assert np.isnan(fit(X[:5], np.arange(5.)).position)
    none = [fit(X, random.poisson(5., 60)) for _ in range(100)]
    assert np.mean([np.isnan(peak.position) for peak in none]) > 0.5
