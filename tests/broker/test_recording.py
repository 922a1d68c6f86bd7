"""Spectra that karabo-hdf5writer records, classified again from the file.

Version 3.0.1 of the writer records matrices of a channel, as int32, and
leaves vectors and numbers out: it can keep spectra, but not the codes. So
the codes of the beam are taken from the channel itself.
"""
import importlib
import time
import warnings

import h5py
import numpy as np
import pytest
from karabo.middlelayer import (
    AccessMode,
    Configurable,
    DaqDataType,
    Device,
    Hash,
    NDArray,
    Node,
    OutputChannel,
    Overwrite,
    State,
    TimeMixin,
    Timestamp,
    UInt8,
    UInt16,
)
from karabo.middlelayer.testing import (
    AsyncDeviceContext,
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.spectra_classifier import SpectraClassifier
from spectra_classifier.offline import classify_run
from tests.broker.classifier_bench import LOOPBACK, Collector, save_model
from tests.devices.fakes import CHANNELS, spectra_of

PULSES, MAX_PULSES, TRAINS, FIRST = 6, 20, 14, 5000
READ = {"accessMode": AccessMode.READONLY}


class DataNode(Configurable):
    daqDataType = DaqDataType.TRAIN
    adc = NDArray(dtype=UInt16, shape=(PULSES, CHANNELS), **READ)
    gain = NDArray(dtype=UInt8, shape=(PULSES, CHANNELS), **READ)


class ChannelNode(Configurable):
    data = Node(DataNode)


class Detector(Device):
    """A Gotthard-II with a schema, as data acquisition wants one."""
    state = Overwrite(defaultValue=State.ON, options=[State.ON])
    output = OutputChannel(ChannelNode)

    async def send(self, train_id, arrays):
        for name, values in arrays.items():
            setattr(self.output.schema.data, name, values)
        timestamp = Timestamp(time.time())
        timestamp.tid = train_id
        await self.output.writeData(timestamp=timestamp)


def train(number):
    """Spectra of both classes, one dark and one with a switched strip."""
    random = np.random.default_rng(number)
    adc = np.concatenate([spectra_of(kind, 1) for kind
                          in random.integers(0, 2, PULSES)])
    adc = random.poisson(adc).astype(np.uint16)
    adc[number % PULSES] = 1
    gain = np.zeros((PULSES, CHANNELS), np.uint8)
    gain[(number + 1) % PULSES, 3] = 1
    return {"adc": adc, "gain": gain}


def now_is(train_id):
    """Sets the clock of trains, as a time server does."""
    TimeMixin.set_reference(train_id, int(time.time()), 0, 1_000_000_000)


@pytest.fixture
def writer_class(karabo_environment):
    """The class of the writer; its module wants KARABO when it is loaded."""
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return importlib.import_module(
            "karabo_hdf5writer.hdf5writer").Hdf5Writer


def channel_config(device_id):
    return Hash("connectedOutputChannels", [f"{device_id}:output"],
                "maxQueueLength", 200)


async def record(writer, detector, classifier, collector):
    """Trains through the classifier while the writer records them."""
    await writer.configure()
    assert writer.state == State.IGNORING, writer.status.value
    await writer.monitor()
    assert writer.state == State.MONITORING, writer.status.value
    for device, readers in (detector, 2), (classifier, 1):
        await sleepUntil(
            lambda d=device, n=readers: len(d.output.connections.value) == n,
            timeout=10)
    now_is(FIRST - 1)
    await writer.record()
    for number in range(TRAINS):
        now_is(FIRST + number)
        await detector.send(FIRST + number, train(number))
        await sleepUntil(
            lambda n=number: collector.train(FIRST + n) is not None,
            timeout=10)
    # the last train ends the recording once it is old enough to be written
    await sleepUntil(lambda: f"{detector.deviceId}:output" in writer.data.get(
        FIRST + TRAINS - 1, ()), timeout=10)
    await writer.monitor()
    now_is(FIRST + TRAINS + 20)
    await sleepUntil(lambda: not writer.current_file, timeout=20)


@pytest.mark.timeout(120)
async def test_codes_from_the_file_are_those_of_the_beam(tmp_path,
                                                         writer_class):
    model_path = save_model(tmp_path / "first.onnx")
    detector_id, classifier_id = (create_instanceId(name) for name in
                                  ("detector", "classifier"))
    detector = Detector({
        "deviceId": detector_id,
        "output": {"hostname": LOOPBACK, "maxQueueLength": 200}})
    classifier = SpectraClassifier(Hash(
        "deviceId", classifier_id, "modelPath", model_path,
        "maxPulses", MAX_PULSES,
        "input", channel_config(detector_id),
        "output", Hash("hostname", LOOPBACK, "maxQueueLength", 200),
        "preview", Hash("hostname", LOOPBACK)))
    collector = Collector(Hash(
        "deviceId", create_instanceId("sink"),
        "input", channel_config(classifier_id)))
    writer = writer_class(Hash(
        "deviceId", create_instanceId("writer"),
        "outputDir", str(tmp_path / "runs"), "maximumWaitForData", 5,
        # a slow property keeps the writer's proxy of the detector alive
        "dataSources", [Hash("deviceId", detector_id, "properties",
                             ["output", "state"], "failOnError", True)]))
    async with AsyncDeviceContext(detector=detector, classifier=classifier,
                                  collector=collector, writer=writer):
        await sleepUntil(lambda: classifier.modelId != "", timeout=20)
        await record(writer, detector, classifier, collector)
    run, = (tmp_path / "runs").glob("r*")
    codes = tmp_path / "codes.h5"
    classify_run(model_path, run, codes, source=f"{detector_id}:output",
                 key="data.data.adc")
    live = [collector.train(FIRST + n) for n in range(TRAINS)]
    with h5py.File(codes) as file:
        again = {name: item[()] for group in ("result", "scores")
                 for name, item in file[f"entry/{group}"].items()}
        np.testing.assert_array_equal(file["entry/trains/train_id"],
                                      FIRST + np.arange(TRAINS))
    assert {*map(int, again["label"])} >= {-3, -2, 0, 1}
    for name in "label", "confidence", "residual", "intensity", "scores":
        expected = again[name].reshape(TRAINS, PULSES, -1)
        values = np.array([fields[name][:PULSES] for fields in live])
        np.testing.assert_array_equal(
            values.reshape(TRAINS, PULSES, -1)[..., :expected.shape[2]],
            expected, err_msg=name)
