"""The nodes `accounting`, `expectedWrong`, and parts of `load`, `source`."""
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
)

from ...common.attributes import (
    EXPERT,
    MAX_PULSES,
    MILLISECONDS,
    READ,
    table,
)


class TallyRow(Configurable):
    fate = String(defaultValue="", displayedName="Fate", **READ)
    reason = String(defaultValue="", displayedName="Reason", **READ)
    trains = UInt64(defaultValue=0, displayedName="Trains", **READ)
    pulses = UInt64(defaultValue=0, displayedName="Pulses", **READ)


class ExpectedWrongRow(Configurable):
    sampleClass = String(defaultValue="", displayedName="Class", **READ)
    pulses = UInt64(
        defaultValue=0, displayedName="Pulses",
        description="Of the last ones called so, those that are sure enough",
        **READ)
    expectedWrong = Double(
        defaultValue=0., displayedName="Expected Wrong",
        description="Sum of 1 - confidence over them", **READ)
    calibration = String(
        defaultValue="", displayedName="Calibration",
        description="uncalibrated: the number is not to be trusted", **READ)


class AccountingNode(Configurable):
    """Every train and every pulse has one fate."""

    trainsSkipped = UInt64(
        displayedName="Trains Skipped", defaultValue=0,
        description="Received and not examined", **READ)

    trainsRejected = UInt64(
        displayedName="Trains Rejected", defaultValue=0,
        description="Received and unusable", **READ)

    trainsLostByUs = UInt64(
        displayedName="Trains Lost by Us", defaultValue=0,
        description="Part of trainsLost: the event loop of this device "
                    "was blocked", **READ)

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
        description="Not examined: not selected, or in a skipped train",
        defaultValue=0, **READ)

    reasons = table(
        TallyRow, displayedName="Reasons",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Rejected, skipped, lost and not taken, by reason")

    problem = String(
        displayedName="Problem", defaultValue="",
        description="Empty while received = classified + rejected + skipped",
        **READ)

    lastProblem = String(
        displayedName="Last Problem", defaultValue="",
        description="Why the last unusable train could not be used", **READ)

    valuesUnwritable = UInt64(
        displayedName="Values Unwritable", defaultValue=0,
        description="Values that did not fit their property and were left "
                    "out; that disarms", **READ)


class ExpectedWrongNode(Configurable):
    """How many sure pulses are wrong by their own confidence."""

    minConfidence = Double(
        displayedName="Min. Confidence", defaultValue=0.95,
        minInc=0., maxInc=1.,
        description="Pulses of at least this confidence are counted", **EXPERT)

    pulses = UInt32(
        displayedName="Pulses", defaultValue=27_000,
        minInc=1, maxInc=10_000_000,
        description="Last pulses of a class that are counted, to "
                    "the next whole train", **EXPERT)

    classes = table(
        ExpectedWrongRow, displayedName="Classes",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="How many of the last confident pulses should be wrong "
                    "according to their confidence")


class LoadReadings(Configurable):
    """Whether the device keeps up with the trains."""

    latencyP50 = Double(
        displayedName="Latency, Median", defaultValue=0.,
        description="Over the last 600 trains", **MILLISECONDS, **READ)

    latencyP99 = Double(
        displayedName="Latency, 99 %", defaultValue=0.,
        description="Over the last 600 trains", **MILLISECONDS, **READ)

    queueHighWater = UInt32(
        displayedName="Queue High Water", defaultValue=0,
        description="Largest number of trains that have waited at the same "
                    "time, since reset", **READ)

    handlerErrors = UInt64(
        displayedName="Handler Errors", defaultValue=0,
        description="Unexpected errors of the input handler; see the log",
        **READ)

    outputsBlocked = UInt64(
        displayedName="Outputs Blocked", defaultValue=0,
        description="Trains that a receiver with onSlowness=wait did not "
                    "take in time", **READ)


class TrainSize(Configurable):
    """How large a train may be."""

    maxPulses = UInt32(
        displayedName="Max. Pulses", defaultValue=MAX_PULSES, minInc=1,
        maxInc=100_000, accessMode=AccessMode.INITONLY,
        description="Pulses that a train may have; more are refused and "
                    "counted", **EXPERT)
