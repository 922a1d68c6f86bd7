"""A motor for rehearsals: something a macro can stop."""
import time

from karabo.middlelayer import (
    AccessMode,
    Double,
    Hash,
    Overwrite,
    Slot,
    State,
    Unit,
    background,
    sleep,
)

from ..common.checked_device import CheckedDevice

#: seconds between two updates of the position
PERIOD = 0.05


class SimulatedMotor(CheckedDevice):
    """Moves to its target at constant speed and stops there."""
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.MOVING])

    target = Double(
        displayedName="Target", defaultValue=0., minInc=-1e6, maxInc=1e6,
        unitSymbol=Unit.METER,
        description="Where the next move ends",
        allowedStates=[State.INIT, State.ON])

    position = Double(
        displayedName="Position", defaultValue=0., unitSymbol=Unit.METER,
        description="Present position", accessMode=AccessMode.READONLY)

    speed = Double(
        displayedName="Speed", defaultValue=1., minInc=1e-3, maxInc=1e6,
        unitSymbol=Unit.METER_PER_SECOND,
        description="Of the next move", allowedStates=[State.INIT, State.ON])

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        self._task = None

    async def onInitialization(self) -> None:
        self.state = State.ON

    async def onDestruction(self) -> None:
        self._cancel()

    @Slot(displayedName="Move", description="Go to the target",
          allowedStates=[State.ON])
    async def move(self) -> None:
        self.state = State.MOVING
        self._task = background(self._travel())

    @Slot(displayedName="Stop", description="Stop the move",
          allowedStates=[State.ON, State.MOVING])
    async def stop(self) -> None:
        self._cancel()
        self.state = State.ON

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _travel(self) -> None:
        origin, target = self.position.value, self.target.value
        distance, begun = abs(target - origin), time.monotonic()
        while (way := self.speed.value * (time.monotonic() - begun)
               ) < distance:
            self.position = origin + (target - origin) * way / distance
            await sleep(PERIOD)
        self.position = target
        self.state = State.ON
