"""Clusters of streams whose states are known."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from spectra_classifier.exploration import clusters
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS

X = np.arange(120.)


def stream(preset, scenario, seed, still=False, trains=240, pulses=3):
    source = GotthardSource(PRESETS[preset], scenario, seed=seed)
    spectra, truth = [], []
    for train_id in range(trains):
        train = source.train(train_id, pulses, 0 if still else None)
        used = (train.label >= 0) & ~train.gain.any(axis=1)
        spectra.append(source.signal(train)[used])
        truth.append(train.fraction[used])
    return np.concatenate(spectra), np.concatenate(truth)


def two_states(state, seed=0, noise=2.):
    """(N, 120) spectra of states 0 and 1: a line here or there."""
    random = np.random.default_rng(seed)
    place = np.where(np.asarray(state) > 0.5, 80, 70)[:, None]
    return (100 * np.exp(-0.5 * ((X - 30) / 5) ** 2)
            + 60 * np.exp(-0.5 * ((X - place) / 5) ** 2)
            + random.normal(20, noise, (len(place), 120)))


def test_states_of_the_simulated_beam(subtests):
    for preset, scenario, seed, states in (
            ("easy", "redistribution", 31, 2), ("realistic", "ramp", 32, 2),
            ("hard", "shift", 33, 2)):
        with subtests.test(preset=preset, scenario=scenario):
            spectra, truth = stream(preset, scenario, seed)
            found = clusters.find(spectra)
            pure = (truth % 1 == 0) & (found.labels >= 0)
            assert found.count == states and found.distance == 1
            assert adjusted_rand_score(
                truth[pure], found.labels[pure]) > 0.95
            boundary = np.flatnonzero(np.diff(truth >= 0.5))
            assert len(found.changes) == len(boundary)
            for each, true in zip(found.changes, boundary, strict=True):
                # within the 60 spectra in which the states are mixed
                assert abs(each.at - true) < 25


def test_drift_alone_is_one_cluster(subtests):
    for number, preset in enumerate(PRESETS):
        with subtests.test(preset=preset):
            spectra, _ = stream(preset, "shift", 41 + number, still=True)
            found = clusters.find(spectra)
            assert found.count == 1 and found.changes == ()


def test_an_even_change_without_rest_is_one_cluster():
    share = np.linspace(0, 1, 400)[:, None]
    pure = two_states([0, 1], noise=0.)
    spectra = (1 - share) * pure[0] + share * pure[1] + np.random.default_rng(
        2).normal(0, 2, (400, 120))
    assert clusters.find(spectra).count == 1


def test_a_pulse_pattern_is_found():
    """Every third pulse is pumped, in half of the time."""
    number = np.arange(900)
    state = (number % 3 == 1) & (number // 90 % 2 == 0)
    found = clusters.find(two_states(state))
    assert found.distance == 3 and found.count == 2 and not found.changes
    assert adjusted_rand_score(state, found.labels) > 0.95


def test_clusters_are_numbered_as_they_appear_and_dim_spectra_have_none():
    state = np.repeat([1, 0, 1], 60)
    spectra = two_states(state)
    spectra[::9] = 20 + 0.05 * (spectra[::9] - 20)
    found = clusters.find(spectra)
    assert (found.labels[::9] == clusters.DIM).all()
    assert np.isnan(found.map[::9]).all()
    rest = np.ones(len(state), bool)
    rest[::9] = False
    np.testing.assert_array_equal(found.labels[rest], 1 - state[rest])
    assert [(each.before, each.after) for each in found.changes] == [
        (0, 1), (1, 0)]


def test_few_equal_and_empty_spectra(subtests):
    for name, spectra in (
            ("none", np.zeros((0, 30))), ("one", np.ones((1, 30))),
            ("few", two_states([0, 1, 0])), ("equal", np.ones((50, 30))),
            ("dark", np.zeros((50, 30))),
            ("noise", np.random.default_rng(3).normal(size=(200, 30))),
            ("one channel", np.random.default_rng(3).normal(size=(50, 1)))):
        with subtests.test(name):
            found = clusters.find(spectra)
            assert len(found.labels) == len(spectra)
            assert found.count <= 1 and found.changes == ()


@settings(max_examples=60)
@given(st.integers(0, 2 ** 31), st.integers(2, 120), st.integers(1, 60),
       st.integers(1, 5), st.sampled_from([0., 1e-12, 0.1, 3.]))
def test_any_spectra_have_an_answer(seed, count, channels, kinds, noise):
    """Groups of any number, size and order, with outliers."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, kinds, count)
    if random.random() < 0.5:
        kind.sort()
    spectra = random.normal(size=(kinds, channels))[kind] + noise * (
        random.standard_t(2, (count, channels)))
    found = clusters.find(spectra)
    assert found.labels.shape == (count,) and found.map.shape == (count, 2)
    assert set(found.labels) - {clusters.DIM} == set(range(found.count))


@pytest.mark.parametrize("scale", [1e-9, 1e12])
def test_units_do_not_matter(scale):
    spectra = two_states(np.repeat([0, 1, 0, 1], 50))
    np.testing.assert_array_equal(clusters.find(spectra * scale).labels,
                                  clusters.find(spectra).labels)
