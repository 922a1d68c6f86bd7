"""An interlock with a condition that is set from outside, for rehearsals."""
import time
from typing import Any

from karabo.middlelayer import (
    AccessMode,
    Bool,
    Double,
    Overwrite,
    State,
    UInt32,
    Unit,
)

from ..common.checked_device import CheckedDevice

READ = {"accessMode": AccessMode.READONLY}


class SimulatedSoftInterlock(CheckedDevice):
    """Releases what it protects while `condition` is true.

    The condition is a property like any other: nothing takes it back when
    the device that has set it is gone.
    """
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.INTERLOCKED])

    @Bool(
        displayedName="Condition", defaultValue=False,
        description="Whether the protected equipment may be on")
    async def condition(self, value: Any) -> None:
        self.condition = value
        if self.state != State.INIT:
            self._show()

    trips = UInt32(
        displayedName="Trips", defaultValue=0,
        description="How often the condition was withdrawn", **READ)

    offAt = Double(
        displayedName="Off At", defaultValue=0., unitSymbol=Unit.SECOND,
        description="Time at which it was last withdrawn, seconds since "
                    "1970", **READ)

    async def onInitialization(self) -> None:
        self.offAt = time.time()
        self._show()

    def _show(self) -> None:
        released = bool(self.condition.value)
        if self.state == State.ON and not released:
            self.trips = self.trips.value + 1
            self.offAt = time.time()
        self.state = State.ON if released else State.INTERLOCKED
