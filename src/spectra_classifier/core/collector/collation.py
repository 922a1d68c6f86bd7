"""From what workers deliver to trains in order, all accounted for."""
from collections import deque
from dataclasses import dataclass, replace

from ..accounting import Tally, TrainKind
from .window import Place, ReorderWindow
from .workers import WorkerBook

#: why a train is skipped by a collector
TOO_LATE, REPEATED = "too late for the order", "repeated"
#: kinds of trains whose ids are part of the count
COUNTED = TrainKind.NEW, TrainKind.LATE, TrainKind.JUMP, TrainKind.RESTART


@dataclass(frozen=True)
class Limits:
    """`patience` s a train may wait for the ones before it; `silence` s
    after which a worker is not waited for; `workers` that the permit needs;
    `capacity` trains that may wait."""
    patience: float = 0.25
    silence: float = 1.
    workers: int = 1
    capacity: int = 200


@dataclass(frozen=True)
class Released:
    """A train whose turn it is: `restart` where it is the first one of a
    source that has started anew."""
    codes: object
    restart: bool = False


class Collation:
    """Window and book of one collector; time is an argument.

    The `Ledger` is not kept here but given and returned, so that one object
    has all counts of a device.
    """

    def __init__(self, limits=None):
        self.book = WorkerBook()
        self.window = ReorderWindow()
        self.limits = None
        self._restarted = False
        self._waiting = deque()
        self._first = self._before = None   # first id, count before it
        self.set(limits or Limits())

    def set(self, limits):
        """Other limits, from now on."""
        self.limits = limits
        self.window.patience = limits.patience
        self.window.capacity = limits.capacity
        self.book.silence = limits.silence

    def deliver(self, codes, now, ledger):
        """Codes at the entry; returns the ledger, with what ends here."""
        kind = self.book.delivered(codes, now)
        if codes.train_id == 0:         # there is no order without ids
            self._waiting.append(Released(codes))
            return ledger
        place = self.window.put(codes.train_id, codes, now)
        if place is Place.BEHIND and kind is TrainKind.RESTART:
            self._waiting.extend(
                Released(held) for _, held in self.window.flush())
            self._restarted = True
            place = self.window.put(codes.train_id, codes, now)
        if place is Place.HELD:
            return ledger
        return self._ends_here(codes, place, ledger)

    def take(self, now):
        """The next `Released` train whose turn it is, None without one."""
        for _, codes in self.window.take(now, self.book.watermark()):
            self._waiting.append(Released(codes, self._restarted))
            self._restarted = False
        return self._waiting.popleft() if self._waiting else None

    def arrived(self, train_id, kind, ledger):
        """A released train is in the ledger, as of this `TrainKind`."""
        if train_id and (self._first is None or kind.breaks):
            self._first, self._before = train_id, _known(ledger) - 1

    def due(self):
        """Monotonic s at which something is to be taken at the latest."""
        return 0. if self._waiting else self.window.due()

    def held(self, worker=None):
        """`Tally` of what waits, of one worker or of all."""
        waiting = [*self.window.items(), *(
            released.codes for released in self._waiting)]
        return _sum(codes.tally for codes in waiting
                    if worker is None or codes.worker == worker)

    def objection(self):
        """What speaks against the workers as they are, "" for nothing."""
        return (self.book.disagreement()
                or self.book.shortage(self.limits.workers))

    def reconcile(self, ledger, at_hand=None):
        """"" where the workers add up to the ledger, else a sentence.

        `at_hand`: the released `Codes` that are in the ledger and have not
        been given their fate with the worker yet.
        """
        received = Tally()
        for worker in self.book.workers.values():
            held = self.held(worker.name)
            if at_hand is not None and at_hand.worker == worker.name:
                held = held.plus(1, at_hand.pulses)
            if (left := worker.unaccounted(held)) != Tally():
                return (f"the trains of {worker.name} do not add up: "
                        f"{left.trains} trains and {left.pulses} pulses "
                        "have no fate")
            received = received.plus(*worker.received)
        expected = ledger.received.plus(*self.held())
        if received != expected:
            return (f"the workers do not add up: {received.trains} trains "
                    f"and {received.pulses} pulses came from them, "
                    f"{expected.trains} and {expected.pulses} are known")
        return self._span_problem(ledger)

    def _span_problem(self, ledger):
        """Every id since the first one has come or is lost, and once."""
        if self._first is None:
            return ""
        span = ledger.sequence.newest - self._first + 1
        known = _known(ledger) - self._before
        if known == span:
            return ""
        return (f"the train ids do not add up: {self._first} to "
                f"{ledger.sequence.newest} are {span}, but {known} came or "
                "are lost")

    def reset(self):
        """Count anew, what waits included."""
        self._first = None
        self.book.reset()
        for name, worker in self.book.workers.items():
            worker.received = self.held(name)
        self.window.high_water = 0

    def _ends_here(self, codes, place, ledger):
        """A train that cannot be put in order: skipped, and no loss."""
        worker = self.book.workers[codes.worker]
        missing = dict(ledger.sequence.missing)
        cause = missing.pop(codes.train_id, None)
        # a gap from before the counts began is not among the lost
        late = (place is Place.BEHIND and cause is not None
                and self._first is not None
                and codes.train_id >= self._first)
        worker.count("late" if late else "repeated", codes)
        kind = TrainKind.LATE if late else TrainKind.REPEATED
        lost = dict(ledger.lost)
        if late:
            lost[cause] -= 1
        return replace(
            ledger, received=ledger.received.plus(1, codes.pulses),
            sequence=replace(ledger.sequence, missing=missing), lost=lost,
            kinds=ledger.kinds | {kind: ledger.kinds.get(kind, 0) + 1},
        ).skip(codes.pulses, TOO_LATE if late else REPEATED)


def _known(ledger):
    """Ids that came, and ids that are lost."""
    return (sum(ledger.kinds.get(kind, 0) for kind in COUNTED)
            + sum(ledger.lost.values()))


def _sum(tallies):
    whole = Tally()
    for tally in tallies:
        whole = whole.plus(*tally)
    return whole
