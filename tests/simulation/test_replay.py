"""A file is played spectrum by spectrum."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.simulation.replay import ReplaySource
from spectra_classifier.simulation.train import FAR


def dataset(labels, dtype=np.float32):
    count = len(labels)
    spectra = np.arange(count * 3).reshape(count, 3).astype(dtype)
    return Dataset(Axis.channels(3), spectra, np.array(labels),
                   ("a", "b"), indices=np.arange(count) + 100)


def play(source, trains=1000):
    out = []
    for train_id in range(source.first_train, source.first_train + trains):
        train = source.train(train_id)
        if train is None:
            break
        out.append(train)
    return out


def test_singles_first_then_many():
    data = dataset([0, 0, 1, 1, 1])
    trains = play(ReplaySource(data, 2, singles_first=True, first_train=9))
    assert [train.pulses for train in trains] == [1] * 5 + [2, 2, 1]
    for lap in (trains[:5], trains[5:]):
        np.testing.assert_array_equal(
            np.concatenate([train.adc for train in lap]), data.spectra)
        np.testing.assert_array_equal(
            np.concatenate([train.spectrum for train in lap]),
            np.arange(100, 105))
        np.testing.assert_array_equal(
            np.concatenate([train.label for train in lap]), data.labels)
    assert [train.train_id for train in trains] == list(range(9, 17))


@given(st.lists(st.integers(0, 1), min_size=2, max_size=12),
       st.integers(1, 5), st.booleans(), st.booleans())
def test_distance_agrees_with_the_labels(labels, pulses, singles, cyclic):
    trains = play(ReplaySource(dataset(labels), pulses, cyclic, 50, singles),
                  60)
    flat = np.concatenate([train.label for train in trains])
    owner = np.repeat(np.arange(len(trains)),
                      [train.pulses for train in trains])
    changes = owner[np.flatnonzero(np.diff(flat)) + 1]
    # behind the last train that was played there may be further changes
    for index, train in enumerate(trains[:30]):
        if not len(changes):
            assert (train.transition, train.distance) == (0, FAR)
            continue
        assert train.transition - 50 in changes
        assert train.distance == abs(train.transition - 50 - index)
        assert train.distance == np.abs(changes - index).min()


@pytest.mark.parametrize("given_type, played", [
    (np.uint16, np.uint16), (np.float32, np.float32),
    (np.float64, np.float32)])
def test_the_type_is_kept_where_the_pipeline_has_it(given_type, played):
    source = ReplaySource(dataset([0, 1], given_type))
    assert source.train(0).adc.dtype == played
    assert source.dtype == played


def test_without_labels_nothing_is_known():
    data = Dataset(Axis.channels(3), np.ones((2, 3), np.float32))
    train = ReplaySource(data, 2).train(0)
    assert train.label.tolist() == [-1, -1]
    assert np.isnan(train.fraction).all()
    assert train.distance == FAR


def test_a_cycle_never_ends():
    source = ReplaySource(dataset([0, 1, 1]), 2, cyclic=True)
    assert source.train(1_000_001) is not None
    assert ReplaySource(dataset([0, 1, 1]), 2).train(2) is None


def test_nothing_to_replay_is_an_error():
    empty = Dataset(Axis.channels(3), np.empty((0, 3), np.float32))
    with pytest.raises(ConfigurationError, match="no spectra"):
        ReplaySource(empty)
    with pytest.raises(ConfigurationError, match="1 to 2720"):
        ReplaySource(dataset([0, 1]), 0)
