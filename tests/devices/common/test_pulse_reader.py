"""Some pulses of a train are those that all of them would be."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from karabo.middlelayer import Hash

from spectra_classifier.core.preprocessing.raw_frames import Selection
from spectra_classifier.devices.common.pulse_reader import (
    WINDOW,
    PulseReader,
    Source,
)
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS

PULSES = 3 * WINDOW


@pytest.fixture(scope="module")
def source():
    return GotthardSource(PRESETS["realistic"], "ramp", 9, 1000,
                          receiver=True)


@pytest.fixture(scope="module")
def train(source):
    return source.train(1000, PULSES)


@given(st.integers(0, 2 * WINDOW), st.integers(1, 3))
@settings(deadline=None, max_examples=20)
def test_they_are_read_as_the_whole_train(source, train, first, step):
    data = Hash("data", Hash("adc", train.adc, "gain", train.gain,
                             "frameNumber", train.frame))
    some, whole = (PulseReader(Source(
        selection=Selection.parse(f"{first}::{step}"), dark=source.darks),
        -1.) for _ in range(2))
    few = some.some_usable(some.prepared(1000, data))
    known = whole.usable(whole.prepared(1000, data))
    assert 0 < few.used.sum() <= WINDOW
    place = {int(number): row for row, number
             in enumerate(known.train.pulse_ids)}
    rows = [place[int(number)] for number in few.train.pulse_ids[few.used]]
    np.testing.assert_allclose(few.train.spectra[few.used],
                               known.train.spectra[rows])
    assert min(rows) < first + 20 * step


def test_light_that_comes_late_is_found(source, train):
    adc = train.adc.copy()
    dark = source.dark.astype(np.uint16)
    adc[:2 * WINDOW] = dark
    reader = PulseReader(Source(dark=source.dark), 5.)
    found = reader.some_usable(reader.prepared(1000, Hash(
        "data", Hash("adc", adc))))
    assert found.used.any() and found.used.argmax() >= 2 * WINDOW
