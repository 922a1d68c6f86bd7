"""What is set and read around the ring of raw trains and its snapshots.

None of it enters a code or the permit, so it takes effect at once.
"""
from karabo.middlelayer import (
    Bool,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
    Unit,
)

from ...common.attributes import EXPERT, READ


class EventSettings(Configurable):
    """How many raw trains are kept, and when they are written."""

    ringSeconds = Double(
        displayedName="Ring, Time", defaultValue=10., minInc=0.,
        maxInc=600., unitSymbol=Unit.SECOND,
        description="Raw trains of the last seconds are kept in memory, by "
                    "reference. 0: none, and no snapshots", **EXPERT)

    ringMemory = UInt32(
        displayedName="Ring, Memory (MB)", defaultValue=512,
        maxInc=1_000_000,
        description="Most that the ring may hold, MB; older trains go. A "
                    "train of 2700 x 1280 uint16 has 6.9 MB", **EXPERT)

    snapshotDirectory = String(
        displayedName="Snapshot Directory", defaultValue="",
        description="Absolute path of the folder for snapshots, for this "
                    "device alone; empty: no snapshots", **EXPERT)

    snapshotOnChange = Bool(
        displayedName="Snapshot on Change", defaultValue=True,
        description="Write a snapshot when the sample state changes",
        **EXPERT)

    snapshotOnAlarm = Bool(
        displayedName="Snapshot on Alarm", defaultValue=True,
        description="Write a snapshot when an alarm comes or gets worse",
        **EXPERT)

    snapshotTrainsBefore = UInt32(
        displayedName="Snapshot, Trains Before", defaultValue=20,
        maxInc=6000,
        description="Trains of the ring up to the event that are written",
        **EXPERT)

    snapshotTrainsAfter = UInt32(
        displayedName="Snapshot, Trains After", defaultValue=10,
        maxInc=6000,
        description="Trains behind the event that are waited for; after 5 s "
                    "of silence it is written without them", **EXPERT)

    snapshotInterval = Double(
        displayedName="Snapshot Interval", defaultValue=30., minInc=0.,
        maxInc=1e6,
        unitSymbol=Unit.SECOND,
        description="Least time between two snapshots that nobody asked "
                    "for; events in between are counted, not written",
        **EXPERT)

    snapshotQuota = Double(
        displayedName="Snapshot Quota (GB)", defaultValue=20., minInc=0.001,
        maxInc=1e6,
        description="Most that all snapshots may take, GB: the oldest ones "
                    "go, those that people asked for last", **EXPERT)

    snapshotMaxFiles = UInt32(
        displayedName="Snapshot, Max. Files", defaultValue=200, minInc=1,
        maxInc=100_000,
        description="Most snapshots that are kept", **EXPERT)


class EventReadings(Configurable):
    """What the ring holds and what became of the snapshots."""

    ringTrains = UInt32(
        displayedName="Ring, Trains", defaultValue=0,
        description="Raw trains in the ring", **READ)
    ringFilled = Double(
        displayedName="Ring, Filled (MB)", defaultValue=0.,
        description="Memory that they hold, MB", **READ)
    snapshotStatus = String(
        displayedName="Snapshot Status",
        description="What became of the last snapshot",
        defaultValue="", **READ)
    lastSnapshot = String(
        displayedName="Last Snapshot", defaultValue="",
        description="Path of the newest snapshot, for spectra-classifier "
                    "replay", **READ)
    snapshotsWritten = UInt64(
        displayedName="Snapshots Written", defaultValue=0,
        description="Whole files, since the start", **READ)
    snapshotsFailed = UInt64(
        displayedName="Snapshots Failed", defaultValue=0,
        description="That could not be written; see snapshotStatus", **READ)
    snapshotsDropped = UInt64(
        displayedName="Snapshots Dropped", defaultValue=0,
        description="Events too close to another one, or while the writer "
                    "was busy", **READ)
