"""The base of the pipelines of classifier and collector.

What waits for its turn is published by one task, in order; a second task
watches the clock. Where trains come from is the part of a subclass.
"""
import time
from abc import ABC, abstractmethod
from asyncio import CancelledError
from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from karabo.middlelayer import sleep

from ...core.decision import Decision
from ...live.configuration.configuration import Configuration
from ...live.records import Finished
from ...live.stream_state import StreamState
from ..common.supervision import Supervisor
from .property_values import HighWater, model_properties
from .publisher import Publisher

if TYPE_CHECKING:      # they import this module
    from .deciding_device import DecidingDevice

#: s between two checks of the clock, or a quarter of a shorter
#: `conditions.staleAfter`
WATCH_PERIOD = 0.1
#: s between two updates of what changes all the time
SLOW_PERIOD = 1.
#: name and sentence of what failed where a train was not published whole
PUBLISHING = "publishing"
NOT_PUBLISHED = "a train could not be published: see the log"


class Reset(Enum):
    """Marks a reset in the order of what waits to be published."""
    RESET = auto()


RESET: Final = Reset.RESET


class DecidingStream[Item](ABC):
    """Trains of one device, from its input to its output.

    Used from the event loop of the device. An `Item` is what `_next` waits
    for and `_publish` publishes. `flow` is the state of the stream, `queue`
    what reports how many trains waited, `errors` counts errors that nothing
    should cause.

    Parameters
    ----------
    committed
        Called with a configuration that has come into force.
    """

    def __init__(self, device: "DecidingDevice", publisher: Publisher,
                 committed: Callable[[Configuration], None],
                 flow: StreamState, queue: HighWater) -> None:
        self._device = device
        self._publisher = publisher
        self._committed = committed
        self.flow = flow
        self.queue = queue
        self.errors = 0

    # configuration

    def submit(self, configuration: Configuration) -> None:
        """Put a configuration into force behind the trains that wait."""
        first = self.flow.configuration is None
        self.flow.submit(configuration)
        self._put(configuration)
        if first:       # something must be there to decide with
            self.flow.commit(configuration)
        else:           # a change disarms: publish that at once
            self.refresh()

    @abstractmethod
    def _put(self, change: Configuration | Reset) -> None:
        """Let a change take effect behind the trains that wait."""

    def reset(self) -> None:
        """Restart the counts with the next train."""
        self._put(RESET)

    def _in_flight(self) -> tuple[int, int]:
        """Numbers of trains and pulses between input and accounts."""
        return 0, 0

    def _change(self, change: Configuration | Reset) -> None:
        """A change takes effect, between two trains."""
        if change is RESET:
            self.flow.reset(self._in_flight())
            self._publisher.outputs_blocked = self.errors = 0
            return
        self.flow.commit(change)
        self._publisher.write_changed(model_properties(change) | {
            "model.appliedConfigHash": change.hash})
        self._committed(change)

    # life

    def watched(self, supervisor: Supervisor) -> None:
        """Have the tasks supervised, which must not end."""
        supervisor.need("the publishing of the trains",
                        self.publish_in_order)
        supervisor.need("the watch of the clock", self.watch)

    @abstractmethod
    async def stop(self) -> None:
        """End the threads; trains that wait are given up, not published."""

    @abstractmethod
    def let_pass(self) -> None:
        """In another thread: wait for the train on its way, a moment."""

    def attempt[*P](self, what: str, work: Callable[[*P], object],
                    *args: *P) -> None:
        """Do work whose errors must not stop the trains.

        Karabo would only log them; here they are counted and shown, and the
        next train gets its chance.
        """
        try:
            work(*args)
        except Exception:
            self.failed(what)

    def _aside[*P](self, work: Callable[[*P], object], *args: *P) -> None:
        self.attempt("in work outside of the trains", work, *args)

    def failed(self, what: str) -> None:
        """An error that nothing should cause: counted, logged, survived."""
        self.errors += 1
        self._device.logger.exception(f"error {what}")

    # trains

    @abstractmethod
    async def _next(self) -> Item:
        """Wait for what has to be published."""

    @abstractmethod
    async def _publish(self, item: Item) -> None:
        """Publish it; an error is counted and shown, and takes the permit."""

    @abstractmethod
    def _handled(self, item: Item) -> None:
        """Called after each, published or not; an error ends the task."""

    async def publish_in_order(self) -> None:
        """Task: publish every train when its turn has come."""
        while True:
            item = await self._next()
            try:
                await self._publish(item)
            except CancelledError:
                raise
            except Exception:
                # this task must go on; there is no permit for a train that
                # was not published
                self.failed("while publishing")
                self.flow.fail(PUBLISHING, NOT_PUBLISHED)
            finally:
                self._handled(item)

    async def _write(self, finished: Finished) -> None:
        """Write a train: the output first, then the properties."""
        self._aside(self._device.audit.observe, self.flow)
        pulses, taken = await self._publisher.output(finished)
        # decided again where the permit was withdrawn meanwhile
        finished = self.flow.written(finished, pulses, blocked=not taken)
        self._publisher.properties(finished)
        self._device.show(finished.decision)

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
                self._publisher.flush(now)
            await sleep(min(WATCH_PERIOD,
                            self._device.conditions.staleAfter.value / 4))

    def refresh(self) -> Decision:
        """Decide without a train and publish the decision."""
        decision = self.flow.tick(self.objection())
        self._aside(self._device.audit.observe, self.flow)
        self._publisher.permit(decision)
        self._device.show(decision)
        return decision

    def objection(self) -> str:
        """A fault of the inputs that `flow` does not know, or ""."""
        return ""

    def _show(self, decision: Decision, now: float) -> None:
        """Write what changes slowly."""
        self.flow.expected_wrong.set(
            self._device.expectedWrong.minConfidence.value,
            int(self._device.expectedWrong.pulses.value))
        self._publisher.slow(self.flow, decision, self.queue, now)
        self._publisher.write_changed({
            "load.handlerErrors": self.errors,
            "joining.beamReason": decision.presence.sentence})
