"""A pulse pattern decoder that is not there."""
from typing import Any

import numpy as np
from karabo.middlelayer import (
    AccessMode,
    Configurable,
    Hash,
    Int32,
    Node,
    String,
    Unit,
    VectorInt32,
)

from ...core.trains.bunch_pattern import LASERS
from ...errors import InputError
from ...live.records import Timestamp
from ...simulation.machine import PLACES, decoded
from .train_follower import TrainFollower

READ = {"accessMode": AccessMode.READONLY}


class PulsesNode(Configurable):
    pulseIds = VectorInt32(
        displayedName="Pulse Ids", defaultValue=[0] * PLACES,
        maxSize=PLACES,
        description="Bunch places of the pulses, and 0 behind them", **READ)
    nPulses = Int32(
        displayedName="Pulses", defaultValue=0, unitSymbol=Unit.COUNT,
        description="How many of the ids are pulses", **READ)


class SimulatedPulsePatternDecoder(TrainFollower):
    """Lists the pulses in the tables of a time server.

    A real one has properties and no channel; they change with the table.
    """
    laserSource = String(
        displayedName="Laser Source", defaultValue="LP_SPB",
        options=list(LASERS), description="Laser in the list")

    sase1 = Node(PulsesNode, displayedName="SASE 1")
    sase2 = Node(PulsesNode, displayedName="SASE 2")
    sase3 = Node(PulsesNode, displayedName="SASE 3")
    maindump = Node(PulsesNode, displayedName="Main Dump")
    laser = Node(PulsesNode, displayedName="Laser")

    def __init__(self, configuration: Hash) -> None:
        self._last: tuple[np.ndarray[Any, Any], str] | None = None
        super().__init__(configuration)

    async def follow(self, data: Hash, timestamp: Timestamp) -> None:
        table = table_of(data)
        laser = self.laserSource.value
        if self._last is not None and self._last[1] == laser and (
                np.array_equal(self._last[0], table)):
            return
        self._last = table.copy(), laser
        for name, listed in decoded(table, laser).items():
            places = np.flatnonzero(listed)
            ids = np.zeros(PLACES, np.int32)
            ids[:len(places)] = places
            node = getattr(self, name)
            node.pulseIds = ids
            node.nPulses = len(places)


def table_of(data: Hash) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """The table of a time server; raises `InputError` for other data."""
    path = "data.bunchPatternTable"
    table: np.ndarray[Any, Any] = np.asarray(
        data.get(path, ()))
    if table.shape != (PLACES,) or table.dtype != np.uint32:
        raise InputError(f"{path} of type {table.dtype} and shape "
                         f"{table.shape}: connect the input to "
                         "outputBunchPattern of a time server")
    return table
