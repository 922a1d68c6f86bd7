"""Accounting of trains and pulses, with a check of the sums.

Every train and every pulse has one fate. It is counted where it occurs:
`arrive` at the entry of the input handler, `reject` and `skip` where a train
ends early, `classify` when the engine returns, `write` when the output is
written. The number in flight between these points comes from the queues, not
from the sums.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

#: ids up to this far ahead are believed at once (10 s at 10 Hz)
NEAR = 100
#: trains that have to agree before an id further off, or one that goes back,
#: is believed
CONFIRMED = 3
#: gap of train ids from which it is no loss but another clock (1 h)
LONGEST_GAP = 36_000
#: gaps that are remembered
GAPS = 1000

#: why trains never came: our event loop was blocked, the source was gone, or
#: nothing is known about it
OURS, DISCONNECTED, UNEXPLAINED = "ours", "disconnected", "unexplained"

#: fates of `TrainResult.counts()` that are rejections
REJECTIONS = "low_intensity", "saturated", "bad_data"
#: reason of pulses that there was no time for
DEGRADED = "degraded"


class TrainKind(StrEnum):
    """How a train follows the ones before it."""
    NEW = "new"              # the next one, or one after a gap
    REPEATED = "repeated"    # this id has been seen
    LATE = "late"            # out of order: fills a gap that was counted
    STRAY = "stray"          # far from the others: not believed (yet)
    JUMP = "jump"            # far ahead: another clock, nothing to count
    RESTART = "restart"      # ids go back: the sender has restarted
    UNTIMED = "untimed"      # id 0: no time server, gaps cannot be counted

    @property
    def news(self) -> bool:
        """Whether such a train is newer than those before."""
        return self not in (TrainKind.REPEATED, TrainKind.LATE,
                            TrainKind.STRAY)

    @property
    def breaks(self) -> bool:
        """Whether decisions made before are void after such a train."""
        return self in (TrainKind.JUMP, TrainKind.RESTART)


class Arrival(NamedTuple):
    """The kind of a train by its id, and the number of trains lost before it.

    For a vote a train that came before its time is lost too: it had none.
    """
    kind: TrainKind
    lost: int = 0


class Tally(NamedTuple):
    """A number of trains and the pulses in them."""
    trains: int = 0
    pulses: int = 0

    def plus(self, trains: int, pulses: int) -> Tally:
        """Return the tally with further trains and pulses."""
        return Tally(self.trains + trains, self.pulses + pulses)


def total(tallies: Mapping[str, Tally]) -> Tally:
    """The sum of a dictionary of tallies."""
    return Tally(*map(sum, zip(*tallies.values(), strict=True))
                 ) if tallies else Tally()


class Gap(NamedTuple):
    """Train ids `first` to `last` that never came, and why."""
    first: int
    last: int
    cause: str


def agreeing(ids: Iterable[int], train_id: int) -> tuple[int, ...]:
    """The `ids` near `train_id`, each once, and `train_id` behind them."""
    return (*(number for number in ids if number != train_id
              and abs(number - train_id) <= NEAR), train_id)


#: the sequence, the arrival, and the change of lost trains by cause
type Followed = tuple[TrainSequence, Arrival, Mapping[str, int]]


@dataclass(frozen=True)
class TrainSequence:
    """Follows the train ids and sorts out gaps, repetitions and restarts.

    A single id is believed only where it is the next one, or up to `NEAR`
    ahead. Any other one may be wrong: the sequence moves there (a jump, a
    restart) when `CONFIRMED` trains in a row agree on it. The newest one once
    more is never news, whatever came in between: it has been counted.

    `newest`: the id that the next one follows, 0 before the first; `gaps`:
    the last `GAPS` `Gap`s, in order; `ahead`: ids above `newest` that came;
    `astray`: ids that were not believed since the last one that was, and
    agree, with the `cause` of a gap before them; `left`: `newest` before
    the last move, 0 for none: the sequence may come back; `trusted`: ids
    that were believed, at most `CONFIRMED`.
    """
    newest: int = 0
    gaps: tuple[Gap, ...] = ()
    ahead: frozenset[int] = frozenset()
    astray: tuple[int, ...] = ()
    cause: str = UNEXPLAINED
    left: int = 0
    trusted: int = 1

    def follow(self, train_id: int, cause: str = UNEXPLAINED,
               believed: bool = False) -> Followed:
        """Take the next train id in.

        Parameters
        ----------
        train_id : int
            0 where there is none.
        cause : str
            Of a gap before this train.
        believed : bool
            Whether it is known already that the id is right.

        Returns
        -------
        sequence : TrainSequence
        arrival : Arrival
        change : dict
            Of the number of lost trains, by cause; negative where some that
            were counted as lost turn out not to be.
        """
        if train_id == 0:
            return self, Arrival(TrainKind.UNTIMED), {}
        if not self.newest:
            return TrainSequence(train_id), Arrival(TrainKind.NEW), {}
        if 0 < train_id - self.newest <= NEAR:
            return self._next(train_id, cause)
        astray = agreeing(self.astray, train_id)
        if len(astray) > 1 and self.cause != UNEXPLAINED:
            cause = self.cause
        if train_id != self.newest and (
                believed or len(astray) >= CONFIRMED):
            return self._move(train_id, astray, cause, believed)
        gap = self.gap(train_id)
        kept = replace(self if gap is None else self.without(train_id),
                       astray=astray, cause=cause)
        if gap is not None:
            return kept, Arrival(TrainKind.LATE), {gap.cause: -1}
        return kept, Arrival(
            TrainKind.REPEATED if 0 <= self.newest - train_id <= NEAR
            else TrainKind.STRAY), {}

    def gap(self, train_id: int) -> Gap | None:
        """The `Gap` that an id belongs to, None where it is not missing."""
        return next((gap for gap in reversed(self.gaps)
                     if gap.first <= train_id <= gap.last), None)

    def without(self, train_id: int) -> TrainSequence:
        """The sequence when an id is not missing any more."""
        return replace(self, gaps=_without(self.gaps, train_id))

    def _next(self, train_id: int, cause: str) -> Followed:
        """One that follows, perhaps behind a gap."""
        came = [number for number in self.ahead if number < train_id]
        gaps = self.gaps
        if train_id - self.newest > 1:
            gaps = (*gaps, Gap(self.newest + 1, train_id - 1, cause))
            for number in came:
                gaps = _without(gaps, number)
        lost = train_id - self.newest - 1 - len(came)
        return TrainSequence(
            train_id, gaps[-GAPS:],
            self.ahead and self.ahead - {*came, train_id}, left=self.left,
            trusted=min(self.trusted + 1, CONFIRMED)), Arrival(
                TrainKind.NEW, train_id - self.newest - 1), (
                    {cause: lost} if lost else {})

    def _move(self, train_id: int, astray: tuple[int, ...], cause: str,
              believed: bool) -> Followed:
        """The sequence goes on at the ids that agree."""
        forward, known = train_id > self.newest, self.trusted >= CONFIRMED
        moved = TrainSequence(
            train_id, left=self.newest if known else 0, trusted=CONFIRMED,
            ahead=frozenset(n for n in astray if n > train_id))
        again = 0 <= self.newest - train_id <= NEAR and not believed
        if again:
            moved = replace(moved, ahead=moved.ahead | {
                number for number in range(train_id + 1, self.newest + 1)
                if self.gap(number) is None})
        if again or self.gap(train_id) is not None:
            # an id that was wrong has gone ahead, or this one is wrong: what
            # is missing behind it is counted when the sequence passes it
            gaps, change = self._ended(train_id)
            return (replace(moved, gaps=gaps), Arrival(TrainKind.RESTART),
                    change)
        kind = TrainKind.JUMP if forward else TrainKind.RESTART
        if self.left and abs(self.left - astray[0]) <= NEAR:
            start = self.left       # back where it was
        elif forward:
            start = self.newest if known else min(astray) - 1
        else:
            return moved, Arrival(kind), {}
        lost = train_id - start - sum(start < n <= train_id for n in astray)
        if not 0 < lost < LONGEST_GAP:
            return moved, Arrival(kind), {}
        gaps = (Gap(start + 1, train_id - 1, cause),)
        for number in astray:
            gaps = _without(gaps, number)
        if forward and known:
            kind, gaps = TrainKind.NEW, (*self.gaps, *gaps)
        return (replace(moved, gaps=gaps[-GAPS:]), Arrival(kind, lost),
                {cause: lost})

    def _ended(self,
               train_id: int) -> tuple[tuple[Gap, ...], Mapping[str, int]]:
        """(gaps before an id, change of what is lost without the rest)"""
        kept: list[Gap] = []
        change: Counter[str] = Counter()
        for gap in self.gaps:
            if gap.first < train_id:
                kept.append(gap._replace(last=min(gap.last, train_id - 1)))
            if gap.last >= train_id:
                change[gap.cause] -= gap.last - max(gap.first, train_id) + 1
        return tuple(kept), change


def _without(gaps: Iterable[Gap], train_id: int) -> tuple[Gap, ...]:
    kept = []
    for gap in gaps:
        if gap.first <= train_id <= gap.last:
            kept += [part for part in (gap._replace(last=train_id - 1),
                                       gap._replace(first=train_id + 1))
                     if part.first <= part.last]
        else:
            kept.append(gap)
    return tuple(kept)


@dataclass(frozen=True)
class Ledger:
    """All counts since the start; every method returns a new ledger.

    Attributes
    ----------
    received
        At the entry.
    classified
        Trains that the engine processed, and those of their pulses that have a
        class or are unknown.
    returned
        The same trains with all their pulses.
    written
        At the output, accepted by all receivers.
    blocked
        At the output, where a receiver did not accept it in time.
    rejected, skipped
        By reason. A reason of the engine counts pulses, not trains.
    lost
        Trains that never arrived, by cause.
    kinds
        Trains by kind.
    """
    received: Tally = Tally()     # noqa: RUF009 (immutable)
    classified: Tally = Tally()   # noqa: RUF009
    returned: Tally = Tally()     # noqa: RUF009
    written: Tally = Tally()      # noqa: RUF009
    blocked: Tally = Tally()      # noqa: RUF009
    rejected: Mapping[str, Tally] = field(default_factory=dict)
    skipped: Mapping[str, Tally] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[TrainKind, int] = field(default_factory=dict)
    sequence: TrainSequence = TrainSequence()

    def arrive(self, train_id: int, pulses: int, reconnected: bool = False,
               stalled: bool = False, shared: bool = False,
               believed: bool = False) -> tuple[Ledger, Arrival]:
        """Count a train at the entry of the handler.

        Parameters
        ----------
        train_id
            0 where there is none.
        pulses
            Number of pulses, 0 where not known.
        reconnected
            Whether it is the first train after the source was disconnected.
        stalled
            Whether this event loop was blocked, so that a gap is caused here.
        shared
            Whether other workers take trains of the same source, so that a gap
            is no loss.
        believed
            Whether the id is known to be right.
        """
        cause = (DISCONNECTED if reconnected else OURS if stalled
                 else UNEXPLAINED)
        sequence, arrival, change = self.sequence.follow(
            int(train_id), cause, believed)
        if shared:
            arrival, change = Arrival(arrival.kind), {}
        lost = dict(self.lost)
        for cause, trains in change.items():
            lost[cause] = lost.get(cause, 0) + trains
        kinds = dict(self.kinds) | {
            arrival.kind: self.kinds.get(arrival.kind, 0) + 1}
        return replace(self, received=self.received.plus(1, pulses),
                       sequence=sequence, lost=lost, kinds=kinds), arrival

    def refuse(self, pulses: int, reason: str) -> Ledger:
        """Count and reject a train that does not belong to the sequence."""
        return replace(self, received=self.received.plus(1, pulses)).reject(
            pulses, reason)

    def reject(self, pulses: int, reason: str) -> Ledger:
        """Count a train that cannot be used (rank, channels, missing key)."""
        return replace(self, rejected=_with(self.rejected, reason, 1, pulses))

    def skip(self, pulses: int, reason: str) -> Ledger:
        """Count a good train that was not processed (queue full, no model)."""
        return replace(self, skipped=_with(self.skipped, reason, 1, pulses))

    def classify(self, counts: Mapping[str, int],
                 skip_reason: str = "not looked at",
                 degraded: int = 0) -> Ledger:
        """Count a train that the engine has returned.

        Parameters
        ----------
        counts
            `TrainResult.counts()`.
        skip_reason
            Why its skipped pulses were left out, except for the `degraded`
            ones.
        degraded
            Number of pulses left out to shed load.
        """
        rejected = self.rejected
        for reason in REJECTIONS:
            rejected = _with(rejected, reason, 0, counts[reason])
        pulses = sum(counts[fate] for fate in (
            "classified", "skipped", *REJECTIONS))
        return replace(
            self, classified=self.classified.plus(1, counts["classified"]),
            returned=self.returned.plus(1, pulses), rejected=rejected,
            skipped=_with(_with(self.skipped, DEGRADED, 0, degraded),
                          skip_reason, 0, counts["skipped"] - degraded))

    def write(self, pulses: int, blocked: bool = False) -> Ledger:
        """Count a train whose output is written.

        Parameters
        ----------
        pulses
            Number of its pulses.
        blocked
            Whether a receiver did not accept it in time.
        """
        if blocked:
            return replace(self, blocked=self.blocked.plus(1, pulses))
        return replace(self, written=self.written.plus(1, pulses))

    def identity(self, in_flight: Tally | None = None,
                 in_output: Tally | None = None) -> str:
        """Check the sums.

        Parameters
        ----------
        in_flight
            What is between the entry and the return of the engine, as counted
            by queue and worker; None for nothing.
        in_output
            What has returned and is not yet written; None for nothing.

        Returns
        -------
        str
            "" if everything adds up, else one sentence.
        """
        in_flight, in_output = in_flight or Tally(), in_output or Tally()
        rejected, skipped = total(self.rejected), total(self.skipped)
        for position, unit in enumerate(Tally._fields):
            terms = {
                "classified": self.classified[position],
                "rejected": rejected[position],
                "skipped": skipped[position],
                "in flight": in_flight[position]}
            if self.received[position] != sum(terms.values()):
                return _unequal(unit, "received", self.received[position],
                                terms)
            terms = {"written": self.written[position],
                     "blocked": self.blocked[position],
                     "in output": in_output[position]}
            if self.returned[position] != sum(terms.values()):
                return _unequal(unit, "returned by the engine",
                                self.returned[position], terms)
        return ""


def _with(tallies: Mapping[str, Tally], reason: str, trains: int,
          pulses: int) -> Mapping[str, Tally]:
    if not trains and not pulses:
        return tallies
    return dict(tallies) | {
        reason: tallies.get(reason, Tally()).plus(trains, pulses)}


def _unequal(unit: str, name: str, value: int,
             terms: Mapping[str, int]) -> str:
    parts = " + ".join(f"{count} {term}" for term, count in terms.items())
    return (f"the {unit} do not add up: {value} {name}, but {parts} = "
            f"{sum(terms.values())}")
