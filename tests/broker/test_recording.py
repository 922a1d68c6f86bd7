"""Spectra and codes that karabo-hdf5writer records, against `classify`.

Version 3.0.1 of the writer keeps the matrices of a channel, as int32, and
leaves vectors and numbers out. Spectra of 16 bits are kept whole by that;
the codes go through a `RecordingAdapter`.
"""
import importlib
import time
import warnings
from contextlib import contextmanager
from types import SimpleNamespace

import h5py
import numpy as np
import pytest_asyncio
from karabo.middlelayer import (
    AccessMode,
    Configurable,
    DaqDataType,
    Device,
    Hash,
    NDArray,
    Node,
    Overwrite,
    State,
    TimeMixin,
    Timestamp,
    UInt8,
    UInt16,
    UInt64,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)
from pytest import MonkeyPatch

from spectra_classifier.devices.common.channels import DeviceOutputChannel
from spectra_classifier.devices.recording_adapter.device import (
    RecordingAdapter,
)
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.files.recordings.recorded_codes import RecordedCodes
from spectra_classifier.offline import classify_run
from tests.broker.classifier_bench import LOOPBACK, Collector, save_model
from tests.commands import invoke
from tests.device_context import DeviceContext
from tests.devices.fakes import CHANNELS, spectra_of

PULSES, MAX_PULSES, MAX_CLASSES, TRAINS = 6, 20, 3, 14
#: a train id of today
FIRST = 2_500_000_000
#: so that the recording has more than one file
TRAINS_PER_FILE = 10
READ = {"accessMode": AccessMode.READONLY}


class DataNode(Configurable):
    """Beside the spectra arrays, too: the writer leaves vectors out."""
    daqDataType = DaqDataType.TRAIN
    adc = NDArray(dtype=UInt16, shape=(PULSES, CHANNELS), **READ)
    gain = NDArray(dtype=UInt8, shape=(PULSES, CHANNELS), **READ)
    memoryCell = NDArray(dtype=UInt8, shape=(PULSES,), **READ)
    frameNumber = NDArray(dtype=UInt64, shape=(PULSES,), **READ)
    bunchId = NDArray(dtype=UInt64, shape=(PULSES,), **READ)


class ChannelNode(Configurable):
    data = Node(DataNode)


class Detector(Device):
    """The receiver of a Gotthard-II with a schema for data acquisition.

    As its source has it: cells of 255, the train id as bunch id, frame number
    0 where a frame never came.
    """
    state = Overwrite(defaultValue=State.ON, options=[State.ON])
    output = DeviceOutputChannel(ChannelNode)

    async def send(self, train_id, arrays):
        for name, values in arrays.items():
            setattr(self.output.schema.data, name, values)
        timestamp = Timestamp(time.time())
        timestamp.tid = train_id
        await self.output.writeData(timestamp=timestamp)


def train(number):
    """Spectra of both classes, one dark, one with a switched strip, and in
    every third train one that was never received."""
    random = np.random.default_rng(number)
    adc = np.concatenate([spectra_of(kind, 1) for kind
                          in random.integers(0, 2, PULSES)])
    adc = random.poisson(adc).astype(np.uint16)
    adc[number % PULSES] = 1
    gain = np.zeros((PULSES, CHANNELS), np.uint8)
    gain[(number + 1) % PULSES, 3] = 1
    frames = np.arange(PULSES, dtype=np.uint64) + 1
    if number % 3 == 0:
        frames[(number + 2) % PULSES] = 0
    return {"adc": adc, "gain": gain,
            "memoryCell": np.full(PULSES, 255, np.uint8),
            "frameNumber": frames,
            "bunchId": np.full(PULSES, FIRST + number, np.uint64)}


def now_is(train_id):
    """Sets the clock of trains, as a time server does."""
    TimeMixin.set_reference(train_id, int(time.time()), 0, 1_000_000_000)


@contextmanager
def clock_put_back():
    """Behind it, this process has no clock of trains again."""
    with MonkeyPatch.context() as patch:
        for name in "_tid", "_time_sec", "_time_frac", "_period":
            patch.setattr(TimeMixin, name, getattr(TimeMixin, name))
        yield


def writer_class():
    """The class of the writer; its module wants KARABO when it is loaded."""
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return importlib.import_module(
            "karabo_hdf5writer.hdf5writer").Hdf5Writer


def channel_config(device_id):
    return Hash("connectedOutputChannels", [f"{device_id}:output"],
                "maxQueueLength", 200)


def out_config():
    return Hash("hostname", LOOPBACK, "maxQueueLength", 200)


def devices(folder, model_path):
    """{name: device}: a source, what sees it, and what records both."""
    detector, classifier, adapter, sink, writer = (
        create_instanceId(name) for name in (
            "detector", "classifier", "adapter", "sink", "writer"))
    # a slow property keeps the writer's proxies alive
    recorded = [Hash("deviceId", device_id, "properties",
                     ["output", "state"], "failOnError", True)
                for device_id in (detector, adapter)]
    return {
        "detector": Detector(Hash("deviceId", detector,
                                  "output", out_config())),
        "classifier": SpectraClassifier(Hash(
            "deviceId", classifier, "modelPath", model_path,
            "source.maxPulses", MAX_PULSES,
            "input", channel_config(detector), "output", out_config(),
            "preview", Hash("hostname", LOOPBACK))),
        "adapter": RecordingAdapter(Hash(
            "deviceId", adapter, "maxPulses", MAX_PULSES,
            "maxClasses", MAX_CLASSES, "input",
            channel_config(classifier),
            "output", out_config())),
        "sink": Collector(Hash("deviceId", sink,
                               "input", channel_config(classifier))),
        "writer": writer_class()(Hash(
            "deviceId", writer, "outputDir", str(folder),
            "trainsPerSequenceFile", TRAINS_PER_FILE,
            "maximumWaitForData", 5, "dataSources", recorded))}


async def record(detector, classifier, adapter, sink, writer):
    """Trains through the classifier while the writer records them."""
    await writer.configure()
    assert writer.state == State.IGNORING, writer.status.value
    await writer.monitor()
    assert writer.state == State.MONITORING, writer.status.value
    for device, readers in (detector, 2), (classifier, 2), (adapter, 1):
        await sleepUntil(
            lambda d=device, n=readers: len(d.output.connections.value) == n,
            timeout=10)
    now_is(FIRST - 1)
    await writer.record()
    sources = [f"{device.deviceId}:output" for device in (detector, adapter)]
    for number in range(TRAINS):
        now_is(FIRST + number)
        await detector.send(FIRST + number, train(number))
        # its input has no queue: the next train would be lost
        await sleepUntil(lambda n=number: all(
            source in writer.data.get(FIRST + n, ()) for source in sources)
            and sink.train(FIRST + n) is not None, timeout=10)
    # the last train ends the recording once it is old enough to be written
    await writer.monitor()
    now_is(FIRST + TRAINS + 20)
    await sleepUntil(lambda: not writer.current_file, timeout=20)
    await sleepUntil(lambda: adapter.trainsWritten == TRAINS, timeout=10)
    assert (adapter.trainsRefused, adapter.trainsLost) == (0, 0), (
        adapter.lastProblem.value)
    assert not writer.dataIsTruncated


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorded(karabo_environment, karabo_client, tmp_path_factory):
    """What the beam gave, and the folder in which it was recorded."""
    folder = tmp_path_factory.mktemp("recorded")
    model_path = save_model(folder / "first.onnx")
    made = devices(folder / "runs", model_path)
    async with DeviceContext(**made):
        await sleepUntil(lambda: made["classifier"].modelId != "", timeout=60)
        with clock_put_back():
            await record(**made)
    run, = (folder / "runs").glob("r*")
    return SimpleNamespace(
        run=run, model=model_path, folder=folder,
        spectra=f"{made['detector'].deviceId}:output",
        codes=f"{made['adapter'].deviceId}:output",
        live=[made["sink"].train(FIRST + n) for n in range(TRAINS)])


async def test_every_field_is_recorded_whole(recorded):
    found = RecordedCodes(recorded.run)
    assert found.source == recorded.codes
    np.testing.assert_array_equal(found.train_ids, FIRST + np.arange(TRAINS))
    assert len(list(recorded.run.glob("*.h5"))) == 2
    for number, live in enumerate(recorded.live):
        fields = found.train(FIRST + number)
        assert fields.keys() == live.keys()
        assert fields["trainId"] == FIRST + number
        for name, value in live.items():
            kept = fields[name]
            if isinstance(value, str):
                assert kept == value
                continue
            value = np.asarray(value)
            if value.ndim == 2:     # the adapter has room for more classes
                assert kept.shape == (MAX_PULSES, MAX_CLASSES)
                assert not kept[:, value.shape[1]:].any()
                kept = kept[:, :value.shape[1]]
            assert kept.shape == value.shape
            np.testing.assert_array_equal(kept, value, err_msg=name)
        assert fields["label"].shape == (MAX_PULSES,)


async def test_codes_of_the_recorded_spectra_are_those_of_the_beam(recorded):
    codes = recorded.folder / "codes.h5"
    report = classify_run(recorded.model, recorded.run, codes,
                          source=recorded.spectra, key="data.data.adc")
    assert report["trains"] == TRAINS
    with h5py.File(codes) as file:
        label = file["entry/result/label"][()]
        np.testing.assert_array_equal(file["entry/trains/train_id"],
                                      FIRST + np.arange(TRAINS))
    assert {*map(int, label)} >= {-4, -3, -2, 0, 1}
    outcome = invoke("compare", codes, recorded.run, "--json")
    compared = outcome.document
    assert outcome.code == 0, compared
    assert compared["equal"] and compared["pulses"] == TRAINS * PULSES
    assert (compared["trains"], compared["only_live"],
            compared["only_result"]) == (TRAINS, 0, 0)
    live = np.concatenate([fields["label"][:PULSES]
                           for fields in recorded.live])
    np.testing.assert_array_equal(label, live)
