"""A gas monitor (XGM) that is not there: the energy of every X-ray pulse."""
from typing import Any

import numpy as np
from karabo.middlelayer import (
    AccessMode,
    Configurable,
    DaqDataType,
    Double,
    Float,
    Hash,
    MetricPrefix,
    Node,
    Unit,
    VectorFloat,
)

from ...core.trains.bunch_pattern import from_table
from ...live.records import Timestamp
from ...simulation.machine import VALUES, monitor_values
from ..common.channels import QueuedOutputChannel
from .pulse_pattern_decoder import table_of
from .train_follower import TrainFollower

READ = {"accessMode": AccessMode.READONLY}
MICROJOULE = {"unitSymbol": Unit.JOULE,
              "metricPrefixSymbol": MetricPrefix.MICRO}
PER_PULSE = READ | MICROJOULE | {"minSize": VALUES, "maxSize": VALUES}
#: wavelength of 9.3 keV, nm
WAVELENGTH = 0.1333


class EnergyNode(Configurable):
    daqDataType = DaqDataType.TRAIN

    intensityTD = VectorFloat(
        displayedName="Intensity",
        description="Energy of every pulse of SASE 1 to 3, and 1 behind "
                    "them", **PER_PULSE)
    intensitySa1TD = VectorFloat(
        displayedName="Intensity SA1",
        description="Of the pulses of SASE 1 alone", **PER_PULSE)
    intensitySa3TD = VectorFloat(
        displayedName="Intensity SA3",
        description="Of the pulses of SASE 3 alone", **PER_PULSE)


class EnergyChannel(Configurable):
    data = Node(EnergyNode)


class PulseEnergyNode(Configurable):
    numberOfBunchesActual = Float(
        displayedName="Bunches", defaultValue=0., unitSymbol=Unit.COUNT,
        description="X-ray pulses of the last train", **READ)
    numberOfSa1BunchesActual = Float(
        displayedName="Bunches SA1", defaultValue=0., unitSymbol=Unit.COUNT,
        description="Those of SASE 1", **READ)
    numberOfSa3BunchesActual = Float(
        displayedName="Bunches SA3", defaultValue=0., unitSymbol=Unit.COUNT,
        description="Those of SASE 3", **READ)
    photonFlux = Float(
        displayedName="Photon Flux", defaultValue=0.,
        description="Mean energy of a pulse, as it is set", **READ,
        **MICROJOULE)
    wavelengthUsed = Float(
        displayedName="Wavelength", defaultValue=WAVELENGTH,
        unitSymbol=Unit.METER, metricPrefixSymbol=MetricPrefix.NANO,
        description="For which the energy is computed", **READ)


class ControlDataNode(Configurable):
    slowTrain = Float(
        displayedName="Slow Train", defaultValue=0.,
        description="Mean energy of a pulse, as it is set", **READ,
        **MICROJOULE)
    slowTrainSa1 = Float(
        displayedName="Slow Train SA1", defaultValue=0.,
        description="Of SASE 1", **READ, **MICROJOULE)
    slowTrainSa3 = Float(
        displayedName="Slow Train SA3", defaultValue=0.,
        description="Of SASE 3", **READ, **MICROJOULE)


class SimulatedXgm(TrainFollower):
    """Sends energies for the X-ray pulses in the tables of a time server."""
    meanEnergy = Double(
        displayedName="Mean Energy", defaultValue=1000., minInc=0.,
        maxInc=1e6, description="Of a pulse; 0: no beam", **MICROJOULE)

    spread = Double(
        displayedName="Spread", defaultValue=0.2, minInc=0., maxInc=1.,
        description="Standard deviation from pulse to pulse, as a share of "
                    "meanEnergy")

    pulseEnergy = Node(PulseEnergyNode, displayedName="Pulse Energy")
    controlData = Node(ControlDataNode, displayedName="Control Data")

    output = QueuedOutputChannel(
        EnergyChannel, displayedName="Output",
        description="Energies of every train")

    def __init__(self, configuration: Hash) -> None:
        self._random = np.random.default_rng()
        self._shown: dict[str, Any] = {}
        super().__init__(configuration)

    async def follow(self, data: Hash, timestamp: Timestamp) -> None:
        table = table_of(data)
        counts = {branch: len(from_table(table, branch, "none").xray)
                  for branch in ("SA1", "SA2", "SA3")}
        mean, spread = self.meanEnergy.value, self.spread.value
        energy = float(getattr(mean, "magnitude", mean))
        values = {name: monitor_values(count, energy, float(spread),
                                       self._random)
                  for name, count in (
                      ("intensityTD", sum(counts.values())),
                      ("intensitySa1TD", counts["SA1"]),
                      ("intensitySa3TD", counts["SA3"]))}
        await self.output.writeRawData(
            Hash("data", Hash(*(item for pair in values.items()
                                for item in pair))), timestamp)
        self._show(counts, energy)

    def _show(self, counts: dict[str, int], energy: float) -> None:
        """Properties of a slow device: what has changed."""
        total = sum(counts.values())
        slow = {branch: energy if count else 0.
                for branch, count in counts.items()}
        for node, values in (
                (self.pulseEnergy, {
                    "numberOfBunchesActual": float(total),
                    "numberOfSa1BunchesActual": float(counts["SA1"]),
                    "numberOfSa3BunchesActual": float(counts["SA3"]),
                    "photonFlux": energy if total else 0.}),
                (self.controlData, {
                    "slowTrain": energy if total else 0.,
                    "slowTrainSa1": slow["SA1"],
                    "slowTrainSa3": slow["SA3"]})):
            for name, value in values.items():
                if self._shown.get(name) != value:
                    self._shown[name] = value
                    setattr(node, name, value)
