"""Captures: pure states in turn, apart in time."""
import numpy as np

from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import HARD, REALISTIC


def test_captures_alternate():
    source = GotthardSource(REALISTIC, "ramp3", seed=1)
    dataset = take_captures(source, captures=2, trains=2, pulses=10)
    assert dataset.classes == source.classes
    assert sorted(set(dataset.groups.tolist())) == list(range(6))
    states = [set(dataset.labels[dataset.groups == group].tolist())
              for group in range(6)]
    assert states == [{0}, {1}, {2}, {0}, {1}, {2}]
    assert dataset.provenance["preset"] == "realistic"


def test_dim_and_lost_pulses_are_left_out():
    source = GotthardSource(HARD, seed=2)
    every = take_captures(source, 1, 2, 300, dim=-np.inf)
    bright = take_captures(source, 1, 2, 300)
    left_out = 1 - len(bright) / len(every)
    assert HARD.empty_share < left_out < HARD.empty_share + 0.12
    for group in range(2):
        lowest, usual = (
            one.spectra[one.groups == group].mean(axis=1)
            for one in (bright, every))
        assert lowest.min() >= 0.2 * np.median(usual)


def test_the_dark_is_subtracted_or_not():
    source = GotthardSource(REALISTIC)
    plain = take_captures(source, 1, 1, 20)
    raw = take_captures(source, 1, 1, 20, subtract_dark=False)
    assert plain.spectra.dtype == np.float32
    assert raw.spectra.dtype == np.uint16
    np.testing.assert_array_equal(plain.spectra, raw.spectra - source.dark)
