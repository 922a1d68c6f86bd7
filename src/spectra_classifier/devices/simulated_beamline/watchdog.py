"""A PLC output with a watchdog, for rehearsals: what a guard renews."""
from asyncio import get_event_loop
from typing import Any

from karabo.middlelayer import (
    AccessMode,
    Bool,
    Double,
    Hash,
    Overwrite,
    State,
    UInt32,
    Unit,
)

from ...simulation.watchdog import HeartbeatOutput
from ..common.checked_device import CheckedDevice

READ = {"accessMode": AccessMode.READONLY}


class SimulatedWatchdog(CheckedDevice):
    """Its output is on while the heartbeat changes in time.

    The watchdog runs in a thread on the monotonic clock, as it would in a
    PLC: neither a silent guard nor a blocked event loop keeps it on.
    """
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.OFF],
        description="ON: the output is on")

    watchdogTime = Double(
        displayedName="Watchdog Time", defaultValue=1., minInc=0.05,
        maxInc=65., unitSymbol=Unit.SECOND,
        accessMode=AccessMode.INITONLY,
        description="The output switches off when the heartbeat does not "
                    "change within this time")

    @UInt32(
        displayedName="Heartbeat Count", defaultValue=0,
        description="Counter that has to change; two changes within the time "
                    "switch the output on")
    async def heartbeatCount(self, value: Any) -> None:
        self.heartbeatCount = value
        self._beat()

    @Bool(
        displayedName="Heartbeat Bit", defaultValue=False,
        description="The same as a bit that has to change")
    async def heartbeatBit(self, value: Any) -> None:
        self.heartbeatBit = value
        self._beat()

    output = Bool(
        displayedName="Output", defaultValue=False,
        description="Whether the output is on at this moment", **READ)

    changes = UInt32(
        displayedName="Changes", defaultValue=0,
        description="Of the heartbeat since the start", **READ)

    expiries = UInt32(
        displayedName="Expiries", defaultValue=0,
        description="How often the heartbeat did not change in time", **READ)

    offAt = Double(
        displayedName="Off At", defaultValue=0., unitSymbol=Unit.SECOND,
        description="Time at which the output last switched off, seconds "
                    "since 1970", **READ)

    def __init__(self, configuration: Hash) -> None:
        # None while the setters above run in super
        self._output: HeartbeatOutput | None = None
        self._shown: dict[str, Any] = {}
        super().__init__(configuration)

    async def onInitialization(self) -> None:
        loop = get_event_loop()
        output = self._output = HeartbeatOutput(
            self.watchdogTime.value,
            lambda: loop.call_soon_threadsafe(self._publish))
        self.supervisor.thread("the thread of the watchdog",
                               lambda: output.alive)
        self._beat()

    async def onDestruction(self) -> None:
        if self._output is not None:
            self._output.end()

    def _beat(self) -> None:
        if self._output is not None:
            self._output.beat((self.heartbeatCount.value,
                               self.heartbeatBit.value))
            self._publish()

    def _publish(self) -> None:
        output = self._output
        assert output is not None       # after `onInitialization`
        is_on = output.is_on
        for name, value in (
                ("changes", output.changes), ("expiries", output.expiries),
                ("offAt", output.off_at), ("output", is_on),
                ("state", State.ON if is_on else State.OFF)):
            if self._shown.get(name) != value:
                self._shown[name] = value
                setattr(self, name, value)
