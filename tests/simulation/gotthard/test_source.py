"""The Gotthard-II source: reproducible, in range, true to its truth."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.spectra import Code
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.gotthard.drift import drift_at
from spectra_classifier.simulation.presets import (
    EASY,
    HARD,
    PRESETS,
    REALISTIC,
    preset,
)
from spectra_classifier.simulation.timeline import Timeline

#: nothing but photons, so that means can be compared
CLEAN = replace(
    EASY, name="clean", gain_pattern=0., pedestal_pattern=0., chip_noise=0.,
    train_noise=0., dead_strips=0, gain_drift=0., gain_step=0.,
    pedestal_drift=0., pedestal_step=0., pattern_drift=0., axis_drift=0.,
    axis_step=0.)


@pytest.fixture(scope="module")
def realistic():
    return GotthardSource(REALISTIC, "ramp", seed=3, first_train=100)


def test_a_train_is_a_function_of_its_id(realistic):
    again = GotthardSource(REALISTIC, "ramp", seed=3, first_train=100)
    again.train(107, 9)
    one, two = realistic.train(150, 40), again.train(150, 40)
    for name in ("adc", "gain", "frame", "cell", "label", "fraction"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert not np.array_equal(one.adc, realistic.train(151, 40).adc)
    other = GotthardSource(REALISTIC, "ramp", seed=4, first_train=100)
    assert not np.array_equal(one.adc, other.train(150, 40).adc)


@pytest.mark.parametrize("name", PRESETS)
def test_counts_are_those_of_a_12_bit_converter(name):
    train = GotthardSource(preset(name)).train(7, 400)
    assert train.adc.dtype == np.uint16
    assert train.adc.shape == (400, 1280)
    assert train.adc.max() <= 4095
    assert train.gain.dtype == np.uint8
    assert np.median(train.adc) > 100


@pytest.mark.parametrize("pulses", [0, 1, 2720])
def test_any_number_of_pulses(realistic, pulses):
    train = realistic.train(100, pulses)
    assert train.adc.shape == (pulses, 1280)
    for name in ("frame", "bunch", "cell", "time", "label", "fraction",
                 "spectrum"):
        assert getattr(train, name).shape == (pulses,)


def test_more_pulses_than_frames_are_refused(realistic):
    with pytest.raises(ConfigurationError, match="2720"):
        realistic.train(100, 2721)


def test_the_truth_follows_the_timeline():
    source = GotthardSource(EASY, "ramp", first_train=50,
                            timeline=Timeline(2, 3, 3))
    trains = [source.train(50 + index, 4) for index in range(10)]
    assert [train.fraction[0] for train in trains] == [
        0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 0.75]
    assert [train.label[0] for train in trains] == [
        0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert trains[0].transition == 54
    assert trains[0].distance == 3


def test_mixtures_are_mixtures():
    source = GotthardSource(CLEAN, "redistribution", seed=1)
    pure_a, pure_b, mixed = (
        source.train(5, 2000, coordinate=coordinate).adc.mean(axis=0)
        - source.dark for coordinate in (0, 1, 0.3))
    expected = 0.7 * pure_a + 0.3 * pure_b
    sigma = CLEAN.gain * np.sqrt(CLEAN.photons * 1.2 / 1280 / 2000) * 2
    assert np.abs(mixed - expected).max() < 6 * sigma
    assert np.abs(pure_a - pure_b).max() > 50 * sigma


def test_pulses_of_one_train_may_be_in_different_states():
    source = GotthardSource(CLEAN, "shift")
    coordinate = np.tile([0., 1.], 300)
    train = source.train(3, 600, coordinate=coordinate)
    np.testing.assert_array_equal(train.label, coordinate)
    difference = np.abs(train.adc[::2].mean(axis=0)
                        - train.adc[1::2].mean(axis=0))
    assert difference.max() > 100


def test_the_expected_spectrum_is_the_density():
    source = GotthardSource(CLEAN, "ramp", seed=2)
    mean = source.train(1, 2700, coordinate=0).adc.mean(axis=0) - source.dark
    expected = (CLEAN.gain * CLEAN.photons
                * source.scenario.density[0, 16:-16])
    assert mean.sum() == pytest.approx(expected.sum(), rel=0.02)
    assert np.corrcoef(mean, expected)[0, 1] > 0.995


def test_total_intensity_says_nothing_of_the_class():
    source = GotthardSource(REALISTIC, "ramp", seed=6)
    for train_id in range(3):
        totals = [source.train(train_id, 2000, coordinate=state)
                  .adc.sum(axis=1) for state in (0, 1)]
        spread = totals[0].std() / np.sqrt(2000)
        assert abs(totals[0].mean() - totals[1].mean()) < 6 * spread


def test_empty_pulses_come_as_often_as_stated():
    source = GotthardSource(replace(CLEAN, empty_share=0.1), seed=2)
    photons = (source.train(1, 2700).adc - source.dark).sum(
        axis=1) / CLEAN.gain
    empty = photons < 1.5 * CLEAN.empty_energy * CLEAN.photons
    assert np.mean(empty) == pytest.approx(0.1, abs=0.02)
    assert photons[~empty].min() > 0.2 * CLEAN.photons


def test_lost_frames_look_like_buffers_never_written():
    source = GotthardSource(replace(EASY, lost_share=0.1))
    train = source.train(4, 1000)
    lost = train.cell == 255
    assert 50 < np.count_nonzero(lost) < 150
    np.testing.assert_array_equal(lost, train.frame == 0)
    np.testing.assert_array_equal(lost, train.label == -4)
    assert not train.adc[lost].any()
    assert train.adc[~lost].any(axis=1).all()


def test_bright_pulses_switch_the_gain():
    source = GotthardSource(replace(EASY, photons=40_000), "ramp")
    train = source.train(4, 200, coordinate=0)
    switched = train.gain > 0
    assert switched.any(axis=1).mean() > 0.5
    # the brightest strips read less than their neighbours
    assert train.adc[switched].max() < train.adc[~switched].max()


@pytest.mark.parametrize("one", [REALISTIC, HARD])
def test_some_pulses_switch_in_the_presets(one):
    source = GotthardSource(one, "ramp")
    share = np.mean([source.train(index, 2700).gain.any(axis=1).mean()
                     for index in range(0, 600, 150)])
    assert 0.0003 < share < 0.03


def test_dead_strips_read_zero_and_have_no_dark():
    source = GotthardSource(HARD)
    dead = source.dark == 0
    assert np.count_nonzero(dead) == HARD.dead_strips
    assert not source.train(1, 100).adc[:, dead].any()


@pytest.mark.parametrize("name", PRESETS)
def test_drift_is_bounded_and_real(name):
    one = preset(name)
    drifts = [drift_at(one, 0, train_id) for train_id in range(0, 20_000, 7)]
    shift = np.array([drift.shift for drift in drifts])
    gain = np.array([drift.gain for drift in drifts])
    assert np.abs(shift).max() < one.axis_drift + 4.5 * one.axis_step
    assert 0.5 < shift.std() / np.hypot(one.axis_drift / 2, one.axis_step) < 2
    assert np.abs(gain - 1).max() < one.gain_drift + 4.5 * one.gain_step
    assert np.abs(gain - 1).mean() > 0


def test_drift_jumps_where_it_is_stated():
    step = REALISTIC.step_period
    before, after, much_before = (
        drift_at(REALISTIC, 0, train_id).pedestal
        for train_id in (3 * step - 1, 3 * step, 3 * step - 2))
    assert abs(after - before) > 10 * abs(before - much_before)


def test_a_timeline_must_fit_the_scenario():
    with pytest.raises(ConfigurationError, match="3 states"):
        GotthardSource(EASY, "ramp", timeline=Timeline(3, 5, 5))


def test_an_unknown_preset_is_refused():
    with pytest.raises(ConfigurationError, match="realistic"):
        preset("impossible")


def test_without_light_there_is_the_dark_alone(realistic):
    train = realistic.train(120, 200, light=False)
    came = train.label != Code.BAD_DATA
    assert (train.label[came] == Code.LOW_INTENSITY).all()
    alive = realistic.dark > 0
    above = train.adc[came][:, alive].mean() - realistic.dark[alive].mean()
    assert abs(above) < 5
