import numpy as np
import pytest

from spectra_classifier.core.evaluation.expected_errors import (
    ExpectedWrongCheck,
    tally,
)


def test_only_sure_pulses_of_a_class_count():
    pulses, wrong = tally([0, 0, 1, -1, -2, 0], [0.99, 0.5, 0.96, 1, 1, 0.95],
                          0.95, 2)
    assert pulses.tolist() == [2, 1]
    assert wrong == pytest.approx([0.06, 0.04])


def test_it_is_the_number_that_is_wrong_where_the_confidence_is_right():
    random = np.random.default_rng(0)
    check = ExpectedWrongCheck(0.9, 50_000)
    wrong = 0
    for _ in range(50):
        sure = random.uniform(0.8, 1, 1000)
        labels = np.zeros(1000, np.int8)
        wrong += np.count_nonzero((random.random(1000) > sure)
                                  & (sure >= 0.9))
        check.add(labels, sure, 2)
    one, none = check.classes
    assert one.wrong == pytest.approx(wrong, rel=0.1)
    assert none == (0, 0)


def test_the_window_is_the_last_pulses_to_a_whole_train():
    check = ExpectedWrongCheck(0.5, 100)
    for sure in [0.6] * 10 + [0.99] * 10:
        check.add(np.zeros(30), np.full(30, sure), 1)
    one, = check.classes
    assert one.pulses == 120
    assert one.wrong == pytest.approx(120 * 0.01, rel=1e-6)


def test_other_classes_or_another_threshold_start_anew():
    check = ExpectedWrongCheck(0.5, 100)
    check.add([0], [0.9], 2)
    check.add([2], [0.9], 3)
    assert [one.pulses for one in check.classes] == [0, 0, 1]
    check.set(0.5, 10)
    assert check.classes
    check.set(0.8, 10)
    assert check.classes == ()


def test_what_is_no_probability_does_not_count(subtests):
    for odd in [np.nan, np.inf, 1.5, -np.inf]:
        with subtests.test(odd=odd):
            pulses, wrong = tally([0, 0], [0.99, odd], 0.95, 2)
            assert pulses.tolist() == [1, 0]
            assert wrong == pytest.approx([0.01, 0])
