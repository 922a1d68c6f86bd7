"""Peaks beside the taught ones: flagged where they differ, else not."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.evaluation.peak import Peak, fit
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import InputError
from spectra_classifier.exploration.peak_watch import (
    Region,
    fit_mean,
    judge,
    taught_range,
)

X = np.linspace(500., 530., 90)


def line(middle, width=2., photons=400.):
    bell = np.exp(-0.5 * ((X - middle) / width) ** 2)
    return photons * bell / bell.sum() + 1


TAUGHT = tuple(fit(X, line(middle)) for middle in (512., 516.))


@settings(deadline=None)
@given(middle=st.floats(509, 519), seed=st.integers(0, 10 ** 6),
       tolerance=st.sampled_from((0., 0.5)))
def test_a_peak_is_flagged_where_it_is_not_as_taught(middle, seed, tolerance):
    spectra = np.random.default_rng(seed).poisson(line(middle), (60, len(X)))
    found = fit_mean(X, spectra)
    # 60 spectra of 400 photons: the error is a fiftieth of the width
    assert abs(found.position - middle) < 6 * found.position_error < 0.3
    verdict = judge(found, TAUGHT, tolerance, "eV")
    far = max(512 - middle, middle - 516) - tolerance
    if far < 0:
        assert verdict.within and verdict.words == ""
    elif far > 0.4:
        assert not verdict.within and verdict.beyond == ("position",)
        assert verdict.words.startswith("position ")
        assert "eV, taught are 512 to 516 eV" in verdict.words


@pytest.mark.parametrize("width", [1.5, 2.6])
def test_a_peak_of_another_width_is_flagged(width):
    spectra = np.random.default_rng(1).poisson(line(514., width), (200, 90))
    words = judge(fit_mean(X, spectra), TAUGHT).words
    assert words.startswith("width ")
    assert judge(fit_mean(X, spectra), TAUGHT, 1.).within


def test_nothing_is_within_that_is_not_shown():
    nothing = Peak()
    assert not judge(nothing, TAUGHT).within
    assert judge(nothing, TAUGHT).words == "no peak stands out"
    assert not judge(TAUGHT[0], (nothing, nothing)).within
    assert "no taught state" in judge(TAUGHT[0], ()).words
    # a state without the peak is a taught one
    assert judge(nothing, (*TAUGHT, nothing)).within
    assert judge(TAUGHT[1], (*TAUGHT, nothing)).within
    assert np.isnan(taught_range((nothing,), "position")).all()


def test_no_spectra_and_dead_ones_are_no_peak():
    assert np.isnan(fit_mean(X, np.empty((0, len(X)))).position)
    assert np.isnan(fit_mean(X, np.zeros((30, len(X)))).position)
    broken = np.random.default_rng(2).poisson(line(514.), (30, 90)) * 1.
    broken[3, 4] = np.nan
    assert np.isnan(fit_mean(X, broken).position)


def test_a_falling_axis_is_the_same_peak():
    spectra = np.random.default_rng(3).poisson(line(514.), (30, 90))
    rising, falling = fit_mean(X, spectra), fit_mean(X[::-1], spectra[:, ::-1])
    assert falling.position == pytest.approx(rising.position)
    assert falling.position_error == pytest.approx(rising.position_error)


@pytest.mark.parametrize(("region", "words"), [
    (("line", 520, 510), "start below the end"),
    (("line", np.nan, 510), "start below the end"),
    (("line", 500, 510, -1.), "tolerance of 0 or more"),
    (("  ", 500, 510), "has no name")])
def test_a_region_that_is_none_is_refused(region, words):
    with pytest.raises(InputError, match=words):
        Region(*region)


def test_a_region_needs_some_channels():
    axis = Axis(X, "energy", "eV")
    assert Region("line", 505, 525).channels(axis).sum() == 60
    with pytest.raises(InputError, match=r"has 3 channels.*500 to 530 eV"):
        Region("line", 505, 506).channels(axis)
