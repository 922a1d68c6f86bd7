"""Channels and tables of `SpectraClassifier`, as operators and DAQ see them.

Keys are lowerCamelCase; every leaf of a channel is READONLY with a fixed
shape, so that a file writer can size its datasets from the schema.
"""
from karabo.middlelayer import (
    AccessLevel,
    AccessMode,
    Bool,
    Configurable,
    DaqDataType,
    Double,
    Float,
    InputChannel,
    Int32,
    MetricPrefix,
    NDArray,
    Node,
    OutputChannel,
    Overwrite,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorFloat,
    VectorHash,
    VectorInt8,
    VectorUInt64,
)

from .frugal_input import FrugalInput
from .train_health import TrainHealth

#: trains of the longest stall to be survived (2 s) at either end
CHANNEL_QUEUE = 20
MAX_PULSES = 2720
MAX_CLASSES = 8
#: channels that the preview has room for
MAX_CHANNELS = 16384
MAX_BINS = 1024

READ = {"accessMode": AccessMode.READONLY}
MILLISECONDS = {"unitSymbol": Unit.SECOND,
                "metricPrefixSymbol": MetricPrefix.MILLI}
#: thresholds, reactions, paths: etiquette of the screens, not protection
EXPERT = {"requiredAccessLevel": AccessLevel.EXPERT}


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


def output_channel(max_pulses=MAX_PULSES, max_classes=MAX_CLASSES, **kwargs):
    """The channel `output` for trains and models up to these sizes."""
    pulses = {"minSize": max_pulses, "maxSize": max_pulses, **READ}
    table = {"dtype": Float, "shape": (max_pulses, max_classes), **READ}

    class DataNode(TrainHealth):
        daqDataType = DaqDataType.TRAIN

        label = VectorInt8(
            displayedName="Label",
            description="Class index >= 0; -1 unknown, -2 low intensity, -3 "
                        "saturated, -4 bad data, -5 skipped; -5 behind "
                        "pulseCount", **pulses)

        confidence = VectorFloat(
            displayedName="Confidence",
            description="Calibrated probability of the label, 0 without a "
                        "class", **pulses)

        scores = NDArray(
            displayedName="Scores",
            description="Score of every class, pulses x classes", **table)

        mixture = NDArray(
            displayedName="Mixture",
            description="Fractions of the taught states, pulses x classes",
            **table)

        residual = VectorFloat(
            displayedName="Residual",
            description="Share of the spectrum that no mixture explains; NaN "
                        "where there is none", **pulses)

        intensity = VectorFloat(
            displayedName="Intensity",
            description="Mean over valid strips above the dark; NaN where "
                        "there is none", **pulses)

        pulseId = VectorUInt64(
            displayedName="Pulse IDs",
            description="Id of every pulse as the source gives it, else its "
                        "position", **pulses)

        pulseCount = UInt32(
            displayedName="Pulse Count",
            description="Entries of this train; what is behind is padding",
            **READ)

        trainId = UInt64(
            displayedName="Train ID",
            description="As in the time stamp of this train", **READ)

        modelId = String(
            displayedName="Model ID",
            description="The one model that made all labels of this train",
            **READ)

        configHash = String(
            displayedName="Configuration Hash",
            description="Of everything the labels and the permit rest on",
            **READ)

        latency = Double(
            displayedName="Latency", **MILLISECONDS,
            description="From the entry of the input handler to the writing "
                        "of this output", **READ)

        trainAge = Double(
            displayedName="Train Age", **MILLISECONDS,
            description="From the time stamp of the source to the writing of "
                        "this output", **READ)

        sampleStateIndex = Int32(
            displayedName="Sample State Index",
            description="The decided class, -1 for unknown", **READ)

        permit = Bool(
            displayedName="Permit",
            description="A lease: act on it only while permitSequence "
                        "advances within permitValidFor on your own clock",
            **READ)

        permitReason = String(
            displayedName="Permit Reason",
            description="Why there is no permit, in one sentence", **READ)

        permitTrainId = UInt64(
            displayedName="Permit Train ID",
            description="The newest train that the permit rests on", **READ)

        permitSequence = UInt64(
            displayedName="Permit Sequence",
            description="Counts finished work", **READ)

        permitValidFor = Double(
            displayedName="Permit Valid For", **MILLISECONDS,
            description="How long the permit stands without a new one",
            **READ)

    class OutputNode(Configurable):
        data = Node(DataNode, displayedName="Data")

    return QueuedOutputChannel(
        OutputNode, displayedName="Output",
        description="Codes of every pulse, one entry per train", **kwargs)


class PulsePatternRow(Configurable):
    name = String(
        defaultValue="all", displayedName="Name",
        description="How people call these pulses, for example 'pumped'")
    first = UInt32(
        defaultValue=0, displayedName="First",
        description="Id of the first pulse")
    step = UInt32(
        defaultValue=1, minInc=1, displayedName="Step",
        description="Distance of two pulses of the pattern")
    count = UInt32(
        defaultValue=0, displayedName="Count",
        description="Number of pulses, 0: to the end of the train")
    required = Bool(
        defaultValue=True, displayedName="Required",
        description="The permit needs this pattern decided and permitted")


class ReactionRow(Configurable):
    sampleClass = String(
        defaultValue="", displayedName="Class",
        description="A class of the model, or 'unknown'")
    alarm = String(
        defaultValue="none", displayedName="Alarm",
        options=["none", "warn", "alarm", "interlock"],
        description="interlock: latched until acknowledged")
    permit = Bool(
        defaultValue=False, displayedName="Permit",
        description="Whether this sample state permits")


class BinRow(Configurable):
    number = UInt32(defaultValue=0, displayedName="Bin", **READ)
    start = Double(
        defaultValue=0., displayedName="From",
        description="Axis value of the first channel", **READ)
    stop = Double(
        defaultValue=0., displayedName="To",
        description="Axis value of the last channel", **READ)
    separability = Double(
        defaultValue=0., displayedName="Separability",
        description="Cross-validated skill above chance; NaN: not known",
        **READ)
    weight = Double(defaultValue=0., displayedName="Weight", **READ)
    selected = Bool(
        defaultValue=False, displayedName="Selected",
        description="Whether the bin has a vote (see selectedBins)", **READ)
    switch = Bool(
        defaultValue=True, displayedName="Switch",
        displayType="TableBoolButton",
        description="Button: gives the bin a vote, or takes it (selectedBins)",
        **READ)


class FactRow(Configurable):
    topic = String(defaultValue="", displayedName="Topic", **READ)
    fact = String(defaultValue="", displayedName="Fact", **READ)


class PatternStateRow(Configurable):
    name = String(defaultValue="", displayedName="Pulse Pattern", **READ)
    required = Bool(defaultValue=True, displayedName="Required", **READ)
    sampleState = String(defaultValue="", displayedName="State", **READ)
    fraction = Double(
        defaultValue=0., displayedName="Fraction",
        description="Share of the eligible pulses that show the state",
        **READ)
    eligible = UInt32(
        defaultValue=0, displayedName="Eligible",
        description="Pulses of the last train that could vote", **READ)
    dwell = Double(
        defaultValue=0., displayedName="Dwell", unitSymbol=Unit.SECOND,
        **READ)


class HistoryRow(Configurable):
    time = String(defaultValue="", displayedName="Time", **READ)
    trainId = UInt64(defaultValue=0, displayedName="Train", **READ)
    sampleState = String(defaultValue="", displayedName="State", **READ)
    reason = String(defaultValue="", displayedName="Reason", **READ)
    configHash = String(
        defaultValue="", displayedName="Configuration", **READ)


class TallyRow(Configurable):
    fate = String(defaultValue="", displayedName="Fate", **READ)
    reason = String(defaultValue="", displayedName="Reason", **READ)
    trains = UInt64(defaultValue=0, displayedName="Trains", **READ)
    pulses = UInt64(defaultValue=0, displayedName="Pulses", **READ)


def table(rows, **kwargs):
    """A READONLY table that starts empty."""
    return VectorHash(rows=rows, defaultValue=[], **READ, **kwargs)
