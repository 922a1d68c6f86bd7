"""Every train and every pulse has one fate, and the sums are checked.

The terms are counted where they happen: `arrive` at the entry of the input
handler, `reject` and `skip` where a train ends early, `classify` when the
engine returns, `write` when the output is out. What is between the points
is in flight, and its number comes from the queues themselves, not from the
sums.
"""
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

#: train ids remembered behind the newest one (100 s at 10 Hz)
MEMORY = 1000
#: gap of train ids from which it is no loss but another clock (1 h)
LONGEST_GAP = 36_000
#: known ids in rising order after which the sender has started anew
RESTART_AFTER = 5

#: why trains never came: our event loop stood still, the source was gone, or
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
    JUMP = "jump"            # far ahead: another clock, nothing to count
    RESTART = "restart"      # ids go back: the sender has started anew
    UNTIMED = "untimed"      # id 0: no time server, gaps cannot be counted

    @property
    def news(self):
        """Whether such a train says something newer than those before."""
        return self not in (TrainKind.REPEATED, TrainKind.LATE)

    @property
    def breaks(self):
        """Whether what was decided before has lost its thread."""
        return self in (TrainKind.JUMP, TrainKind.RESTART)


class Arrival(NamedTuple):
    """What the id of a train says: its kind, and the trains lost before."""
    kind: TrainKind
    lost: int = 0


class Tally(NamedTuple):
    """A number of trains and the pulses in them."""
    trains: int = 0
    pulses: int = 0

    def plus(self, trains, pulses):
        return Tally(self.trains + trains, self.pulses + pulses)


def total(tallies):
    """The sum of a dictionary of tallies."""
    return Tally(*map(sum, zip(*tallies.values(), strict=True))
                 ) if tallies else Tally()


@dataclass(frozen=True)
class TrainSequence:
    """Follows the train ids and sorts out gaps, repetitions and restarts.

    `newest`: highest id since the last restart, 0 before the first;
    `missing`: cause of loss by id, for the last `MEMORY` ids; `behind`:
    (last repeated or late id, how many in rising order).
    """
    newest: int = 0
    missing: dict = field(default_factory=dict)
    behind: tuple = (0, 0)

    def follow(self, train_id, cause=UNEXPLAINED):
        """(sequence, `Arrival`, losses that turn out to be none, by cause).

        `cause` of a gap before this train. DISCONNECTED: it is the first
        one after the source was gone, so an id that goes back is a restart.
        """
        if train_id == 0:
            return self, Arrival(TrainKind.UNTIMED), {}
        gap = train_id - self.newest - 1
        if not self.newest:
            return TrainSequence(train_id), Arrival(TrainKind.NEW), {}
        if gap >= LONGEST_GAP:
            return TrainSequence(train_id), Arrival(TrainKind.JUMP), {}
        if gap >= 0:
            return self._ahead(train_id, cause), Arrival(
                TrainKind.NEW, gap), {}
        if train_id in self.missing:
            return self._late(train_id)
        return *self._known(train_id, cause == DISCONNECTED), {}

    def _ahead(self, train_id, cause):
        oldest = train_id - MEMORY
        missing = {number: why for number, why in self.missing.items()
                   if number > oldest}
        missing.update(dict.fromkeys(
            range(max(self.newest, oldest) + 1, train_id), cause))
        return TrainSequence(train_id, missing)

    def _late(self, train_id):
        run = self._run(train_id)
        if run >= RESTART_AFTER:
            # an id that was wrong has gone ahead: nothing behind it is lost
            return TrainSequence(train_id), Arrival(TrainKind.RESTART), (
                Counter(cause for number, cause in self.missing.items()
                        if number >= train_id))
        missing = dict(self.missing)
        cause = missing.pop(train_id)
        return (replace(self, missing=missing, behind=(train_id, run)),
                Arrival(TrainKind.LATE), {cause: 1})

    def _run(self, train_id):
        """How many ids in rising order have come behind the newest."""
        last, run = self.behind
        return run + 1 if train_id > last else 1

    def _known(self, train_id, reconnected):
        run = self._run(train_id)
        if (reconnected or run >= RESTART_AFTER
                or train_id <= self.newest - MEMORY):
            return TrainSequence(train_id), Arrival(TrainKind.RESTART)
        return (replace(self, behind=(train_id, run)),
                Arrival(TrainKind.REPEATED))


@dataclass(frozen=True)
class Ledger:
    """All counts since the start; every method gives a new ledger.

    `received`: at the entry; `classified`: trains that the engine had, and
    of their pulses those that it decided on (unknown included); `returned`:
    the same trains with all their pulses; `written`: at the output, taken
    by all receivers; `blocked`: at the output, where one that was waited for
    did not take it in time (the others have it);
    `rejected` and `skipped`: tallies by reason, where a reason of the engine
    counts pulses and no trains; `lost`: trains that never came, by cause;
    `kinds`: trains by `TrainKind`.
    """
    received: Tally = Tally()     # noqa: RUF009 (immutable)
    classified: Tally = Tally()   # noqa: RUF009
    returned: Tally = Tally()     # noqa: RUF009
    written: Tally = Tally()      # noqa: RUF009
    blocked: Tally = Tally()      # noqa: RUF009
    rejected: dict = field(default_factory=dict)
    skipped: dict = field(default_factory=dict)
    lost: dict = field(default_factory=dict)
    kinds: dict = field(default_factory=dict)
    sequence: TrainSequence = TrainSequence()

    def arrive(self, train_id, pulses, reconnected=False, stalled=False,
               shared=False):
        """A train at the entry of the handler: (ledger, `Arrival`).

        `pulses`: how many it brings, 0 where that cannot be told;
        `reconnected`: the first train after the source was gone; `stalled`:
        our event loop has just stood still, so a gap is of our making;
        `shared`: others take trains of the same source, so a gap is theirs.
        """
        cause = (DISCONNECTED if reconnected else OURS if stalled
                 else UNEXPLAINED)
        sequence, arrival, mended = self.sequence.follow(
            int(train_id), cause)
        if shared:
            arrival, mended = Arrival(arrival.kind), {}
        lost = dict(self.lost)
        if arrival.lost:
            lost[cause] = lost.get(cause, 0) + arrival.lost
        for cause, trains in mended.items():
            lost[cause] -= trains
        kinds = self.kinds | {
            arrival.kind: self.kinds.get(arrival.kind, 0) + 1}
        return replace(self, received=self.received.plus(1, pulses),
                       sequence=sequence, lost=lost, kinds=kinds), arrival

    def refuse(self, pulses, reason):
        """A train that is none of ours: its id says nothing about ours."""
        return replace(self, received=self.received.plus(1, pulses)).reject(
            pulses, reason)

    def reject(self, pulses, reason):
        """A train that cannot be used (rank, channels, missing key)."""
        return replace(self, rejected=_with(self.rejected, reason, 1, pulses))

    def skip(self, pulses, reason):
        """A good train that nobody looked at (queue full, no model)."""
        return replace(self, skipped=_with(self.skipped, reason, 1, pulses))

    def classify(self, counts, skip_reason="not looked at", degraded=0):
        """A train back from the engine, with its `TrainResult.counts()`.

        `skip_reason`: why its skipped pulses were left out, but for as many
        as were `degraded`.
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

    def write(self, pulses, blocked=False):
        """A train whose output, of so many pulses, is out.

        `blocked`: a receiver did not take it in time.
        """
        if blocked:
            return replace(self, blocked=self.blocked.plus(1, pulses))
        return replace(self, written=self.written.plus(1, pulses))

    def identity(self, in_flight=None, in_output=None):
        """"" where everything adds up, else a sentence that says what not.

        `in_flight`: `Tally` of what is between the entry and the return of
        the engine, as the queue and the worker count it; `in_output`: of
        what has returned and is not written yet. Both None at rest.
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


def _with(tallies, reason, trains, pulses):
    if not trains and not pulses:
        return tallies
    return tallies | {
        reason: tallies.get(reason, Tally()).plus(trains, pulses)}


def _unequal(unit, name, value, terms):
    parts = " + ".join(f"{count} {term}" for term, count in terms.items())
    return (f"the {unit} do not add up: {value} {name}, but {parts} = "
            f"{sum(terms.values())}")
