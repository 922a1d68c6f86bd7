"""Channels and tables of `SpectraClassifier`, as operators and DAQ see them.

Keys are lowerCamelCase; every leaf of a channel is READONLY with a fixed
shape, so that a file writer can size its datasets from the schema.
"""
from typing import Any, Protocol

from karabo.middlelayer import (
    Configurable,
    InputChannel,
    OutputChannel,
    Overwrite,
)

from ..karabo_patches.zero_copy_input import FrugalInput


class ChannelMeta(Protocol):
    """Sender and time stamp of a chunk, as in Karabo's `PipelineMetaData`."""
    source: Any
    timestamp: Any


#: trains of the longest stall to be survived (2 s) at either end
CHANNEL_QUEUE = 20


class QueuedInput(FrugalInput):
    """An input that keeps trains through a short stall of ours."""
    onSlowness = Overwrite(defaultValue="queueDrop")
    maxQueueLength = Overwrite(defaultValue=CHANNEL_QUEUE)


class QueuedInputChannel(InputChannel):
    """`InputChannel` with the defaults of `QueuedInput`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cls = QueuedInput


class QueuedOutputChannel(OutputChannel):
    """`OutputChannel` that lets its receivers queue as much as we do."""

    cls: Any

    def __init__(self, cls: type[Configurable], **kwargs: Any) -> None:
        super().__init__(cls, **kwargs)

        base: Any = self.cls

        class Output(base):
            maxQueueLength = Overwrite(defaultValue=CHANNEL_QUEUE)

        self.cls = Output
