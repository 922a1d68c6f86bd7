import numpy as np
import pytest

from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.errors import InputError


def test_axis_refuses_what_is_no_axis(subtests):
    for values, words in [
            ([1.], "at least 2"), ([[1., 2.]], "shape (1, 2)"),
            ([1., np.nan], "axis value 1 is nan"),
            ([0., 2., 2.], "values 1 and 2 are 2 and 2")]:
        with subtests.test(values=values):
            with pytest.raises(InputError) as error:
                Axis(np.array(values))
            assert words in str(error.value)


def test_axis_cannot_be_changed():
    axis = Axis.channels(4)
    with pytest.raises(ValueError):
        axis.values[0] = 7


def test_axis_mismatch(subtests):
    for other, words in [
            (Axis.channels(5), "5 channels instead of 4"),
            (Axis(np.arange(4.), "energy", "eV"), "energy in eV"),
            (Axis(np.arange(4.) + 0.5), "channel 0 lies at 0.5 instead of 0"),
            (Axis(np.arange(4.) + 0.005), "")]:
        with subtests.test(words=words):
            reason = Axis.channels(4).mismatch(other)
            assert words in reason
            assert bool(reason) == bool(words)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_native_types_are_not_copied(dtype):
    spectra = np.ones((3, 5), dtype)
    assert np.shares_memory(make_train(1, spectra).spectra, spectra)


OTHER_TYPES = [
    np.int8, np.int32, np.uint8, np.uint64, np.float64, ">f4", ">u2", bool]


def test_other_real_types_become_float32(subtests):
    for dtype in OTHER_TYPES:
        with subtests.test(dtype=repr(dtype)):
            train = make_train(1, np.arange(6).reshape(2, 3).astype(dtype))
            assert train.spectra.dtype == np.float32
            assert train.spectra.dtype.isnative
            expected = np.arange(6).astype(dtype).astype(np.float32)
            assert (train.spectra == expected.reshape(2, 3)).all()


def test_too_large_for_float32_is_inf_not_an_error():
    assert np.isinf(make_train(1, np.full((1, 2), 1e300)).spectra).all()


REFUSED = [
    (np.zeros(5), {}, "shape (5,)"), (np.zeros((2, 5, 1)), {}, "(2, 5, 1)"),
    (np.zeros((2, 5)), {"channels": 6}, "5 channels, expected 6"),
    (np.zeros((2, 5), complex), {}, "complex128"),
    (np.array([["a", "b"]]), {}, "<U1"),
    (np.zeros((2, 5)), {"pulse_ids": [1]}, "pulse ids of shape (1,)"),
    (np.zeros((2, 5)), {"verdicts": [0, 0, 0]}, "verdicts of shape (3,)")]


def test_train_refuses(subtests):
    for spectra, arguments, words in REFUSED:
        with subtests.test(words=words):
            with pytest.raises(InputError) as error:
                make_train(1, spectra, **arguments)
            assert words in str(error.value)


def test_no_pulses_is_a_train():
    train = make_train(7, np.zeros((0, 5), np.uint16), channels=5)
    assert train.pulses == 0
    assert len(train.pulse_ids) == len(train.verdicts) == 0


@pytest.mark.parametrize("offset", [0, 1, 3])
def test_spectra_of_a_buffer_are_aligned_and_read_only(offset):
    values = np.arange(6, dtype=np.uint16).reshape(2, 3)
    buffer = bytes(offset) + values.tobytes()
    given = np.frombuffer(buffer, np.uint16, offset=offset).reshape(2, 3)
    spectra = make_train(1, given).spectra
    assert spectra.flags.aligned and spectra.flags.c_contiguous
    assert not spectra.flags.writeable
    np.testing.assert_array_equal(spectra, values)


def test_aligned_spectra_are_not_copied():
    given = np.ones((2, 3), np.float32)
    assert np.shares_memory(make_train(1, given).spectra, given)
    assert given.flags.writeable
