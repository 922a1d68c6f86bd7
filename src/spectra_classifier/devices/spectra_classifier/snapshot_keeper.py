"""Ring and snapshots of one device: properties in, properties out."""
from asyncio import AbstractEventLoop, get_running_loop
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.decision import Decision
from ...core.trains.train_buffer import RecordedTrain
from ...errors import ConfigurationError
from ...live.records import Fate, Finished
from ...live.snapshots.trigger import Limits, SnapshotTrigger
from ...live.snapshots.writer import SnapshotThread, check_directory
from ...live.threads import in_thread
from ..classifier_base.publisher import Publisher
from ..common.supervision import Supervisor

if TYPE_CHECKING:      # they import this module
    from .device import SpectraClassifier


def recorded(finished: Finished, time: float) -> RecordedTrain:
    """The `RecordedTrain` of a finished train, by reference."""
    outcome, decision = finished.outcome, finished.decision
    incoming = outcome.incoming
    facts = {
        "fate": outcome.fate.value, "reason": outcome.reason,
        "problem": outcome.problem, "source_time": incoming.source_time,
        "coverage": outcome.coverage, "degraded": outcome.degraded,
        "latency_ms": finished.latency, "train_age_ms": finished.train_age,
        "sample_state": decision.sample_state_name,
        "permit": decision.permit, "permit_reason": decision.reason,
        "alarm": decision.alarm.value}
    if outcome.fate is not Fate.CLASSIFIED or outcome.result is None:
        return RecordedTrain(incoming.train_id, incoming.pulses, time,
                             outcome.configuration, facts)
    return RecordedTrain(
        incoming.train_id, incoming.pulses, time, outcome.configuration,
        facts, outcome.train, outcome.settings,
        # large, and not published
        replace(outcome.result, votes=outcome.result.votes[:, :0]))


class SnapshotKeeper:
    """Used from the event loop of the device."""

    def __init__(self, device: "SpectraClassifier",
                 publisher: Publisher) -> None:
        self._device = device
        self._publisher = publisher
        self._loop: AbstractEventLoop | None = None
        self._written = self._failed = 0
        self._thread = SnapshotThread(self._report)
        self._trigger = SnapshotTrigger(device.deviceId, self._thread.submit)
        self._set_limits()

    def start(self) -> None:
        self._loop = get_running_loop()
        self._thread.start()

    def watched(self, supervisor: Supervisor) -> None:
        """Have the thread supervised."""
        supervisor.thread("the thread of the snapshots",
                          lambda: self._thread.alive, self._thread.start)

    async def stop(self) -> None:
        """Write snapshots that still wait for trains, within 2 s."""
        if self._loop is not None:
            self._trigger.close()
            await in_thread(self._thread.stop)

    def train(self, finished: Finished) -> None:
        """A train is published."""
        self._trigger.train(recorded(finished, finished.decision.time),
                           finished.decision)

    def refresh(self, decision: Decision) -> None:
        """Check the decision of a time without a train."""
        self._set_limits()
        self._trigger.refresh(decision)

    def write_status(self) -> None:
        """Write what changes slowly."""
        ring = self._trigger.ring
        self._publisher.later({
            "snapshots.ringTrains": len(ring),
            "snapshots.ringFilled": ring.nbytes / 1e6,
            "snapshots.written": self._written,
            "snapshots.failed": self._failed,
            "snapshots.dropped": self._trigger.dropped})

    async def request_snapshot(self) -> None:
        """Write a snapshot now; raises `ConfigurationError`."""
        self._set_limits()
        if self._trigger.limits.directory:
            # a network disk that hangs must not delay the trains
            await in_thread(check_directory, self._trigger.limits.directory)
        self._publisher.write_changed({
            "snapshots.status": "waiting for the next trains, then writing"})
        try:
            self._trigger.request_snapshot()
        except ConfigurationError as error:
            self._publisher.write_changed({
                "snapshots.status": f"failed: {error}"})
            raise

    def _set_limits(self) -> None:
        node = self._device.snapshots
        self._trigger.limits = Limits(
            ring_seconds=float(node.ringTime.value),
            ring_bytes=int(node.ringMemory.value) * 10**6,
            directory=str(node.directory.value),
            on_change=bool(node.onChange.value),
            on_alarm=bool(node.onAlarm.value),
            before=int(node.trainsBefore.value),
            after=int(node.trainsAfter.value),
            interval=float(node.interval.value),
            quota=1e9 * float(node.quota.value),
            max_files=int(node.maxFiles.value))

    def _report(self, path: Path | None, problem: str) -> None:
        """Called in the writing thread."""
        assert self._loop is not None       # `start` has set it
        self._loop.call_soon_threadsafe(self._done, path, problem)

    def _done(self, path: Path | None, problem: str) -> None:
        if path is None:
            self._failed += 1
            status = f"failed: {problem}"
            self._device.logger.warning(f"snapshot: {status}")
        else:
            self._written += 1
            status = f"wrote {path}"
            self._device.logger.info(f"snapshot: {status}")
            self._publisher.write_changed({"snapshots.last": str(path)})
        self._publisher.write_changed({"snapshots.status": status})
        self.write_status()
