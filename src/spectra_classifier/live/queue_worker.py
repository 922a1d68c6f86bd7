"""One thread that classifies, behind a bounded first-in first-out queue.

Every train is queued with its configuration. A new one goes through the same
queue, so that it takes effect between two trains and in order.

When the queue is full, the *oldest* waiting train is skipped, so that the
results for operators and interlocks are as recent as possible. The skipped
train keeps its place in the order without its spectra, and is published and
accounted for in its turn.
"""
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from .configuration.configuration import Configuration
from .preview import Preview
from .records import Fate, Incoming, Outcome
from .threads import logged

#: skipped trains that may wait while the engine hangs
MAX_SKIPPED = 1000
QUEUE_FULL = "the queue was full: the engine is too slow for this rate"
ENGINE_ERROR = "engine error"


#: what a worker delivers, in order; a configuration applies to what follows
type Delivery = Outcome | Configuration | Preview
type Process = Callable[[Incoming, Configuration | None], Outcome]


@dataclass(eq=False)
class QueuedTrain:
    """A train in the queue.

    Attributes
    ----------
    configuration
        The one that applies to it, None before the first.
    skipped
        Without its spectra.
    """
    incoming: Incoming
    configuration: Configuration | None = None
    skipped: bool = False


@dataclass(frozen=True, eq=False)
class QueuedChange:
    """A configuration that takes effect behind the trains before it."""
    configuration: Configuration


class TrainQueue:
    """Bounded queue of trains; thread-safe.

    `high_water`: largest number of waiting trains since it was set to 0;
    `idle` is set while a thread waits in `take` for an entry.

    Parameters
    ----------
    capacity
        Number of trains that may wait with their spectra.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.high_water = 0
        self._entries: deque[QueuedTrain | QueuedChange] = deque()
        # the entries that still hold spectra
        self._waiting: deque[QueuedTrain] = deque()
        # trains taken from the queue and not settled
        self._taken: deque[Incoming] = deque()
        self._skipped = 0
        self._closed = False
        self._changed = threading.Condition()
        self.idle = threading.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put_train(self, incoming: Incoming,
                  configuration: Configuration | None) -> Incoming | None:
        """Append a train; skips the oldest one if the queue is full.

        Parameters
        ----------
        configuration
            The newest one: all changes before it are in the queue already.

        Returns
        -------
        A skipped train for which there is no room either, since the thread
        hangs: the caller has to account for it. Usually None.
        """
        with self._changed:
            if len(self._waiting) >= self.capacity:
                oldest = self._waiting.popleft()
                oldest.incoming = oldest.incoming.without_data()
                oldest.skipped = True
                self._skipped += 1
            entry = QueuedTrain(incoming, configuration)
            self._entries.append(entry)
            self._waiting.append(entry)
            self.high_water = max(self.high_water, len(self._waiting))
            self.idle.clear()
            self._changed.notify()
            return self._overflow()

    def _overflow(self) -> Incoming | None:
        if self._skipped <= MAX_SKIPPED:
            return None
        oldest = next(entry for entry in self._entries
                      if isinstance(entry, QueuedTrain) and entry.skipped)
        self._entries.remove(oldest)
        self._skipped -= 1
        return oldest.incoming

    def put(self, configuration: Configuration) -> None:
        """Append a change, which is never skipped."""
        with self._changed:
            self._entries.append(QueuedChange(configuration))
            self.idle.clear()
            self._changed.notify()

    def take(self) -> QueuedTrain | QueuedChange | None:
        """The next entry; None when closed. Blocks."""
        with self._changed:
            while not self._entries and not self._closed:
                self.idle.set()
                self._changed.wait()
            if self._closed:
                return None
            entry = self._entries.popleft()
            if isinstance(entry, QueuedTrain):
                if entry.skipped:
                    self._skipped -= 1
                else:
                    self._waiting.popleft()
                self._taken.append(entry.incoming)
            return entry

    def settle(self) -> None:
        """Report that the oldest taken train has been accounted for."""
        with self._changed:
            self._taken.popleft()

    def in_flight(self) -> tuple[int, int]:
        """Numbers of trains and pulses that were put and not settled."""
        with self._changed:
            trains = [entry.incoming for entry in self._entries
                      if isinstance(entry, QueuedTrain)]
            trains.extend(self._taken)
        return len(trains), sum(train.pulses for train in trains)

    def close(self) -> None:
        """Let `take` return None; entries that still wait are dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Worker:
    """Processes one train after another in a thread.

    Parameters
    ----------
    process
        Called with a train and the configuration in force.
    afterwards
        Called with each outcome and configuration that has been delivered.
    deliver
        Called in the thread with every delivery, in order.
    capacity
        Of the queue.
    outstanding
        Number of deliveries that may be waiting for `done`. A consumer that
        cannot keep up fills the queue, where trains are skipped and counted.
    """

    def __init__(self, process: Process,
                 afterwards: Callable[[Outcome | Configuration],
                                      Preview | None],
                 deliver: Callable[[Delivery], None],
                 capacity: int, outstanding: int = 4) -> None:
        self.queue = TrainQueue(capacity)
        self._process, self._afterwards = process, afterwards
        self._deliver = deliver
        self._room = threading.Semaphore(outstanding)
        self._stopped = False
        # a daemon: a hanging engine must not keep the process alive
        self._thread = threading.Thread(
            target=logged(self._run, "classifier"), name="classifier",
            daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def stop(self, timeout: float = 2.) -> bool:
        """End the thread after the present train.

        Returns
        -------
        True if it has ended within `timeout` s.
        """
        self._stopped = True
        self.queue.close()
        self._room.release()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def commit(self, configuration: Configuration) -> None:
        """Put a configuration into force after the trains that wait now."""
        self.queue.put(configuration)

    def done(self) -> None:
        """Report that the consumer has handled one more delivery."""
        self._room.release()

    def _run(self) -> None:
        while (entry := self.queue.take()) is not None:
            delivery: Outcome | Configuration
            if isinstance(entry, QueuedChange):
                delivery = entry.configuration
            elif entry.skipped:
                delivery = Outcome(entry.incoming, entry.configuration,
                                   Fate.SKIPPED, "queue full", QUEUE_FULL)
            else:
                delivery = self._attempt(entry.incoming, entry.configuration)
            if not self._handed_over(delivery):
                return
            shown = self._shown(delivery)
            if shown is not None and not self._handed_over(shown):
                return

    def _handed_over(self, delivery: Delivery) -> bool:
        """False once the thread is to end."""
        self._room.acquire()
        if not self._stopped:
            self._deliver(delivery)
        return not self._stopped

    def _shown(self, delivery: Outcome | Configuration) -> Preview | None:
        try:
            return self._afterwards(delivery)
        except Exception:       # no train that was delivered depends on it
            behind = (f"configuration {delivery.hash}"
                      if isinstance(delivery, Configuration)
                      else f"train {delivery.incoming.train_id}")
            logging.getLogger(__name__).exception(f"failed behind {behind}")
            return None

    def _attempt(self, incoming: Incoming,
                 configuration: Configuration | None) -> Outcome:
        try:
            return self._process(incoming, configuration)
        except Exception as error:
            # an error of the engine must not end the thread: the train is
            # published as skipped, the error is shown and counted
            return Outcome(
                incoming, configuration, Fate.SKIPPED, ENGINE_ERROR,
                f"the engine failed: {type(error).__name__}: {error}")
