"""A shutter for rehearsals: what a permit guard drives."""
from asyncio import get_event_loop
from typing import Any

from karabo.middlelayer import (
    AccessMode,
    Bool,
    Double,
    Hash,
    KaraboError,
    Overwrite,
    Slot,
    State,
    String,
    UInt32,
    Unit,
)

from ...core.guard.permit_message import is_number, shown
from ...simulation.shutter import DeadManShutter
from ..common.checked_device import CheckedDevice


class SimulatedShutter(CheckedDevice):
    """Opens on command and closes by itself unless it is held.

    The dead man runs in a thread on the monotonic clock: neither a silent
    guard nor a blocked event loop keeps the shutter open.
    """
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.OPENED, State.CLOSED])

    isOpen = Bool(
        displayedName="Is Open", defaultValue=False,
        description="Whether the beam may pass at this moment",
        accessMode=AccessMode.READONLY)

    opens = UInt32(
        displayedName="Opens", defaultValue=0,
        description="How often it was opened since the start",
        accessMode=AccessMode.READONLY)

    closes = UInt32(
        displayedName="Closes", defaultValue=0,
        description="Including those the shutter did by itself",
        accessMode=AccessMode.READONLY)

    selfCloses = UInt32(
        displayedName="Closed By Itself", defaultValue=0,
        description="How often nobody held the open shutter",
        accessMode=AccessMode.READONLY)

    lastCloseReason = String(
        displayedName="Last Close Reason", defaultValue="",
        description="Who or what closed it last",
        accessMode=AccessMode.READONLY)

    closedAt = Double(
        displayedName="Closed At", defaultValue=0., unitSymbol=Unit.SECOND,
        description="Time of the last closing, seconds since 1970",
        accessMode=AccessMode.READONLY)

    @Double(
        displayedName="Hold Time", defaultValue=1., minInc=0., maxInc=3600.,
        unitSymbol=Unit.SECOND,
        description="An open shutter closes by itself unless held within "
                    "this time; 0 switches this off")
    async def holdTime(self, value: Any) -> None:
        if not is_number(value.value):
            # NaN is inside every limit, and a list has none
            raise KaraboError(f"holdTime is {shown(value.value)}: give a "
                              "finite number of seconds")
        self.holdTime = value
        if self._shutter is not None:
            self._shutter.hold_time = value.value
            self._publish()

    def __init__(self, configuration: Hash) -> None:
        # None while the setter above runs in super
        self._shutter: DeadManShutter | None = None
        self._shown: dict[str, Any] = {}
        super().__init__(configuration)

    async def onInitialization(self) -> None:
        loop = get_event_loop()
        shutter = self._shutter = DeadManShutter(
            self.holdTime.value,
            lambda: loop.call_soon_threadsafe(self._publish))
        self.supervisor.thread("the thread of the dead man",
                               lambda: shutter.alive)
        self._publish()

    async def onDestruction(self) -> None:
        if self._shutter is not None:
            self._shutter.end()

    @Slot(displayedName="Open", description="Open, or hold what is open",
          allowedStates=[State.CLOSED, State.OPENED])
    async def open(self) -> None:
        self._started().open()
        self._publish()

    @Slot(displayedName="Close", description="Close at once",
          allowedStates=[State.CLOSED, State.OPENED])
    async def close(self) -> None:
        self._started().close()
        self._publish()

    @Slot(displayedName="Hold",
          description="Keep the shutter open for another hold time; does not "
                      "open a closed one",
          allowedStates=[State.CLOSED, State.OPENED])
    async def hold(self) -> None:
        self._started().hold()
        self._publish()

    def _started(self) -> DeadManShutter:
        assert self._shutter is not None    # after `onInitialization`
        return self._shutter

    def _publish(self) -> None:
        shutter = self._started()
        is_open = shutter.is_open
        for name, value in (
                ("opens", shutter.opens), ("closes", shutter.closes),
                ("selfCloses", shutter.self_closes),
                ("lastCloseReason", shutter.last_close_reason),
                ("closedAt", shutter.closed_at), ("isOpen", is_open),
                ("state", State.OPENED if is_open else State.CLOSED)):
            if self._shown.get(name) != value:
                self._shown[name] = value
                setattr(self, name, value)
