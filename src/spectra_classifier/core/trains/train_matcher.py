"""Matching of streams by train id: one leading stream and its partners.

The leading stream defines which trains there are, and their order. Each of
its trains is returned exactly once, in that order, with the parts of its
partners or with the reason why one is missing. Waiting is bounded in time
and in trains, and so is what is kept of a partner that runs ahead.

Train ids are only compared for equality and for being a little ahead: a
stream whose ids jump or restart matches its partner again as soon as both
have the same ids, and one wrong id costs one train.
"""
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from .accounting import NEAR

#: why a train came out without the part of a partner
PASSED = "a later train came first"      # of that partner: this one is lost
LATE = "did not come in time"
CROWDED = "too many trains wait"
SILENT = "the stream is silent"
UNTIMED = "no train id"
RELEASED = "the waiting was ended"       # another configuration, a stop
#: why a part was not used by a train
REPEATED = "repeated"                    # a newer part has the same id
TOO_LATE = "too late"                    # its train had gone without it
UNCLAIMED = "no train for it"


@dataclass(frozen=True)
class Patience:
    """Limits of waiting and keeping.

    Attributes
    ----------
    wait
        Seconds that a train waits for its parts.
    trains
        Number of trains that may wait.
    parts
        Number of parts of a partner that are kept for later trains.
    keep
        Seconds for which they are kept.
    silence
        A partner without any part for so many seconds is not waited for.
    """
    wait: float = 0.3
    trains: int = 5
    parts: int = 20
    keep: float = 4.
    silence: float = 2.


class MatchedTrain[Item, Part](NamedTuple):
    """A train of the leading stream with the parts of its partners.

    Attributes
    ----------
    parts
        By partner.
    missing
        Reason by partner.
    waited
        Seconds.
    """
    item: Item
    parts: dict[str, Part]
    missing: dict[str, str]
    waited: float


@dataclass(eq=False)
class _Waiting[Item, Part]:
    train_id: int
    item: Item
    since: float
    wanted: tuple[str, ...]
    parts: dict[str, Part] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return len(self.parts) + len(self.missing) == len(self.wanted)


class _Partner[Part]:
    """Parts of one stream, by train id, oldest first: {id: (part, since)}"""

    def __init__(self) -> None:
        self.received = self.joined = 0
        self.dropped: Counter[str] = Counter()
        self.held: OrderedDict[int, tuple[Part, float]] = OrderedDict()
        self.last_id: int | None = None
        self.last_seen = float("-inf")


class TrainMatcher[Item, Part]:
    """Joins a leading stream with the streams named `partners`.

    `lead`, `part`, `refresh` and `release` return the `MatchedTrain`s that
    come out, in order; times are monotonic seconds. Used by one thread.
    """

    def __init__(self, partners: Iterable[str],
                 patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self.led = self.complete = self.incomplete = 0
        self._partners: dict[str, _Partner[Part]] = {
            name: _Partner() for name in partners}
        self.missing: dict[str, Counter[str]] = {
            name: Counter() for name in self._partners}
        self._waiting: deque[_Waiting[Item, Part]] = deque()
        # ids that came out lately, with the names of what they lacked
        self._gone: OrderedDict[int, frozenset[str]] = OrderedDict()

    # what happens

    def lead(self, train_id: int, item: Item, now: float,
             wanted: bool = True) -> list[MatchedTrain[Item, Part]]:
        """Add a train of the leading stream.

        Parameters
        ----------
        wanted
            False where nothing can be matched to it; it keeps its place in the
            order.
        """
        self.led += 1
        train: _Waiting[Item, Part] = _Waiting(train_id, item, now,
                         tuple(self._partners) if wanted else ())
        for name in train.wanted:
            self._claim(train, name, now)
        self._waiting.append(train)
        return self.refresh(now)

    def part(self, name: str, train_id: int, item: Part,
             now: float) -> list[MatchedTrain[Item, Part]]:
        """Add a part of a partner."""
        partner = self._partners[name]
        partner.received += 1
        partner.last_id, partner.last_seen = train_id, now
        if not train_id:
            partner.dropped[UNTIMED] += 1
            return self.refresh(now)
        if train_id in partner.held:
            partner.dropped[REPEATED] += 1
            del partner.held[train_id]
        partner.held[train_id] = item, now
        for train in self._waiting:
            if name in train.wanted and not (
                    name in train.parts or name in train.missing):
                self._claim(train, name, now)
        return self.refresh(now)

    def refresh(self, now: float) -> list[MatchedTrain[Item, Part]]:
        """Return the trains that are due because time has passed."""
        for name in self._partners:
            self._forget_old(name, now)
        out = []
        while self._waiting:
            train = self._waiting[0]
            if len(self._waiting) > self.patience.trains:
                self._give_up(train, CROWDED)
            elif now - train.since >= self.patience.wait:
                self._give_up(train, LATE)
            if not train.complete:
                break
            out.append(self._out(self._waiting.popleft(), now))
        return out

    def release(self, now: float) -> list[MatchedTrain[Item, Part]]:
        """Return all trains that wait; parts that are kept remain."""
        for train in self._waiting:
            self._give_up(train, RELEASED)
        return self.refresh(now)

    def forget(self, name: str) -> None:
        """Drop the parts of a partner that has connected again."""
        partner = self._partners[name]
        for train_id in list(partner.held):
            self._drop(name, train_id)
        partner.last_id = None

    # what is known

    @property
    def items(self) -> list[Item]:
        """The trains that wait, oldest first."""
        return [train.item for train in self._waiting]

    @property
    def deadline(self) -> float | None:
        """When the oldest waiting train must be returned; None without one."""
        if not self._waiting:
            return None
        return self._waiting[0].since + self.patience.wait

    def held(self, name: str) -> int:
        """Number of parts that are kept."""
        return len(self._partners[name].held)

    def dropped(self, name: str) -> dict[str, int]:
        """{reason: parts that no train took}"""
        return dict(self._partners[name].dropped)

    def identity(self) -> str:
        """Check the sums; returns "" if everything adds up, else one sentence.
        """
        out = self.complete + self.incomplete
        if self.led != out + len(self._waiting):
            return (f"{self.led} trains led, but {out} came out and "
                    f"{len(self._waiting)} wait")
        for name, partner in self._partners.items():
            claimed = sum(name in train.parts for train in self._waiting)
            found = (partner.joined + claimed + len(partner.held)
                     + partner.dropped.total())
            if partner.received != found:
                return (f"{partner.received} parts of {name} received, but "
                        f"{found} joined, kept or dropped")
        return ""

    # how

    def _claim(self, train: _Waiting[Item, Part], name: str,
               now: float) -> None:
        """Give a train its part, or the reason why it gets none."""
        partner, train_id = self._partners[name], train.train_id
        if train_id and train_id in partner.held:
            train.parts[name] = partner.held.pop(train_id)[0]
        elif not train_id:
            train.missing[name] = UNTIMED
        elif (partner.last_id is not None
              and 0 < partner.last_id - train_id <= NEAR):
            train.missing[name] = PASSED
        elif now - partner.last_seen > self.patience.silence:
            train.missing[name] = SILENT

    @staticmethod
    def _give_up(train: _Waiting[Item, Part], reason: str) -> None:
        for name in train.wanted:
            if name not in train.parts:
                train.missing.setdefault(name, reason)

    def _out(self, train: _Waiting[Item, Part],
             now: float) -> MatchedTrain[Item, Part]:
        for name in train.parts:
            self._partners[name].joined += 1
        for name, reason in train.missing.items():
            self.missing[name][reason] += 1
        self.complete += not train.missing
        self.incomplete += bool(train.missing)
        self._gone.pop(train.train_id, None)
        self._gone[train.train_id] = frozenset(train.missing)
        while len(self._gone) > self.patience.parts:
            self._gone.popitem(last=False)
        return MatchedTrain(train.item, train.parts, train.missing,
                      now - train.since)

    def _forget_old(self, name: str, now: float) -> None:
        held = self._partners[name].held
        while held:
            train_id, (_, since) = next(iter(held.items()))
            if (len(held) <= self.patience.parts
                    and now - since <= self.patience.keep):
                return
            self._drop(name, train_id)

    def _drop(self, name: str, train_id: int) -> None:
        partner = self._partners[name]
        del partner.held[train_id]
        lacked = self._gone.get(train_id)
        partner.dropped[UNCLAIMED if lacked is None else
                        TOO_LATE if name in lacked else REPEATED] += 1
