"""A digital output, for rehearsals: what a guard switches by slots."""
import time
from typing import Any

from karabo.middlelayer import (
    AccessLevel,
    AccessMode,
    Bool,
    Double,
    Overwrite,
    Slot,
    State,
    Unit,
)

from ..common.checked_device import CheckedDevice

READ = {"accessMode": AccessMode.READONLY}


class SimulatedDigitalOutput(CheckedDevice):
    """Switched by `on` and `off`, each in the other state only.

    Slots, states and `invert` are those of the digital output in the public
    documentation of Karabo. It has no hold time: nothing switches it off when
    nobody does.
    """
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.OFF])

    value = Bool(
        displayedName="Value", defaultValue=False,
        description="State of the terminal", **READ)

    @Bool(
        displayedName="Invert Value", defaultValue=False,
        requiredAccessLevel=AccessLevel.EXPERT,
        description="Whether the terminal is off while the output is on")
    async def invert(self, value: Any) -> None:
        self.invert = value
        if self.state != State.INIT:
            self._show()

    offAt = Double(
        displayedName="Off At", defaultValue=0., unitSymbol=Unit.SECOND,
        description="Time at which it was last switched off, seconds since "
                    "1970", **READ)

    async def onInitialization(self) -> None:
        self._switch(State.OFF)

    @Slot(displayedName="On", description="Switch the output on",
          allowedStates=[State.OFF])
    async def on(self) -> None:
        self._switch(State.ON)

    @Slot(displayedName="Off", description="Switch the output off",
          allowedStates=[State.ON])
    async def off(self) -> None:
        self._switch(State.OFF)

    def _switch(self, state: State) -> None:
        self.state = state
        if state == State.OFF:
            self.offAt = time.time()
        self._show()

    def _show(self) -> None:
        self.value = bool(self.state == State.ON) != bool(self.invert.value)
