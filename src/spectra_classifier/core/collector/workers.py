"""Records of the workers: connection, deliveries and consistency."""
import math
from dataclasses import dataclass, field, replace

from ..drift import DriftReport, badness
from ..trains.accounting import CONFIRMED, Tally, TrainSequence, agreeing
from .codes import Codes


@dataclass
class Worker:
    """One worker; times are monotonic seconds.

    Attributes
    ----------
    seen
        When it last delivered a train that could be put in order.
    joins
        How often it has connected.
    latest
        Its last codes since it connected.
    newest
        Id of its last train in order; None since it connected or the order
        moved.
    astray
        Ids since then that could not be put in order.
    numbers
        Follows the numbers that it gives its trains.
    received
        At the entry. The following fields are their fates.
    refused
        Of another model.
    late
        Too late for the order.
    stray
        With ids far from the others.
    missed
        Number of trains that it finished and that never arrived here.
    """
    name: str
    connected: bool = False
    changed: float = -math.inf
    seen: float = -math.inf
    joins: int = 0
    latest: Codes | None = None
    newest: int | None = None
    astray: tuple[int, ...] = ()
    numbers: TrainSequence = field(default_factory=TrainSequence)
    received: Tally = field(default_factory=Tally)
    written: Tally = field(default_factory=Tally)
    refused: Tally = field(default_factory=Tally)
    late: Tally = field(default_factory=Tally)
    repeated: Tally = field(default_factory=Tally)
    stray: Tally = field(default_factory=Tally)
    missed: int = 0

    def count(self, fate: str, codes: Codes) -> None:
        """Add a train under "received" or under its fate."""
        setattr(self, fate, getattr(self, fate).plus(1, codes.pulses))

    def unaccounted(self, held: Tally) -> Tally:
        """Trains and pulses without a fate, given those that wait."""
        known = (held, self.written, self.refused, self.late, self.repeated,
                 self.stray)
        return Tally(*(whole - sum(parts) for whole, *parts in zip(
            self.received, *known, strict=True)))


class WorkerBook:
    """Every worker that ever connected, by name.

    `silence`: s without a train, while others deliver, after which a
    connected worker is not waited for any more.
    """

    def __init__(self, silence: float = 1.) -> None:
        self.silence = silence
        self.workers: dict[str, Worker] = {}
        self._newest = -math.inf        # time of the last delivery of any
        self._left = -math.inf          # time at which one last went

    def joined(self, name: str, now: float) -> None:
        """A worker has connected."""
        worker = self._worker(name)
        worker.connected = True
        worker.changed = worker.seen = now
        worker.joins += 1
        # what it sent before no longer counts
        worker.latest, worker.newest, worker.astray = None, None, ()
        worker.numbers = TrainSequence()

    def left(self, name: str, now: float) -> None:
        """A worker is gone, with all that was on its way."""
        worker = self._worker(name)
        if worker.connected:
            worker.connected, worker.changed = False, now
            self._left = now

    def left_within(self, seconds: float, now: float) -> bool:
        """Whether a worker has gone in the last `seconds`."""
        return now - self._left <= seconds

    def delivered(self, codes: Codes, now: float) -> bool:
        """Record codes; returns whether the worker has counted this train.

        A repeated number adds no information.
        """
        worker = self._worker(codes.worker)
        if not worker.connected:        # the word that it is was lost
            self.joined(codes.worker, now)
        worker.numbers, _, change = worker.numbers.follow(codes.number)
        worker.missed += sum(change.values())
        previous = worker.latest
        self._newest = now
        worker.latest = codes
        worker.count("received", codes)
        return previous is None or codes.number != previous.number

    def in_order(self, codes: Codes, now: float) -> None:
        """The last ones could be put in order."""
        worker = self.workers[codes.worker]
        worker.seen, worker.newest, worker.astray = now, codes.train_id, ()

    def strayed(self, codes: Codes) -> None:
        """The last ones could not."""
        worker = self.workers[codes.worker]
        worker.astray = agreeing(worker.astray, codes.train_id)[-CONFIRMED:]

    def on_course(self) -> bool:
        """Whether a worker that delivers is where the order is."""
        return any(worker.newest is not None and not worker.astray
                   for worker in self.live())

    def moved(self) -> None:
        """The order is another one."""
        for worker in self.workers.values():
            worker.newest, worker.astray = None, ()

    def live(self) -> list[Worker]:
        """The workers that deliver, or may."""
        return [worker for worker in self.workers.values()
                if worker.connected
                and self._newest - worker.seen <= self.silence]

    def silent(self) -> list[Worker]:
        """The workers that are connected and do not deliver."""
        return [worker for worker in self.workers.values()
                if worker.connected
                and self._newest - worker.seen > self.silence]

    def watermark(self) -> int | None:
        """No train up to this id can come any more, None if unknown."""
        newest = [worker.newest for worker in self.live()]
        known = [number for number in newest if number is not None]
        return min(known) if known and len(known) == len(newest) else None

    def gate(self) -> float:
        """The lowest minimum intensity in force, inf without a worker; one
        that is not known (NaN) is the lowest."""
        return min((codes.gate for codes in self._speaking()),
                   default=math.inf,
                   key=lambda gate: gate if gate == gate else -math.inf)

    def drift(self) -> DriftReport:
        """The worst `DriftReport`; one that is not known is the worst."""
        reports = [codes.drift for codes in self._speaking()]
        return max(reports, default=DriftReport(),
                   key=lambda report: badness(report.score))

    def disagreement(self) -> str:
        """A sentence where workers differ in what must be the same."""
        speaking = self._speaking()
        for worker in self.workers.values():
            if worker.connected and len(worker.astray) >= CONFIRMED:
                return (f"{worker.name} sends trains that are not those of "
                        f"the others, {worker.astray[-1]} for example: "
                        "connect all workers to the same source")
        for what, attribute in (("model", "model_id"),
                                ("configuration", "config_hash")):
            found: dict[str, str] = {}
            for codes in speaking:
                found.setdefault(getattr(codes, attribute), codes.worker)
            if len(found) > 1:
                (one, first), (other, second) = list(found.items())[:2]
                return (f"{first} runs {what} {one or 'none'}, {second} runs "
                        f"{other or 'none'}: configure all workers alike")
        return ""

    def shortage(self, needed: int) -> str:
        """A sentence where fewer than `needed` workers deliver."""
        live = self.live()
        if len(live) >= needed:
            return ""
        gone = sorted(worker.name for worker in self.workers.values()
                      if worker not in live)
        return (f"{len(live)} of {needed} workers deliver"
                + (f"; gone or silent: {', '.join(gone)}" if gone else ""))

    def reset(self) -> None:
        """Restart all counts."""
        for name, worker in self.workers.items():
            self.workers[name] = replace(
                worker, missed=0, received=Tally(), written=Tally(),
                refused=Tally(), late=Tally(), repeated=Tally(),
                stray=Tally())

    def _speaking(self) -> list[Codes]:
        return [worker.latest for worker in self.live()
                if worker.latest is not None]

    def _worker(self, name: str) -> Worker:
        return self.workers.setdefault(name, Worker(name))

