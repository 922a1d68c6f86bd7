"""Single strips that stand out are interpolated, and nothing else is."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.model_definition import Settings, SpikeRule
from spectra_classifier.core.preprocessing import spikes
from spectra_classifier.core.spectra import make_train
from spectra_classifier.errors import ConfigurationError

CHANNELS = 64
RULE = SpikeRule(50., 8.)
EVERY = Settings()


def smooth(count, seed):
    random = np.random.default_rng(seed)
    place = np.arange(CHANNELS)
    centre = random.uniform(5, CHANNELS - 5, (count, 1))
    return (200 * np.exp(-0.5 * ((place - centre) / 4) ** 2)
            + random.normal(0, 2, (count, CHANNELS))).astype(np.float32)


def removed(raw, given=EVERY):
    return spikes.removed(raw, np.arange(len(raw)), RULE, given)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sets(st.integers(0, CHANNELS // 4 - 1),
                                      min_size=1, max_size=4),
       st.integers(0, 3), st.floats(100, 1e6))
def test_what_comes_back_is_the_spectrum_below(seed, strips, first, height):
    clean = smooth(5, seed)
    strips = [4 * strip + first for strip in strips]
    spiked = clean.copy()
    spiked[2, strips] += np.float32(height)
    rows, mended = removed(spiked)
    assert rows.tolist() == [2]
    others = np.setdiff1d(np.arange(CHANNELS), strips)
    np.testing.assert_array_equal(mended[0, others], clean[2, others])
    # no top of a line between its neighbours; at an edge one step of its side
    assert np.abs(mended[0, strips] - clean[2, strips]).max() < 45


@given(st.integers(0, 10**6), st.integers(2, 40))
def test_a_strip_stands_out_of_the_higher_neighbour(seed, strips):
    some = np.random.default_rng(seed).normal(size=(3, strips))
    wide = np.pad(some, ((0, 0), (1, 1)), constant_values=-np.inf)
    np.testing.assert_array_equal(
        spikes.standing_out(some),
        np.minimum(some - wide[:, :-2], some - wide[:, 2:]))


@given(st.integers(0, 10**6))
def test_noise_and_lines_of_some_strips_are_none(seed):
    assert not len(removed(smooth(20, seed))[0])


def test_dim_spectra_keep_their_photons_and_bright_ones_their_noise():
    """Single photons over nothing are rough; so is ten times the light."""
    random = np.random.default_rng(3)
    photons = 20. * random.poisson(0.02, (200, CHANNELS)).astype(np.float32)
    noise = random.normal(0, 40, (200, CHANNELS)).astype(np.float32)
    assert not len(removed(photons)[0])
    assert not len(removed(noise)[0])


def test_dark_and_mask_come_first():
    clean = smooth(3, 1)
    dark = np.zeros(CHANNELS, np.float32)
    dark[20] = 500.
    mask = np.arange(CHANNELS) == 30
    raw = clean + dark
    raw[:, 30] += 900
    assert not len(removed(raw, Settings(dark=dark, mask=mask))[0])
    raw[1, 20] += 700
    rows, mended = removed(raw, Settings(dark=dark, mask=mask))
    assert rows.tolist() == [1]
    assert mended[0, 20] == pytest.approx(500 + clean[1, [19, 21]].mean(),
                                          rel=1e-6)
    assert mended[0, 30] == raw[1, 30]


def test_the_train_itself_is_not_changed():
    raw = smooth(4, 5)
    raw[3, 40] += 1000
    train = make_train(1, raw)
    mended = spikes.replaced(train, *removed(raw))
    assert train.spectra[3, 40] > 900
    assert mended.spectra[3, 40] < 300
    assert spikes.replaced(train, np.arange(0), raw[:0]) is train


@pytest.mark.parametrize("limits", [(0, 8), (50, 0), (np.nan, 8),
                                    (50, np.inf)])
def test_a_rule_is_checked(limits):
    with pytest.raises(ConfigurationError, match="spikes above"):
        SpikeRule(*limits)
