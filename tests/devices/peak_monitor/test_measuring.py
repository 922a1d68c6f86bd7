"""Peaks of a train with dead strips: unbiased, or not within."""
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from karabo.middlelayer import Hash

from spectra_classifier.core.decision import PulsePattern
from spectra_classifier.core.drift.reference import DriftReference
from spectra_classifier.core.evaluation.peak import fit
from spectra_classifier.devices.common.pulse_reader import Source
from spectra_classifier.devices.peak_monitor.measuring import Measuring, words
from spectra_classifier.exploration.peak_watch import Region
from tests.devices.fakes import CHANNELS, definition

PLACE = np.arange(float(CHANNELS))
MIDDLE, WIDTH, PULSES = 15.3, 2.5, 60


def line(counts):
    return 20 + counts * np.exp(-0.5 * ((PLACE - MIDDLE) / WIDTH) ** 2)


def measuring(*strips):
    """One taught state has the line, the other has none."""
    spectra = np.stack([line(300), np.full(CHANNELS, 20.)])
    return Measuring(
        Source(strips=strips), replace(definition(), drift=DriftReference(
            spectra / spectra.mean(axis=1, keepdims=True), 50.)),
        (PulsePattern(),), (Region("line", 4, 27, 0.3),), 0.2)


def measured(one, spectra):
    data = Hash()
    data["data.adc"] = Hash(
        "data", spectra.astype("<u2").tobytes(),
        "shape", np.array(spectra.shape, np.uint64), "type", 11)
    return one.measure(1, data)


@settings(deadline=None, max_examples=30)
@given(strips=st.sets(st.integers(5, 26), max_size=10),
       seed=st.integers(0, 10 ** 6))
def test_dead_strips_do_not_move_a_peak(strips, seed):
    random = np.random.default_rng(seed)
    spectra = random.poisson(line(300), (PULSES, CHANNELS))
    spectra[:, list(strips)] = 0
    found, = measured(measuring(*sorted(strips)), spectra)
    peak = found.peak
    if np.isfinite(peak.position):
        assert abs(peak.position - MIDDLE) < 6 * peak.position_error
        assert abs(peak.width - WIDTH) < 6 * peak.width_error


def test_a_region_of_dead_strips_is_not_a_peak_that_is_absent():
    flat = np.random.default_rng(1).poisson(20, (PULSES, CHANNELS))
    absent = measured(measuring(), flat)
    assert absent[0].verdict.within and words(absent, 1) == ""
    dead = measured(measuring(*range(4, 22)), flat)
    assert not dead[0].verdict.within
    assert words(dead, 1) == "line: too many dead strips"


def test_channels_that_are_left_out_need_the_widths_of_the_others():
    kept = np.delete(np.arange(CHANNELS), [13, 14, 16])
    touching = fit(PLACE[kept], line(300)[kept])
    apart = fit(PLACE[kept], line(300)[kept], size=np.ones(len(kept)))
    assert apart.position == pytest.approx(MIDDLE, abs=1e-3)
    assert apart.width == pytest.approx(WIDTH, abs=1e-3)
    assert abs(touching.width - WIDTH) > 0.05
