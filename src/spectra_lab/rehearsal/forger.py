"""A device that nobody should believe: foreign spectra, forged permits."""
from asyncio import Task, sleep
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from karabo.middlelayer import (
    Device,
    Hash,
    OutputChannel,
    Timestamp,
    background,
)

from spectra_classifier.devices.common.channels import DeviceOutputChannel
from spectra_classifier.model.strict_json import JsonObject

from ..demo.sources import LOOPBACK

PERIOD = 0.1        # s between two messages
PULSES, LEVEL = 8, 500


class Forger(Device):
    """Sends nothing until it is asked to, then ten times a second.

    `newest()` gives the id of the last train of the true source and
    `channels` their number of strips; both are set before it starts.
    """
    spectra = DeviceOutputChannel(displayedName="Spectra")
    output = DeviceOutputChannel(displayedName="Output")

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        super().__init__(configuration)
        self.newest: Callable[[], int] = lambda: 0
        self.channels = 0
        self._task: Task[None] | None = None
        self._sequence = 10**6

    @staticmethod
    def settings(device_id: str) -> JsonObject:
        """Its configuration."""
        return {"deviceId": device_id, "log": {"level": "ERROR"},
                "spectra": {"hostname": LOOPBACK},
                "output": {"hostname": LOOPBACK}}

    def begin(self, what: str) -> None:
        """Send "spectra" or "permits" until `end`."""
        self.end()
        self._task = background(self._send(getattr(self, f"_{what}")))

    def end(self) -> None:
        """Send nothing any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _send(self, message: Callable[
            [int], tuple[OutputChannel, Hash]]) -> None:
        while True:
            train_id = self.newest() + 1
            channel, data = message(train_id)
            stamp = Timestamp()
            stamp.tid = train_id
            await channel.writeRawData(data, stamp)
            await sleep(PERIOD)

    def _spectra(self, train_id: int) -> tuple[OutputChannel, Hash]:
        """Trains of a device that sends the ids of the true source."""
        adc = np.full((PULSES, self.channels), LEVEL, np.uint16)
        return self.spectra, Hash("data", Hash(
            "adc", Hash("type", 10, "isBigEndian", False,
                        "shape", np.array(adc.shape, np.uint64),
                        "data", bytearray(adc.tobytes()))))

    def _permits(self, train_id: int) -> tuple[OutputChannel, Hash]:
        """The permit of a classifier that never says no."""
        self._sequence += 1
        return self.output, Hash("data", Hash(
            "permit", True, "permitReason", "all conditions hold",
            "permitTrainId", train_id, "permitSequence", self._sequence,
            "permitValidFor", 1000.))
