"""The output of a classifier again, as recorders of matrices can keep it.

karabo-hdf5writer 3.0.1 keeps of a channel only arrays, and those as int32
(docs/decisions/0022-codes-for-recorders.md). In a device of its own this
costs the classifier nothing but one more receiver.
"""
import time
from asyncio import wait_for
from functools import partial
from typing import Any

import numpy as np
from karabo.middlelayer import (
    AccessLevel,
    AccessMode,
    Hash,
    Overwrite,
    State,
    String,
    UInt32,
    UInt64,
    sleep,
)

from ...core.trains.accounting import TrainSequence
from ...core.trains.sources import OneSource
from ...errors import InputError
from ...files.recordings.int32_packing import Field, describe, pack
from ...live.records import Timestamp
from ..common.attributes import MAX_CLASSES, MAX_PULSES
from ..common.broker_watch import watch_broker
from ..common.channels import ChannelMeta, QueuedInputChannel
from ..common.checked_device import CheckedDevice
from ..common.decoding import decode
from .channel import LAYOUT, layout_of, words_channel

#: s for the output; a receiver that waits must not hold up the next train
OUTPUT_TIMEOUT = 1.
#: s between two updates of the counters: every property is archived
PERIOD = 1.
READ = {"accessMode": AccessMode.READONLY}
SIZE = {"accessMode": AccessMode.INITONLY,
        "requiredAccessLevel": AccessLevel.EXPERT}


class RecordingAdapter(CheckedDevice):
    """Sends every field of a classifier's output as int32 words."""
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.PROCESSING])

    maxPulses = UInt32(
        displayedName="Max. Pulses", defaultValue=MAX_PULSES, minInc=1,
        maxInc=100_000, description="As maxPulses of the classifier", **SIZE)

    maxClasses = UInt32(
        displayedName="Max. Classes", defaultValue=MAX_CLASSES, minInc=2,
        maxInc=127,
        description="Columns of scores and mixture; at least those of the "
                    "classifier, the others are 0", **SIZE)

    trainsWritten = UInt64(
        displayedName="Trains Written", defaultValue=0,
        description="Trains that were resent as words", **READ)

    trainsRefused = UInt64(
        displayedName="Trains Refused", defaultValue=0,
        description="Trains of other sizes than those of the classifier, or "
                    "that no receiver took in time", **READ)

    trainsLost = UInt64(
        displayedName="Trains Lost", defaultValue=0,
        description="Train ids that never came, as far as they are counted "
                    "by a time server", **READ)

    lastProblem = String(
        displayedName="Last Problem", defaultValue="",
        description="Why the last refused train was refused", **READ)

    output = words_channel()

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        self._layout = layout_of(int(self.maxPulses.value),
                                 int(self.maxClasses.value))
        self._described = describe(self._layout)
        self._sequence = TrainSequence()
        self._source = OneSource()
        self._found: dict[str, Any] = {
            "trainsWritten": 0, "trainsRefused": 0, "trainsLost": 0,
            "lastProblem": ""}

    def _fit(self, configuration: Hash) -> None:
        sizes = (int(configuration.get("maxPulses", MAX_PULSES)),
                 int(configuration.get("maxClasses", MAX_CLASSES)))
        if sizes != (MAX_PULSES, MAX_CLASSES):
            own_class = type(self)      # Karabo makes one per instance
            own_class.output = words_channel(*sizes, key="output")
            own_class.__init_subclass__()

    async def onInitialization(self) -> None:
        if self.state == State.INIT:    # the input may have been quicker
            self.state = State.ON
        self.supervisor.need("the watch of the broker",
                             partial(watch_broker, self))
        self.supervisor.keep("the showing of the counters", self._publish)

    async def _publish(self) -> None:
        """Shows what has changed, once in a while."""
        while True:
            for name, value in self._found.items():
                if getattr(self, name) != value:
                    setattr(self, name, value)
            await sleep(PERIOD)

    @QueuedInputChannel(
        raw=True, displayedName="Input",
        description="Channel output of a classifier")
    async def input(self, data: Hash, meta: ChannelMeta) -> None:
        try:
            self._source.require(
                str(meta.source), self.input.connectedOutputChannels.value,
                time.monotonic())
            await self._send_on(data, meta.timestamp.timestamp)
        except (InputError, TimeoutError) as error:
            self._found["trainsRefused"] += 1
            self._found["lastProblem"] = str(error) or (
                f"no receiver took the train within {OUTPUT_TIMEOUT:g} s")

    @input.connect
    async def input(self, name: str) -> None:
        self._source.connected(name, self.input.connectedOutputChannels.value)
        self.state = State.PROCESSING

    @input.close
    async def input(self, name: str) -> None:
        self.state = State.ON

    @input.endOfStream
    async def input(self, name: str) -> None:
        self.logger.info(f"end of stream from {name}")

    async def _send_on(self, data: Hash, timestamp: Timestamp) -> None:
        self._count(int(timestamp.tid))
        words = self.output.schema.data
        for name, field in self._layout.items():
            setattr(words, name, pack(
                name, field, received_value(data, name, field)))
        setattr(words, LAYOUT, self._described.copy())
        await wait_for(self.output.writeData(timestamp=timestamp),
                       OUTPUT_TIMEOUT)
        self._found["trainsWritten"] += 1

    def _count(self, train_id: int) -> None:
        self._sequence, _, change = self._sequence.follow(train_id)
        self._found["trainsLost"] += sum(change.values())


def received_value(data: Hash, name: str, field: Field) -> Any:
    """A field of a train, or `InputError` with the remedy.

    A table of fewer classes gets columns of zeros.
    """
    path = f"data.{name}"
    if path not in data:
        raise InputError(f"no {path} in what comes in: connect the "
                         "channel output of a classifier of this version")
    value = data[path]
    if isinstance(value, Hash | np.ndarray | list):
        value = decode(value)
    if (np.ndim(value) == len(field.shape) == 2
            and value.shape[1] < field.shape[1]):
        missing = field.shape[1] - value.shape[1]
        value = np.pad(value, ((0, 0), (0, missing)))
    return value
