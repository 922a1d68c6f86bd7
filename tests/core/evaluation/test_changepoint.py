"""Transitions of a sequence."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.evaluation import changepoint
from spectra_classifier.core.evaluation.change import fit


def scores_of(states, sure=0.8, noise=0.5, seed=0, correlation=0.):
    """Probabilities of two classes around a true path, with noise."""
    random = np.random.default_rng(seed)
    odds = np.log(sure / (1 - sure)) * (2 * np.asarray(states) - 1)
    wave = random.normal(size=len(odds))
    for i in range(1, len(wave)):
        wave[i] = correlation * wave[i - 1] + np.sqrt(
            1 - correlation ** 2) * wave[i]
    p = 1 / (1 + np.exp(-(odds + noise * wave)))
    return np.stack([1 - p, p], axis=1)


def test_one_switch_is_found_within_its_interval():
    found, = changepoint.transitions(scores_of([0] * 60 + [1] * 40))
    assert (found.before, found.after) == (0, 1)
    assert abs(found.at - 60) <= 3
    assert found.low <= 60 <= found.high
    assert found.high - found.low < 20


def test_outliers_are_no_transition():
    scores = scores_of([0] * 50, noise=0.)
    scores[20] = [0.1, 0.9]
    assert changepoint.transitions(scores) == []


def test_there_and_back():
    found = changepoint.transitions(
        scores_of([0] * 40 + [1] * 40 + [0] * 40))
    assert [(f.before, f.after) for f in found] == [(0, 1), (1, 0)]
    assert abs(found[0].at - 40) <= 3 and abs(found[1].at - 80) <= 3


@pytest.mark.parametrize("seed", range(5))
def test_a_slow_wave_is_no_transition(seed):
    path = np.array([0] * 150 + [1] * 150)
    random = np.random.default_rng(seed)
    wave = 1.2 * np.sin(2 * np.pi * (np.arange(300) / 90 + random.random()))
    odds = 1.5 * (2 * path - 1) + wave + 0.5 * random.normal(size=300)
    p = 1 / (1 + np.exp(-odds))
    found, = changepoint.transitions(np.stack([1 - p, p], axis=1))
    assert found.low <= 150 <= found.high and found.high - found.low < 20


def test_a_slow_wave_hardly_widens_a_sharp_switch():
    """The wave is told from correlated noise, of which steps are made."""
    time, still, waving = np.arange(349), [], []
    for seed in range(10):
        random = np.random.default_rng(seed)
        plain = (time >= 180) + random.normal(0, 0.5, len(time))
        wave = 0.5 * np.sin(2 * np.pi * (time / random.uniform(60, 120)
                                         + random.random()))
        still.append(fit(plain))
        waving.append(fit(plain + wave))
    assert sum(found.low <= 180 <= found.high for found in waving) >= 8
    assert (np.mean([found.high - found.low for found in waving])
            < 1 + np.mean([found.high - found.low for found in still]))


@pytest.mark.parametrize("residue", [0., 1e-16, 1e-8])
def test_rounding_is_no_correlated_noise(residue):
    path = np.array([0.] * 180 + [1.] * 169)
    wave = residue * np.sin(np.arange(349) / 30)
    scores = np.stack([1 - path, path], axis=1) + wave[:, None]
    found, = changepoint.transitions(scores, scores)
    assert (found.at, found.low, found.high) == (180, 180, 180)
    assert (found.begin, found.end, found.correlation) == (180, 180, 1)


@pytest.mark.parametrize("seed", range(5))
def test_a_noisy_mixture_does_not_widen_a_sharp_switch(seed):
    path = np.array([0.] * 180 + [1.] * 169)
    new = np.clip(path + np.random.default_rng(seed).normal(
        0, 0.4, len(path)), 0, 1)
    found, = changepoint.transitions(
        np.stack([1 - path, path], axis=1), np.stack([1 - new, new], axis=1))
    assert (found.low, found.at, found.high) == (180, 180, 180)
    assert found.begin == found.end == 180


def test_a_change_may_rest_on_the_way():
    steps = np.arange(300)
    new = 0.7 * (steps >= 100) + 0.3 * (steps >= 180)
    seen = np.clip(new + np.random.default_rng(1).normal(0, 0.1, 300), 0, 1)
    scores = np.stack([1 - seen, seen], axis=1)
    found, = changepoint.transitions(scores, scores)
    assert found.low <= 100 <= found.high and found.high - found.low <= 4


def test_intervals_hold_what_they_promise():
    held = []
    for seed in range(60):
        found = changepoint.transitions(scores_of(
            [0] * 80 + [1] * 80, 0.7, 1., seed, 0.5))
        held += [f.low <= 80 <= f.high for f in found[:1]]
    assert len(held) >= 55 and np.mean(held) >= 0.95


def test_spectra_without_scores_say_nothing():
    scores = scores_of([0] * 30 + [1] * 30, noise=0.1)
    scores[10:15] = 0.
    scores[40] = np.nan
    found, = changepoint.transitions(scores)
    assert found.at == 30
    assert changepoint.transitions(np.zeros((0, 2))) == []


def test_crossing_of_a_mixture():
    mixture = np.linspace(0, 1, 101)
    mixture[10] = 1.
    assert changepoint.crossing(mixture) == pytest.approx(50, abs=1)
    assert changepoint.crossing(mixture[::-1]) == pytest.approx(50, abs=1)
    assert changepoint.crossing(np.zeros(10)) is None
    assert changepoint.crossing(np.zeros(0)) is None


def test_autocorrelation_time():
    random = np.random.default_rng(0)
    assert changepoint.autocorrelation_time(
        random.normal(size=2000)) == pytest.approx(1, abs=0.3)
    slow = np.repeat(random.normal(size=200), 10)
    assert changepoint.autocorrelation_time(slow) > 6
    assert changepoint.autocorrelation_time(np.ones(5)) == 1


def test_a_gradual_change_has_a_begin_and_an_end():
    ramp = np.clip((np.arange(120) - 40) / 40, 0, 1)
    scores = scores_of(ramp > 0.5, 0.95, 0.1)
    mixture = np.stack([1 - ramp, ramp, np.zeros(120)], axis=1)
    three = np.column_stack([scores, np.zeros(120)])
    sharp, = changepoint.transitions(three)
    found, = changepoint.transitions(three, mixture)
    assert abs(found.begin - 44) <= 2 and abs(found.end - 76) <= 2
    assert found.low <= 60 <= found.high and found.high - found.low < 5
    # scores alone do not know
    assert sharp.begin == sharp.end == sharp.at


def test_steps_without_a_mixture_say_nothing():
    scores = scores_of([0] * 60 + [1] * 60, 0.95, 0.1)
    mixture = scores.copy()
    mixture[::7] = np.nan
    mixture[3::7] = 0.
    found, = changepoint.transitions(scores, mixture)
    assert abs(found.begin - 60) <= 2 and abs(found.end - 60) <= 2


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_fractions_that_are_not_finite_say_nothing(odd):
    mixture = np.linspace(0, 1, 101)
    mixture[[3, 20, 90]] = odd
    assert changepoint.crossing(mixture) == pytest.approx(50, abs=1)
    assert changepoint.crossing(np.full(10, odd)) is None


@settings(deadline=None)
@given(st.floats(0, 1), st.lists(st.sampled_from(
    [0., 0., 0., 1e-300, 1e-17, 1e-12, 0.5, np.nan]), max_size=60))
def test_any_fractions_have_an_answer(level, more):
    """Also where nothing changes, or only by rounding."""
    found = fit(level + np.array(more))
    assert found is None or (
        0 <= found.low <= found.at <= found.high < len(more))


@settings(deadline=None, max_examples=10)
@given(st.floats(3, 5), st.floats(2, 8))
def test_short_states_of_a_slow_series_are_kept(width, sharp):
    """Changes leave a correlation that is no noise."""
    places, steps = (81, 141, 163, 193), np.arange(384)
    course = sum(1 / (1 + np.exp(-(steps - place) / width))
                 for place in places)
    share = np.exp(-sharp * np.square(course[:, None] - np.arange(5)))
    found = changepoint.transitions(share / share.sum(axis=1, keepdims=True))
    assert [(each.before, each.after) for each in found] == [
        (0, 1), (1, 2), (2, 3), (3, 4)]
    np.testing.assert_allclose([each.at for each in found], places, atol=4)
