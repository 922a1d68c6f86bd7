import numpy as np
import pytest

from spectra_classifier.core.bins import (
    equal_bins,
    published_weights,
    separability,
)
from spectra_classifier.errors import ConfigurationError

PUBLISHED = [  # some of the 15 published bins: accuracy, weight
    (0.6304, 0.1361), (0.6560, 0.1833), (0.6717, 0.2132), (0.6437, 0.1603),
    (0.7300, 0.3303), (0.5124, 0.0), (0.7810, 0.4409), (0.5069, 0.0)]


def test_published_bins():
    bins = equal_bins(4023, 15)
    assert bins[0] == (0, 268)
    assert bins[-1] == (3752, 4020)


@pytest.mark.parametrize("count", [0, 11])
def test_impossible_counts(count):
    with pytest.raises(ConfigurationError):
        equal_bins(10, count)


def test_published_weights(subtests):
    for accuracy, weight in PUBLISHED:
        with subtests.test(accuracy=accuracy):
            assert published_weights([accuracy], 2)[0] == pytest.approx(
                weight, abs=2e-4)


def test_threshold_follows_the_number_of_classes():
    assert published_weights([0.3], 5)[0] > 0
    assert published_weights([0.22], 5)[0] == 0


def test_separability_is_skill_above_chance():
    assert separability([0.5, 0.75, 1., 0.2], 2) == pytest.approx(
        [0, 0.5, 1, 0])
    assert np.isnan(separability([np.nan], 2)[0])
