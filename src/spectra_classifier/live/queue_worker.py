"""One thread that classifies, behind a bounded first-in first-out queue.

Everything that changes how a train is treated (a new configuration) goes
through the same queue as the trains, so that it takes effect between two
trains, in the order in which things happened.

When the queue is full the *oldest* waiting train is skipped: what an
operator sees and what an interlock acts on stays as fresh as it can be. The
skipped train keeps its place in the order without its spectra, so that it is
published and accounted for in its turn.
"""
import threading
from collections import deque
from dataclasses import dataclass

from .records import Committed, Fate, Outcome
from .threads import logged

#: skipped trains that may wait for their turn behind a train that hangs
MAX_SKIPPED = 1000
QUEUE_FULL = "the queue was full: the engine is too slow for this rate"
ENGINE_ERROR = "engine error"


@dataclass(eq=False)
class _Entry:
    item: object
    is_train: bool
    skipped: bool = False


class TrainQueue:
    """Bounded queue of trains; thread safe.

    `capacity`: trains that wait with their spectra. `high_water` is the
    largest number that ever waited since it was last set to 0. `idle` is set
    while somebody waits in `take` in vain: the thread has nothing to do.
    """

    def __init__(self, capacity):
        self.capacity = capacity
        self.high_water = 0
        self._entries = deque()
        self._waiting = deque()      # the entries that still hold spectra
        self._taken = deque()        # trains out of the queue, not settled
        self._skipped = 0
        self._closed = False
        self._changed = threading.Condition()
        self.idle = threading.Event()

    def __len__(self):
        return len(self._waiting)

    def put_train(self, incoming):
        """Append a train; skips the oldest one where there is no room.

        Returns a train for which there is no more room even as a skipped
        one (the thread hangs): to be accounted for at once. Else None.
        """
        with self._changed:
            if len(self._waiting) >= self.capacity:
                oldest = self._waiting.popleft()
                oldest.item = oldest.item.without_data()
                oldest.skipped = True
                self._skipped += 1
            entry = _Entry(incoming, is_train=True)
            self._entries.append(entry)
            self._waiting.append(entry)
            self.high_water = max(self.high_water, len(self._waiting))
            self.idle.clear()
            self._changed.notify()
            return self._overflow()

    def _overflow(self):
        if self._skipped <= MAX_SKIPPED:
            return None
        oldest = next(e for e in self._entries if e.skipped)
        self._entries.remove(oldest)
        self._skipped -= 1
        return oldest.item

    def put(self, item):
        """Append something that is never skipped, such as a change."""
        with self._changed:
            self._entries.append(_Entry(item, is_train=False))
            self.idle.clear()
            self._changed.notify()

    def take(self):
        """(item, is_train, skipped) in order; None when closed. Blocks."""
        with self._changed:
            while not self._entries and not self._closed:
                self.idle.set()
                self._changed.wait()
            if self._closed:
                return None
            entry = self._entries.popleft()
            if entry.skipped:
                self._skipped -= 1
            elif entry.is_train:
                self._waiting.popleft()
            if entry.is_train:
                self._taken.append(entry.item)
            return entry.item, entry.is_train, entry.skipped

    def settle(self):
        """The oldest train that was taken has been accounted for."""
        with self._changed:
            self._taken.popleft()

    def in_flight(self):
        """(trains, pulses) that were put and are not settled yet."""
        with self._changed:
            trains = [e.item for e in self._entries if e.is_train]
            trains.extend(self._taken)
        return len(trains), sum(train.pulses for train in trains)

    def close(self):
        """Let `take` return None; what still waits is given up."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Worker:
    """Runs `process(incoming, configuration)` for one train after another.

    `process` returns an `Outcome`; `deliver` is called in the thread with
    every `Outcome` and `Committed`, in order. At most `outstanding` of them
    are delivered ahead of `done`: a consumer that cannot keep up fills the
    queue, where trains are skipped and counted, and no other place.
    """

    def __init__(self, process, deliver, capacity, outstanding=4):
        self.queue = TrainQueue(capacity)
        self._process = process
        self._deliver = deliver
        self._room = threading.Semaphore(outstanding)
        self._configuration = None
        self._stopped = False
        # a daemon: an engine that hangs must not keep the process alive
        self._thread = threading.Thread(
            target=logged(self._run, "classifier"), name="classifier",
            daemon=True)

    def start(self):
        self._thread.start()

    @property
    def alive(self):
        """Whether the thread runs."""
        return self._thread.is_alive()

    def stop(self, timeout=2.):
        """End the thread after the train at hand; True if it has ended."""
        self._stopped = True
        self.queue.close()
        self._room.release()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def commit(self, configuration):
        """Make a configuration live behind the trains that wait now."""
        self.queue.put(configuration)

    def done(self):
        """The consumer has dealt with one more delivery."""
        self._room.release()

    def _run(self):
        while (taken := self.queue.take()) is not None:
            item, is_train, skipped = taken
            if not is_train:
                self._configuration = item
                delivery = Committed(item)
            elif skipped:
                delivery = Outcome(item, self._configuration, Fate.SKIPPED,
                                   "queue full", QUEUE_FULL)
            else:
                delivery = self._attempt(item)
            self._room.acquire()
            if self._stopped:
                return
            self._deliver(delivery)

    def _attempt(self, incoming):
        try:
            return self._process(incoming, self._configuration)
        except Exception as error:
            # whatever an engine does, the thread goes on: the train is
            # published as skipped, the error is shown and counted
            return Outcome(
                incoming, self._configuration, Fate.SKIPPED, ENGINE_ERROR,
                f"the engine failed: {type(error).__name__}: {error}")
