import numpy as np
import pytest

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import InputError

AXIS = Axis.channels(3)


def make(**changes):
    fields = dict(axis=AXIS, spectra=np.arange(12.).reshape(4, 3),
                  labels=np.array([0, 0, 1, 1]), classes=("a", "b"),
                  groups=np.array([5, 6, 5, 6]))
    return Dataset(**(fields | changes))


WRONG = [
    ({"spectra": np.zeros((4, 2))}, "(4, 2)"),
    ({"spectra": np.full((4, 3), np.nan)}, "spectrum 0 holds NaN"),
    ({"labels": np.array([0, 1])}, "labels of shape (2,)"),
    ({"labels": np.array([0., 0, 1, 1])}, "float64"),
    ({"labels": np.array([0, 0, 1, 2])}, "0 to 2 for 2 classes"),
    ({"classes": None}, "without class names")]


def test_refuses(subtests):
    for changes, words in WRONG:
        with subtests.test(words=words):
            with pytest.raises(InputError) as error:
                make(**changes)
            assert words in str(error.value)


def test_selection_keeps_everything_together():
    chosen = make().select([3, 0])
    assert chosen.spectra.tolist() == [[9, 10, 11], [0, 1, 2]]
    assert chosen.labels.tolist() == [1, 0]
    assert chosen.groups.tolist() == [6, 5]
    assert chosen.indices.tolist() == [3, 0]
    assert chosen.select([True, False]).indices.tolist() == [3]


def test_selection_outside():
    with pytest.raises(InputError, match="spectrum 4 asked for"):
        make().select([4])


def test_unlabelled():
    data = make(labels=None, classes=None, groups=None)
    assert data.select([1]).labels is None
