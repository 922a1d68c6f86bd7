"""A processor that makes one spectrum of a train, as a camera would give."""
from typing import Any

import numpy as np
from karabo.middlelayer import (
    AccessMode,
    Configurable,
    DaqDataType,
    Double,
    Hash,
    Node,
    String,
    VectorDouble,
)

from ...errors import InputError
from ...live.records import Timestamp
from ..common.channels import QueuedOutputChannel
from ..common.decoding import decode
from .train_follower import TrainFollower

READ = {"accessMode": AccessMode.READONLY}
#: channels of the longest spectrum
MAX_CHANNELS = 10_000


class SpectrumNode(Configurable):
    daqDataType = DaqDataType.TRAIN

    spectrum = VectorDouble(
        displayedName="Spectrum", maxSize=MAX_CHANNELS,
        description="Sum over the lines of the image", **READ)


class SpectrumChannel(Configurable):
    data = Node(SpectrumNode)


class SimulatedImageToSpectrum(TrainFollower):
    """Sends the sum of the pulses of a train as one vector.

    What cannot be used gives the vector [NaN], as the real one does.
    """
    imagePath = String(
        displayedName="Image Path", defaultValue="data.adc",
        description="Image in the data of the input, [lines, channels]")

    spectrumIntegral = Double(
        displayedName="Spectrum Integral", defaultValue=0.,
        description="Of the last spectrum", **READ)

    output = QueuedOutputChannel(
        SpectrumChannel, displayedName="Output",
        description="One spectrum for each train")

    async def follow(self, data: Hash, timestamp: Timestamp) -> None:
        try:
            spectrum = self._sum(data)
        except InputError as error:
            self.status = str(error)
            spectrum = np.full(1, np.nan)
        await self.output.writeRawData(
            Hash("data", Hash("spectrum", spectrum)), timestamp)
        self.spectrumIntegral = float(spectrum.sum())

    def _sum(self, data: Hash) -> np.ndarray[Any, np.dtype[np.float64]]:
        path = self.imagePath.value
        image = decode(data[path]) if path in data else np.zeros(0)
        if image.ndim != 2 or image.dtype.kind not in "buif" or (
                image.shape[1] > MAX_CHANNELS):
            raise InputError(f"{path} of type {image.dtype} and shape "
                             f"{image.shape}: expected [lines, channels]")
        return image.sum(axis=0, dtype=np.float64)
