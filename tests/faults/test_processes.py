"""Whoever dies or hangs: the shutter is closed in time, nothing arms itself.

Source, classifier, guard and shutter run in servers of their own, as at a
beamline; the guard reaches the broker over a link that can break.
"""
import time
from asyncio import sleep, wait_for
from contextlib import suppress

import pytest
import pytest_asyncio
from karabo.middlelayer import KaraboError, State, call, getProperties
from karabo.middlelayer.testing import create_instanceId, sleepUntil

from spectra_classifier.lab.link import BreakableLink
from spectra_classifier.lab.servers import DeviceServer

LEASE = 1.0     # s: the longest that the guard believes in a renewal
HOLD = 1.0      # s: the shutter closes by itself when nobody holds it
# reading clocks, waking up and one message on a busy machine
SLACK = 0.5
START = 60      # s for a server and its device to come up
LOOPBACK = "127.0.0.0/8"

pytestmark = pytest.mark.timeout(180)


class Beamline:
    """Four servers with a device each, and the way to the guard's broker."""

    def __init__(self, model, broker_port):
        self.link = BreakableLink(broker_port)
        self.ids = {name: create_instanceId(name) for name in (
            "source", "classifier", "guard", "shutter")}
        settings = {
            "source": ("SpectrometerSimulator", {
                "preset": "easy", "pulses": 20, "seed": model.seed,
                "output": {"hostname": LOOPBACK},
                "truth": {"hostname": LOOPBACK}}),
            "classifier": ("SpectraClassifier", {
                "modelPath": str(model.path), "engine": "numpy",
                "dark": [float(value) for value in model.dark],
                "reactions": [
                    {"sampleClass": name, "alarm": "none", "permit": True}
                    for name in model.manifest["classes"]],
                "output": {"hostname": LOOPBACK},
                "input": {"connectedOutputChannels": [
                    f"{self.ids['source']}:output"]}}),
            "guard": ("PermitGuard", {
                "classifierId": self.ids["classifier"],
                "leaseTime": 1000 * LEASE, "targetDevice": self.ids["shutter"],
                "openSlot": "open", "closeSlot": "close", "holdSlot": "hold",
                "confirmProperty": "isOpen"}),
            "shutter": ("SimulatedShutter", {"holdTime": HOLD})}
        self.servers = {}
        for name, (class_id, configuration) in settings.items():
            env = ({"KARABO_BROKER": self.link.url} if name == "guard"
                   else None)
            self.servers[name] = DeviceServer(
                "middlelayer", create_instanceId(f"{name}Server"),
                [class_id], env=env, init={
                    self.ids[name]: {"classId": class_id} | configuration})

    def stop(self):
        for server in self.servers.values():
            server.stop(5)
        self.link.close()

    async def get(self, name, key):
        """A property, asked of the device itself."""
        return (await getProperties(self.ids[name], key))[key]

    async def call(self, name, slot):
        return await wait_for(call(self.ids[name], slot), 5)

    async def start(self):
        """Start what does not run, as a supervisor would."""
        for server in self.servers.values():
            if not server.running:
                server.start()
        # asked of the devices: a killed one stays in the topology for long
        for name in self.ids:
            await self.until(name, "state",
                             lambda state: state != State.INIT, START)
        await self.until("classifier", "modelId", bool, START)

    async def until(self, name, key, condition, timeout=20):
        """Ask for a property until it is right; returns it."""
        end = time.monotonic() + timeout
        while True:
            with suppress(TimeoutError, KaraboError):
                value = await wait_for(self.get(name, key), 5)
                if condition(value):
                    return value
            if time.monotonic() > end:
                raise TimeoutError(f"{name}.{key} is {value}")
            await sleep(0.05)

    async def open(self):
        """Everything runs, an operator has armed it, the shutter is open."""
        self.link.restore()
        await self.start()
        if await self.get("source", "state") != State.ACQUIRING:
            await self.call("source", "start")
        await self.until("classifier", "state",
                         lambda state: state == State.PROCESSING)
        await self.call("guard", "enable")
        end = time.monotonic() + 30
        while not await self.get("shutter", "isOpen"):
            # refused where it is not the time yet; what is late latches late
            with suppress(KaraboError):
                await self.call("guard", "acknowledge")
                await self.call("classifier", "arm")
            assert time.monotonic() < end, await self.get("guard", "reason")
            await sleep(0.2)

    async def closed_after(self, struck):
        """Seconds from `struck` to the closing of the shutter."""
        await self.until("shutter", "isOpen", lambda is_open: not is_open)
        return float(await self.get("shutter", "closedAt")) - struck


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beamline(karabo_environment, broker_url, gotthard_model):
    line = Beamline(gotthard_model, int(broker_url.rpartition(":")[2]))
    try:
        await line.start()
        yield line
    finally:
        line.stop()


@pytest.mark.parametrize("way", ["kill", "pause"])
@pytest.mark.parametrize("victim", ["classifier", "source"])
async def test_a_silent_permit_closes_the_shutter(beamline, victim, way):
    await beamline.open()
    struck = time.time()
    getattr(beamline.servers[victim], way)()
    assert await beamline.closed_after(struck) <= LEASE + SLACK
    if way == "pause":
        beamline.servers[victim].resume()
    else:
        await beamline.start()
    if victim == "source" and way == "kill":
        await beamline.call("source", "start")
    # the stream is back, and with it whatever the classifier says now
    await beamline.until("classifier", "state",
                         lambda state: state == State.PROCESSING)
    before = await beamline.get("guard", "permitSequence")
    await beamline.until("guard", "permitSequence",
                         lambda now: now != before)
    assert not await beamline.get("shutter", "isOpen")
    assert not await beamline.get("guard", "granted")


async def test_a_restarted_classifier_is_disarmed(beamline):
    await beamline.open()
    beamline.servers["classifier"].kill()
    await beamline.start()
    await beamline.until("classifier", "state",
                         lambda state: state == State.PROCESSING)
    assert not await beamline.get("classifier", "armed")
    assert not await beamline.get("classifier", "permit")
    assert "arm" in await beamline.get("classifier", "permitReason")


@pytest.mark.parametrize("way", ["kill", "pause"])
async def test_a_guard_that_is_gone_lets_the_shutter_close(beamline, way):
    await beamline.open()
    struck = time.time()
    getattr(beamline.servers["guard"], way)()
    assert await beamline.closed_after(struck) <= HOLD + SLACK
    beamline.servers["guard"].resume()


@pytest.mark.parametrize("way", ["cut", "freeze"])
async def test_a_guard_without_its_broker_lets_the_shutter_close(
        beamline, way):
    await beamline.open()
    struck = time.time()
    getattr(beamline.link, way)()
    assert await beamline.closed_after(struck) <= HOLD + SLACK
    assert await beamline.get("classifier", "permit")


async def test_a_guard_that_lost_its_broker_ends_and_comes_back_disabled(
        beamline):
    await beamline.open()
    beamline.link.cut()
    guard = beamline.servers["guard"]
    await sleepUntil(lambda: not guard.running, timeout=20)
    guard.stop()
    beamline.link.restore()
    await beamline.start()
    assert not await beamline.get("guard", "enabled")
    assert not await beamline.get("shutter", "isOpen")
