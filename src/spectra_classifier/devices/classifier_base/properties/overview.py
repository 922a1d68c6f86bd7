"""What classifier and collector have at top level, for operators."""
from karabo.middlelayer import (
    AccessLevel,
    Bool,
    Configurable,
    Double,
    Int32,
    String,
    UInt64,
    Unit,
    VectorHash,
    VectorString,
)

from ...common.attributes import (
    EXPERT,
    MILLISECONDS,
    READ,
)
from ...macros.catalogue import MACROS


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


class SampleReadings(Configurable):
    """What the sample is doing, and what that permits."""

    sampleState = String(
        displayedName="Sample State", defaultValue="unknown",
        description="The decided class", **READ)

    sampleStateIndex = Int32(
        displayedName="Sample State Index", defaultValue=-1,
        description="Class index, -1 for unknown", **READ)

    confidence = Double(
        displayedName="Confidence", defaultValue=0.,
        description="Mean over the pulses that show the sample state", **READ)

    armed = Bool(
        displayedName="Armed",
        description="Whether an operator has allowed the live model to permit",
        defaultValue=False, **READ)

    permit = Bool(
        displayedName="Permit", defaultValue=False,
        description="A lease: act on it only while permitSequence advances "
                    "within permitValidFor on your own clock. Advice to an "
                    "interlock system, never protection", **READ)

    permitReason = String(
        displayedName="Permit Reason",
        description="Why there is no permit, in one sentence",
        defaultValue="the device is starting", **READ)

    permitTrainId = UInt64(
        displayedName="Permit Train ID",
        description="The newest train that the permit is based on",
        defaultValue=0, **READ)

    permitSequence = UInt64(
        displayedName="Permit Sequence", defaultValue=0,
        description="Number of finished new trains; the permit is renewed "
                    "only while it advances", **READ)

    permitValidFor = Double(
        displayedName="Permit Valid For",
        description="How long the permit is valid without a renewal",
        defaultValue=0., **MILLISECONDS,
        **READ)

    latchReason = String(
        displayedName="Latch", defaultValue="",
        description="What is latched and has to be acknowledged", **READ)

    alarmReason = String(
        displayedName="Alarm Reason", defaultValue="",
        description="The worst active alarm", **READ)


class ModelOverview(Configurable):
    """Which model is live, and which is wanted."""

    modelPath = String(
        displayedName="Model Path", defaultValue="",
        description="Absolute path of an ONNX model on the host of the "
                    "device, or the id of a released model or of one in the "
                    "folders of SPECTRA_CLASSIFIER_MODELS. It is loaded "
                    "and verified while the live one works; what is refused "
                    "changes nothing. Empty: no model")

    modelId = String(
        displayedName="Model ID",
        description="Name of the live model and the start of its hash",
        defaultValue="", **READ)

    modelStatus = String(
        displayedName="Model Status",
        description="Result of the last request for a model",
        defaultValue="no model", **READ)


class StreamOverview(Configurable):
    """Whether the trains are processed as they should be."""

    trainId = UInt64(
        displayedName="Train ID", defaultValue=0,
        description="The last train with an output", **READ)

    trainsReceived = UInt64(
        displayedName="Trains Received",
        description="At the entry of the input handler",
        defaultValue=0, **READ)

    trainsLost = UInt64(
        displayedName="Trains Lost", defaultValue=0,
        description="Gaps of the train id", **READ)

    rate = Double(
        displayedName="Rate", defaultValue=0., unitSymbol=Unit.HERTZ,
        description="Trains with an output per second", **READ)

    latency = Double(
        displayedName="Latency", defaultValue=0.,
        description="Handler entry to output written, last train",
        **MILLISECONDS, **READ)

    trainAge = Double(
        displayedName="Train Age", defaultValue=0.,
        description="Time stamp of the source to output written, last train",
        **MILLISECONDS, **READ)

    coverage = Double(
        displayedName="Coverage", defaultValue=0.,
        description="Share of the selected pulses of the last train that were"
                    " examined", **READ)

    driftScore = Double(
        displayedName="Drift Score", defaultValue=0.,
        description="Worst difference from the training in units of its "
                    "limit; not a number until something was compared",
        **READ)

    interfaces = VectorString(
        displayedName="Interfaces",
        description="What this device offers to general tools",
        defaultValue=["Processor"],
        requiredAccessLevel=AccessLevel.EXPERT, **READ)

    availableScenes = VectorString(
        displayedName="Available Scenes",
        description="Names for requestScene", displayType="Scenes",
        **READ)

    availableMacros = VectorString(
        displayedName="Available Macros",
        description="Names for requestMacro", displayType="Macros",
        defaultValue=list(MACROS), **READ)


class ReactionSettings(Configurable):
    """What a sample state brings about."""

    reactions = VectorHash(
        rows=ReactionRow, defaultValue=[], maxSize=256,
        displayedName="Reactions",
        description="What follows from a sample state. A class without a row "
                    "does not permit", **EXPERT)
