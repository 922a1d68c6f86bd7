"""Properties of `SpectraClassifier`: what is set, and what is read.

None of them has a setter: a reconfiguration is taken as a whole (see
`spectra_classifier.SpectraClassifier.slotReconfigure`).
"""
from karabo.middlelayer import (
    AccessLevel,
    AccessMode,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    Int32,
    MetricPrefix,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorDouble,
    VectorFloat,
    VectorHash,
    VectorString,
    VectorUInt32,
)

from ..model.engines import ENGINES
from .schema import (
    EXPERT,
    MAX_BINS,
    MAX_CHANNELS,
    MAX_CLASSES,
    MAX_PULSES,
    READ,
    BinRow,
    HistoryRow,
    PatternStateRow,
    PulsePatternRow,
    ReactionRow,
    TallyRow,
    table,
)

MILLISECONDS = {"unitSymbol": Unit.SECOND,
                "metricPrefixSymbol": MetricPrefix.MILLI}
OWN = "-1: the model's own value"


class ModelSettings(Configurable):
    """Which model, and how it runs."""

    modelPath = String(
        displayedName="Model Path", defaultValue="",
        description="Absolute path of an ONNX model on the host of the "
                    "device. It is loaded and verified beside the live one; "
                    "what is refused changes nothing. Empty: no model")

    selectedBins = VectorUInt32(
        displayedName="Selected Bins", defaultValue=[], maxSize=MAX_BINS,
        description="Numbers of the bins that vote. Empty: the model's own "
                    "choice, every bin with a positive weight", **EXPERT)

    engine = String(
        displayedName="Engine", defaultValue="numpy", options=list(ENGINES),
        description="What computes the codes; all give the same labels",
        **EXPERT)

    threads = UInt32(
        displayedName="Threads", defaultValue=1, minInc=1, maxInc=64,
        description="Threads over which the fused engine shares a train",
        **EXPERT)


class RawDataSettings(Configurable):
    """Where the spectra are in the data, and which of them count."""

    dataPath = String(
        displayedName="Data Path", defaultValue="data.adc",
        description="Spectra [pulses, channels], any real type", **EXPERT)

    maskPath = String(
        displayedName="Mask Path", defaultValue="",
        description="Bad strips, non-zero is bad: [channels] or [pulses, "
                    "channels]. A strip that is bad in every pulse is "
                    "interpolated, a further one makes its pulse bad data",
        **EXPERT)

    pulseIdPath = String(
        displayedName="Pulse ID Path", defaultValue="data.bunchId",
        description="Ids of the pulses; without them, their position",
        **EXPERT)

    validPath = String(
        displayedName="Valid Path", defaultValue="",
        description="[pulses], 0 where the source says the frame is bad",
        **EXPERT)

    gainPath = String(
        displayedName="Gain Path", defaultValue="data.gain",
        description="Gain stages [pulses, channels]. A strip outside stage 0 "
                    "makes its pulse saturated", **EXPERT)

    memoryCellPath = String(
        displayedName="Memory Cell Path", defaultValue="data.memoryCell",
        description="[pulses], 255 where a frame was never received",
        **EXPERT)

    frameNumberPath = String(
        displayedName="Frame Number Path", defaultValue="data.frameNumber",
        description="[pulses], 0 where a frame was never received", **EXPERT)

    countsCalibrated = Bool(
        displayedName="Counts Calibrated", defaultValue=False,
        description="The counts are calibrated per strip and gain stage: a "
                    "strip in another stage is as good as any", **EXPERT)

    pulseSelection = String(
        displayedName="Pulse Selection", defaultValue="",
        description="Positions to be classified: first:stop:step or a list. "
                    "Empty: all. The others are skipped", **EXPERT)

    dark = VectorFloat(
        displayedName="Dark Spectrum", defaultValue=[], maxSize=MAX_CHANNELS,
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Offset of every strip in raw units. Empty: none",
        **EXPERT)

    maskedStrips = VectorUInt32(
        displayedName="Masked Strips", defaultValue=[], maxSize=MAX_CHANNELS,
        description="Numbers of dead strips, interpolated", **EXPERT)


class DecisionSettings(Configurable):
    """Thresholds, decision and permit."""

    minConfidence = Double(
        displayedName="Min. Confidence", defaultValue=-1., minInc=-1.,
        maxInc=1., description="Less is unknown. " + OWN, **EXPERT)

    minIntensity = Double(
        displayedName="Min. Intensity", defaultValue=-1., minInc=-1.,
        description="The gate: mean counts above dark. 0 cannot be armed. "
                    + OWN, **EXPERT)

    saturationLevel = Double(
        displayedName="Saturation Level", defaultValue=-1., minInc=-1.,
        description="Raw counts from which a strip is saturated. " + OWN,
        **EXPERT)

    pulsePatterns = VectorHash(
        rows=PulsePatternRow, defaultValue=[],
        displayedName="Pulse Patterns",
        description="Named subsets of the pulses, each decided by itself. "
                    "Empty: all pulses", **EXPERT)

    decisionWindow = UInt32(
        displayedName="Decision Window", defaultValue=5, minInc=1,
        maxInc=600, description="Trains that vote on the sample state",
        **EXPERT)

    decisionFraction = Double(
        displayedName="Decision Fraction", defaultValue=0.6, minExc=0.5,
        maxInc=1., description="Share of the pulses, and of the trains of "
                               "the window, that decides", **EXPERT)

    minValidPulses = UInt32(
        displayedName="Min. Valid Pulses", defaultValue=1, minInc=1,
        description="With fewer eligible pulses a train does not vote",
        **EXPERT)

    minValidFraction = Double(
        displayedName="Min. Valid Fraction", defaultValue=0.1, minInc=0.,
        maxInc=1., description="As minValidPulses, as a share", **EXPERT)

    minDwell = Double(
        displayedName="Min. Dwell", defaultValue=0., minInc=0.,
        unitSymbol=Unit.SECOND,
        description="A new state is taken only after this time", **EXPERT)

    staleAfter = Double(
        displayedName="Stale After", defaultValue=1., minExc=0.,
        unitSymbol=Unit.SECOND,
        description="Without a new train for this time the permit is false",
        **EXPERT)

    maxLatency = Double(
        displayedName="Max. Latency", defaultValue=500., minExc=0.,
        description="Of a train that may permit", **MILLISECONDS, **EXPERT)

    maxTrainAge = Double(
        displayedName="Max. Train Age", defaultValue=1000., minExc=0.,
        description="Of a train that may permit", **MILLISECONDS, **EXPERT)

    minCoverage = Double(
        displayedName="Min. Coverage", defaultValue=0.5, minExc=0.,
        maxInc=1., description="Share of the selected pulses that must have "
                               "been looked at to permit", **EXPERT)

    maxDrift = Double(
        displayedName="Max. Drift", defaultValue=1., minExc=0.,
        description="Drift score that may still permit", **EXPERT)

    permitLease = Double(
        displayedName="Permit Lease", defaultValue=500., minExc=0.,
        maxInc=10_000., description="How long a permit is valid without a "
                                    "new one (permitValidFor)",
        **MILLISECONDS, **EXPERT)

    latching = Bool(
        displayedName="Latching", defaultValue=False,
        description="A permit that was lost stays lost until acknowledged",
        **EXPERT)

    allowTrainIdZero = Bool(
        displayedName="Allow Train ID 0", defaultValue=False,
        description="Permit without a time server, although lost trains "
                    "cannot be counted then", **EXPERT)

    reactions = VectorHash(
        rows=ReactionRow, defaultValue=[], displayedName="Reactions",
        description="What a sample state brings about. A class without a row "
                    "does not permit", **EXPERT)

    armOnStart = Bool(
        displayedName="Arm On Start", defaultValue=False,
        accessMode=AccessMode.INITONLY,
        description="Arm as soon as the model is live after a start", **EXPERT)


class SizeSettings(Configurable):
    """What is fixed when the device starts."""

    maxPulses = UInt32(
        displayedName="Max. Pulses", defaultValue=MAX_PULSES, minInc=1,
        maxInc=100_000, accessMode=AccessMode.INITONLY,
        description="Pulses that a train may have; more are refused and "
                    "counted", **EXPERT)

    maxClasses = UInt32(
        displayedName="Max. Classes", defaultValue=MAX_CLASSES, minInc=2,
        maxInc=127, accessMode=AccessMode.INITONLY,
        description="Classes that a model may have", **EXPERT)

    queueLength = UInt32(
        displayedName="Queue Length", defaultValue=20, minInc=1,
        maxInc=1000, accessMode=AccessMode.INITONLY,
        description="Trains that may wait for the engine; when it is full "
                    "the oldest one is skipped and counted", **EXPERT)

    previewPulse = UInt32(
        displayedName="Preview Pulse", defaultValue=0,
        description="Position of the pulse that the preview shows; the next "
                    "one with a class where this has none")

    snapshotDirectory = String(
        displayedName="Snapshot Directory", defaultValue="",
        description="Absolute path of the folder for snapshots; empty: no "
                    "snapshots", **EXPERT)


class SampleReadings(Configurable):
    """What the sample is doing, and what that permits."""

    sampleState = String(
        displayedName="Sample State", defaultValue="unknown",
        description="The decided class", **READ)
    sampleStateIndex = Int32(
        displayedName="Sample State Index", defaultValue=-1,
        description="Class index, -1 for unknown", **READ)
    previousSampleState = String(
        displayedName="Previous Sample State", defaultValue="unknown", **READ)
    patternStates = table(
        PatternStateRow, displayedName="Pulse Pattern States")
    transitionTrainId = UInt64(
        displayedName="Transition Train ID", defaultValue=0,
        description="First train that voted for the sample state", **READ)
    transitionPulse = Int32(
        displayedName="Transition Pulse", defaultValue=-1,
        description="First pulse of that train from which on the state holds,"
                    " -1: not known", **READ)
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
        displayedName="Unknown Fraction", defaultValue=0., **READ)
    confidence = Double(
        displayedName="Confidence", defaultValue=0.,
        description="Mean over the pulses that show the sample state", **READ)

    armed = Bool(displayedName="Armed", defaultValue=False, **READ)
    permit = Bool(
        displayedName="Permit", defaultValue=False,
        description="A lease: act on it only while permitSequence advances "
                    "within permitValidFor on your own clock. Advice to an "
                    "interlock system, never protection", **READ)
    permitReason = String(
        displayedName="Permit Reason",
        defaultValue="the device is starting", **READ)
    permitTrainId = UInt64(
        displayedName="Permit Train ID", defaultValue=0, **READ)
    permitSequence = UInt64(
        displayedName="Permit Sequence", defaultValue=0,
        description="Counts finished work", **READ)
    permitValidFor = Double(
        displayedName="Permit Valid For", defaultValue=0., **MILLISECONDS,
        **READ)
    latchReason = String(
        displayedName="Latch", defaultValue="",
        description="What is latched and waits to be acknowledged", **READ)
    alarmReason = String(
        displayedName="Alarm Reason", defaultValue="",
        description="The worst alarm that stands", **READ)


class ModelReadings(Configurable):
    """What is in force."""

    modelId = String(displayedName="Model ID", defaultValue="", **READ)
    modelHash = String(
        displayedName="Model Hash", defaultValue="",
        description="SHA-256 of the weights", **READ)
    modelStatus = String(
        displayedName="Model Status", defaultValue="no model", **READ)
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
        displayedName="Class Names", defaultValue=[], **READ)
    bins = table(
        BinRow, displayedName="Bins",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Ranges of the axis that the model looks at")


class FlowReadings(Configurable):
    """Every train and every pulse has one fate."""

    trainId = UInt64(
        displayedName="Train ID", defaultValue=0,
        description="The last train with an output", **READ)
    trainsReceived = UInt64(
        displayedName="Trains Received", defaultValue=0, **READ)
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
        displayedName="Pulses Received", defaultValue=0, **READ)
    pulsesClassified = UInt64(
        displayedName="Pulses Classified", defaultValue=0,
        description="With a class or unknown", **READ)
    pulsesRejected = UInt64(
        displayedName="Pulses Rejected", defaultValue=0,
        description="Low intensity, saturated, bad data", **READ)
    pulsesSkipped = UInt64(
        displayedName="Pulses Skipped", defaultValue=0, **READ)
    accounting = table(
        TallyRow, displayedName="Accounting",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Rejected, skipped and lost, by reason")
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
        description="Running median residual in units of what the model "
                    "still takes for known", **READ)
    queueHighWater = UInt32(
        displayedName="Queue High Water", defaultValue=0,
        description="Most trains that waited at once, since reset", **READ)
    switchedStrips = UInt64(
        displayedName="Switched Strips", defaultValue=0,
        description="Strips of the last train outside gain stage 0", **READ)
    handlerErrors = UInt64(
        displayedName="Handler Errors", defaultValue=0,
        description="Errors that no payload should cause; see the log",
        **READ)
    engineErrors = UInt64(
        displayedName="Engine Errors", defaultValue=0, **READ)
    outputsBlocked = UInt64(
        displayedName="Outputs Blocked", defaultValue=0,
        description="Trains that a receiver with onSlowness=wait did not "
                    "take in time", **READ)
    lastProblem = String(
        displayedName="Last Problem", defaultValue="",
        description="Why the last train that was of no use was so", **READ)
    snapshotStatus = String(
        displayedName="Snapshot Status", defaultValue="", **READ)

    interfaces = VectorString(
        displayedName="Interfaces", defaultValue=["Processor"],
        requiredAccessLevel=AccessLevel.EXPERT, **READ)
    availableScenes = VectorString(
        displayedName="Available Scenes", displayType="Scenes",
        defaultValue=["overview"], **READ)
    availableMacros = VectorString(
        displayedName="Available Macros", displayType="Macros",
        defaultValue=[], **READ)
