"""Channels and tables of `SpectraClassifier`, as operators and DAQ see them.

Keys are lowerCamelCase; every leaf of a channel is READONLY with a fixed
shape, so that a file writer can size its datasets from the schema.
"""
from karabo.middlelayer import InputChannel, OutputChannel, Overwrite

from ..karabo_patches.zero_copy_input import FrugalInput

#: trains of the longest stall to be survived (2 s) at either end
CHANNEL_QUEUE = 20


class QueuedInput(FrugalInput):
    """An input that keeps trains through a short stall of ours."""
    onSlowness = Overwrite(defaultValue="queueDrop")
    maxQueueLength = Overwrite(defaultValue=CHANNEL_QUEUE)


class QueuedInputChannel(InputChannel):
    """`InputChannel` with the defaults of `QueuedInput`."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cls = QueuedInput


class QueuedOutputChannel(OutputChannel):
    """`OutputChannel` that lets its receivers queue as much as we do."""

    def __init__(self, cls, **kwargs):
        super().__init__(cls, **kwargs)

        class Output(self.cls):
            maxQueueLength = Overwrite(defaultValue=CHANNEL_QUEUE)

        self.cls = Output
