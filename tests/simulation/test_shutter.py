"""The dead man closes the shutter, and nothing else does."""
import math
import threading
import time

import pytest

from spectra_classifier.simulation.shutter import DeadManShutter


@pytest.fixture
def make():
    made = []

    def build(*args):
        made.append(DeadManShutter(*args))
        return made[-1]

    yield build
    for shutter in made:
        shutter.end()


def test_starts_closed(make):
    shutter = make(1)
    assert not shutter.is_open
    assert shutter.opens == shutter.closes == 0


def test_opens_and_closes(make):
    shutter = make(60)
    shutter.open()
    assert shutter.is_open
    before = time.time()
    shutter.close()
    assert not shutter.is_open
    assert (shutter.opens, shutter.closes, shutter.self_closes) == (1, 1, 0)
    assert shutter.last_close_reason == "asked to close"
    assert shutter.closed_at >= before


def test_closes_by_itself_and_says_so(make):
    told = threading.Event()
    shutter = make(0.05, told.set)
    opened = time.monotonic()
    shutter.open()
    assert told.wait(5)
    assert time.monotonic() - opened >= 0.05
    assert not shutter.is_open
    assert (shutter.opens, shutter.closes, shutter.self_closes) == (1, 1, 1)
    assert shutter.last_close_reason == "not held for 0.05 s"


def test_stays_open_while_held(make):
    shutter = make(0.5)
    shutter.open()
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        assert shutter.hold()
        time.sleep(0.01)
    assert shutter.is_open
    assert shutter.self_closes == 0


def test_hold_does_not_open(make):
    shutter = make(1)
    assert not shutter.hold()
    assert not shutter.is_open


def test_late_hold_does_not_revive(make):
    told = threading.Event()
    shutter = make(0.02, told.set)
    shutter.open()
    assert told.wait(5)
    assert not shutter.hold()
    assert not shutter.is_open


def test_without_dead_man_it_stays_open(make):
    told = threading.Event()
    shutter = make(0, told.set)
    shutter.open()
    assert not told.wait(0.2)
    assert shutter.is_open


def test_new_hold_time_acts_on_the_open_shutter(make):
    told = threading.Event()
    shutter = make(0, told.set)
    shutter.open()
    shutter.hold_time = 0.02
    assert told.wait(5)
    assert not shutter.is_open


def test_end_closes():
    shutter = DeadManShutter(60)
    shutter.open()
    shutter.end()
    assert not shutter.is_open
    assert shutter.closes == 1


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -1.])
def test_a_hold_time_that_is_never_over_is_refused(make, seconds):
    with pytest.raises(ValueError, match="hold time"):
        DeadManShutter(seconds)
    shutter = make(60)
    with pytest.raises(ValueError, match="hold time"):
        shutter.hold_time = seconds
    assert shutter.hold_time == 60
