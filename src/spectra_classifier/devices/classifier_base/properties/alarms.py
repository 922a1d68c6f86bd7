"""The nodes `alarms`, `drift` and `auditing`.

The thresholds are explained in docs/drift.md and docs/decision.md.
"""
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    String,
    UInt64,
    Unit,
    VectorString,
)

from ...common.attributes import (
    EXPERT,
    READ,
    table,
)


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
        description="The cause is present; if not, it waits for acknowledge",
        **READ)
    acknowledged = Bool(
        defaultValue=False, displayedName="Acknowledged", **READ)
    reason = String(defaultValue="", displayedName="Reason", **READ)


class AlarmsNode(Configurable):
    """Which alarms are raised, and when."""

    delay = Double(
        displayedName="Delay", defaultValue=0.5, minInc=0., maxInc=60.,
        unitSymbol=Unit.SECOND,
        description="Alarms of limits and losses are raised when their cause "
                    "has been present for this time. The permit never waits",
        **EXPERT)

    latched = VectorString(
        displayedName="Latched", defaultValue=["accounting", "fault"],
        maxSize=32,
        description="Names of alarms that remain until they are acknowledged,"
                    " even if their cause is gone", **EXPERT)

    current = table(
        AlarmRow, displayedName="Current",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Alarms that are active or have to be acknowledged, worst"
                    " first")


class DriftReadings(Configurable):
    """How the spectra differ from those of the training."""

    reason = String(
        displayedName="Reason", defaultValue="",
        description="The worst drift with its cause, in one sentence",
        **READ)

    ranges = table(
        DriftRow, displayedName="Ranges",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Running comparison with the training, by bin")


class AuditingNode(Configurable):
    """Where changes and their authors are recorded."""

    directory = String(
        displayedName="Directory", defaultValue="",
        accessMode=AccessMode.INITONLY,
        description="Absolute path of a folder that survives restarts. "
                    "Empty: spectra_classifier in the data folder of Karabo "
                    "($KARABO/var/data)", **EXPERT)

    status = String(
        displayedName="Status", defaultValue="",
        description="Where the audit is written, and how many records are "
                    "missing", **READ)
