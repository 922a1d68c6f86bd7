"""The simulated source, shutter and motor on a real broker."""
import io
import json
import time
from collections import Counter
from contextlib import asynccontextmanager

import numpy as np
import pytest
from karabo.middlelayer import (
    Device,
    Hash,
    InputChannel,
    KaraboError,
    NetworkInput,
    Overwrite,
    State,
    call,
    get_array_data,
    read_scene,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.devices.simulated_beamline.motor import SimulatedMotor
from spectra_classifier.devices.simulated_beamline.shutter import (
    SimulatedShutter,
)
from spectra_classifier.devices.spectrometer_simulator.device import (
    SpectrometerSimulator,
)
from spectra_classifier.files import write_dataset
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import EASY, HARD
from spectra_classifier.simulation.stream.faults import FAULTS
from spectra_classifier.simulation.timeline import Timeline
from tests.device_context import DeviceContext

LOOPBACK = {"hostname": "127.0.0.0/8"}
FIRST = 5000


class Queued(NetworkInput):
    onSlowness = Overwrite(defaultValue="queueDrop")
    maxQueueLength = Overwrite(defaultValue=100)


def queued(channel):
    channel.cls = Queued
    return channel


class Listener(Device):
    """Keeps everything: (train id, Hash, seconds since 1970)."""

    def __init__(self, configuration):
        super().__init__(configuration)
        self.data, self.truths, self.ends = [], [], 0
        self.followers, self.monitors = {}, {}

    @queued(InputChannel(raw=True))
    async def input(self, data, meta):
        stamp = meta.timestamp.timestamp
        self.data.append((int(stamp.tid), data, stamp.toTimestamp()))

    @input.endOfStream
    async def input(self, name):
        self.ends += 1

    @queued(InputChannel(raw=True))
    async def truth(self, data, meta):
        self.truths.append((int(meta.timestamp.timestamp.tid), data))

    @queued(InputChannel(raw=True))
    async def follower(self, data, meta):
        self.followers[int(meta.timestamp.timestamp.tid)] = data

    @queued(InputChannel(raw=True))
    async def monitor(self, data, meta):
        self.monitors[int(meta.timestamp.timestamp.tid)] = data

    def adc(self, number):
        return get_array_data(self.data[number][1], path="data.adc")


@asynccontextmanager
async def playing(source=None, **configuration):
    """A simulator that is ON, with a connected listener."""
    source_id = create_instanceId("source")
    source = SpectrometerSimulator({
        "deviceId": source_id, "output": LOOPBACK, "truth": LOOPBACK,
        "follower": LOOPBACK, "monitor": LOOPBACK,
        "source": {"firstTrain": FIRST} | (source or {}),
        "preset": "easy", "rate": 50.}
        | configuration)
    listener = Listener({
        "deviceId": create_instanceId("listener"),
        "input": {"connectedOutputChannels": [f"{source_id}:output"]},
        **{name: {"connectedOutputChannels": [f"{source_id}:{name}"]}
           for name in ("truth", "follower", "monitor")}})
    async with DeviceContext(source=source, listener=listener):
        await sleepUntil(lambda: source.state == State.ON, timeout=20)
        for channel in (source.output, source.truth, source.follower,
                        source.monitor):
            await sleepUntil(lambda c=channel: len(c.connections.value),
                             timeout=10)
        yield source, listener


async def played(source, listener, ends=1):
    """Start, and wait for the end of what was asked for."""
    await source.start()
    await sleepUntil(lambda: listener.ends >= ends
                     and source.state == State.ON, timeout=30)
    await sleepUntil(
        lambda: len(listener.truths) == len(listener.data), timeout=20)


async def test_trains_come_as_a_gotthard_sends_them():
    async with playing({"trains": 6, "hold": 2, "mixing": 1}, pulses=30) as (
            source, listener):
        await played(source, listener)
        assert [entry[0] for entry in listener.data] == list(
            range(FIRST, FIRST + 6))
        expected = GotthardSource(EASY, "ramp", 0, FIRST, Timeline(2, 2, 1),
                                  receiver=True)
        for number in range(6):
            train = expected.train(FIRST + number, 30)
            _, data, begun = listener.data[number]
            adc = listener.adc(number)
            assert adc.dtype == np.uint16
            np.testing.assert_array_equal(adc, train.adc)
            np.testing.assert_array_equal(
                get_array_data(data, path="data.gain"), train.gain)
            np.testing.assert_array_equal(
                data["data.frameNumber"],
                30 * number + np.arange(1, 31))
            np.testing.assert_array_equal(data["data.bunchId"],
                                          np.full(30, FIRST + number))
            np.testing.assert_array_equal(data["data.memoryCell"],
                                          np.full(30, 255))
            assert np.abs(data["data.timestamp"] - begun).max() < 1e-3
            truth = listener.truths[number][1]
            assert listener.truths[number][0] == FIRST + number
            assert truth["data.trainId"] == FIRST + number
            assert truth["data.pulseCount"] == 30
            np.testing.assert_array_equal(truth["data.label"], train.label)
            np.testing.assert_array_equal(truth["data.fraction"],
                                          train.fraction)
            assert truth["data.distance"] == train.distance
            assert truth["data.transitionTrainId"] == train.transition
        assert source.trainsSent == 6
        assert source.accounting.pulsesSent == 180
        assert source.currentTrainId == FIRST + 5
        assert list(source.source.classNames.value) == list(expected.classes)
        np.testing.assert_array_equal(source.source.dark.value,
                                      expected.darks.ravel())


async def test_the_ideal_form_keeps_every_frame_in_its_place():
    async with playing({"trains": 1}, pulses=30, profile="gotthard2 ideal",
                       preset="hard") as (source, listener):
        await played(source, listener)
        expected = GotthardSource(HARD, "ramp", 0, FIRST)
        np.testing.assert_array_equal(listener.adc(0),
                                      expected.train(FIRST, 30).adc)
        np.testing.assert_array_equal(
            listener.data[0][1]["data.bunchId"], np.arange(30))
        np.testing.assert_array_equal(source.source.dark.value, expected.dark)


async def test_a_receiver_has_as_many_buffers_as_are_set():
    async with playing({"trains": 3, "framesPerTrain": 40,
                        "pulsePattern": [30, 0, 50]}) as (source, listener):
        await played(source, listener)
        for number, pulses in enumerate((30, 0, 40)):
            data = listener.data[number][1]
            assert listener.adc(number).shape == (40, 1280)
            came = data["data.frameNumber"] > 0
            np.testing.assert_array_equal(came, np.arange(40) < pulses)
            assert listener.truths[number][1]["data.pulseCount"] == 40


async def test_two_modules_and_a_monitor_without_a_sample():
    async with playing({"trains": 3, "moduleSplit": "interleaved"},
                       pulses=30, sample=False) as (source, listener):
        await played(source, listener)
        trains = range(FIRST, FIRST + 3)
        await sleepUntil(lambda: list(listener.followers)
                         == list(listener.monitors) == list(trains),
                         timeout=20)
        expected = GotthardSource(EASY, "ramp", 0, FIRST, receiver=True)
        for number, train_id in enumerate(trains):
            train = expected.train(train_id, 30, sample=False)
            np.testing.assert_array_equal(listener.adc(number),
                                          train.adc[:, ::2])
            np.testing.assert_array_equal(get_array_data(
                listener.followers[train_id], path="data.adc"),
                train.adc[:, 1::2])
            seen = listener.monitors[train_id]
            np.testing.assert_array_equal(seen["data.intensityTD"],
                                          1000 * train.energy)
            assert seen["data.shutterOpen"]


async def test_time_stamps_follow_the_schedule():
    async with playing({"trains": 20}, pulses=3, rate=40.) as (
            source, listener):
        before = time.time()
        await played(source, listener)
        stamps = np.array([entry[2] for entry in listener.data])
        gaps = np.diff(stamps)
        assert gaps.min() >= 0.023
        # a busy machine may move the schedule, and says how often
        assert (gaps > 0.027).sum() <= source.load.trainsLate.value
        # sent when the next train begins, as by the receiver
        assert before - 0.1 <= stamps[0] <= before + 5


async def test_a_later_start_goes_on_with_the_train_ids():
    async with playing({"trains": 3}, pulses=2) as (source, listener):
        await played(source, listener)
        await played(source, listener, ends=2)
        assert [entry[0] for entry in listener.data] == list(
            range(FIRST, FIRST + 6))
        # another source starts behind the last train, too
        source.scenario = "shift"
        await played(source, listener, ends=3)
        assert [entry[0] for entry in listener.data[6:]] == list(
            range(FIRST + 6, FIRST + 9))


async def test_stop_and_pulses_while_trains_flow():
    async with playing(pulses=4, rate=20.) as (source, listener):
        await source.start()
        await sleepUntil(lambda: len(listener.data) > 3, timeout=10)
        await call(source.deviceId, "slotReconfigure", Hash("pulses", 9))
        await sleepUntil(lambda: len(listener.adc(-1)) == 9, timeout=10)
        await source.stop()
        assert source.state == State.ON
        sent = int(source.trainsSent.value)
        await sleepUntil(lambda: len(listener.data) == sent, timeout=20)
        await sleepUntil(lambda: listener.ends == 1, timeout=20)
        report = json.loads(source.accounting.report.value)
        assert report["trains"] == sent
        assert report["pulses"] == sum(
            len(listener.adc(number)) for number in range(sent))


async def test_the_pulse_pattern_changes_from_train_to_train():
    async with playing({"pulsePattern": [3, 0, 1], "trains": 6}) as (
            source, listener):
        await played(source, listener)
        counts = [int(truth["data.pulseCount"])
                  for _, truth in listener.truths]
        assert counts == [3, 0, 1, 3, 0, 1]
        shapes = [list(entry[1]["data.adc.shape"])
                  for entry in listener.data]
        assert shapes == [[count, 1280] for count in counts]


async def test_the_ledger_agrees_with_what_arrived_under_all_faults():
    async with playing({"trains": 2 * len(FAULTS) + 5}, pulses=5) as (
            source, listener):
        await source.start()
        for name in FAULTS:
            source.faults.kind, source.faults.trains = name, 2
            await source.injectFault()
        await sleepUntil(lambda: listener.ends >= 3
                         and source.state == State.ON, timeout=30)
        report = json.loads(source.accounting.report.value)
        assert set(report["faults"]) == set(FAULTS)
        # an acquisition starts with two messages
        assert all(entry["trains"] == (
            4 if name == "start of acquisition" else 2)
            for name, entry in report["faults"].items())
        await sleepUntil(lambda: len(listener.data) == report["trains"],
                         timeout=20)
        assert report["trains_not_sent"] == 2
        assert listener.ends == report["ends_of_stream"] == 3
        pulses = 0
        for _, data, _ in listener.data:
            if not data.has("data.adc"):
                continue
            if data.has("data.adc.shape"):
                shape = data["data.adc.shape"]
                pulses += int(shape[0]) if len(shape) == 2 else 0
            else:               # Karabo sends a vector as such: one pulse
                pulses += 1
        assert report["pulses"] == pulses
        times = Counter(entry[0] for entry in listener.data)
        assert times[0] == 2        # train id 0
        assert times[2 ** 64 - 1] == 2      # absurd train id
        assert sum(count == 2 for train, count in times.items()
                   if train not in (0, 2 ** 64 - 1)) == 4
        # two that were repeated, two before the start of an acquisition
        assert source.faults.pending == 0


async def test_curves_of_the_publication():
    async with playing({"trains": 3}, profile="curves", pulses=1) as (
            source, listener):
        await played(source, listener)
        assert listener.adc(0).shape == (1, 4023)
        assert listener.adc(0).dtype == np.float32
        assert not listener.data[0][1].has("data.gain")
        assert len(source.source.dark.value) == 0


async def test_a_file_is_replayed_in_order(tmp_path):
    random = np.random.default_rng(3)
    dataset = Dataset(
        Axis(np.linspace(1, 2, 17), "energy", "eV"),
        random.random((7, 17), np.float32), np.array([0, 0, 0, 1, 1, 1, 1]),
        ("cold", "hot"))
    path = tmp_path / "series.nxs"
    write_dataset(path, dataset)
    async with playing(profile="replay", pulses=3, replay={
            "file": str(path), "cyclic": False}) as (source, listener):
        await played(source, listener)
        assert [len(listener.adc(n)) for n in range(10)] == [1] * 7 + [
            3, 3, 1]
        seen = np.concatenate([listener.adc(n) for n in range(7, 10)])
        np.testing.assert_array_equal(seen, dataset.spectra)
        truth = listener.truths[8][1]
        np.testing.assert_array_equal(truth["data.label"], [1, 1, 1])
        np.testing.assert_array_equal(truth["data.spectrum"], [3, 4, 5])
        assert list(source.source.classNames.value) == ["cold", "hot"]


async def test_a_file_that_is_not_there_is_an_error_with_a_reason():
    source = SpectrometerSimulator({
        "deviceId": create_instanceId("source"), "output": LOOPBACK,
        "truth": LOOPBACK, "follower": LOOPBACK, "monitor": LOOPBACK,
        "profile": "replay"})
    async with DeviceContext(source=source):
        await sleepUntil(lambda: source.state == State.ERROR, timeout=10)
        for path, words in (("", "set replay.file"),
                            ("series.nxs", "absolute path"),
                            ("/nowhere/series.nxs", "does not exist")):
            source.replay.file = path
            with pytest.raises(KaraboError, match=words):
                await call(source.deviceId, "start")
            assert words in source.status.value
            assert source.state == State.ERROR
        source.profile = "curves"
        await source.start()
        assert source.state == State.ACQUIRING
        await source.stop()


async def test_the_simulator_brings_its_scene():
    source = SpectrometerSimulator({
        "deviceId": create_instanceId("source"), "output": LOOPBACK,
        "truth": LOOPBACK, "follower": LOOPBACK, "monitor": LOOPBACK})
    async with DeviceContext(source=source):
        reply = await call(source.deviceId, "requestScene",
                           Hash("name", "overview"))
        assert reply["payload.success"]
        scene = read_scene(io.StringIO(reply["payload.data"]))
        assert len(scene.children) > 10
        reply = await call(source.deviceId, "requestScene",
                           Hash("name", "nonsense"))
        assert not reply["payload.success"]


async def test_the_shutter_closes_itself_when_nobody_holds_it():
    shutter = SimulatedShutter({
        "deviceId": create_instanceId("shutter"), "holdTime": 0.3})
    async with DeviceContext(shutter=shutter):
        await sleepUntil(lambda: shutter.state == State.CLOSED, timeout=20)
        await shutter.open()
        assert shutter.isOpen
        assert shutter.state == State.OPENED
        begun = time.time()
        # the event loop may hang: the dead man is a thread of its own
        time.sleep(0.6)
        await sleepUntil(lambda: shutter.state == State.CLOSED, timeout=20)
        assert not shutter.isOpen
        assert shutter.selfCloses == 1
        assert begun <= shutter.closedAt.value <= begun + 0.55
        assert shutter.lastCloseReason == "not held for 0.3 s"
        await shutter.hold()
        assert not shutter.isOpen


async def test_the_shutter_obeys():
    shutter = SimulatedShutter({
        "deviceId": create_instanceId("shutter"), "holdTime": 0.})
    async with DeviceContext(shutter=shutter):
        await sleepUntil(lambda: shutter.state == State.CLOSED, timeout=20)
        await call(shutter.deviceId, "open")
        assert shutter.isOpen
        await call(shutter.deviceId, "slotReconfigure", Hash("holdTime", 60.))
        assert shutter.isOpen
        await call(shutter.deviceId, "close")
        assert not shutter.isOpen
        assert (shutter.opens, shutter.closes, shutter.selfCloses) == (
            1, 1, 0)


async def test_the_motor_moves_and_stops():
    motor = SimulatedMotor({
        "deviceId": create_instanceId("motor"), "speed": 10.,
        "target": 1.})
    async with DeviceContext(motor=motor):
        await sleepUntil(lambda: motor.state == State.ON, timeout=20)
        await motor.move()
        assert motor.state == State.MOVING
        await sleepUntil(lambda: motor.state == State.ON, timeout=20)
        assert motor.position.value == 1
        motor.target = -100.
        await motor.move()
        await sleepUntil(lambda: motor.position.value < 0.9, timeout=20)
        await motor.stop()
        assert motor.state == State.ON
        assert -100 < motor.position.value < 0.9
