"""What the simulated source sends: schemas, and messages as Hashes."""
from typing import Any

import numpy as np
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Configurable,
    DaqDataType,
    Hash,
    NDArray,
    Node,
    OutputChannel,
    Overwrite,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorDouble,
    VectorFloat,
    VectorInt8,
    VectorInt64,
    VectorUInt8,
    VectorUInt64,
)

from ...core.preprocessing.detector_modules import OFF
from ...simulation.stream.faults import Message
from ...simulation.stream.modules_and_monitor import energies, half
from ...simulation.train import MAX_PULSES
from ..common.channels import DeviceOutputChannel

#: trains that a receiver may queue: a stall of 2 s
QUEUE = 20
READ = {"accessMode": AccessMode.READONLY}
PER_PULSE = READ | {"maxSize": MAX_PULSES}


def queued_output(schema: type[Configurable],
                  **attributes: Any) -> OutputChannel:
    """An output channel whose receivers may queue `QUEUE` trains."""
    channel = DeviceOutputChannel(schema, **attributes)

    base: Any = channel.cls

    class Output(base):
        maxQueueLength = Overwrite(defaultValue=QUEUE)
        # bounded by `shared_queue_limit`
        noInputShared = Overwrite(defaultValue="queueDrop")

    channel.cls = Output
    return channel


def data_channel(dtype: Any, channels: int,
                 frames: int = 0) -> type[Configurable]:
    """Schema of channel `output`, in the order of the receiver.

    `frames`: rows of every train, 0 for any number.
    """
    class DataNode(Configurable):
        daqDataType = DaqDataType.TRAIN

        adc = NDArray(
            displayedName="ADC", dtype=dtype, shape=(frames, channels),
            description="Counts, [pulses, channels]", **READ)
        gain = NDArray(
            displayedName="Gain", dtype=np.uint8, shape=(frames, channels),
            description="Gain stage of every strip; not there in replays "
                        "and curves", **READ)
        memoryCell = VectorUInt8(
            displayedName="Memory Cell",
            description="255: not known, as of every Gotthard-II; counted, "
                        "255 for a frame never received (gotthard2 ideal)",
            **PER_PULSE)
        frameNumber = VectorUInt64(
            displayedName="Frame Number",
            description="Counted from 1 on; 0: the buffer was never filled",
            **PER_PULSE)
        bunchId = VectorUInt64(
            displayedName="Bunch Id",
            description="The train id; the position of the pulse in the "
                        "train (gotthard2 ideal)", **PER_PULSE)
        timestamp = VectorDouble(
            displayedName="Timestamp", unitSymbol=Unit.SECOND,
            description="Of every frame, since 1970; since the first pulse "
                        "of the train (gotthard2 ideal)", **PER_PULSE)

    class ChannelNode(Configurable):
        data = Node(DataNode)

    return ChannelNode


class TruthNode(Configurable):
    daqDataType = DaqDataType.TRAIN

    trainId = UInt64(
        displayedName="Train Id", description="As sent with the spectra",
        **READ)
    pulseCount = UInt32(
        displayedName="Pulses", description="Entries of this train", **READ)
    label = VectorInt8(
        displayedName="Label",
        description="Index of the true class; -1: not known, -4: the frame "
                    "was never received", **PER_PULSE)
    fraction = VectorFloat(
        displayedName="Fraction",
        description="0: pure first class, 1: pure second class (2: pure "
                    "third); NaN: not known", **PER_PULSE)
    spectrum = VectorInt64(
        displayedName="Spectrum",
        description="Number of the replayed spectrum in its file; -1: a "
                    "simulated one", **PER_PULSE)
    transitionTrainId = UInt64(
        displayedName="Transition",
        description="Nearest train that is the first with another label; "
                    "0: there is none", **READ)
    distance = UInt32(
        displayedName="Distance", unitSymbol=Unit.COUNT,
        description="Trains to the nearest mixed or changing train; 0 in "
                    "such a train", **READ)

    fault = String(
        displayedName="Fault", description="What was done to the train; "
                                           "empty: nothing", **READ)
    countable = UInt32(
        displayedName="Countable", unitSymbol=Unit.COUNT,
        description="Pulses that a receiver of the spectra can count: the "
                    "extent of the matrix, 0 where there is none", **READ)


class TruthChannel(Configurable):
    data = Node(TruthNode)


def set_array(target: Hash, key: str, array: np.ndarray) -> None:
    """Put a numpy array of any rank and byte order into a Hash."""
    if array.ndim == 1 and array.dtype.isnative:
        target.setElement(key, array, {})
        return
    array = np.ascontiguousarray(array)
    descriptor = NDArray(dtype=array.dtype, shape=(0,) * array.ndim)
    element, attributes = descriptor.toDataAndAttrs(
        descriptor.toKaraboValue(array))
    target.setElement(key, element, attributes)


class MonitorNode(Configurable):
    daqDataType = DaqDataType.TRAIN

    intensityTD = VectorFloat(
        displayedName="Pulse Energies",
        description="uJ, of every pulse of the train", **PER_PULSE)
    shutterOpen = Bool(
        displayedName="Shutter Open",
        description="Whether beam may reach the sample", **READ)


class MonitorChannel(Configurable):
    data = Node(MonitorNode)


def monitor_hash(message: Message, shutter_open: bool) -> Hash | None:
    """What is written to channel `monitor` for the same `Message`, None
    where there is no monitor."""
    energy = energies(message.train)
    return None if energy is None else Hash("data", Hash(
        "intensityTD", energy, "shutterOpen", bool(shutter_open)))


def data_hash(message: Message, how: str = OFF, second: bool = False) -> Hash:
    """What is written to channel `output` for a `Message`.

    `how` the strips are shared out over two modules; `second`: to channel
    `follower`.
    """
    node = Hash()
    arrays = dict(message.arrays or {})
    if message.begun and "timestamp" in arrays:
        arrays["timestamp"] = np.where(arrays["frameNumber"] > 0,
                                       message.begun + arrays["timestamp"], 0.)
    for name, array in half(arrays, how, second).items():
        set_array(node, name, array)
    return Hash("data", node)


def truth_hash(message: Message) -> Hash:
    """What is written to channel `truth` for the same `Message`."""
    train = message.train
    return Hash("data", Hash(
        "trainId", np.uint64(message.train_id),
        "pulseCount", np.uint32(train.pulses),
        "label", train.label, "fraction", train.fraction,
        "spectrum", train.spectrum,
        "transitionTrainId", np.uint64(train.transition),
        "distance", np.uint32(train.distance),
        "fault", message.fault, "countable", np.uint32(message.pulses)))
