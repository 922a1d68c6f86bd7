"""A device that nobody should believe: foreign spectra, forged permits."""
from asyncio import sleep

import numpy as np
from karabo.middlelayer import (
    Device,
    Hash,
    OutputChannel,
    Timestamp,
    background,
)

from ..demo.sources import LOOPBACK

PERIOD = 0.1        # s between two messages
PULSES, LEVEL = 8, 500


class Forger(Device):
    """Sends nothing until it is asked to, then ten times a second.

    `newest()` gives the id of the last train of the true source and
    `channels` their number of strips; both are set before it starts.
    """
    spectra = OutputChannel(displayedName="Spectra")
    output = OutputChannel(displayedName="Output")

    def __init__(self, configuration):
        super().__init__(configuration)
        self.newest = lambda: 0
        self.channels = 0
        self._task = None
        self._sequence = 10**6

    @staticmethod
    def settings(device_id):
        """Its configuration."""
        return {"deviceId": device_id, "log": {"level": "ERROR"},
                "spectra": {"hostname": LOOPBACK},
                "output": {"hostname": LOOPBACK}}

    def begin(self, what):
        """Send "spectra" or "permits" until `end`."""
        self.end()
        self._task = background(self._send(getattr(self, f"_{what}")))

    def end(self):
        """Send nothing any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _send(self, message):
        while True:
            train_id = self.newest() + 1
            channel, data = message(train_id)
            stamp = Timestamp()
            stamp.tid = train_id
            await channel.writeRawData(data, stamp)
            await sleep(PERIOD)

    def _spectra(self, train_id):
        """Trains of a device that sends the ids of the true source."""
        adc = np.full((PULSES, self.channels), LEVEL, np.uint16)
        return self.spectra, Hash("data", Hash(
            "adc", Hash("type", 10, "isBigEndian", False,
                        "shape", np.array(adc.shape, np.uint64),
                        "data", bytearray(adc.tobytes()))))

    def _permits(self, train_id):
        """The permit of a classifier that never says no."""
        self._sequence += 1
        return self.output, Hash("data", Hash(
            "permit", True, "permitReason", "all conditions hold",
            "permitTrainId", train_id, "permitSequence", self._sequence,
            "permitValidFor", 1000.))
