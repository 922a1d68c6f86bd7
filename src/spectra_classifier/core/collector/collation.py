"""From the output of the workers to trains in order, all accounted for."""
import math
from collections import deque
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, replace

from ..trains.accounting import (
    CONFIRMED,
    NEAR,
    Ledger,
    Tally,
    TrainKind,
    agreeing,
)
from .codes import Codes
from .window import Place, ReorderWindow
from .workers import WorkerBook

#: why a train is skipped by a collector
TOO_LATE, REPEATED = "too late for the order", "repeated"
STRAY = "its id is far from the others"
#: ids, and one for each worker, up to which a train is believed at once to
#: be ahead: others may hold the ones between
AHEAD = 3
#: kinds of trains whose ids are part of the count
COUNTED = TrainKind.NEW, TrainKind.LATE, TrainKind.JUMP, TrainKind.RESTART


@dataclass(frozen=True)
class Limits:
    """Limits of a collector.

    Attributes
    ----------
    patience
        Seconds that a train may wait for the ones before it.
    silence
        Seconds after which a worker is not waited for.
    workers
        Number of workers that the permit needs.
    capacity
        Number of trains that may wait.
    """
    patience: float = 0.25
    silence: float = 1.
    workers: int = 1
    capacity: int = 200


@dataclass(frozen=True)
class Released:
    """A train that is next in order.

    Attributes
    ----------
    restart
        Whether it is the first one after the order has moved.
    """
    codes: Codes
    restart: bool = False


class Collation:
    """Window and worker records of one collector; time is an argument.

    A train whose id is far ahead of the others, or behind what was released,
    is held separately. The order moves to such trains when `CONFIRMED` of them
    agree and no delivering worker is still at the old position; otherwise they
    end as skipped.

    The `Ledger` is an argument and a result, so that one object has all counts
    of a device.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.book = WorkerBook()
        self.window: ReorderWindow[Codes] = ReorderWindow()
        self._newest: int | None = None     # highest id in the order
        self._aside: list[tuple[float, Codes]] = []     # with their arrival
        self._restarted = False
        self._waiting: deque[Released] = deque()
        self._first: int | None = None
        self._before = 0            # count before the first id
        self.set(limits or Limits())

    def set(self, limits: Limits) -> None:
        """Change the limits."""
        self.limits = limits
        self.window.patience = limits.patience
        self.window.capacity = limits.capacity
        self.book.silence = limits.silence

    def deliver(self, codes: Codes, now: float, ledger: Ledger) -> Ledger:
        """Accept codes from a worker.

        Parameters
        ----------
        now
            Monotonic seconds.

        Returns
        -------
        Ledger
            With the trains that end here.
        """
        codes = replace(codes, counted=self.book.delivered(codes, now))
        ledger = self.expire(now, ledger)
        if codes.train_id == 0:         # there is no order without ids
            self._waiting.append(Released(codes))
            return ledger
        ahead = AHEAD + len(self.book.workers)
        place = (Place.BEHIND
                 if self._newest is not None
                 and codes.train_id - self._newest > ahead
                 else self.window.put(codes.train_id, codes, now))
        if place is Place.REPEATED:
            return self._ends_here(codes, ledger, repeated=True)
        if place is Place.HELD:
            # what this worker sent before, far from here, was wrong
            ledger = self._end(ledger, lambda arrived, other:
                               other.worker == codes.worker)
            self._in_order(codes, now)
            return ledger
        self.book.strayed(codes)
        self._aside.append((now, codes))
        ids = self._agreeing(codes)
        if len(ids) >= CONFIRMED and not self.book.on_course():
            self._move(ids, now)
        return ledger

    def _in_order(self, codes: Codes, now: float) -> None:
        self._newest = max(self._newest or 0, codes.train_id)
        self.book.in_order(codes, now)

    def _agreeing(self, codes: Codes) -> Set[int]:
        """Ids aside, on the same side of the order, that agree with it."""
        newest = self._newest or 0
        ahead = codes.train_id > newest
        return frozenset(agreeing({
            other.train_id for _, other in self._aside
            if (other.train_id > newest) == ahead}, codes.train_id))

    def _move(self, ids: Set[int], now: float) -> None:
        """Continue the order at the trains with these ids."""
        self._start_anew()
        others, self._aside = self._aside, []
        for arrived, other in others:
            if (other.train_id not in ids or self.window.put(
                    other.train_id, other, arrived) is not Place.HELD):
                self._aside.append((arrived, other))
            else:
                self._in_order(other, now)

    def _start_anew(self) -> None:
        self._waiting.extend(
            Released(held) for _, held in self.window.flush())
        self._restarted, self._newest = True, None
        self.book.moved()

    def expire(self, now: float, ledger: Ledger) -> Ledger:
        """End trains that were held separately for too long."""
        many = len(self._aside) - self.limits.capacity
        oldest = {id(other) for _, other in self._aside[:max(many, 0)]}
        return self._end(ledger, lambda arrived, other: (
            arrived + self._longest <= now or id(other) in oldest))

    def _end(self, ledger: Ledger,
             ends: Callable[[float, Codes], bool]) -> Ledger:
        """Give those aside for which `ends(arrived, codes)` their fate."""
        kept = []
        for arrived, codes in self._aside:
            if ends(arrived, codes):
                ledger = self._ends_here(codes, ledger)
            else:
                kept.append((arrived, codes))
        self._aside = kept
        return ledger

    def take(self, now: float) -> Released | None:
        """Return the next train in order, None if none is due."""
        for _, codes in self.window.take(now, self.book.watermark()):
            self._waiting.append(Released(codes, self._restarted))
            self._restarted = False
        return self._waiting.popleft() if self._waiting else None

    def arrived(self, train_id: int, kind: TrainKind, ledger: Ledger) -> None:
        """Record that a released train was entered in the ledger."""
        if train_id and (self._first is None or kind.breaks):
            self._first, self._before = train_id, _known(ledger) - 1

    def due(self) -> float:
        """Return when `take` or `expire` is due, in monotonic seconds."""
        if self._waiting:
            return 0.
        aside = min((arrived for arrived, _ in self._aside), default=math.inf)
        return min(self.window.due(), aside + self._longest)

    @property
    def _longest(self) -> float:
        """s for which a train may be aside."""
        return self.limits.silence + self.limits.patience

    def held(self, worker: str | None = None) -> Tally:
        """Return the trains and pulses that wait, of one worker or of all."""
        waiting = [*self.window.items(), *(
            released.codes for released in self._waiting), *(
            codes for _, codes in self._aside)]
        return _sum(codes.tally for codes in waiting
                    if worker is None or codes.worker == worker)

    def objection(self) -> str:
        """Return why the workers do not permit, "" if they do."""
        return (self.book.disagreement()
                or self.book.shortage(self.limits.workers))

    def reconcile(self, ledger: Ledger, at_hand: Codes | None = None) -> str:
        """Compare the counts of the workers with the ledger.

        Parameters
        ----------
        at_hand
            The released codes that are in the ledger while their fate is not
            yet recorded with the worker.

        Returns
        -------
        str
            "" if the counts agree, else one sentence.
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

    def _span_problem(self, ledger: Ledger) -> str:
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

    def reset(self) -> None:
        """Restart counts and order; trains that wait are counted again."""
        self._start_anew()
        self._first = None
        self.book.reset()
        for name, worker in self.book.workers.items():
            worker.received = self.held(name)
        self.window.high_water = 0

    def _ends_here(self, codes: Codes, ledger: Ledger,
                   repeated: bool = False) -> Ledger:
        """A train that cannot be put in order: skipped, and no loss."""
        gap = None if repeated else ledger.sequence.gap(codes.train_id)
        # a gap from before the counts began is not among the lost
        late = (gap is not None and self._first is not None
                and codes.train_id >= self._first)
        stray = not late and not repeated and not self._passed(codes, ledger)
        kind, fate, why = (
            (TrainKind.LATE, "late", TOO_LATE) if late else
            (TrainKind.STRAY, "stray", STRAY) if stray else
            (TrainKind.REPEATED, "repeated", REPEATED))
        self.book.workers[codes.worker].count(fate, codes)
        lost, sequence = dict(ledger.lost), ledger.sequence
        if gap is not None:
            sequence = sequence.without(codes.train_id)
        if late and gap is not None:
            lost[gap.cause] -= 1
        return replace(
            ledger, received=ledger.received.plus(1, codes.pulses),
            sequence=sequence, lost=lost,
            kinds=dict(ledger.kinds) | {kind: ledger.kinds.get(kind, 0) + 1},
        ).skip(codes.pulses, why)

    def _passed(self, codes: Codes, ledger: Ledger) -> bool:
        """Whether the order is beyond an id, and was near it."""
        return 0 <= ledger.sequence.newest - codes.train_id <= NEAR


def _known(ledger: Ledger) -> int:
    """Ids that came, and ids that are lost."""
    return (sum(ledger.kinds.get(kind, 0) for kind in COUNTED)
            + sum(ledger.lost.values()))


def _sum(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole = whole.plus(*tally)
    return whole
