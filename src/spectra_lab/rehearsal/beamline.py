"""Source, classifier, guard and shutter in servers of their own."""
import time
from asyncio import sleep, wait_for
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from karabo.middlelayer import KaraboError, State, call, getProperties

from spectra_classifier.model.strict_json import JsonObject

from ..demo.sources import CHANNELS, LOOPBACK
from ..link import BreakableLink
from ..servers import DeviceServer
from .expectations import HOLD, LEASE

NAMES = ("source", "classifier", "guard", "shutter")
#: whose way to the broker can break
LINKED = ("classifier", "guard")
START = 90      # s for a server and its device to come up
ANSWER = 5      # s for a device to answer


@dataclass(frozen=True)
class Driven:
    """What takes the part of the shutter, and how the guard drives it.

    `is_open`, `closed_at`: its properties, the latter in seconds since 1970;
    `settings`: of it; `guard`: settings of the guard.
    """
    class_id: str
    is_open: str
    closed_at: str
    settings: JsonObject = field(default_factory=dict)
    guard: JsonObject = field(default_factory=dict)


#: opened, closed and held by slots
HELD = Driven("SimulatedShutter", "isOpen", "closedAt", {"holdTime": HOLD}, {
    "target.openSlot": "open", "target.closeSlot": "close",
    "target.holdSlot": "hold", "target.confirmProperty": "isOpen"})
#: on while a bit changes, as behind the watchdog of a PLC
WATCHED = Driven(
    "SimulatedWatchdog", "output", "offAt", {"watchdogTime": HOLD},
    {"watchdog.property": "heartbeatBit", "watchdog.time": HOLD,
     "target.confirmProperty": "output"})


def _local(*channels: str) -> JsonObject:
    """Configuration of output channels that nobody outside can reach."""
    return {name: {"hostname": LOOPBACK} for name in channels}


class Beamline:
    """Four servers with a device each; their links to the broker can break.

    `broker_port`: of the broker on loopback; `source`, `classifier`: their
    configuration; `prefix`: of device and server ids; `strangers`: channels
    that the classifier hears as well as its source; `driven`: what the guard
    drives. KARABO and its broker have to be in the environment. `servers` and
    `links` by name.
    """

    def __init__(self, broker_port: int, source: JsonObject,
                 classifier: JsonObject,
                 guard: Mapping[str, Any] = MappingProxyType({}),
                 prefix: str = "rehearsal",
                 strangers: Iterable[str] = (),
                 driven: Driven = HELD) -> None:
        self.ids = {name: f"{prefix}/{name}" for name in NAMES}
        self._driven = driven
        self._classes = dict(zip(NAMES, (
            "SpectrometerSimulator", "SpectraClassifier", "PermitGuard",
            driven.class_id), strict=True))
        self._prefix = prefix
        self.links = {name: BreakableLink(broker_port) for name in LINKED}
        self.settings: dict[str, JsonObject] = {
            "source": _local("output", "truth", "follower",
                             "monitor") | source,
            "classifier": _local(*CHANNELS) | {
                "input": {"connectedOutputChannels": [
                    f"{self.ids['source']}:output",
                    *strangers]}} | classifier,
            "guard": {
                "classifierId": self.ids["classifier"],
                "conditions.lease": 1000 * LEASE,
                "targetDevice": self.ids["shutter"]}
            | driven.guard | dict(guard),
            "shutter": driven.settings}
        self.servers = {name: self._server(name) for name in NAMES}

    def _server(self, name: str) -> DeviceServer:
        link = self.links.get(name)
        return DeviceServer(
            "middlelayer", f"{self._prefix}-{name}", [self._classes[name]],
            env=None if link is None else {"KARABO_BROKER": link.url},
            init={self.ids[name]: {"classId": self._classes[name]}
                  | self.settings[name]})

    def configure(self, name: str, **settings: Any) -> None:
        """Other settings for the next start of a server that does not run."""
        self.servers[name].stop()       # reaps it
        self.settings[name] |= settings
        self.servers[name] = self._server(name)

    def stop(self) -> None:
        """Stop all servers and links."""
        for server in self.servers.values():
            server.stop(5)
        for link in self.links.values():
            link.close()

    # talking to the devices

    async def get(self, name: str, key: str) -> Any:
        """A property, asked of the device itself."""
        # a device that is killed answers never
        return (await wait_for(getProperties(self.ids[name], key),
                               ANSWER))[key]

    async def call(self, name: str, slot: str) -> Any:
        return await wait_for(call(self.ids[name], slot), ANSWER)

    async def until(self, name: str, key: str,
                    condition: Callable[[Any], object],
                    timeout: float = 20) -> Any:
        """Ask for a property until it is right; returns it."""
        end = time.monotonic() + timeout
        value = None
        while True:
            with suppress(TimeoutError, KaraboError):
                value = await self.get(name, key)
                if condition(value):
                    return value
            if time.monotonic() > end:
                raise TimeoutError(f"{self.ids[name]}.{key} is {value}")
            await sleep(0.05)

    # as a supervisor and an operator

    async def start(self) -> None:
        """Start what does not run, as a supervisor would, and wait."""
        for name in NAMES:
            self.revive(name)
        # asked of the devices: a killed one stays in the topology for long
        for name in NAMES:
            await self.until(name, "state",
                             lambda state: state != State.INIT, START)
        await self.until("classifier", "modelId", bool, START)

    def revive(self, name: str) -> bool:
        """Start a server that has ended; True if it had."""
        server = self.servers[name]
        if server.running:
            return False
        server.start()
        return True

    async def open(self, timeout: float = 60) -> None:
        """Everything runs, an operator has armed it, the shutter is open."""
        for link in self.links.values():
            link.restore()
        await self.start()
        if await self.get("source", "state") != State.ACQUIRING:
            await self.call("source", "start")
        await self.until("classifier", "state",
                         lambda state: state == State.PROCESSING)
        await self.call("guard", "enable")
        end = time.monotonic() + timeout
        while not await self.is_open():
            # refused where it is not the time yet, or nothing is latched;
            # what is late latches late
            for name, slot in (("guard", "acknowledge"),
                               ("classifier", "arm")):
                with suppress(KaraboError):
                    await self.call(name, slot)
            if time.monotonic() > end:
                raise TimeoutError("the shutter does not open: "
                                   f"{await self.get('guard', 'reason')}")
            await sleep(0.2)

    async def is_open(self) -> bool:
        """What the shutter, or what takes its part, says of itself."""
        return bool(await self.get("shutter", self._driven.is_open))

    async def closed_after(self, struck: float, timeout: float = 20) -> float:
        """Seconds from `struck` (as of `time.time`) to the closed shutter."""
        await self.until("shutter", self._driven.is_open,
                         lambda is_open: not is_open, timeout)
        return float(await self.get(
            "shutter", self._driven.closed_at)) - struck
