"""What an answer of a shutter device is worth."""
import math

import numpy as np
import pytest

from spectra_classifier.core.decision.shutter_reading import ShutterReading


def test_what_is_open_and_closed(subtests):
    for value, is_open in (
            (True, True), (False, False), (1, True), (0, False), (0., False),
            (2.5, True), (np.bool_(True), True), (np.uint8(0), False),
            ("OPENED", True), ("CLOSED", False)):
        with subtests.test(value=repr(value)):
            assert ShutterReading(value, 10., "").is_open(10.5, 1.) == (
                is_open, "")


def test_anything_else_is_not_known(subtests):
    for value in (None, "", "true", "False", "opened", "UNKNOWN", "MOVING",
                  math.nan, math.inf, [True], (1,), np.array([1]), {}, b"1",
                  1j, object(), "x" * 999):
        with subtests.test(value=repr(value)):
            is_open, why = ShutterReading(value, 10., "").is_open(10.5, 1.)
            assert is_open is None
            assert why.startswith("it reports ")
            assert len(why) < 200


@pytest.mark.parametrize(("now", "said"), [
    (11.01, "its last answer is 1.0 s old"), (9.9, "-0.1 s old"),
    (math.nan, "nan s old"), (1e9, "s old")])
def test_an_answer_counts_for_a_time(now, said):
    is_open, why = ShutterReading(True, 10., "").is_open(now, 1.)
    assert is_open is None
    assert said in why


def test_no_answer_is_not_known():
    assert ShutterReading().is_open(0., 1.) == (None,
                                                "it has not answered yet")
    assert ShutterReading(True, 10., "gone").is_open(10., 1.) == (None,
                                                                  "gone")
