"""The channel `output` of a classifier as a channel of int32 matrices."""
from typing import Any

import numpy as np
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Configurable,
    DaqDataType,
    Int32,
    NDArray,
    Node,
    String,
    Type,
)

from ...files.recordings.int32_packing import TEXT, Field, describe
from ..classifier_base.output_channel import output_channel
from ..common.attributes import MAX_CLASSES, MAX_PULSES
from ..common.channels import QueuedOutputChannel

#: key of the words that say what the others mean
LAYOUT = "layout"
#: bytes of a text; what is longer is cut
TEXT_BYTES = 512


def _fields(max_pulses: int, max_classes: int) -> dict[str, Type]:
    """{name: descriptor} of a train in `output_channel`."""
    channel = output_channel(max_pulses, max_classes)
    base: Any = channel.cls
    node = base.schema.cls.data.cls
    return {name: getattr(node, name) for name in node._allattrs}


def layout_of(max_pulses: int = MAX_PULSES,
              max_classes: int = MAX_CLASSES) -> dict[str, Field]:
    """{name: `Field`} of what a classifier of these sizes sends."""
    return {name: _field(descriptor) for name, descriptor
            in _fields(max_pulses, max_classes).items()}


def _field(descriptor: Type) -> Field:
    if isinstance(descriptor, NDArray):
        return Field(descriptor.dtype.name, descriptor.shape)
    if isinstance(descriptor, String):
        return Field(TEXT, (TEXT_BYTES,))
    if isinstance(descriptor, Bool):
        return Field("bool")
    kind = getattr(descriptor, "basetype", descriptor)
    size = getattr(descriptor, "maxSize", None)
    return Field(np.dtype(kind.numpy).name,
                 () if size is None else (int(size),))


def words_channel(max_pulses: int = MAX_PULSES, max_classes: int = MAX_CLASSES,
                  **kwargs: Any) -> QueuedOutputChannel:
    """The channel of words; every leaf an int32 matrix of fixed shape."""
    layout = layout_of(max_pulses, max_classes)
    words = {"dtype": Int32, "accessMode": AccessMode.READONLY}
    leaves = {name: NDArray(
        displayedName=descriptor.displayedName, shape=layout[name].words,
        description=f"{descriptor.description} (words of "
                    f"{layout[name].dtype})", **words)
        for name, descriptor in _fields(max_pulses, max_classes).items()}
    leaves[LAYOUT] = NDArray(
        displayedName="Layout", shape=describe(layout).shape,
        description="Type and shape of every field, as JSON in words",
        **words)
    node = type("WordsNode", (Configurable,), {
        "daqDataType": DaqDataType.TRAIN, **leaves})

    class ChannelNode(Configurable):
        data = Node(node, displayedName="Data")

    return QueuedOutputChannel(
        ChannelNode, displayedName="Output",
        description="The codes of every pulse as int32 words, one entry per "
                    "train", **kwargs)
