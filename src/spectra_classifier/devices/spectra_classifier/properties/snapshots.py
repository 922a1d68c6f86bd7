"""The node `snapshots`: the ring of raw trains and its snapshots.

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

from ...common.attributes import (
    EXPERT,
    GIGABYTES,
    MEGABYTES,
    READ,
)


class SnapshotsNode(Configurable):
    """Which raw trains are kept, and when they are written."""

    directory = String(
        displayedName="Directory", defaultValue="",
        description="Absolute path of the folder for snapshots, for this "
                    "device alone; empty: no snapshots", **EXPERT)

    onChange = Bool(
        displayedName="On Change", defaultValue=True,
        description="Write a snapshot when the sample state changes",
        **EXPERT)

    onAlarm = Bool(
        displayedName="On Alarm", defaultValue=True,
        description="Write a snapshot when an alarm appears or gets worse",
        **EXPERT)

    trainsBefore = UInt32(
        displayedName="Trains Before", defaultValue=10,
        maxInc=6000,
        description="Trains of the ring up to the event that are written",
        **EXPERT)

    trainsAfter = UInt32(
        displayedName="Trains After", defaultValue=10,
        maxInc=6000,
        description="Trains after the event that are written; after 5 s of "
                    "silence it is written without them", **EXPERT)

    interval = Double(
        displayedName="Interval", defaultValue=30., minInc=0.,
        maxInc=1e6,
        unitSymbol=Unit.SECOND,
        description="Shortest time between two snapshots that nobody "
                    "requested; events in between are counted, not written",
        **EXPERT)

    quota = Double(
        displayedName="Quota", **GIGABYTES, defaultValue=20., minInc=0.001,
        maxInc=1e6,
        description="Space of all snapshots together: the oldest are deleted "
                    "first, requested ones last", **EXPERT)

    maxFiles = UInt32(
        displayedName="Max. Files", defaultValue=200, minInc=1,
        maxInc=100_000,
        description="Largest number of snapshots that are kept", **EXPERT)

    ringTime = Double(
        displayedName="Ring, Time", defaultValue=10., minInc=0.,
        maxInc=600., unitSymbol=Unit.SECOND,
        description="The last raw trains, as many as Trains Before, are kept "
                    "in memory for this long where there is a directory. "
                    "0: none, and no snapshots", **EXPERT)

    ringMemory = UInt32(
        displayedName="Ring, Memory", **MEGABYTES, defaultValue=512,
        maxInc=1_000_000,
        description="Memory of the ring; the oldest trains are dropped. A "
                    "train of 2700 x 1280 uint16 has 6.9 MB", **EXPERT)

    ringTrains = UInt32(
        displayedName="Ring, Trains", defaultValue=0,
        description="Raw trains in the ring", **READ)

    ringFilled = Double(
        displayedName="Ring, Filled", **MEGABYTES, defaultValue=0.,
        description="Memory that they hold", **READ)

    status = String(
        displayedName="Status",
        description="Result of the last snapshot",
        defaultValue="", **READ)

    last = String(
        displayedName="Last", defaultValue="",
        description="Path of the newest snapshot, for spectra-classifier "
                    "replay", **READ)

    written = UInt64(
        displayedName="Written", defaultValue=0,
        description="Whole files, since the start", **READ)

    failed = UInt64(
        displayedName="Failed", defaultValue=0,
        description="That could not be written; see snapshots.status", **READ)

    dropped = UInt64(
        displayedName="Dropped", defaultValue=0,
        description="Events too close to another one, or while the writer "
                    "was busy", **READ)
