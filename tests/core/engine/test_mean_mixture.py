"""The mean fractions of many pulses, and their intervals."""
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spectra_classifier.core.engine.mean_mixture import (
    FEWEST,
    MeanMixer,
    student,
)
from spectra_classifier.core.model_definition import (
    MixtureError,
    Preprocessing,
)
from tests.model.conftest import CHANNELS, definition_of

PLACE = np.arange(CHANNELS)
STATES = 5 + np.stack([
    20 * np.exp(-0.5 * ((PLACE - centre * CHANNELS) / 4) ** 2)
    for centre in (0.2, 0.5, 0.8)])


def model(states=2, **changes):
    return replace(definition_of(classes=states), **{
        "references": STATES[:states].astype(np.float32),
        "preprocessing": Preprocessing()} | changes)


def pulses(shares, noise, count, random):
    """Noisy pulses of a mixture, of brightness 0.3 to 3."""
    bright = np.exp(random.uniform(np.log(0.3), np.log(3), (count, 1)))
    clean = bright * (np.asarray(shares) @ STATES[:len(shares)])
    return clean + noise * random.normal(size=clean.shape)


@pytest.mark.parametrize("noise", [0.5, 15.])
def test_intervals_contain_the_truth_in_95_of_100_trains(noise):
    random, mixer, found = np.random.default_rng(1), MeanMixer(model()), []
    for share in np.tile([0.2, 0.5, 0.7], 100):
        of = mixer(pulses([1 - share, share], noise, 60, random))
        found.append((of.low <= [1 - share, share])
                     & (of.high >= [1 - share, share]))
    assert 0.9 < np.mean(found) < 0.985


def test_noise_does_not_move_the_mean_of_a_pure_state():
    random, mixer = np.random.default_rng(2), MeanMixer(model())
    noisy = pulses([1, 0], 15., 4000, random)
    assert mixer(noisy).fractions == pytest.approx([1, 0], abs=0.015)
    single = np.stack([np.clip(each, 0, 1) for each in (
        mixer(noisy[first:first + FEWEST]).fractions
        for first in range(0, 800, FEWEST))]).mean(axis=0)
    assert single[1] > 0.02         # what single fractions would have made


@settings(deadline=None)
@given(st.integers(2, 3), st.integers(0, 10**6))
def test_fractions_and_intervals_are_shares(states, seed):
    random = np.random.default_rng(seed)
    known = MixtureError(*random.uniform(0, 0.2, (2, states)).tolist(),
                         int(random.integers(1, 9)))
    shares = random.dirichlet(np.full(states, 0.5))
    spectra = pulses(shares, random.uniform(0, 30), 20, random)
    plain, wide = (MeanMixer(model(states, mixture_error=each))(spectra)
                   for each in (None, known))
    np.testing.assert_allclose(plain.fractions, wide.fractions, atol=1e-6)
    if np.isfinite(plain.fractions).all():
        assert plain.fractions.sum() == pytest.approx(1)
        for each in plain, wide:
            assert (each.low >= 0).all() and (each.high <= 1).all()
            assert (each.low <= each.fractions).all()
            assert (each.fractions <= each.high).all()


def test_what_the_captures_do_not_tell_widens_the_interval():
    spectra = pulses([0.5, 0.5], 1., 200, np.random.default_rng(3))
    widths = [np.ptp([found.low[1], found.high[1]]) for found in (
        MeanMixer(model(mixture_error=each))(spectra) for each in (
            None, MixtureError((0.05, 0.05), (0., 0.), 6),
            MixtureError((0., 0.), (0.2, 0.2), 6)))]
    assert widths[0] < 0.02
    # 2 t_6 s, and s = 0.5 * 0.5 * (0.2^2 + 0.2^2)^0.5
    assert widths[1] == pytest.approx(2 * 2.447 * 0.05, rel=0.05)
    assert widths[2] == pytest.approx(2 * 2.447 * 0.0707, rel=0.05)


def test_a_pedestal_is_ignored_where_the_normalisation_takes_it_away():
    spectra = pulses([0.3, 0.7], 1., 200, np.random.default_rng(5))
    mixer = MeanMixer(model(preprocessing=Preprocessing(
        normalisation="snv")))
    assert mixer(spectra + 40).fractions == pytest.approx(
        mixer(spectra).fractions, abs=1e-4)


def test_states_that_differ_by_where_alone_are_told_apart():
    one = np.where(PLACE < CHANNELS // 2, 3., 1.)
    two = model(references=np.stack([one, one[::-1]]).astype(np.float32))
    spectra = np.tile(0.75 * one + 0.25 * one[::-1], (20, 1))
    assert MeanMixer(two)(spectra).fractions == pytest.approx([0.75, 0.25])


def test_too_few_pulses_and_nothing_of_any_state_are_not_known():
    mixer = MeanMixer(model())
    for spectra in STATES[:1], np.zeros((20, CHANNELS)), -STATES[
            np.zeros(20, int)]:
        assert np.isnan(mixer(spectra).fractions).all()
        assert mixer(spectra).pulses == len(spectra)


def test_student():
    freedom = np.array([2., 3, 5, 10, 255])
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom),
                                             rel=0.01)
