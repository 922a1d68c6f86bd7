"""What is read from a `SpectraClassifier`."""
from karabo.middlelayer import (
    AccessLevel,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    Int32,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorDouble,
    VectorString,
)

from .macros import MACROS
from .scenes import SCENES
from .schema import (
    MILLISECONDS,
    READ,
    BinRow,
    FactRow,
    HistoryRow,
    PatternStateRow,
    TallyRow,
    table,
)


class SampleReadings(Configurable):
    """What the sample is doing, and what that permits."""

    sampleState = String(
        displayedName="Sample State", defaultValue="unknown",
        description="The decided class", **READ)
    sampleStateIndex = Int32(
        displayedName="Sample State Index", defaultValue=-1,
        description="Class index, -1 for unknown", **READ)
    previousSampleState = String(
        displayedName="Previous Sample State",
        description="The state before the present one",
        defaultValue="unknown", **READ)
    patternStates = table(
        PatternStateRow, displayedName="Pulse Pattern States",
        description="Every pulse pattern is decided by itself")
    transitionTrainId = UInt64(
        displayedName="Transition Train ID", defaultValue=0,
        description="First train that voted for the sample state", **READ)
    transitionPulse = UInt64(
        displayedName="Transition Pulse", defaultValue=0,
        description="Id of the first pulse of that train from which on the "
                    "state holds; 0 as well where transitionPulseKnown is no",
        **READ)
    transitionPulseKnown = Bool(
        displayedName="Transition Pulse Known", defaultValue=False,
        description="Whether there is such a pulse", **READ)
    dwell = Double(
        displayedName="Dwell", defaultValue=0., unitSymbol=Unit.SECOND,
        description="Time in the sample state", **READ)
    stateHistory = table(
        HistoryRow, displayedName="State History",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="The last changes of the sample state, newest first")
    classFractions = VectorDouble(
        displayedName="Class Fractions", defaultValue=[], maxSize=127,
        description="Share of the eligible pulses of the last train, in the "
                    "order of classNames", **READ)
    unknownFraction = Double(
        displayedName="Unknown Fraction",
        description="Share of the eligible pulses without a class",
        defaultValue=0., **READ)
    confidence = Double(
        displayedName="Confidence", defaultValue=0.,
        description="Mean over the pulses that show the sample state", **READ)

    armed = Bool(
        displayedName="Armed",
        description="An operator lets the live model permit",
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
        description="The newest train that the permit rests on",
        defaultValue=0, **READ)
    permitSequence = UInt64(
        displayedName="Permit Sequence", defaultValue=0,
        description="Counts finished work", **READ)
    permitValidFor = Double(
        displayedName="Permit Valid For",
        description="How long the permit stands without a new one",
        defaultValue=0., **MILLISECONDS,
        **READ)
    latchReason = String(
        displayedName="Latch", defaultValue="",
        description="What is latched and waits to be acknowledged", **READ)
    alarmReason = String(
        displayedName="Alarm Reason", defaultValue="",
        description="The worst alarm that stands", **READ)


class ModelReadings(Configurable):
    """What is in force."""

    modelId = String(
        displayedName="Model ID",
        description="Name of the live model and the start of its hash",
        defaultValue="", **READ)
    modelHash = String(
        displayedName="Model Hash", defaultValue="",
        description="SHA-256 of the weights", **READ)
    modelStatus = String(
        displayedName="Model Status",
        description="What became of the last model that was asked for",
        defaultValue="no model", **READ)
    previousModelId = String(
        displayedName="Previous Model ID", defaultValue="",
        description="What previousModel goes back to", **READ)
    calibration = String(
        displayedName="Calibration", defaultValue="",
        description="Whether the confidence is calibrated", **READ)
    appliedConfigHash = String(
        displayedName="Applied Configuration Hash", defaultValue="",
        description="Of the configuration that the last train met", **READ)
    reactionsConfirmed = Bool(
        displayedName="Reactions Confirmed", defaultValue=False,
        description="The reactions were set for the classes of this model",
        **READ)
    classNames = VectorString(
        displayedName="Class Names",
        description="Sample states of the model, in order of their index",
        defaultValue=[], **READ)
    bins = table(
        BinRow, displayedName="Bins",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Ranges of the axis that the model looks at")
    modelFacts = table(
        FactRow, displayedName="Model Facts",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="What the manifest of the live model says, in words")


class EngineReadings(Configurable):
    """What only who has the spectra can tell."""

    switchedStrips = UInt64(
        displayedName="Switched Strips", defaultValue=0,
        description="Strips of the last train outside gain stage 0", **READ)
    engineErrors = UInt64(
        displayedName="Engine Errors",
        description="Trains on which the engine failed; see the log",
        defaultValue=0, **READ)

class FlowReadings(Configurable):
    """Every train and every pulse has one fate."""

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
    trainsSkipped = UInt64(
        displayedName="Trains Skipped", defaultValue=0,
        description="Received and not looked at", **READ)
    trainsRejected = UInt64(
        displayedName="Trains Rejected", defaultValue=0,
        description="Received and of no use", **READ)
    pulsesReceived = UInt64(
        displayedName="Pulses Received",
        description="At the entry of the input handler",
        defaultValue=0, **READ)
    pulsesClassified = UInt64(
        displayedName="Pulses Classified", defaultValue=0,
        description="With a class or unknown", **READ)
    pulsesRejected = UInt64(
        displayedName="Pulses Rejected", defaultValue=0,
        description="Low intensity, saturated, bad data", **READ)
    pulsesSkipped = UInt64(
        displayedName="Pulses Skipped",
        description="Not looked at: not selected, or in a skipped train",
        defaultValue=0, **READ)
    accounting = table(
        TallyRow, displayedName="Accounting",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Rejected, skipped, lost and not taken, by reason")
    accountingProblem = String(
        displayedName="Accounting Problem", defaultValue="",
        description="Empty while received = classified + rejected + skipped",
        **READ)
    coverage = Double(
        displayedName="Coverage", defaultValue=0.,
        description="Share of the selected pulses of the last train that "
                    "were looked at", **READ)
    rate = Double(
        displayedName="Rate", defaultValue=0., unitSymbol=Unit.HERTZ,
        description="Trains with an output per second", **READ)
    latency = Double(
        displayedName="Latency", defaultValue=0.,
        description="Handler entry to output written, last train",
        **MILLISECONDS, **READ)
    latencyP50 = Double(
        displayedName="Latency, Median", defaultValue=0.,
        description="Over the last 600 trains", **MILLISECONDS, **READ)
    latencyP99 = Double(
        displayedName="Latency, 99 %", defaultValue=0.,
        description="Over the last 600 trains", **MILLISECONDS, **READ)
    trainAge = Double(
        displayedName="Train Age", defaultValue=0.,
        description="Time stamp of the source to output written, last train",
        **MILLISECONDS, **READ)
    driftScore = Double(
        displayedName="Drift Score", defaultValue=0.,
        description="Worst difference from the training in units of its "
                    "limit; not a number until something was compared",
        **READ)
    queueHighWater = UInt32(
        displayedName="Queue High Water", defaultValue=0,
        description="Most trains that waited at once, since reset", **READ)
    handlerErrors = UInt64(
        displayedName="Handler Errors", defaultValue=0,
        description="Errors that no payload should cause; see the log",
        **READ)
    outputsBlocked = UInt64(
        displayedName="Outputs Blocked", defaultValue=0,
        description="Trains that a receiver with onSlowness=wait did not "
                    "take in time", **READ)
    valuesUnwritable = UInt64(
        displayedName="Values Unwritable", defaultValue=0,
        description="Values that did not fit their property and were left "
                    "out; that disarms", **READ)
    lastProblem = String(
        displayedName="Last Problem", defaultValue="",
        description="Why the last train that was of no use was so", **READ)

    interfaces = VectorString(
        displayedName="Interfaces",
        description="What this device offers to general tools",
        defaultValue=["Processor"],
        requiredAccessLevel=AccessLevel.EXPERT, **READ)
    availableScenes = VectorString(
        displayedName="Available Scenes",
        description="Names for requestScene", displayType="Scenes",
        defaultValue=list(SCENES), **READ)
    availableMacros = VectorString(
        displayedName="Available Macros",
        description="Names for requestMacro", displayType="Macros",
        defaultValue=list(MACROS), **READ)
