"""The demonstration's own devices: one that sees, one that receives."""
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from karabo.middlelayer import (
    Device,
    DeviceClientBase,
    Hash,
    InputChannel,
    NetworkInput,
    Overwrite,
    PipelineMetaData,
)

from .records import Result, Truth, in_order_of

#: trains that may wait while the screen is drawn
QUEUE = 100
#: a distance to the next change for a source that knows none
FAR = 1 << 30


class Desk(DeviceClientBase):
    """Where the demonstration sits: sees the topology, calls slots."""


class _Queued(NetworkInput):
    onSlowness = Overwrite(defaultValue="queueDrop")
    maxQueueLength = Overwrite(defaultValue=QUEUE)

    async def connect_handler(self, output: str) -> None:
        """Karabo's own prints that it was called."""

    async def close_handler(self, output: str) -> None:
        """As above."""


def queued(channel: InputChannel) -> InputChannel:
    """An input channel that lets trains wait."""
    channel.cls = _Queued
    return channel


class Receiver(Device):
    """Keeps what classifier and source say of every train.

    `classes`: names of the model's classes, `source_classes`: those of the
    source, both in order, to be set before it starts. `kept`: list of
    `Result`; `truths`: {train id: `Truth`}; `problem`: the last thing that
    could not be read.
    """

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        super().__init__(configuration)
        self.classes: tuple[str, ...] = ()
        self.source_classes: tuple[str, ...] = ()
        self.kept: list[Result] = []
        self.truths: dict[int, Truth] = {}
        self.problem = ""

    @queued(InputChannel(raw=True, displayedName="Results",
                         description="Output of the classifier"))
    async def results(self, data: Hash, meta: PipelineMetaData) -> None:
        now = time.monotonic()
        try:
            source_time = meta.timestamp.timestamp.toTimestamp()
            delivered = 1e3 * (time.time() - source_time)
            self.kept.append(result_of(data, now, delivered))
        except Exception as error:      # Karabo would only log it
            self.problem = f"results: {type(error).__name__}: {error}"

    @queued(InputChannel(raw=True, displayedName="Truth",
                         description="What the source knows of its pulses"))
    async def truth(self, data: Hash, meta: PipelineMetaData) -> None:
        try:
            truth = _truth(data, self.source_classes, self.classes)
            self.truths[truth.train_id] = truth
        except Exception as error:
            self.problem = f"truth: {type(error).__name__}: {error}"


def result_of(data: Hash, now: float, delivered: float) -> Result:
    """A train of the classifier that came at `now`; see `Result`."""
    pulses = int(data["data.pulseCount"])
    return Result(
        int(data["data.trainId"]), now,
        np.array(data["data.label"], np.int8)[:pulses],
        float(data["data.latency"]), float(data["data.trainAge"]),
        int(data["data.sampleStateIndex"]), bool(data["data.permit"]),
        str(data["data.permitReason"]), delivered)


def _truth(data: Hash, source_classes: Sequence[str],
           classes: Sequence[str]) -> Truth:
    pulses = int(data["data.pulseCount"])
    label = np.array(data["data.label"], np.int8)[:pulses]
    return Truth(
        int(data["data.trainId"]), in_order_of(source_classes, label, classes),
        int(data["data.distance"]),
        np.array(data["data.spectrum"], np.int64)[:pulses])
