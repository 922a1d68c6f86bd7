"""From pipeline data to trains, without a broker."""
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from karabo.middlelayer import (
    Configurable,
    Float,
    Hash,
    NDArray,
    UInt8,
    UInt16,
    UInt32,
    decodeBinary,
    encodeBinary,
)

from spectra_classifier.core.limits import MAX_CHANNELS
from spectra_classifier.core.preprocessing.raw_frames import Selection, prepare
from spectra_classifier.core.preprocessing.source_layout import (
    PRESETS,
    Layout,
)
from spectra_classifier.core.spectra import Code
from spectra_classifier.devices.common.decoding import (
    Reader,
    decode,
    read_incoming,
)
from spectra_classifier.errors import InputError
from spectra_classifier.live.records import Incoming

CHANNELS = 6
KNOWN = {"train_id": 7, "received": 1.}


def wire(**arrays):
    """Data as a receiver gets them: encoded and decoded again."""
    data = Hash()
    for name, array in arrays.items():
        if isinstance(array, Hash):
            data[f"data.{name}"] = array
            continue
        kind = {"uint8": UInt8, "uint16": UInt16,
                "uint32": UInt32, "float32": Float}.get(str(array.dtype))
        if kind is None or array.ndim < 1:
            data[f"data.{name}"] = array
            continue

        class Node(Configurable):
            value = NDArray(dtype=kind, shape=(0,) * array.ndim)
        node = Node()
        node.value = array
        data[f"data.{name}"] = node.configurationAsHash()["value"]
    return decodeBinary(encodeBinary(data))


def spectra(pulses=4):
    return np.arange(pulses * CHANNELS, dtype=np.uint16).reshape(
        pulses, CHANNELS)


def incoming(layout=None, channels=CHANNELS, max_pulses=100, **arrays):
    return read_incoming(wire(**arrays), Reader(layout or Layout()),
                         channels, max_pulses, **KNOWN)


def prepared(layout=None, selection="", **arrays):
    layout = layout or Layout()
    train = incoming(layout, **arrays)
    assert not train.problem
    return prepare(train.train_id, train.joined_arrays(),
                   Selection.parse(selection), layout.calibrated, CHANNELS)


def test_counts_arrive_as_they_are_and_without_a_copy():
    adc = spectra()
    got = incoming(adc=adc)
    assert got.problem == ""
    assert got.pulses == 4
    seen = got.arrays["data"]
    np.testing.assert_array_equal(seen, adc)
    assert not seen.flags.owndata
    train = prepare(got.train_id, got.joined_arrays(), Selection(),
                    channels=CHANNELS).train
    assert np.shares_memory(train.spectra, seen)
    assert train.train_id == 7
    np.testing.assert_array_equal(train.pulse_ids, range(4))
    assert not train.verdicts.any()


def test_the_handler_part_takes_microseconds():
    data = wire(adc=np.zeros((2700, 1280), np.uint16))
    reader = Reader(Layout())
    best = np.inf
    for _ in range(5):
        start = time.perf_counter()
        read_incoming(data, reader, 1280, 2720, **KNOWN)
        best = min(best, time.perf_counter() - start)
    assert best < 1e-3


def test_frames_that_were_never_received_are_bad_data():
    got = prepared(
        adc=spectra(), memoryCell=np.full(4, 255, np.uint8),
        frameNumber=np.array([5, 6, 0, 8], np.uint16))
    np.testing.assert_array_equal(
        got.train.verdicts, [0, 0, Code.BAD_DATA, 0])


def test_switched_strips_make_a_spectrum_saturated_and_are_counted():
    gain = np.zeros((4, CHANNELS), np.uint8)
    gain[1, 2] = 1
    gain[3, :2] = 3
    got = prepared(adc=spectra(), gain=gain)
    assert got.switched == 3
    np.testing.assert_array_equal(
        got.train.verdicts, [0, Code.SATURATED, 0, Code.SATURATED])


def test_calibrated_data_may_be_in_any_gain_stage():
    gain = np.ones((4, CHANNELS), np.uint8)
    got = prepared(Layout(calibrated=True), adc=spectra(), gain=gain)
    assert not got.train.verdicts.any()


def test_a_masked_strip_is_not_counted_as_switched():
    gain = np.zeros((4, CHANNELS), np.uint8)
    gain[:, 3] = 2
    mask = np.zeros(CHANNELS, np.uint8)
    mask[3] = 1
    got = prepared(Layout(mask="data.mask"), adc=spectra(), gain=gain,
                   mask=mask)
    assert got.switched == 0
    assert not got.train.verdicts.any()
    np.testing.assert_array_equal(np.flatnonzero(got.mask), [3])


def test_a_strip_bad_in_every_frame_is_ignored_a_further_one_spoils():
    mask = np.zeros((4, CHANNELS), np.uint8)
    mask[:, 0] = 4
    mask[2, 5] = 1
    got = prepared(Layout(mask="data.mask"), adc=spectra(), mask=mask)
    np.testing.assert_array_equal(np.flatnonzero(got.mask), [0])
    np.testing.assert_array_equal(
        got.train.verdicts, [0, 0, Code.BAD_DATA, 0])


def test_invalid_frames_and_pulse_ids():
    got = prepared(Layout(valid="data.ok", pulse_id="data.bunchId"),
                   adc=spectra(),
                   ok=np.array([1, 0, 1, 1], np.uint8),
                   bunchId=np.array([10, 14, 18, 22], np.uint64))
    np.testing.assert_array_equal(
        got.train.verdicts, [0, Code.BAD_DATA, 0, 0])
    np.testing.assert_array_equal(got.train.pulse_ids, [10, 14, 18, 22])


def test_pulses_that_are_not_selected_are_skipped():
    got = prepared(selection="1::2", adc=spectra())
    np.testing.assert_array_equal(
        got.train.verdicts, [Code.SKIPPED, 0, Code.SKIPPED, 0])


SELECTIONS = [
    ("", [0, 1, 2, 3]), ("0:2", [0, 1]), ("::3", [0, 3]),
    ("1, 3, 99", [1, 3]), ("2", [2])]


def test_selection(subtests):
    for text, chosen in SELECTIONS:
        with subtests.test(text=text):
            left_out = Selection.parse(text).left_out(4)
            np.testing.assert_array_equal(np.flatnonzero(~left_out), chosen)


def test_a_selection_that_means_nothing_is_refused(subtests):
    for text in ("a", "1:2:0", "1:2:3:4", "-1", "1,,2"):
        with subtests.test(text=text), \
                pytest.raises(InputError, match="pulse"):
            Selection.parse(text)


UNUSABLE = [
    ({"adc": np.zeros((3, 5), np.uint16)}, 3, "5 channels"),
    ({"adc": np.zeros(0, np.uint16)}, 0, "shape"),
    ({"adc": np.zeros(CHANNELS + 1, np.uint16)}, 1, "7 channels"),
    ({"adc": np.zeros((2, 3, CHANNELS), np.uint16)}, 0, "shape"),
    ({"other": spectra()}, 0, "no data.adc"),
    ({"adc": np.zeros((101, CHANNELS), np.uint16)}, 101, "source.maxPulses"),
    ({"adc": Hash("type", 999, "shape", [2, 6], "data", b"")}, 0, "type"),
    ({"adc": Hash("surprise", 1)}, 0, "expected an array"),
]


def test_what_cannot_be_used_is_named(subtests):
    for arrays, pulses, words in UNUSABLE:
        with subtests.test(words=words):
            got = incoming(**arrays)
            assert words in got.problem
            assert got.pulses == pulses
            assert not got.arrays


def test_a_required_array_that_is_missing():
    got = incoming(Layout(mask="data.mask"), adc=spectra())
    assert "data.mask" in got.problem
    assert got.pulses == 4


def test_an_expected_array_must_stay_once_it_was_there():
    reader = Reader(Layout())
    gain = np.zeros((4, CHANNELS), np.uint8)

    def read(**arrays):
        return read_incoming(wire(adc=spectra(), **arrays), reader,
                             CHANNELS, 100, **KNOWN)
    assert not read().problem
    assert not read(gain=gain).problem
    assert "data.gain" in read().problem
    reader.forget()
    assert not read().problem


def test_another_layout_forgets_only_what_has_moved():
    reader = Reader(Layout())
    gain = np.zeros((4, CHANNELS), np.uint8)

    def read(**arrays):
        return read_incoming(wire(adc=spectra(), **arrays), reader,
                             CHANNELS, 100, **KNOWN)
    assert not read(gain=gain).problem
    reader.use(Layout(mask="data.mask"))
    mask = np.zeros(CHANNELS, np.uint8)
    assert "data.gain" in read(mask=mask).problem
    reader.use(Layout(gain="data.stage"))
    assert not read().problem


@pytest.mark.parametrize("name", ["frameNumber", "bunchId"])
def test_one_value_per_pulse(name):
    train = incoming(Layout(pulse_id="data.bunchId"), adc=spectra(),
                     **{name: np.zeros(3, np.uint16)})
    with pytest.raises(InputError, match="4 pulses"):
        prepare(train.train_id, train.joined_arrays(), Selection(),
                channels=CHANNELS)


def test_a_train_without_pulses_is_a_train():
    mask = np.zeros((0, CHANNELS), np.uint8)
    got = prepared(Layout(mask="data.mask"), adc=spectra(0), mask=mask)
    assert got.train.pulses == 0
    assert got.mask is None


def test_big_endian_is_understood():
    data = Hash("type", 10, "isBigEndian", True,
                "shape", np.array([1, 2], np.uint64),
                "data", np.array([[1, 258]], ">u2").tobytes())
    np.testing.assert_array_equal(decode(data), [[1, 258]])


@given(shape=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4),
       size=st.integers(0, 64))
def test_a_shape_that_does_not_go_with_the_bytes_is_refused(shape, size):
    element = Hash("type", 10, "isBigEndian", False,
                   "shape", np.array(shape, np.uint64), "data", bytes(size))
    if 2 * math.prod(shape) != size:
        with pytest.raises(InputError, match="bytes"):
            decode(element)
    elif size:
        assert decode(element).nbytes == size


NO_NUMBERS = [["many", "words"], [[1, 2], [3]], np.array(["text"]), [None]]


def test_a_list_that_is_no_array_of_numbers_is_refused(subtests):
    for value in NO_NUMBERS:
        with subtests.test(value=repr(value)), \
                pytest.raises(InputError, match="expected"):
            decode(value)


def test_without_data_keeps_who_it_was():
    train = incoming(adc=spectra()).without_data()
    assert (train.train_id, train.pulses, train.arrays) == (7, 4, {})
    assert isinstance(train, Incoming)


def test_a_vector_is_one_pulse():
    layout = PRESETS["image to spectrum"]
    vector = np.linspace(0., 1., 6)
    for sent in vector, vector.tolist():
        incoming = read_incoming(Hash("data", Hash("spectrum", sent)),
                                 Reader(layout), 6, 10, train_id=1,
                                 received=0.)
        assert (incoming.problem, incoming.pulses) == ("", 1)
        np.testing.assert_array_equal(incoming.arrays["data"], vector[None])
    # what the device sends where it could not make a spectrum
    failed = read_incoming(Hash("data", Hash("spectrum", [float("nan")])),
                           Reader(layout), 6, 10, train_id=1, received=0.)
    assert "1 channels" in failed.problem


def test_a_vector_too_long_for_a_spectrum_is_refused():
    train = Hash("data", Hash("spectrum", np.zeros(MAX_CHANNELS + 1)))
    incoming = read_incoming(train, Reader(PRESETS["image to spectrum"]),
                             None, 10, train_id=1, received=0.)
    assert "expected" in incoming.problem and incoming.pulses == 0


def test_corrected_data_with_bits_of_a_mask():
    """Any bit of the mask of the correction makes a strip bad."""
    mask = np.zeros((4, 6), np.uint32)
    mask[:, 2] = 1 << 9         # bad in every frame: bridged
    mask[1, 4] = 1 << 3
    gain = np.full((4, 6), 1, np.uint8)
    train = wire(adc=np.ones((4, 6), np.float32), mask=mask, gain=gain)
    layout = PRESETS["gotthard2 corrected"]
    arrays = Reader(layout).read(train)
    ready = prepare(1, arrays, Selection(), layout.calibrated)
    np.testing.assert_array_equal(np.flatnonzero(ready.mask), [2])
    np.testing.assert_array_equal(ready.train.verdicts,
                                  [0, Code.BAD_DATA, 0, 0])
    without = wire(adc=np.ones((4, 6), np.float32), gain=gain)
    with pytest.raises(InputError, match="mask"):
        Reader(layout).read(without)
