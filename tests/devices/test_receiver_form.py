"""What the simulator sends is what the receiver of the facility sends.

Learned from European-XFEL/Karabo-slsDetectors, commit
a7bd9153631fbfbd3c3f864f6cddb009ebbd133e; nothing of it is copied.
"""
from dataclasses import dataclass, replace

import numpy as np
import pytest
from karabo.middlelayer import (
    Hash,
    HashType,
    decodeBinary,
    dtype_from_number,
    encodeBinary,
)
from karabo.native import get_hash_type_from_data

from spectra_classifier.devices.spectrometer_simulator.channels import (
    data_channel,
    data_hash,
)
from spectra_classifier.devices.spectrometer_simulator.source_factory import (
    PROFILES,
    SourceSettings,
    make_source,
)
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import REALISTIC
from spectra_classifier.simulation.stream.faults import message

TODAY = 2_500_000_000           # above 2^31 since about 2024
FRAMES, PULSES, CHANNELS = 60, 50, 1280
NOW = 1_790_000_000.
LOSSY = replace(REALISTIC, lost_share=0.1)


@dataclass(frozen=True)
class Field:
    """`origin`: file and what to look for in it."""
    name: str
    dtype: str
    shape: tuple
    array: bool
    origin: str


#: in the order in which the receiver sets them
FIELDS = (
    Field("adc", "uint16", (FRAMES, CHANNELS), True,
          "SlsReceiver.cc writeToOutputs, Gotthard2Receiver.cc "
          "unpackRawData: 12 of 16 bits; getDaqShape: frames, channels"),
    Field("gain", "uint8", (FRAMES, CHANNELS), True,
          "Gotthard2Receiver.cc unpackRawData: the next two bits"),
    Field("memoryCell", "uint8", (FRAMES,), False,
          "SlsReceiver.hh getMemoryCell: 255 for all but the Jungfrau; "
          "DetectorData::reset: 255"),
    Field("frameNumber", "uint64", (FRAMES,), False,
          "SlsReceiver.cc rawDataReadyCallBack: counter of the detector; "
          "SlsReceiver.hh DetectorData::reset: 0"),
    Field("bunchId", "uint64", (FRAMES,), False,
          "SlsReceiver.cc rawDataReadyCallBack: detSpec1, from which the "
          "train id of the message is made; DetectorData::reset: 0"),
    Field("timestamp", "float64", (FRAMES,), False,
          "SlsReceiver.cc rawDataReadyCallBack: time at which the frame "
          "came, s since 1970; DetectorData::reset: 0"),
)


@pytest.fixture(scope="module")
def train():
    source = GotthardSource(LOSSY, "ramp", 3, TODAY, receiver=True,
                            frames=FRAMES)
    return source.train(TODAY + 7, PULSES)


@pytest.fixture(scope="module")
def sent(train):
    """The `data` node as it comes out of the wire format."""
    wire = encodeBinary(data_hash(replace(message(train), begun=NOW)))
    return decodeBinary(wire)["data"]


def array_of(element):
    if not isinstance(element, Hash):
        return np.asarray(element)
    return np.frombuffer(
        element["data"], dtype_from_number(element["type"])).reshape(
            [int(extent) for extent in element["shape"]])


def test_the_fields_are_those_of_the_receiver_in_its_order(sent):
    assert list(sent) == [field.name for field in FIELDS]


def test_each_field_has_the_type_and_shape_of_the_receiver(sent, subtests):
    for field in FIELDS:
        with subtests.test(field.name, origin=field.origin):
            element = sent[field.name]
            assert isinstance(element, Hash) is field.array
            assert array_of(element).dtype == field.dtype
            assert array_of(element).shape == field.shape
            if not field.array:
                assert get_hash_type_from_data(element) == HashType[
                    {"uint8": "VectorUInt8", "uint64": "VectorUInt64",
                     "float64": "VectorDouble"}[field.dtype]]


def test_the_schema_states_the_same(subtests):
    schema = data_channel(np.uint16, CHANNELS, FRAMES).getClassSchema().hash
    assert list(schema["data"]) == [field.name for field in FIELDS]
    assert schema["data", "daqDataType"] == 1       # TRAIN
    for field in FIELDS:
        with subtests.test(field.name):
            if field.array:
                assert tuple(schema[f"data.{field.name}.shape",
                                    "defaultValue"]) == field.shape
            else:
                assert schema[f"data.{field.name}", "maxSize"] >= FRAMES


def test_the_values_are_those_of_the_receiver(sent, train):
    values = {name: array_of(sent[name]) for name in sent}
    came = np.flatnonzero(train.frame > 0)
    filled, empty = slice(len(came)), slice(len(came), None)
    # what was lost leaves no hole: buffers are filled one after the other
    assert 0 < len(came) < PULSES < FRAMES
    np.testing.assert_array_equal(values["adc"][filled], train.adc[came])
    np.testing.assert_array_equal(values["gain"][filled], train.gain[came])
    assert values["adc"].max() <= 0x0FFF
    assert values["gain"].max() <= 3
    for name in "adc", "gain", "frameNumber", "bunchId", "timestamp":
        assert not values[name][empty].any()
    assert (values["memoryCell"] == 255).all()
    assert (values["bunchId"][filled] == TODAY + 7).all()
    # the detector counts the frames of the acquisition, lost ones included
    np.testing.assert_array_equal(values["frameNumber"][filled],
                                  7 * PULSES + 1 + came)
    times = values["timestamp"][filled]
    assert (np.diff(times) >= 0).all()
    assert (np.abs(times - NOW) < 1e-3).all()


def test_memory_cells_have_two_pedestals():
    source = GotthardSource(REALISTIC, "ramp", 3, TODAY, receiver=True)
    dark = source.train(TODAY, 2700, light=False)
    for parity in 0, 1:
        mean = dark.adc[parity::2][dark.frame[parity::2] > 0].mean(axis=0)
        alive = source.dark > 0
        # the drift of the pedestal is common to both
        apart = (mean - source.darks[parity])[alive]
        assert apart.std() < 4
    assert (source.darks[0] - source.darks[1]).std() > 20
    np.testing.assert_allclose(source.darks.mean(axis=0), source.dark,
                               rtol=1e-5)


def test_the_default_profile_has_this_form():
    settings = SourceSettings(PROFILES[0], "easy", "ramp", 0, TODAY, 60, 20,
                              "", 0, False, False)
    assert make_source(settings, TODAY).receiver
    ideal = make_source(replace(settings, profile=PROFILES[1]), TODAY)
    assert not ideal.receiver
    arrays = message(ideal.train(TODAY, 30)).arrays
    np.testing.assert_array_equal(arrays["bunchId"], np.arange(30))
    np.testing.assert_array_equal(arrays["memoryCell"], np.arange(30))
