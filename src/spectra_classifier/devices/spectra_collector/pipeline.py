"""The way of the codes through a collector.

Input handler -> window that puts trains in order -> one task that accounts,
decides and publishes. A second task checks the time.
"""
import time
from asyncio import Event, wait_for
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from karabo.middlelayer import Hash

from ...core.collector import Codes, Collation, Limits, Released
from ...core.decision import Decision, ModelStanding
from ...errors import InputError
from ...live.configuration.configuration import Configuration
from ...live.records import Fate
from ...live.stream_state import StreamState
from ..classifier_base.pipeline_base import (
    PUBLISHING,
    RESET,
    SLOW_PERIOD,
    DecidingStream,
    Reset,
)
from ..classifier_base.publisher import Publisher
from ..common.channels import ChannelMeta
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


class CollectorStream(DecidingStream[None]):
    """Trains of one collector."""

    def __init__(self, device: "SpectraCollector", publisher: Publisher,
                 committed: Callable[[Configuration], None]) -> None:
        self.collation = Collation(Limits(
            device.workers.reorderTime.value / 1e3,
            device.workers.silence.value,
            int(device.workers.minDelivering.value),
            int(device.workers.reorderTrains.value)))
        super().__init__(
            device, publisher, committed,
            StreamState(ordered=True, qualify=self._qualify,
                        reconcile=self._reconcile), self.collation.window)
        # changes for the edge between two trains
        self._changes: deque[Configuration | Reset] = deque()
        self._at_hand: Codes | None = None
        self._unreadable: dict[str, str] = {}       # reason by worker
        self._wake = Event()

    # configuration

    def _put(self, change: Configuration | Reset) -> None:
        self._changes.append(change)
        self._wake.set()

    def _change(self, change: Configuration | Reset) -> None:
        super()._change(change)
        if change is RESET:
            self.collation.reset()

    def _edge(self) -> None:
        """What was asked for takes effect, between two trains."""
        while self._changes:
            self._change(self._changes.popleft())

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

    def objection(self) -> str:
        """Why the present workers do not suffice, "" if they do."""
        return next(iter(self._unreadable.values()),
                    "") or self.collation.objection()

    async def _publish(self, item: None) -> None:
        """Every train whose turn has come, and the changes between them."""
        self._edge()
        self.flow.ledger = self.collation.expire(
            time.monotonic(), self.flow.ledger)
        while (released := self.collation.take(
                time.monotonic())) is not None:
            await self._publish_codes(released)
            self.flow.mend(PUBLISHING)
            self._edge()

    async def _next(self) -> None:
        """Wait until there may be something to do."""
        left = self.collation.due() - time.monotonic()
        if left > 0:
            with suppress(TimeoutError):
                await wait_for(self._wake.wait(), min(left, SLOW_PERIOD))
        self._wake.clear()

    def _handled(self, item: None) -> None:
        """Nothing waits for it."""

    async def _publish_codes(self, released: Released) -> None:
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
            finished = flow.finish(outcome, self._in_flight())
        finally:
            self._at_hand = None
        book.workers[codes.worker].count(
            "refused" if outcome.reason in (OTHER_MODEL, TOO_LONG)
            else "written", codes)
        await self._write(finished)

    def _show(self, decision: Decision, now: float) -> None:
        super()._show(decision, now)
        book = self.collation.book
        self._publisher.later({
            "workers.current": worker_rows(book),
            "workers.delivering": len(book.live()),
            "workers.problem": self.objection(),
            "workers.trainsWaiting": len(self.collation.window),
            "workers.trainsTooLate": sum(
                worker.late.trains for worker in book.workers.values())})

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
