"""The output is on while its heartbeat changes, and not otherwise."""
import math
import threading
import time

import pytest

from spectra_classifier.simulation.watchdog import HeartbeatOutput


@pytest.fixture
def make():
    made = []

    def build(*args):
        made.append(HeartbeatOutput(*args))
        return made[-1]

    yield build
    for output in made:
        output.end()


def test_two_changes_switch_it_on(make):
    output = make(60)
    for value, is_on in ((7, False), (8, False), (8, False), (9, True)):
        output.beat(value)
        assert output.is_on is is_on
    assert output.changes == 2


def test_the_same_value_again_is_no_change(make):
    told = threading.Event()
    output = make(0.2, told.set)
    for value in range(3):
        output.beat(value)
    assert output.is_on
    end = time.monotonic() + 10
    while not told.is_set() and time.monotonic() < end:
        output.beat(2)
        time.sleep(0.01)
    assert told.is_set()
    assert not output.is_on
    assert output.expiries == 1


def test_one_change_after_it_has_run_out_switches_nothing_on(make):
    told = threading.Event()
    output = make(0.1, told.set)
    for value in range(3):
        output.beat(value)
    assert told.wait(5)
    off = output.off_at
    assert time.time() - off < 5
    output.beat(3)
    assert not output.is_on
    told.clear()
    assert not told.wait(0.3)       # more than the limit: the next is a first
    output.beat(4)
    assert not output.is_on
    output.beat(5)
    assert output.is_on


def test_it_stays_on_while_the_heartbeat_changes(make):
    output = make(0.5)
    begun, value = time.monotonic(), 0
    while time.monotonic() < begun + 1.2:
        value += 1
        output.beat(value)
        assert output.is_on or value < 3
        time.sleep(0.01)


@pytest.mark.parametrize("limit", [0., -1., math.nan, math.inf])
def test_a_time_that_is_never_over_is_refused(limit):
    with pytest.raises(ValueError, match="give a"):
        HeartbeatOutput(limit)
