"""The way of the codes through a collector.

Input handler -> window that puts trains in order -> one task that accounts,
decides and publishes. A second task checks the time.
"""
import time
from asyncio import CancelledError, Event, wait_for
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from karabo.middlelayer import Hash, sleep

from ...core.collector import Codes, Collation, Limits, Released
from ...core.decision import Decision, ModelStanding
from ...errors import InputError
from ...live.configuration.configuration import Configuration
from ...live.records import Fate
from ...live.stream_state import StreamState
from ..classifier_base.pipeline_base import (
    RESET,
    SLOW_PERIOD,
    WATCH_PERIOD,
    Reset,
)
from ..classifier_base.property_values import model_properties
from ..classifier_base.publisher import Publisher
from ..common.channels import ChannelMeta
from ..common.supervision import Supervisor
from ..spectra_classifier.pipeline import NOT_PUBLISHED, PUBLISHING
from .properties import worker_rows
from .worker_output import (
    OTHER_MODEL,
    TOO_LONG,
    incoming_of,
    outcome_of,
    read_codes,
)

if TYPE_CHECKING:      # they import this module
    from .device import SpectraCollector

#: s behind the loss of a worker in which a gap is put down to it
AFTERMATH = 1.
#: nothing is between the entry of a train into the accounts and its fate
AT_REST = (0, 0)


class CollectorStream:
    """Trains of one collector; used from its event loop.

    A `DecidingStream` for the base class of the device.
    """

    def __init__(self, device: "SpectraCollector", publisher: Publisher,
                 committed: Callable[[Configuration], None],
                 refused: Callable[[], str]) -> None:
        self._device = device
        self._publisher = publisher
        self._committed = committed
        self._refused = refused
        self.collation = Collation(Limits(
            device.workers.reorderTime.value / 1e3,
            device.workers.silence.value,
            int(device.workers.minDelivering.value),
            int(device.workers.reorderTrains.value)))
        self.flow = StreamState(ordered=True, qualify=self._qualify,
                              reconcile=self._reconcile)
        self.errors = 0
        # changes for the edge between two trains
        self._changes: deque[Configuration | Reset] = deque()
        self._at_hand: Codes | None = None
        self._unreadable: dict[str, str] = {}       # reason by worker
        self._wake = Event()

    # configuration

    def submit(self, configuration: Configuration) -> None:
        """Put a configuration into force before the next train."""
        first = self.flow.configuration is None
        self.flow.submit(configuration)
        self._changes.append(configuration)
        if first:       # something must be there to decide with
            self.flow.commit(configuration)
        else:           # a change disarms: publish that at once
            self.refresh()
        self._wake.set()

    def reset(self) -> None:
        """Restart the counts with the next train."""
        self._changes.append(RESET)
        self._wake.set()

    def _edge(self) -> None:
        """What was asked for takes effect, between two trains."""
        while self._changes:
            change = self._changes.popleft()
            if change is RESET:
                self.flow.reset(AT_REST)
                self.collation.reset()
                self._publisher.outputs_blocked = self.errors = 0
            else:
                self.flow.commit(change)
                self._publisher.write_changed(model_properties(change) | {
                    "model.appliedConfigHash": change.hash})
                self._committed(change)

    def _qualify(self, standing: ModelStanding) -> ModelStanding:
        """Use the lowest gate of all workers."""
        return replace(standing, min_intensity=min(
            standing.min_intensity, self.collation.book.gate()))

    def _reconcile(self) -> str:
        return self.collation.reconcile(self.flow.ledger, self._at_hand)

    # trains

    def receive(self, data: Hash, meta: ChannelMeta, received: float) -> None:
        """The input handler; no payload makes it raise."""
        worker = worker_of(meta.source)
        timestamp = meta.timestamp.timestamp
        try:
            codes = read_codes(
                data, worker, received=received, timestamp=timestamp,
                source_time=timestamp.toTimestamp())
            if codes.train_id != timestamp.tid:
                raise InputError(
                    f"{worker} sends the codes of train {codes.train_id} "
                    f"with the time stamp of train {timestamp.tid}")
        except InputError as error:
            self._unreadable[worker] = str(error)
            return
        self._unreadable.pop(worker, None)
        self.flow.ledger = self.collation.deliver(
            codes, received, self.flow.ledger)
        self._wake.set()

    def joined(self, channel: str) -> None:
        """A worker has connected."""
        self.collation.book.joined(worker_of(channel), time.monotonic())

    def left(self, channel: str) -> None:
        """A worker is gone, and what was in it with it."""
        worker = worker_of(channel)
        self._unreadable.pop(worker, None)
        self.collation.book.left(worker, time.monotonic())
        self._wake.set()
        self.refresh()

    def failed(self, what: str) -> None:
        """An error that nothing should cause: counted, logged, survived."""
        self.errors += 1
        self._device.logger.exception(f"error {what}")

    def objection(self) -> str:
        """Why the present workers do not suffice, "" if they do."""
        return next(iter(self._unreadable.values()),
                    "") or self.collation.objection()

    def watched(self, supervisor: Supervisor) -> None:
        """The tasks that must not end."""
        supervisor.need("the publishing of the trains",
                        self.publish_in_order)
        supervisor.need("the watch of the clock", self.watch)

    async def publish_in_order(self) -> None:
        """Task: publish every train when its turn has come."""
        while True:
            await self._turn()
            try:
                self._edge()
                self.flow.ledger = self.collation.expire(
                    time.monotonic(), self.flow.ledger)
                while (released := self.collation.take(
                        time.monotonic())) is not None:
                    await self._publish(released)
                    self.flow.mend(PUBLISHING)
                    self._edge()
            except CancelledError:
                raise
            except Exception:
                # this task must go on; there is no permit for a train that
                # was not published
                self.failed("while publishing")
                self.flow.fail(PUBLISHING, NOT_PUBLISHED)

    async def _turn(self) -> None:
        """Wait until there may be something to do."""
        left = self.collation.due() - time.monotonic()
        if left > 0:
            with suppress(TimeoutError):
                await wait_for(self._wake.wait(), min(left, SLOW_PERIOD))
        self._wake.clear()

    async def _publish(self, released: Released) -> None:
        codes, flow, book = released.codes, self.flow, self.collation.book
        if released.restart or book.left_within(AFTERMATH, time.monotonic()):
            flow.connected()
        incoming = flow.arrive(incoming_of(codes))
        assert incoming.arrival is not None     # set by `arrive`
        self.collation.arrived(codes.train_id, incoming.arrival.kind,
                               flow.ledger)
        self._at_hand = codes
        try:
            outcome = outcome_of(incoming, codes, flow.configuration,
                                 self.objection(), book.drift(),
                                 int(self._device.source.maxPulses.value))
            if (outcome.fate is Fate.CLASSIFIED
                    and outcome.configuration is not None):
                flow.rest_on(outcome.configuration.hash)
            finished = flow.finish(outcome, AT_REST)
        finally:
            self._at_hand = None
        book.workers[codes.worker].count(
            "refused" if outcome.reason in (OTHER_MODEL, TOO_LONG)
            else "written", codes)
        self._device.audit.observe(flow)
        await self._publisher.train(finished, flow)
        self._publisher.alarm(finished.decision, self._refused())
        self._device.show_state()

    # time

    async def watch(self) -> None:
        """Task: silence, and what changes slowly."""
        next_slow = 0.
        while True:
            decision = self.refresh()
            now = time.monotonic()
            if now >= next_slow:
                next_slow = now + SLOW_PERIOD
                self._show(decision, now)
            await sleep(min(WATCH_PERIOD,
                            self._device.conditions.staleAfter.value / 4))

    def _show(self, decision: Decision, now: float) -> None:
        device, book = self._device, self.collation.book
        self.flow.expected_wrong.set(
            device.expectedWrong.minConfidence.value,
            int(device.expectedWrong.pulses.value))
        self._publisher.slow(self.flow, decision, self.collation.window, now)
        self._publisher.write_changed({
            "load.handlerErrors": self.errors,
            "workers.current": worker_rows(book),
            "workers.delivering": len(book.live()),
            "workers.problem": self.objection(),
            "workers.trainsWaiting": len(self.collation.window),
            "workers.trainsTooLate": sum(
                worker.late.trains for worker in book.workers.values()),
            })

    def refresh(self) -> Decision:
        """Decide without a train and publish the decision."""
        decision = self.flow.tick(self.objection())
        self._device.audit.observe(self.flow)
        self._publisher.permit(decision)
        self._publisher.alarm(decision, self._refused())
        self._device.show_state()
        return decision

    def let_pass(self) -> None:
        """No engine works here that a model which loads could hold up."""

    async def stop(self) -> None:
        """What waits is given up, not published."""


def worker_of(channel: str) -> str:
    """The name of the worker behind a channel: that of its device.

    Two channels of one device are two workers: what is not called `output`
    keeps the name of the channel.
    """
    return str(channel).removesuffix(":output")
