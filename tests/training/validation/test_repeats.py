"""The analysis of variance of capture means."""
import numpy as np
import pytest
from scipy.stats import f as fisher

from spectra_classifier.training.validation import repeats

FISHER = [
    (1, 2, 18.5), (1, 2, 0.3), (2, 3, 9.55), (1, 6, 5.99), (7, 8, 2.)]


def test_the_chance_is_that_of_fishers_distribution(subtests):
    for above, below, value in FISHER:
        with subtests.test(above=above, below=below, value=value):
            assert repeats.exceeds(value, above, below) == pytest.approx(
                fisher.sf(value, above, below), abs=1e-5)


def test_the_ratio_is_the_textbook_one():
    means = np.array([[1.], [4.], [2.], [5.]])
    f, p = repeats.ratio(means, np.array([0, 1, 0, 1]))
    assert f == pytest.approx(18.)          # 9 / (1 / 2)
    assert p == pytest.approx(fisher.sf(18., 1, 2), abs=1e-5)


def test_without_two_captures_of_a_class_nothing_is_known():
    assert np.isnan(repeats.ratio(np.eye(2), np.array([0, 1]))).all()
    assert np.isnan(repeats.ratio(np.eye(2), np.array([0, 0]))).all()


@pytest.mark.parametrize("directions", [1, 5, 100])
@pytest.mark.parametrize("classes", [2, 3])
def test_independent_drift_is_rarely_taken_for_a_difference(
        directions, classes):
    random = np.random.default_rng(3)
    names = np.tile(np.arange(classes), 2)
    wrong = sum(
        repeats.ratio(random.normal(size=(len(names), directions)),
                      names)[1] <= repeats.LEVEL for _ in range(1000))
    # at most the level; 5 standard deviations of the count above it
    assert wrong <= 1000 * repeats.LEVEL + 5 * np.sqrt(
        1000 * repeats.LEVEL)


def test_steady_drift_is_not_a_difference():
    _, p = repeats.ratio(np.arange(4.)[:, None], np.array([0, 1, 0, 1]))
    assert p > 0.5
