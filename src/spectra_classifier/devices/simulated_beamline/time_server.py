"""A time server that is not there: the bunch pattern of every train."""
from typing import Any

import numpy as np
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Configurable,
    DaqDataType,
    Double,
    Hash,
    Int32,
    Node,
    String,
    Timestamp,
    UInt32,
    Unit,
    VectorUInt32,
    sleep,
)

from ...core.trains.bunch_pattern import BRANCHES, LASERS, NO_LASER
from ...live import records
from ...simulation.machine import PLACES, Pulses, bunch_table
from ..common.attributes import MILLISECONDS
from ..common.channels import QueuedOutputChannel
from .train_follower import TrainFollower

READ = {"accessMode": AccessMode.READONLY}


class PatternNode(Configurable):
    daqDataType = DaqDataType.TRAIN

    bunchPatternTable = VectorUInt32(
        displayedName="Bunch Pattern Table", minSize=PLACES, maxSize=PLACES,
        description="32 bits for each bunch place: charge, lasers, "
                    "destination, deflection", **READ)


class PatternChannel(Configurable):
    data = Node(PatternNode)


class SimulatedTimeServer(TrainFollower):
    """Sends a bunch pattern table for every train that it follows."""
    branch = String(
        displayedName="Branch", defaultValue="SA1", options=list(BRANCHES),
        description="SASE branch that gets the X-ray pulses")

    firstPlace = UInt32(
        displayedName="First Place", defaultValue=0, maxExc=PLACES,
        description="Bunch place (4.5 MHz, from 0) of the first X-ray pulse")

    placeStep = UInt32(
        displayedName="Place Step", defaultValue=1, minInc=1, maxExc=PLACES,
        description="Bunch places from one X-ray pulse to the next")

    pulses = UInt32(
        displayedName="Pulses", defaultValue=PLACES, maxInc=PLACES,
        unitSymbol=Unit.COUNT,
        description="X-ray pulses of a train; what goes beyond the table is "
                    "left out")

    laser = String(
        displayedName="Laser", defaultValue="LP_SPB", options=list(LASERS),
        description=f"Laser whose bit is set, {NO_LASER}: no laser")

    laserStep = UInt32(
        displayedName="Laser Step", defaultValue=2, minInc=1, maxExc=PLACES,
        description="Bunch places from one laser pulse to the next; the "
                    "table has the first one always at place 0")

    laserPulses = UInt32(
        displayedName="Laser Pulses", defaultValue=PLACES // 2,
        maxInc=PLACES, unitSymbol=Unit.COUNT,
        description="Laser pulses of a train")

    sending = Bool(
        displayedName="Sending", defaultValue=True,
        description="Whether tables are sent; if not, receivers have to "
                    "notice that they are missing")

    delay = Double(
        displayedName="Delay", defaultValue=0., minInc=0., maxInc=60_000.,
        **MILLISECONDS, description="By which tables come later than trains")

    trainOffset = Int32(
        displayedName="Train Offset", defaultValue=0, minInc=-1000,
        maxInc=1000,
        description="Added to the train id, for tables of other trains")

    bunchPatternTable = VectorUInt32(
        displayedName="Bunch Pattern Table", defaultValue=[],
        maxSize=PLACES, description="The table of the last train", **READ)

    outputBunchPattern = QueuedOutputChannel(
        PatternChannel, displayedName="Output Bunch Pattern",
        description="The table of every train")

    def __init__(self, configuration: Hash) -> None:
        self._shown: np.ndarray[Any, Any] | None = None
        super().__init__(configuration)

    async def follow(self, data: Hash, timestamp: records.Timestamp) -> None:
        if not self.sending:
            return
        table = bunch_table(
            self.branch.value,
            Pulses(int(self.firstPlace.value), int(self.placeStep.value),
                   int(self.pulses.value)), self.laser.value,
            Pulses(0, int(self.laserStep.value),
                   int(self.laserPulses.value)))
        if self.delay:
            await sleep(self.delay.value / 1000)
        stamp = Timestamp(timestamp.toTimestamp())
        stamp.tid = max(int(timestamp.tid) + int(self.trainOffset.value), 0)
        await self.outputBunchPattern.writeRawData(
            Hash("data", Hash("bunchPatternTable", table)), stamp)
        if self._shown is None or (self._shown != table).any():
            self._shown = table
            self.bunchPatternTable = table
