import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.engine.labels import softmax
from spectra_classifier.training.validation import statistics

PUBLISHED = [
    (0.5, 10, (0.2366, 0.7634)), (1.0, 10, (0.7225, 1.0)),
    (0.0, 10, (0.0, 0.2775)), (1.0, 150, (0.9750, 1.0))]


def test_wilson_against_published_values(subtests):
    for share, number, expected in PUBLISHED:
        with subtests.test(share=share, number=number):
            np.testing.assert_allclose(statistics.wilson(share, number),
                                       expected, atol=5e-5)


@given(st.floats(0, 1), st.integers(0, 10_000))
def test_wilson_contains_the_share(share, number):
    low, high = statistics.wilson(share, number)
    assert 0 <= low <= share + 1e-12 and share - 1e-12 <= high <= 1


def test_classes_count_alike_whatever_their_numbers():
    labels = np.repeat([0, 2, 5], [90, 9, 1])
    weights = statistics.class_weights(labels)
    assert weights.mean() == pytest.approx(1)
    for c in 0, 2, 5:
        assert weights[labels == c].sum() == pytest.approx(100 / 3)
    found = statistics.recalls(labels == 0, labels, 6)
    assert found["recall"] == [1., None, 0., None, None, 0.]
    assert found["balanced_accuracy"] == pytest.approx(1 / 3)


def test_the_loss_of_a_class_of_few_spectra_is_mostly_that_of_all():
    labels = np.repeat([0, 2, 5], [90, 9, 1])
    loss = np.random.default_rng(0).exponential(size=100)
    assert (loss * statistics.loss_weights(labels)).mean() == pytest.approx(
        np.mean([(n * loss[labels == c].mean() + 5 * loss.mean()) / (n + 5)
                 for c, n in ((0, 90), (2, 9), (5, 1))]))
    np.testing.assert_allclose(statistics.loss_weights(np.arange(8) % 2), 1)


def test_an_interval_counts_captures_not_pulses():
    right = np.ones(1000, bool)
    groups = np.arange(1000) // 250
    pulses = statistics.interval(right, None)
    captures = statistics.interval(right, groups)
    assert pulses[1:] == (1000, "spectra")
    assert captures[1:] == (4, "captures")
    assert captures[0][0] < pulses[0][0]


@pytest.mark.parametrize("true", [0.05, 0.2, 1.])
def test_temperature_is_found_again(true):
    random = np.random.default_rng(2)
    scores = random.dirichlet((1, 1, 1), 4000)
    probability = softmax(scores / true)
    labels = (probability.cumsum(1) > random.random((4000, 1))).argmax(1)
    temperature, samples = statistics.fit_temperature(scores, labels)
    assert samples >= statistics.CALIBRATED_FROM
    assert temperature == pytest.approx(true, rel=0.15)


def test_few_spectra_hardly_move_the_temperature():
    scores = np.array([[0.9, 0.1], [0.1, 0.9]] * 2)
    temperature, samples = statistics.fit_temperature(
        scores, np.array([0, 1, 0, 1]))
    assert samples == 2
    assert 0.8 < temperature / statistics.DEFAULT_TEMPERATURE < 1.2


def test_a_perfect_separation_is_not_certainty():
    """60 spectra per class, all right, prove some 98 %, not 100 %."""
    labels = np.arange(120) % 2
    scores = np.where(np.arange(2) == labels[:, None], 0.6, 0.4)
    temperature, _ = statistics.fit_temperature(scores, labels)
    confidence = softmax(scores / temperature).max(axis=1)
    np.testing.assert_allclose(confidence, 61 / 62, atol=0.002)


def test_calibration_error_of_a_known_case():
    confidence = np.array([0.95] * 10 + [0.55] * 10)
    right = np.array([True] * 9 + [False] + [True] * 5 + [False] * 5)
    assert statistics.calibration_error(confidence, right) == pytest.approx(
        0.05)


@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_coverage_takes_the_longest_good_beginning(right):
    right = np.array(right)
    confidence = np.linspace(1, 0.5, len(right))
    best = max([k for k in range(1, len(right) + 1)
                if right[:k].mean() >= 0.98], default=0)
    assert statistics.coverage_at(confidence, right) == best / len(right)


def test_spectra_of_equal_confidence_go_together():
    confidence = np.ones(4)
    assert statistics.coverage_at(
        confidence, np.array([True, True, True, False])) == 0


PREDICTIONS = [
    ([0, 0, 0, 1, 1, 1], 0.), ([0, 1, 1, 1, 1, 1], -2.),
    ([0, 0, 0, 0, 0, 1], 2.), ([0, 1, 0, 1, 1, 1], -1.),
    ([0, 0, -1, -1, 1, 1], 0.), ([1, 1, 1, 1, 1, 1], -3.)]


def test_boundary_error(subtests):
    labels = np.array([0, 0, 0, 1, 1, 1])
    numbers = np.arange(10, 16)
    order = np.random.default_rng(0).permutation(6)
    for predicted, expected in PREDICTIONS:
        with subtests.test(predicted=predicted):
            assert statistics.boundary_error(
                np.array(predicted)[order], labels[order],
                numbers[order]) == expected


@pytest.mark.parametrize("labels", [[0, 1, 0, 1], [0, 0, 0, 0]])
def test_no_boundary_error_without_exactly_one_boundary(labels):
    assert statistics.boundary_error(
        np.zeros(4), np.array(labels), np.arange(4)) is None
