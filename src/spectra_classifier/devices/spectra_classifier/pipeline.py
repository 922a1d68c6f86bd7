"""The way of the trains through a classifier.

Input handler -> bounded queue -> worker thread -> one task that accounts,
decides and publishes, in order. A second task checks the time.
"""
import math
import threading
import time
from asyncio import (
    AbstractEventLoop,
    Event,
    Queue,
    gather,
    get_running_loop,
    wait_for,
)
from collections.abc import Callable, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING

from karabo.middlelayer import Hash

from ...core.decision import Decision
from ...core.preprocessing.source_layout import Layout
from ...core.trains.sources import OneSource
from ...live.configuration.configuration import Configuration
from ...live.matched_parts import CONTEXT, FOLLOWER, PATTERN
from ...live.preview import Preview
from ...live.processor import Processor
from ...live.queue_worker import Delivery, Worker
from ...live.records import Fate, Finished, Incoming, Outcome
from ...live.stream_state import StreamState
from ...live.threads import in_thread
from ...live.train_history import TrainHistory
from ..classifier_base.pipeline_base import (
    PUBLISHING,
    RESET,
    DecidingStream,
    Reset,
)
from ..classifier_base.publisher import Publisher
from ..classifier_base.role import is_worker, no_permit
from ..common import switch_interval
from ..common.channels import ChannelMeta
from ..common.decoding import Reader, pulses_of, read_incoming
from ..common.supervision import Supervisor
from .matched_streams import MatchedStreams
from .shadow_runner import ShadowKeeper
from .shutter_watch import ShutterWatch
from .snapshot_keeper import SnapshotKeeper

if TYPE_CHECKING:      # they import this module
    from .device import SpectraClassifier

#: s for which long work pauses at most for trains being processed
PASSING = 0.05
#: inputs by what comes in there
LEADER = "leader"
INPUTS = {LEADER: "input", FOLLOWER: "joining.followerInput",
          CONTEXT: "joining.contextInput", PATTERN: "joining.patternInput"}


class Stream(DecidingStream[Delivery | Reset]):
    """Trains of one classifier.

    `last` is the outcome of the last classified train, `preview` the last
    preview, `train_history` what the scenes show of the past. `shared`:
    other workers receive trains of the same source.
    """

    def __init__(self, device: "SpectraClassifier", publisher: Publisher,
                 committed: Callable[[Configuration], None]) -> None:
        self.shared = is_worker(device)
        self.processor = Processor(shared=self.shared)
        self.worker = Worker(self.processor, self.processor.afterwards,
                             self._deliver, int(device.load.queueLength.value))
        super().__init__(
            device, publisher, committed,
            StreamState(shared=self.shared,
                        qualify=no_permit if self.shared else None,
                        trouble=self._second_source), self.worker.queue)
        self._loop: AbstractEventLoop | None = None
        self._deliveries: Queue[Delivery | Reset] = Queue()
        self._reader = Reader(Layout())
        self._progress = Event()
        self.sources = {name: OneSource() for name in INPUTS}
        self.snapshots = SnapshotKeeper(device, publisher)
        self._quiet = threading.Event()     # no train is on its way
        self._quiet.set()
        self.shadow = ShadowKeeper(device, publisher, self.worker.queue.idle,
                                   self.let_pass)
        self.shutter = ShutterWatch(lambda: self.partners.settings)
        self.partners = MatchedStreams(
            self.flow, self._enqueue, self._call_later,
            shutter=lambda: self.shutter.reading)
        self._said: set[str] = set()    # remarks on the present source
        self.last: Outcome | None = None
        self.preview: Preview | None = None
        self.train_history = TrainHistory()
        self.pulses = ""        # what the machine reports, as a sentence
        self._logged_pulses = ""

    def _call_later(self, seconds: float,
                    function: Callable[[], None]) -> object:
        assert self._loop is not None       # trains come after `start`
        return self._loop.call_later(seconds, function)

    # configuration

    def submit(self, configuration: Configuration) -> None:
        # what waits for its parts goes ahead of the change
        self.partners.configure(configuration)
        self._reader.use(configuration.layout)
        super().submit(configuration)

    def _put(self, change: Configuration | Reset) -> None:
        if change is RESET:
            self._deliveries.put_nowait(change)
        else:
            self.worker.commit(change)

    def _change(self, change: Configuration | Reset) -> None:
        super()._change(change)
        if change is RESET:
            self.worker.queue.high_water = 0
            self.shadow.reset()

    # life

    def start(self) -> None:
        self._loop = get_running_loop()
        switch_interval.shorten(self._device.deviceId)
        self.snapshots.start()
        self.shadow.start()
        self.worker.start()

    def watched(self, supervisor: Supervisor) -> None:
        """Have the tasks and threads supervised."""
        super().watched(supervisor)
        supervisor.thread("the thread of the engine",
                          lambda: self.worker.alive)
        supervisor.keep("the reading of the shutter", self.shutter.watch)
        self.snapshots.watched(supervisor)
        self.shadow.watched(supervisor)

    async def stop(self) -> None:
        if self._loop is not None:
            await in_thread(self.worker.stop)
            await gather(self.shadow.stop(), self.snapshots.stop())
            switch_interval.restore(self._device.deviceId)

    # trains

    def receive(self, data: Hash, meta: ChannelMeta, received: float) -> None:
        """The input handler: microseconds, no payload makes it raise."""
        source = str(meta.source)
        if not self._admits(LEADER, source):
            self.flow.refuse(pulses_of(data, self._reader.layout.data),
                             f"another source: {source}"
                             if source in self.sources[LEADER].refused
                             else "another source")
            return
        timestamp = meta.timestamp.timestamp
        configuration = self.flow.submitted
        incoming = self.flow.arrive(read_incoming(
            data, self._reader,
            configuration.leader_channels if configuration else None,
            int(self._device.source.maxPulses.value),
            train_id=int(timestamp.tid),
            timestamp=timestamp, received=received,
            source_time=timestamp.toTimestamp(), source=source))
        if incoming.pulses and not incoming.problem:
            self.processor.pacer.arrived(received)
        self.partners.lead(incoming)

    def follower(self, data: Hash, meta: ChannelMeta) -> None:
        """A train of the second module."""
        if self._joins(FOLLOWER, meta):
            self.partners.follower(data, meta.timestamp.timestamp,
                                   int(self._device.source.maxPulses.value))

    def context(self, data: Hash, meta: ChannelMeta) -> None:
        """Monitor and shutter of a train."""
        if self._joins(CONTEXT, meta):
            self.partners.context(data, meta.timestamp.timestamp)

    def bunch_pattern(self, data: Hash, meta: ChannelMeta) -> None:
        """The pulses of a train, as the machine reports them."""
        if self._joins(PATTERN, meta):
            self.partners.pattern(data, meta.timestamp.timestamp)

    def _joins(self, name: str, meta: ChannelMeta) -> bool:
        """Whether a part of a partner is of its source, and wanted."""
        if name not in self.partners.wanted:
            return False
        before, source = self.sources[name].name, str(meta.source)
        admitted = self._admits(name, source)
        if admitted and before not in ("", source):
            self.flow.forget(f"disarmed: the {name} was {before}, and now is "
                             f"{source}")
        return admitted

    def _admits(self, name: str, source: str) -> bool:
        return self.sources[name].admits(
            source, self._configured(name), time.monotonic())

    def _configured(self, name: str) -> Sequence[str]:
        """Channels that an input is configured for."""
        channel = attrgetter(INPUTS[name])(self._device)
        return channel.connectedOutputChannels.value

    def _second_source(self) -> str:
        """A sentence while two sources send on one input, else ""."""
        now = time.monotonic()
        return next(filter(None, (
            one.fault(now) for one in self.sources.values())), "")

    def _enqueue(self, incoming: Incoming) -> None:
        """A train with all that belongs to it."""
        self._quiet.clear()
        overflown = self.worker.queue.put_train(incoming,
                                                self.flow.submitted)
        if overflown is not None:
            self.flow.overflow(overflown)

    def _in_flight(self) -> tuple[int, int]:
        """(trains, pulses) between the handler and the accounts."""
        waiting, queued = (self.partners.in_flight(),
                           self.worker.queue.in_flight())
        return waiting[0] + queued[0], waiting[1] + queued[1]

    async def room(self) -> None:
        """Wait until at most one train waits for the engine.

        What a worker does not take, another one can. So when all are too
        slow, trains wait at the source and are lost there, before pulses
        are left out here.
        """
        self._progress.clear()
        if len(self.worker.queue) > 1:
            with suppress(TimeoutError):
                await wait_for(self._progress.wait(),
                               self._device.load.degradeAfter.value / 1e3)

    def connected(self, channel: str, name: str = LEADER) -> None:
        """A channel has connected to the input of this name."""
        if not self.sources[name].connected(channel, self._configured(name)):
            return      # a second source is ignored
        if name != LEADER:
            self.partners.connected(name)
            return
        self._reader.forget()
        self._said.clear()
        self.flow.connected()

    def _deliver(self, delivery: Delivery) -> None:
        """Called in the worker thread."""
        assert self._loop is not None       # `start` has set it
        self._loop.call_soon_threadsafe(self._deliveries.put_nowait, delivery)

    async def _next(self) -> Delivery | Reset:
        return await self._deliveries.get()

    async def _publish(self, item: Delivery | Reset) -> None:
        if isinstance(item, Outcome):
            await self._publish_train(item)
        elif isinstance(item, Preview):
            self.preview = item
            await self._publisher.preview(item)
        else:
            self._change(item)
        self.flow.mend(PUBLISHING)

    def _handled(self, item: Delivery | Reset) -> None:
        if item is not RESET:
            self.worker.done()
            self._progress.set()
        if not any(self.worker.queue.in_flight()):
            self._quiet.set()

    def let_pass(self) -> None:
        self._quiet.wait(PASSING)

    async def _publish_train(self, outcome: Outcome) -> None:
        self.worker.queue.settle()
        classified = outcome.fate is Fate.CLASSIFIED
        if classified:
            self.last = outcome
        finished = self.flow.finish(outcome, self._in_flight())
        await self._write(finished)
        self._remember(finished)
        self._note_pulses(outcome.incoming)
        if outcome.remark:
            self._say(outcome.remark)
        self._aside(self.snapshots.train, finished)
        if classified:
            self._aside(self.shadow.offer, outcome)

    def _note_pulses(self, incoming: Incoming) -> None:
        """Keep the pulses of the train, and log where they have changed.

        A train without its pattern is in the table of what is missing.
        """
        configuration, machine = self.flow.configuration, incoming.machine
        if configuration is None or not configuration.matching.with_machine:
            self.pulses = ""
            return
        if machine is None:
            self.pulses = incoming.machine_problem or self.pulses
            return
        self.pulses = machine.pattern.sentence(
            configuration.matching.laser_offset)
        if self.pulses != self._logged_pulses:
            self._device.logger.info(
                f"from train {incoming.train_id} on: {self.pulses}")
            self._logged_pulses = self.pulses

    def _say(self, remark: str) -> None:
        """Show a remark on the source once."""
        if remark not in self._said:
            self._said.add(remark)
            self._device.logger.info(remark)
            self._device.status = remark

    def _remember(self, finished: Finished) -> None:
        """Keep of a train what the scenes show."""
        outcome = finished.outcome
        configuration, result = outcome.configuration, outcome.result
        if (result is not None and configuration is not None
                and configuration.model is not None):
            self.train_history.add(
                time.monotonic(), result, finished.decision,
                configuration.model.definition.classes)

    def _show(self, decision: Decision, now: float) -> None:
        self._set_processor()
        super()._show(decision, now)
        share = self.processor.pacer.pace.share
        self._publisher.write_changed({"load.degraded": share < 1})
        self._publisher.later({
            "load.degradedShare": share,
            "joining.pulsePattern": self.pulses,
            "joining.streams":
            self.partners.rows() + self._refused_parts()})
        for work in (self.snapshots.write_status, self.shadow.refresh,
                     self.shadow.write_status):
            self._aside(work)

    def _refused_parts(self) -> list[tuple[str, str, int]]:
        """Rows of the table of what could not be joined."""
        return [(name, f"not used: another source: {source}", trains)
                for name in self.partners.wanted for source, trains
                in sorted(self.sources[name].refused.items())]

    def _set_processor(self) -> None:
        """What an operator may change at any time, codes or not."""
        device, processor = self._device, self.processor
        processor.previewer.pulse = int(device.screens.previewPulse.value)
        processor.previewer.choice = device.screens.previewChoice.value
        processor.patience = (device.load.degradeAfter.value / 1e3
                              if device.load.degradeOnPurpose else math.inf)

    def refresh(self) -> Decision:
        decision = super().refresh()
        self._aside(self.snapshots.refresh, decision)
        return decision
