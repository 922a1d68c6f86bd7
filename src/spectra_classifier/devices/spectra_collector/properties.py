"""The node `workers` of a `SpectraCollector`."""
from typing import Any

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
)

from ...core.collector.workers import WorkerBook
from ..common.attributes import EXPERT, MILLISECONDS, READ, table

INIT = {"accessMode": AccessMode.INITONLY} | EXPERT


class WorkerRow(Configurable):
    worker = String(
        defaultValue="", displayedName="Worker",
        description="Device id", **READ)
    delivers = Bool(
        defaultValue=False, displayedName="Delivers",
        description="Connected, and not silent", **READ)
    standing = String(
        defaultValue="", displayedName="Standing",
        description="connected, silent or gone", **READ)
    trains = UInt64(
        defaultValue=0, displayedName="Trains",
        description="That came from it", **READ)
    pulses = UInt64(
        defaultValue=0, displayedName="Pulses",
        description="In these trains", **READ)
    late = UInt64(
        defaultValue=0, displayedName="Too Late",
        description="Trains that came too late for the order", **READ)
    repeated = UInt64(
        defaultValue=0, displayedName="Repeated",
        description="Trains that were there already", **READ)
    stray = UInt64(
        defaultValue=0, displayedName="Stray",
        description="Trains whose id is far from the others", **READ)
    refused = UInt64(
        defaultValue=0, displayedName="Refused",
        description="Trains with the codes of another model", **READ)
    missed = UInt64(
        defaultValue=0, displayedName="Missed",
        description="Trains that it finished and that never came", **READ)
    joins = UInt32(
        defaultValue=0, displayedName="Joins",
        description="How often it connected", **READ)
    latency = Double(
        defaultValue=0., displayedName="Latency",
        description="In the worker, last train", **MILLISECONDS, **READ)
    driftScore = Double(
        defaultValue=0., displayedName="Drift Score",
        description="As the worker sees it", **READ)
    modelId = String(
        defaultValue="", displayedName="Model",
        description="Of its last train", **READ)
    configHash = String(
        defaultValue="", displayedName="Configuration",
        description="Of its last train", **READ)


class WorkersNode(Configurable):
    """For whom to wait and how long, who works, and what came of it."""

    reorderTime = Double(
        displayedName="Reorder Time", defaultValue=250., minInc=1.,
        maxInc=5000., **MILLISECONDS,
        description="Longest time for which a train waits for the ones before"
                    " it; trains that come later are skipped and "
                    "counted", **INIT)

    reorderTrains = UInt32(
        displayedName="Reorder Trains", defaultValue=100, minInc=1,
        maxInc=1000,
        description="Largest number of trains that wait for the ones before "
                    "them",
        **INIT)

    silence = Double(
        displayedName="Silence", defaultValue=1., minInc=0.05,
        maxInc=60., unitSymbol=Unit.SECOND,
        description="A worker that delivers nothing for this time, while "
                    "others do, is not waited for any more", **INIT)

    minDelivering = UInt32(
        displayedName="Min. Delivering", defaultValue=1, minInc=1, maxInc=100,
        description="Workers that must deliver for a permit", **INIT)

    current = table(
        WorkerRow, displayedName="Current",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Every worker that connected since the start")

    delivering = UInt32(
        displayedName="Delivering", defaultValue=0,
        description="Connected, and not silent", **READ)

    problem = String(
        displayedName="Problem", defaultValue="",
        description="What is wrong with the workers; while it is not empty "
                    "there is no permit", **READ)

    trainsWaiting = UInt32(
        displayedName="Trains Waiting", defaultValue=0,
        description="For the ones before them", **READ)

    trainsTooLate = UInt64(
        displayedName="Trains Too Late", defaultValue=0,
        description="Trains that came after a newer one: skipped, not "
                    "lost", **READ)


def worker_rows(book: WorkerBook) -> list[tuple[Any, ...]]:
    """Rows of `workers.current`, by name."""
    live, silent = book.live(), book.silent()
    rows = []
    for name, worker in sorted(book.workers.items()):
        latest = worker.latest
        standing = ("silent" if worker in silent else
                    "connected" if worker in live else "gone")
        rows.append((
            name, worker in live, standing, worker.received.trains,
            worker.received.pulses, worker.late.trains,
            worker.repeated.trains, worker.stray.trains,
            worker.refused.trains, worker.missed,
            worker.joins, round(1e3 * latest.latency, 1) if latest else 0.,
            latest.drift.score if latest else 0.,
            latest.model_id if latest else "",
            latest.config_hash if latest else ""))
    return rows
