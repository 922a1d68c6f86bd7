"""The way of the trains through a device.

Input handler -> bounded queue -> worker thread -> one task that accounts,
decides and publishes, in order. A second task looks at the clock.
"""
import math
import threading
import time
from asyncio import (
    CancelledError,
    Event,
    Queue,
    gather,
    get_running_loop,
    wait_for,
)
from contextlib import suppress

from karabo.middlelayer import sleep

from ...core.trains.sources import OneSource
from ...live.matched_parts import CONTEXT, FOLLOWER
from ...live.processor import Processor
from ...live.queue_worker import Worker
from ...live.records import Committed, Fate
from ...live.stream_state import TrainFlow
from ...live.threads import in_thread
from ...live.train_history import Chronicle
from ..classifier_base.pipeline_base import RESET, SLOW_PERIOD, WATCH_PERIOD
from ..classifier_base.property_values import model_properties
from ..classifier_base.role import is_worker, no_permit
from ..common import switch_interval
from ..common.decoding import Reader, pulses_of, read_incoming
from .matched_streams import Partners
from .shadow_runner import ShadowKeeper
from .snapshot_keeper import EventKeeper

#: s for which long work stands still at most, for trains on their way
PASSING = 0.05
#: name and sentence of what failed where a train was not published whole
PUBLISHING = "publishing"
NOT_PUBLISHED = "a train could not be published: see the log"
#: inputs by what comes in there
LEADER = "leader"
INPUTS = {LEADER: "input", FOLLOWER: "followerInput",
          CONTEXT: "contextInput"}


class Stream:
    """Trains of one device; used from its event loop.

    `committed(configuration)` is called when one has come into force,
    `refused()` gives the refusal that is shown as an alarm. `last` is the
    outcome of the last classified train, `preview` the last preview,
    `chronicle` what the scenes show of the past.
    """

    def __init__(self, device, publisher, committed, refused):
        self._device = device
        self._publisher = publisher
        self._committed = committed
        self._refused = refused
        shared = is_worker(device)
        self.processor = Processor(shared=shared)
        self._loop = None
        self._deliveries = Queue()
        self._channels = None
        self._reader = None
        self._progress = Event()
        self.sources = {name: OneSource() for name in INPUTS}
        self.flow = TrainFlow(shared=shared,
                              qualify=no_permit if shared else None,
                              trouble=self._second_source)
        self.events = EventKeeper(device, publisher)
        self.worker = Worker(self.processor, self._deliver,
                             int(device.queueLength.value))
        self._quiet = threading.Event()     # no train is on its way
        self._quiet.set()
        self.shadow = ShadowKeeper(device, publisher, self.worker.queue.idle,
                                   self.let_pass)
        self.partners = Partners(
            self._enqueue, lambda *args: self._loop.call_later(*args))
        self.errors = 0
        self._said = set()      # remarks on the source that now sends
        self.last = self.preview = None
        self.chronicle = Chronicle()

    # configuration

    def submit(self, configuration):
        """Put a configuration into force behind the trains that wait."""
        self.partners.configure(configuration.joining, configuration.layout)
        self._reader = Reader(configuration.layout)
        # of two modules together only when they are joined
        self._channels = (None if configuration.joining.with_follower
                          else configuration.channels)
        first = self.flow.configuration is None
        self.flow.submit(configuration)
        self.worker.commit(configuration)
        if first:       # something must be there to decide with
            self.flow.commit(configuration)
        else:           # what was armed is not any more: say so at once
            self.look()

    def _commit(self, configuration):
        self.flow.commit(configuration)
        self._publisher.show(model_properties(configuration) | {
            "appliedConfigHash": configuration.hash})
        self._committed(configuration)

    # life

    def start(self):
        self._loop = get_running_loop()
        switch_interval.shorten(self._device.deviceId)
        self.events.start()
        self.shadow.start()
        self.worker.start()

    def watched(self, supervisor):
        """The tasks and threads that must not end."""
        supervisor.need("the publishing of the trains",
                        self.publish_in_order)
        supervisor.need("the watch of the clock", self.watch)
        supervisor.thread("the thread of the engine",
                          lambda: self.worker.alive)
        self.events.watched(supervisor)
        self.shadow.watched(supervisor)

    async def stop(self):
        """End the thread; trains that wait are given up, not published."""
        if self._loop is not None:
            await in_thread(self.worker.stop)
            await gather(self.shadow.stop(), self.events.stop())
            switch_interval.restore(self._device.deviceId)

    def reset(self):
        """Count anew from the next train on."""
        self._deliveries.put_nowait(RESET)

    # trains

    def receive(self, data, meta, received):
        """The input handler: microseconds, no payload makes it raise."""
        source = str(meta.source)
        if not self._admits(LEADER, source):
            self.flow.refuse(pulses_of(data, self._reader.layout.data),
                             f"another source: {source}"
                             if source in self.sources[LEADER].refused
                             else "another source")
            return
        timestamp = meta.timestamp.timestamp
        incoming = self.flow.arrive(read_incoming(
            data, self._reader, self._channels,
            int(self._device.maxPulses.value), train_id=int(timestamp.tid),
            timestamp=timestamp, received=received,
            source_time=timestamp.toTimestamp(), source=source))
        if incoming.pulses and not incoming.problem:
            self.processor.pacer.arrived(received)
        self.partners.lead(incoming)

    def follower(self, data, meta):
        """A train of the second module."""
        if self._joins(FOLLOWER, meta):
            self.partners.follower(data, meta.timestamp.timestamp,
                                   int(self._device.maxPulses.value))

    def context(self, data, meta):
        """Monitor and shutter of a train."""
        if self._joins(CONTEXT, meta):
            self.partners.context(data, meta.timestamp.timestamp)

    def _joins(self, name, meta):
        """Whether a part of a partner is of its source, and wanted."""
        if name not in self.partners.wanted:
            return False
        before, source = self.sources[name].name, str(meta.source)
        admitted = self._admits(name, source)
        if admitted and before not in ("", source):
            self.flow.forget(f"disarmed: the {name} was {before}, and now is "
                             f"{source}")
        return admitted

    def _admits(self, name, source):
        return self.sources[name].admits(
            source, self._configured(name), time.monotonic())

    def _configured(self, name):
        """Channels that an input is configured for."""
        channel = getattr(self._device, INPUTS[name])
        return channel.connectedOutputChannels.value

    def _second_source(self):
        """A sentence while two sources send on one input, else ""."""
        now = time.monotonic()
        return next(filter(None, (
            one.fault(now) for one in self.sources.values())), "")

    def _enqueue(self, incoming):
        """A train with all that belongs to it."""
        self._quiet.clear()
        overflown = self.worker.queue.put_train(incoming)
        if overflown is not None:
            self.flow.overflow(overflown)

    def _in_flight(self):
        """(trains, pulses) between the handler and the accounts."""
        return tuple(map(sum, zip(self.partners.in_flight(),
                                  self.worker.queue.in_flight(),
                                  strict=True)))

    async def room(self):
        """Wait until at most one train waits for the engine.

        What a worker does not take, another one can. So when all are too
        slow, trains wait at the source and are lost there, before pulses
        are left out here.
        """
        self._progress.clear()
        if len(self.worker.queue) > 1:
            with suppress(TimeoutError):
                await wait_for(self._progress.wait(),
                               self._device.degradeAfter.value / 1e3)

    def connected(self, channel, name=LEADER):
        """A channel has connected to the input of this name."""
        if not self.sources[name].connected(channel, self._configured(name)):
            return      # a second one: what it says is not heard
        if name != LEADER:
            self.partners.connected(name)
            return
        self._reader.forget()
        self._said.clear()
        self.flow.connected()

    def failed(self, what):
        """An error that nothing should cause: counted, logged, survived."""
        self.errors += 1
        self._device.logger.exception(f"error {what}")

    def _aside(self, work, *args):
        """What nothing rests on must not stop what everything rests on."""
        try:
            work(*args)
        except Exception:
            self.failed("beside the trains")

    def _deliver(self, delivery):
        """Called in the worker thread."""
        self._loop.call_soon_threadsafe(self._deliveries.put_nowait, delivery)

    async def publish_in_order(self):
        """Task: deal with what the worker delivers."""
        while True:
            delivery = await self._deliveries.get()
            try:
                await self._publish(delivery)
            except CancelledError:
                raise
            except Exception:
                # everything hangs on this task: it must go on, and nothing
                # permits on what could not be said
                self.failed("while publishing")
                self.flow.fail(PUBLISHING, NOT_PUBLISHED)
            else:
                self.flow.mend(PUBLISHING)
            finally:
                if delivery is not RESET:
                    self.worker.done()
                    self._progress.set()
                if not any(self.worker.queue.in_flight()):
                    self._quiet.set()

    def let_pass(self):
        """In another thread: wait for the train on its way, a moment."""
        self._quiet.wait(PASSING)

    async def _publish(self, delivery):
        if delivery is RESET:
            self.flow.reset(self._in_flight())
            self.worker.queue.high_water = 0
            self._publisher.outputs_blocked = self.errors = 0
            self.shadow.reset()
        elif isinstance(delivery, Committed):
            self._commit(delivery.configuration)
        else:
            self.worker.queue.settle()
            if delivery.fate is Fate.CLASSIFIED:
                self.last = delivery
            finished = self.flow.finish(delivery, self._in_flight())
            self._aside(self._device.auditor.observe, self.flow)
            await self._publisher.train(finished, self.flow)
            self._remember(finished)
            self._say(delivery.remark)
            self._publisher.alarm(finished.decision, self._refused())
            self._device.show_state()
            self._aside(self.events.train, finished)
            if delivery.fate is Fate.CLASSIFIED:
                self._aside(self.shadow.offer, delivery)

    def _say(self, remark):
        """Something about the source that people should know, once."""
        if remark and remark not in self._said:
            self._said.add(remark)
            self._device.logger.info(remark)
            self._device.status = remark

    def _remember(self, finished):
        """Keep of a train what the scenes show."""
        outcome = finished.outcome
        if outcome.fate is Fate.CLASSIFIED:
            self.preview = outcome.preview or self.preview
            self.chronicle.add(
                time.monotonic(), outcome.result, finished.decision,
                outcome.configuration.model.definition.classes)

    async def watch(self):
        """Task: silence, and what changes slowly."""
        next_slow = 0.
        while True:
            decision = self.look()
            now = time.monotonic()
            if now >= next_slow:
                next_slow = now + SLOW_PERIOD
                self._set_processor()
                self._publisher.slow(self.flow, decision, self.worker.queue,
                                     now)
                share = self.processor.pacer.pace.share
                self._publisher.show({
                    "handlerErrors": self.errors, "degradedShare": share,
                    "degraded": share < 1,
                    "joins": self.partners.rows() + self._refused_parts(),
                    "beamReason": decision.presence.sentence})
                for work in (self.events.show, self.shadow.look,
                             self.shadow.show):
                    self._aside(work)
            await sleep(min(WATCH_PERIOD, self._device.staleAfter.value / 4))

    def _refused_parts(self):
        """Rows of the table of what could not be joined."""
        return [(name, f"not used: another source: {source}", trains)
                for name in self.partners.wanted for source, trains
                in sorted(self.sources[name].refused.items())]

    def _set_processor(self):
        """What an operator may change at any time, codes or not."""
        device, processor = self._device, self.processor
        processor.previewer.pulse = int(device.previewPulse.value)
        processor.previewer.choice = device.previewChoice.value
        processor.patience = (device.degradeAfter.value / 1e3
                              if device.degradeOnPurpose else math.inf)
        self.flow.expected_wrong.set(
            device.expectedWrongConfidence.value,
            int(device.expectedWrongPulses.value))

    def look(self):
        """What silence or an operator changes: a `Decision`, published."""
        decision = self.flow.tick()
        self._aside(self._device.auditor.observe, self.flow)
        self._publisher.permit(decision)
        self._publisher.alarm(decision, self._refused())
        self._device.show_state()
        self._aside(self.events.look, decision)
        return decision
