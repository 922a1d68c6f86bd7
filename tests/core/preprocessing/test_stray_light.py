"""Light is told from noise by how frames fluctuate."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.preprocessing.dark import MAX_LIGHT, StrayLight
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset

TRAINS, PULSES, FIRST = 12, 300, 1000


def references(source):
    """What a model would know of the classes of a source."""
    bright = GotthardSource(replace(
        source.preset, read_noise=0., chip_noise=0., train_noise=0.,
        switch_level=4000.), "ramp", source.seed, FIRST)
    return np.stack([
        bright.train(FIRST, 200, coordinate=state).adc.mean(axis=0)
        - bright.dark for state in (0, 1)])


def significance(name, seed, light, state):
    """Of frames with a share of the usual light of a state."""
    usual = preset(name)
    source = GotthardSource(replace(usual, photons=usual.photons * light)
                            if light else usual, "ramp", seed, FIRST)
    seen = StrayLight(references(GotthardSource(usual, "ramp", seed, FIRST)))
    for number in range(TRAINS):
        train = source.train(FIRST + number, PULSES, coordinate=state,
                             light=light > 0)
        good = (train.gain == 0).all(axis=1) & (train.cell != 255)
        seen.add(train.adc[good].astype(float))
    return seen.significance()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", ["easy", "realistic", "hard"])
def test_noise_is_no_light(name, seed):
    assert max(significance(name, seed, 0., 0)) < MAX_LIGHT


@pytest.mark.parametrize("state", [0, 1])
@pytest.mark.parametrize("name, light", [
    ("easy", 0.15), ("realistic", 0.1), ("hard", 0.1)])
def test_light_of_a_class_is_seen_and_named(name, light, state):
    found = significance(name, 3, light, state)
    assert np.argmax(found) == state
    assert found[state] > MAX_LIGHT


def frames(count, channels=64, seed=0):
    return np.random.default_rng(seed).normal(size=(count, channels))


@pytest.mark.parametrize("common", [
    np.ones(64), np.linspace(0, 1, 64), np.repeat([5., 0., 0., 0.], 16)])
def test_what_a_train_or_a_chip_has_in_common_is_no_light(common):
    shape = np.random.default_rng(1).normal(size=(1, 64)) ** 2
    seen = StrayLight(shape)
    for train in range(5):
        level = np.random.default_rng(train).normal(size=(100, 1))
        seen.add(frames(100, seed=train) + level * common + 3 * train * shape)
    assert abs(seen.significance()[0]) < 4


def test_without_frames_or_strips_that_move_nothing_is_said():
    seen = StrayLight(np.ones((1, 8)))
    seen.add(np.zeros((1, 8)))
    assert seen.significance().tolist() == [0.]
    seen.add(np.zeros((9, 8)))
    assert seen.significance().tolist() == [0.]
