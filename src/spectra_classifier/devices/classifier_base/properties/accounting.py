"""What is read from a `SpectraClassifier`."""
from karabo.middlelayer import (
    AccessLevel,
    AccessMode,
    ArchivePolicy,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorString,
)

from ...common.attributes import (
    EXPERT,
    MAX_CLASSES,
    MAX_PULSES,
    MILLISECONDS,
    READ,
    table,
)
from ...macros.catalogue import MACROS
from ...spectra_classifier.scenes import SCENES


class TallyRow(Configurable):
    fate = String(defaultValue="", displayedName="Fate", **READ)
    reason = String(defaultValue="", displayedName="Reason", **READ)
    trains = UInt64(defaultValue=0, displayedName="Trains", **READ)
    pulses = UInt64(defaultValue=0, displayedName="Pulses", **READ)


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
