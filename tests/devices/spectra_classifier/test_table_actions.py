"""The button of a bin."""
import numpy as np
import pytest

from spectra_classifier.devices.spectra_classifier.table_actions import (
    switched,
)
from spectra_classifier.errors import ConfigurationError
from tests.devices.fakes import definition

#: the model itself lets bins 0 and 1 vote
MODEL = definition(bins=((0, 10), (10, 20), (20, 32)),
                   weights=np.array([1., 0.5, 0.]))


VOTES = [
    ((), 0, (1,)), ((), 2, (0, 1, 2)), ((1,), 0, ()), ((0, 1, 2), 2, ()),
    ((2, 1), 0, (0, 1, 2))]


def test_it_gives_a_vote_and_takes_it(subtests):
    for selected, number, chosen in VOTES:
        with subtests.test(selected=selected, number=number):
            assert switched(selected, MODEL, number) == chosen


@pytest.mark.parametrize("selected, number", [((1,), 1), ((0, 2), 0)])
def test_the_last_bin_with_weight_keeps_its_vote(selected, number):
    with pytest.raises(ConfigurationError, match="the last one"):
        switched(selected, MODEL, number)


@pytest.mark.parametrize("number", [-1, 3])
def test_a_bin_that_is_not(number):
    with pytest.raises(ConfigurationError, match=f"no bin {number}"):
        switched((), MODEL, number)
