"""The order of trains, and how long one waits for it."""
import math

from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.collector.window import Place, ReorderWindow


def ids(taken):
    return [number for number, _ in taken]


def test_a_train_that_follows_waits_for_nothing():
    window = ReorderWindow(0.2)
    window.put(7, "x", 0.)
    assert window.take(0.1) == []       # an earlier one may be on its way
    assert window.due() == 0.2
    assert window.take(0.2) == [(7, "x")]
    window.put(8, "y", 0.3)
    assert window.take(0.3) == [(8, "y")]
    assert window.due() == math.inf


def test_a_gap_is_waited_for_and_no_longer():
    window = ReorderWindow(0.2)
    window.put(1, "", 0.)
    window.take(0.2)
    window.put(4, "", 0.3)
    window.put(3, "", 0.35)
    assert window.take(0.49) == []
    # the one whose time is over takes those before it along
    assert ids(window.take(0.5)) == [3, 4]


def test_a_watermark_says_that_nothing_comes():
    window = ReorderWindow(0.2)
    window.edge = 1
    window.put(3, "", 0.)
    window.put(6, "", 0.)
    assert ids(window.take(0., watermark=2)) == [3]
    assert ids(window.take(0., watermark=4)) == []
    assert ids(window.take(0., watermark=5)) == [6]


def test_what_comes_behind_or_twice_is_told():
    window = ReorderWindow(0.2)
    assert window.put(5, "a", 0.) is Place.HELD
    assert window.put(5, "b", 0.) is Place.REPEATED
    assert window.take(0.2) == [(5, "a")]
    assert window.put(4, "", 0.3) is Place.BEHIND
    assert window.put(5, "", 0.3) is Place.BEHIND
    assert len(window) == 0


def test_no_more_wait_than_there_is_room_for():
    window = ReorderWindow(10., capacity=3)
    for number in (10, 12, 14, 16):
        window.put(number, "", 0.)
    assert ids(window.take(0.)) == [10]
    assert window.high_water == 4


def test_a_new_order_begins_behind_a_flush():
    window = ReorderWindow(0.2)
    window.put(9, "", 0.)
    window.put(7, "", 0.)
    assert ids(window.flush()) == [7, 9]
    assert window.put(1, "", 0.) is Place.HELD


@given(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 0.1)),
                max_size=60), st.integers(1, 80))
def test_any_order_goes_out_in_order_and_nothing_before_its_time(
        events, capacity):
    window, now, out, put = ReorderWindow(0.2, capacity), 0., [], {}
    for number, later in events:
        now += later
        if window.put(number, number, now) is Place.HELD:
            put[number] = now
        waiting = len(window)
        over = [n for n in window.items() if put[n] + 0.2 <= now]
        for taken in ids(window.take(now)):
            assert (taken - 1 in out[-1:] or waiting > capacity
                    or taken <= max(over, default=0)), "before its time"
            out.append(taken)
            waiting -= 1
        assert all(put[n] + 0.2 > now for n in window.items())
    out += ids(window.take(now + 1.))
    assert out == sorted(set(out))
    assert set(out) == set(put)
    assert len(window) == 0
