"""A second module and a monitor on a real broker, joined by train id."""
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest_asyncio
from karabo.middlelayer import AlarmCondition, Hash
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.core.trains.train_matcher import LATE, PASSED, SILENT
from tests.broker.classifier_bench import (
    LOOPBACK,
    PERMIT_HIGH,
    TrainSource,
    bench,
    save_model,
)
from tests.device_context import DeviceContext
from tests.devices.fakes import CHANNELS, spectra_of

HALF = CHANNELS // 2
WAIT = 1000.     # ms that a train waits for its follower
SILENCE = 60.   # s


def source_of(name):
    return TrainSource({
        "deviceId": create_instanceId(name),
        "output": {"hostname": LOOPBACK, "maxQueueLength": 200}})


def input_of(device):
    return Hash("connectedOutputChannels", [f"{device.deviceId}:output"],
                "maxQueueLength", 200)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(karabo_environment, karabo_client, tmp_path_factory):
    """A bench whose source is the leader, with follower and monitor."""
    follower, monitor = source_of("follower"), source_of("monitor")
    path = save_model(tmp_path_factory.mktemp("model") / "first.onnx")
    async with (
            DeviceContext(follower=follower, monitor=monitor),
            bench(path,
                  **{"joining.followerInput": input_of(follower),
                     "joining.timeout": WAIT,
                  "joining.contextInput": input_of(monitor),
                           "joining.followerJoin": "appended",
                  "joining.energyPath": "data.energy",
                           "joining.shutterPath": "data.open",
                  "joining.minPulseEnergy": 1.}, reactions=PERMIT_HIGH,
                  **{"alarms.delay": 0.,
                  "alarms.latched": [], "source.maxPulses": 20}) as one):
        for device in follower, monitor:
            await sleepUntil(lambda d=device: len(
                d.output.connections.value) == 1, timeout=10)
        # nobody is silent only because the machine is busy
        joiner = one.classifier._stream.partners._joiner
        joiner.patience = replace(joiner.patience, silence=SILENCE)
        yield SimpleNamespace(one=one, follower=follower, monitor=monitor)


async def send(line, spectra, lead_first=False, follow=True, energy=9.,
               is_open=True):
    """The parts of one train, each through its own channel; its id."""
    train_id = line.one.source.next_train
    leader, follower = map(np.ascontiguousarray, (
        spectra[:, :HALF], spectra[:, HALF:]))
    if energy is not None:
        await line.monitor.send({"energy": np.full(
            len(spectra), energy, np.float32), "open": np.array(is_open)},
            train_id)
    if lead_first:
        await line.one.source.send({"adc": leader}, train_id)
    if follow:
        await line.follower.send({"adc": follower}, train_id)
    if not lead_first:
        await line.one.source.send({"adc": leader}, train_id)
    return train_id


def missing(line, stream="follower"):
    return line.one.classifier._stream.partners._joiner.missing[stream]


async def test_codes_are_those_of_one_module_whoever_comes_first(line):
    for number in range(6):
        spectra = spectra_of(number % 2, 5)
        spectra[number % 5] = 1
        out = await line.one.output(await send(
            line, spectra, lead_first=bool(number % 3)))
        expected = np.full(5, number % 2)
        expected[number % 5] = -2
        np.testing.assert_array_equal(out["label"][:5], expected)
    assert line.one.unaccounted() == ""


async def test_a_train_without_its_follower_is_rejected_in_time(line):
    await line.one.output(await send(line, spectra_of(1)))
    lost = await send(line, spectra_of(1), follow=False)
    found = await send(line, spectra_of(1))     # shows that one is lost
    out = await line.one.output(lost)
    np.testing.assert_array_equal(out["label"][:4], [-4] * 4)
    assert not out["permit"]
    assert missing(line)[PASSED] == 1
    np.testing.assert_array_equal(
        (await line.one.output(found))["label"][:4], [1] * 4)
    alone = await send(line, spectra_of(1), follow=False)
    out = await line.one.output(alone)
    assert missing(line)[LATE] == 1
    assert out["latency"] >= WAIT
    assert line.one.unaccounted() == ""


async def test_no_beam_and_sample_gone_are_told_apart(line):
    device = line.one.classifier
    for _ in range(6):
        await line.one.output(await send(line, spectra_of(1)))
    assert device.joining.beamState == "beam"
    await device.arm()
    assert (await line.one.output(await send(line, spectra_of(1))))["permit"]
    for _ in range(5):
        out = await line.one.output(await send(
            line, spectra_of(1, counts=0)))
    assert out["permitReason"].startswith(
        "sample gone: the beam is there (mean pulse energy 9)")
    await sleepUntil(lambda: device.joining.beamState == "sample "
                                                         "gone", timeout=20)
    await sleepUntil(
        lambda: device.alarmCondition == AlarmCondition.ALARM, timeout=20)
    for _ in range(5):
        out = await line.one.output(await send(
            line, spectra_of(1, counts=0), is_open=False))
    assert out["permitReason"].startswith("no beam: the shutter is closed")
    await sleepUntil(lambda: device.joining.beamState == "no beam", timeout=20)
    await sleepUntil(
        lambda: device.alarmCondition == AlarmCondition.WARN, timeout=20)
    await sleepUntil(
        lambda: any(word in device.decision.stateHistory.value[0]["reason"]
                    for word in ("no beam", "sample gone")), timeout=20)


async def test_a_dead_follower_is_not_waited_for(line):
    """The last test of the module: the follower stays away."""
    partners = line.one.classifier._stream.partners
    await line.one.output(await send(line, spectra_of(1)))
    # as if it had been silent for longer than anybody waits
    partners._joiner._partners["follower"].last_seen -= SILENCE
    out = await line.one.output(await send(line, spectra_of(1),
                                           follow=False))
    np.testing.assert_array_equal(out["label"][:4], [-4] * 4)
    assert out["latency"] < WAIT
    assert missing(line)[SILENT] == 1
    await sleepUntil(lambda: ("follower", f"missing: {SILENT}") in {
        (row["stream"], row["reason"]) for row in (
            line.one.classifier.joining.streams.to_hashlist())}, timeout=20)
    assert line.one.unaccounted() == ""
