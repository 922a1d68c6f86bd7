"""Photons fall where the density says, with Poisson statistics."""
import numpy as np

from spectra_classifier.simulation.gotthard.frames import (
    FINE,
    expose,
    photon_pool,
)

MARGIN, CHANNELS, SIZE = 4, 300, 1 << 20


def exposed(counts, density=None, **changes):
    """adc, gain of a plain detector: 1 ADU per photon, nothing else."""
    pulses = len(counts)
    random = np.random.default_rng(0)
    if density is None:
        density = np.ones(CHANNELS + 2 * MARGIN)
    pool = photon_pool(density, SIZE, random)
    values = {
        "pools": pool[None], "counts": np.array(counts)[:, None],
        "starts": random.integers(0, SIZE - max(counts), (pulses, 1)),
        "shift": 0, "margin": MARGIN,
        "adu_per_photon": np.ones(CHANNELS, np.float32),
        "pedestal": np.zeros(CHANNELS, np.float32),
        "cells": np.zeros((2, CHANNELS), np.float32),
        "chip_offset": np.zeros((pulses, 3), np.float32),
        "noise": np.zeros(CHANNELS, np.float32),
        "noise_starts": np.zeros(pulses, np.int64), "switch_level": 4000.,
        "switched_pedestal": np.float32(700),
        "switched_slope": np.float32(0.5), "dead": np.empty(0, np.int64),
        "lost": np.zeros(pulses, bool),
        "adc": np.zeros((pulses, CHANNELS), np.uint16),
        "gain": np.zeros((pulses, CHANNELS), np.uint8)} | changes
    expose(*values.values())
    return values["adc"], values["gain"]


def test_the_pool_follows_the_density_closely():
    density = np.linspace(1, 3, 50)
    pool = photon_pool(density, 100_000, np.random.default_rng(1))
    found = np.bincount(pool // FINE, minlength=50)
    np.testing.assert_allclose(found, 1e5 * density / density.sum(),
                               atol=2)


def test_counts_are_poisson():
    random = np.random.default_rng(2)
    mean = 900.
    adc, _ = exposed(random.poisson(mean, 800))
    per_channel = mean / (CHANNELS + 2 * MARGIN)
    assert abs(adc.mean() / per_channel - 1) < 0.01
    assert abs(adc.var(axis=0).mean() / per_channel - 1) < 0.05
    # neighbours know nothing of each other
    neighbours = np.mean([np.corrcoef(adc[:, c], adc[:, c + 1])[0, 1]
                          for c in range(0, CHANNELS - 1, 7)])
    assert abs(neighbours) < 0.03


def test_a_shift_moves_the_spectrum():
    density = np.zeros(CHANNELS + 2 * MARGIN)
    density[MARGIN + 100] = 1
    for shift, place in ((0, 100), (2 * FINE, 102), (-3 * FINE, 97)):
        adc, _ = exposed([500], density, shift=shift)
        assert adc[0, place] == 500
    adc, _ = exposed([500], density, shift=FINE // 2)
    assert adc[0, 100] + adc[0, 101] == 500
    assert 150 < adc[0, 100] < 350


def test_pedestal_gain_noise_and_chip_offsets_add():
    adc, _ = exposed(
        [0, 0], pedestal=np.full(CHANNELS, 200, np.float32),
        chip_offset=np.array([[0, 0, 0], [10, 20, 30]], np.float32),
        noise=np.full(CHANNELS, -5, np.float32))
    assert (adc[0] == 195).all()
    assert (adc[1, :128] == 205).all()
    assert (adc[1, 128:256] == 215).all()
    assert (adc[1, 256:] == 225).all()


def test_the_converter_has_an_end_on_both_sides():
    pedestal = np.full(CHANNELS, 9000, np.float32)
    pedestal[:10] = -50
    adc, gain = exposed([0], pedestal=pedestal, switch_level=5000.)
    assert (adc[0, :10] == 0).all()
    assert (adc[0, 10:] == 4095).all()
    assert not gain.any()


def test_a_bright_strip_switches_its_gain_and_its_count_falls():
    density = np.zeros(CHANNELS + 2 * MARGIN)
    density[MARGIN + 7] = 1
    adc, gain = exposed([3999, 4001], density)
    assert adc[0, 7] == 3999
    assert not gain[0].any()
    assert adc[1, 7] == 2700        # 700 + 0.5 * 4001
    assert gain[1, 7] == 1
    assert np.count_nonzero(gain) == 1


def test_dead_strips_and_lost_frames_stay_at_zero():
    adc, gain = exposed(
        [500, 500], pedestal=np.full(CHANNELS, 4050, np.float32),
        dead=np.array([3, 9]), lost=np.array([False, True]))
    assert (adc[0, [3, 9]] == 0).all()
    assert (gain[0, [3, 9]] == 0).all()
    assert np.count_nonzero(adc[0]) == CHANNELS - 2
    assert not adc[1].any()
