"""What is set and read around trust: drift, alarms, verdict, audit.

What a threshold means stands in docs/drift.md and docs/decision.md.
"""
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorString,
)

from ...common.attributes import EXPERT, READ, table

OWN = "-1: the model's own limit, from its training captures"


class TrustSettings(Configurable):
    """Manners of limits and alarms, override, audit."""

    limitHysteresis = Double(
        displayedName="Limit Hysteresis", defaultValue=0.1, minInc=0.,
        maxInc=0.9,
        description="A limit (drift, latency, train age, coverage) that was "
                    "broken holds again only this share inside of it",
        **EXPERT)

    alarmDelay = Double(
        displayedName="Alarm Delay", defaultValue=0.5, minInc=0., maxInc=60.,
        unitSymbol=Unit.SECOND,
        description="Alarms of limits and losses are raised when their cause "
                    "has stood for this time. The permit never waits",
        **EXPERT)

    latchedAlarms = VectorString(
        displayedName="Latched Alarms", defaultValue=["accounting", "fault"],
        maxSize=32,
        description="Names of alarms that stay until they are acknowledged, "
                    "also when their cause is gone", **EXPERT)

    overrideObjection = String(
        displayedName="Override Objection", defaultValue="",
        description="Why this model may be armed against its objection, in "
                    "a few words; goes into the audit. Empty: the objection "
                    "stands. Cleared with every other model and at start",
        **EXPERT)

    expectedWrongConfidence = Double(
        displayedName="Expected Wrong, Confidence", defaultValue=0.95,
        minInc=0., maxInc=1.,
        description="Pulses of at least this confidence are counted in "
                    "expectedWrong", **EXPERT)

    expectedWrongPulses = UInt32(
        displayedName="Expected Wrong, Pulses", defaultValue=27_000,
        minInc=1, maxInc=10_000_000,
        description="Last pulses of a class that are counted in "
                    "expectedWrong, to the next whole train", **EXPERT)

    auditDirectory = String(
        displayedName="Audit Directory", defaultValue="",
        accessMode=AccessMode.INITONLY,
        description="Absolute path of a folder that survives restarts. "
                    "Empty: spectra_classifier in the data folder of Karabo "
                    "($KARABO/var/data)", **EXPERT)


class DriftRow(Configurable):
    bin = String(
        defaultValue="", displayedName="Bin",
        description="Number as in the table bins, or all", **READ)
    mean = Double(
        defaultValue=1., displayedName="Mean",
        description="Running intensity in units of the training", **READ)
    spread = Double(
        defaultValue=0., displayedName="Spread",
        description="Of the mean from train to train, relative; what all "
                    "bins share is taken out", **READ)
    shift = Double(
        defaultValue=0., displayedName="Shift (channels)",
        description="Best shift against the training; 0 where none can be "
                    "told", **READ)
    intensity = Double(
        defaultValue=0., displayedName="Intensity",
        description="Score, 1 is the limit", **READ)
    axis = Double(
        defaultValue=0., displayedName="Axis",
        description="Score, 1 is the limit", **READ)
    baseline = Double(
        defaultValue=0., displayedName="Baseline",
        description="Score, 1 is the limit", **READ)
    peak = Double(
        defaultValue=0., displayedName="New Peak",
        description="Score, 1 is the limit", **READ)
    sinceTrain = UInt64(
        defaultValue=0, displayedName="Since Train",
        description="Since when its worst score is above a half, 0: it is "
                    "not", **READ)


class AlarmRow(Configurable):
    name = String(
        defaultValue="", displayedName="Alarm",
        description="Row of the truth table, sampleState or loss", **READ)
    level = String(
        defaultValue="", displayedName="Level",
        description="warn, alarm or interlock", **READ)
    sinceTrain = UInt64(
        defaultValue=0, displayedName="Since Train", **READ)
    since = String(defaultValue="", displayedName="Since", **READ)
    active = Bool(
        defaultValue=True, displayedName="Active",
        description="The cause stands; if not, it waits to be acknowledged",
        **READ)
    acknowledged = Bool(
        defaultValue=False, displayedName="Acknowledged", **READ)
    reason = String(defaultValue="", displayedName="Reason", **READ)


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


class TrustReadings(Configurable):
    """Whether the spectra, the model and the people can be followed."""

    driftReason = String(
        displayedName="Drift Reason", defaultValue="",
        description="The worst drift with its cause, in one sentence",
        **READ)
    drift = table(
        DriftRow, displayedName="Drift",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Running comparison with the training, by bin")
    alarms = table(
        AlarmRow, displayedName="Alarms",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Every alarm that stands or waits to be acknowledged, "
                    "worst first")
    objection = String(
        displayedName="Objection", defaultValue="",
        description="What the manifest of the live model says against arming "
                    "it; empty: nothing", **READ)
    expectedWrong = table(
        ExpectedWrongRow, displayedName="Expected Wrong",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="How many of the last sure pulses should be wrong by "
                    "their own confidence")
    trainsLostByUs = UInt64(
        displayedName="Trains Lost by Us", defaultValue=0,
        description="Part of trainsLost: the event loop of this device stood "
                    "still", **READ)
    auditStatus = String(
        displayedName="Audit Status", defaultValue="",
        description="Where the audit is written, and what was not", **READ)
