"""Two models on the same pulses."""
import math
from types import SimpleNamespace

import numpy as np

from spectra_classifier.core.decision import PulsePattern
from spectra_classifier.core.evaluation.model_agreement import Agreement

ALL = (PulsePattern(),)


def result(label, train_id=7):
    label = np.array(label, np.int8)
    return SimpleNamespace(
        label=label, train_id=train_id,
        pulse_ids=np.arange(100, 100 + len(label), dtype=np.uint64))


def compared(live, shadow, classes=("a", "b"), theirs=None, patterns=ALL):
    agreement = Agreement()
    agreement.add(result(live), result(shadow), classes, theirs or classes,
                  patterns)
    return agreement


def test_the_same():
    agreement = compared([0, 1, -1, -2], [0, 1, -1, -2])
    assert agreement.rate == 1
    assert agreement.pulses == 4
    assert agreement.rows() == []


def test_where_they_differ():
    agreement = compared([0, 0, 1, -1], [0, 1, 1, 1])
    assert agreement.rate == 0.5
    assert agreement.rows() == [("all", "a", "b", 1, 7, 101),
                                ("all", "unknown", "b", 1, 7, 103)]


def test_names_are_compared_and_not_numbers():
    agreement = compared([0, 1], [1, 2], ("a", "b"), ("c", "a", "b"))
    assert agreement.rate == 1


def test_what_was_not_looked_at_says_nothing():
    agreement = compared([-5, -5, 0], [1, 0, 0])
    assert (agreement.pulses, agreement.rate) == (1, 1)


def test_all_rejections_are_one_word():
    assert compared([-2, -3], [-4, -2]).rate == 1


def test_by_pattern():
    patterns = PulsePattern("even", 100, 2), PulsePattern("odd", 101, 2)
    agreement = compared([0] * 4, [1, 0, 1, 1], patterns=patterns)
    assert agreement.rows() == [("even", "a", "b", 2, 7, 102),
                                ("odd", "a", "b", 1, 7, 103)]


def test_over_trains():
    agreement = Agreement()
    for train_id, other in (1, 1), (2, 1), (3, 0):
        agreement.add(result([0], train_id), result([other], train_id),
                      ("a", "b"), ("a", "b"), ALL)
    assert agreement.trains == 3
    assert agreement.rows() == [("all", "a", "b", 2, 2, 100)]


def test_nothing_yet():
    assert math.isnan(Agreement().rate)
    assert compared([], []).pulses == 0
