"""Input and output channels that all devices of the package use."""
from typing import Any, Protocol

from karabo.middlelayer import (
    Configurable,
    InputChannel,
    OutputChannel,
    Overwrite,
)

from ..karabo_patches.lost_connection_fix import LostConnectionFix
from ..karabo_patches.shared_queue_limit import SharedQueueLimit
from ..karabo_patches.zero_copy_input import ZeroCopyInput


class ChannelMeta(Protocol):
    """Sender and time stamp of a chunk, as in Karabo's `PipelineMetaData`."""
    source: Any
    timestamp: Any


#: trains of the longest stall to be survived (2 s) at either end
CHANNEL_QUEUE = 20


class QueuedInput(ZeroCopyInput):
    """An input that keeps trains through a short stall of ours."""
    onSlowness = Overwrite(defaultValue="queueDrop")
    maxQueueLength = Overwrite(defaultValue=CHANNEL_QUEUE)


class QueuedInputChannel(InputChannel):
    """`InputChannel` with the defaults of `QueuedInput`."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.cls = QueuedInput


class DeviceOutputChannel(OutputChannel):
    """`OutputChannel` with what `karabo_patches` has for outputs.

    Every output of our devices is one: a connection that one of them loses
    must not block the next connection of the process.
    """

    def __init__(self, cls: type[Configurable] | None = None,
                 **attributes: object) -> None:
        super().__init__(cls, **attributes)
        self.cls: type = type("Output", (SharedQueueLimit, LostConnectionFix,
                                   self.cls), {})


class QueuedOutputChannel(DeviceOutputChannel):
    """An output that lets its receivers queue as much as we do."""

    def __init__(self, cls: type[Configurable], **attributes: object) -> None:
        super().__init__(cls, **attributes)
        self.cls = type("Output", (self.cls,), {
            "maxQueueLength": Overwrite(defaultValue=CHANNEL_QUEUE)})
