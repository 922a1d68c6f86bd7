"""The last minutes: bounded, mapped, and made captures of."""
import numpy as np
import pytest

from spectra_classifier.core.recent_spectra import (
    MOST_BYTES,
    PULSES,
    TRAINS,
    LastMinutes,
)
from spectra_classifier.exploration.stream_map import (
    MOST_CAPTURES,
    StreamMap,
)
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.simulation.timeline import Timeline

RATE = 10.


def stream(trains=160, hold=30):
    """(what was kept, source) of trains that go to and fro."""
    source = GotthardSource(PRESETS["easy"], "ramp", 41, 1000,
                            Timeline(2, hold, 4))
    last = LastMinutes()
    for number in range(trains):
        train = source.train(1000 + number, 12)
        used = (train.label >= 0) & ~train.gain.any(axis=1)
        last.add(1000 + number, 1e9 + number / RATE,
                 source.signal(train)[used], np.flatnonzero(used))
    return last.since(0.), source


@pytest.fixture(scope="module")
def mapped():
    recent, source = stream()
    return StreamMap.of(recent, recent.spectra, source.axis), recent


def test_states_of_a_stream_become_captures_in_order_of_time(mapped):
    found, recent = mapped
    assert found.count == 2
    assert "2 clusters" in found.words
    first = [int(found.capture[rows[0]]) for number in range(found.count)
             for rows in found.rows(number)]
    assert sorted(first) == list(range(len(first))) and len(first) >= 4
    begin = [found.seconds[found.capture == each].min()
             for each in range(len(first))]
    assert begin == sorted(begin)
    for number in range(found.count):
        for rows in found.rows(number):
            assert (found.cluster[rows] == number).all()
            assert len(np.unique(recent.train_id[rows])) >= 3


def test_a_map_is_what_was_written(mapped):
    found, _ = mapped
    again = StreamMap.of_arrays(found.arrays())
    for name, value in found.arrays().items():
        np.testing.assert_array_equal(getattr(again, name), value)


def test_a_sample_that_flickers_makes_no_more_captures_than_are_of_use():
    recent, source = stream(300, 8)
    found = StreamMap.of(recent, recent.spectra, source.axis)
    assert all(len(found.rows(number)) <= MOST_CAPTURES
               for number in range(found.count))


def test_what_is_kept_is_bounded_by_time_trains_pulses_and_bytes():
    last = LastMinutes()
    for number in range(TRAINS + 5):
        last.add(number, float(number), np.zeros((PULSES + 9, 4), np.uint16),
                 np.arange(PULSES + 9))
    assert len(last) == TRAINS
    kept = last.since(TRAINS - 5.)
    assert len(kept) == 10 * PULSES
    assert kept.train_id[0] == TRAINS - 5
    assert last.since(1e6) is None
    wide = LastMinutes()
    wide.add(1, 0., np.zeros((PULSES, 16384), np.float32),
             np.arange(PULSES))
    assert wide.since(0.).spectra.nbytes * TRAINS <= MOST_BYTES


def test_trains_are_due_evenly_and_also_when_the_clock_was_set_back():
    last = LastMinutes()
    assert last.due(100., 60.)
    last.add(1, 100., np.zeros((2, 4), np.uint16), np.arange(2))
    assert not last.due(100.05, 60.)
    assert last.due(100.11, 60.)
    assert last.due(20., 60.)


def test_another_detector_replaces_what_was_kept():
    last = LastMinutes()
    for channels in 4, 8:
        last.add(1, 0., np.zeros((2, channels), np.uint16), np.arange(2))
    assert last.since(0.).spectra.shape == (2, 8)
