"""Compares what was sent with what was said; pure, believes nobody."""
import re
from array import array
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..reference_decision import (
    SKIPPED,
    Mind,
    Pattern,
    Rules,
    broken,
    vote,
)
from .expectations import SOURCE, Expectation
from .records import Said, Sent

#: s after which a train that has only one side is judged without the other
PATIENCE = 8.
#: s before a fault in which a train may already have been on its way
BEFORE = 1.
#: sentences of wrongs that are kept for the report
KEPT = 200
ALL = Pattern("all", 0, 1, 0)
#: the default settings of the classifier, as its documentation gives them;
#: which classes permit is the judge's
RULES = Rules(
    window=5, fraction=0.6, min_pulses=1, min_fraction=0.1, max_latency=500.,
    max_age=1000., stale_after=1., permits=frozenset(),
    interlocks=frozenset(), patterns=(ALL,), min_coverage=0.5)


@dataclass
class Excuse:
    """A time in which a fault explains a loss; `end` None: still going on.

    `kind`: the fault; monotonic s.
    """
    kind: str
    begin: float
    end: float | None = None

    def covers(self, at: float) -> bool:
        return self.begin - BEFORE <= at and (
            self.end is None or at <= self.end)


class Judge:
    """Reconciles every train; `wrongs` are sentences, `counts` numbers.

    `permitted`: indices of the classes that permit; `window`: trains that
    decide. What the codes of the trains permit is decided once more, by a
    specification that shares no code with the classifier. Feed it with
    `sent` and `said`, tell it of losses that a fault explains (`excuse`), of
    arming (`armed`) and of a dead classifier (`restarted`); call
    `settle(now)` now and then and with infinity at the end.
    """

    def __init__(self, permitted: Iterable[int] = (0,),
                 window: int = 5) -> None:
        self.permitted = frozenset(permitted)
        self.counts: Counter[str] = Counter()
        self.wrongs: deque[str] = deque(maxlen=KEPT)
        self.latencies = array("f")         # of quiet times
        self.all_latencies = array("f")
        self.explained: Counter[str] = Counter()
        self._sent: dict[int, deque[Sent]] = {}     # by train id
        self._said: deque[tuple[Said, bool, int]] = deque()
        self._recent: deque[bool] = deque(maxlen=window)
        self._excuses: deque[Excuse] = deque()
        self._forbidden: deque[Excuse] = deque()
        self._armed = self._permitted = False
        self._life = self._judged_life = 0      # of the classifier
        self._rules = replace(RULES, permits=self.permitted, window=window)
        self._mind, self._heard = Mind([]), 0
        self._sequence = -1

    # what comes in

    def sent(self, train: Sent) -> None:
        self.counts["trains_sent"] += 1
        self._sent.setdefault(train.train_id, deque()).append(train)

    def said(self, train: Said) -> None:
        self.counts["trains_received"] += 1
        self._said.append((train, self._armed, self._life))

    def armed(self) -> None:
        """An operator is arming the classifier now."""
        self._armed = True

    def restarted(self) -> None:
        """The classifier is gone; a new one starts disarmed."""
        self._armed = False
        self._life += 1

    def excuse(self, kind: str, begin: float) -> Excuse:
        """A fault begins that explains losses until its `end` is set."""
        self._excuses.append(Excuse(kind, begin))
        return self._excuses[-1]

    def forbid(self, kind: str, begin: float) -> Excuse:
        """From now on until its `end` no train has a class or a permit."""
        self._forbidden.append(Excuse(kind, begin))
        return self._forbidden[-1]

    def wrong(self, key: str, sentence: str) -> None:
        """Something that must not be; `key` is counted."""
        self.counts[key] += 1
        self.wrongs.append(f"{key}: {sentence}")

    # the judgement

    def settle(self, now: float) -> None:
        """Judge all that is complete, or too old to become so."""
        while self._said:
            said, armed, life = self._said[0]
            known = self._sent.get(said.train_id)
            if not known and now - said.at < PATIENCE:
                break
            self._said.popleft()
            self._begin_life(life)
            self._judge(said, known.popleft() if known else None, armed)
            if not known:
                self._sent.pop(said.train_id, None)
        oldest = self._said[0][0].at if self._said else now
        for train_id in [key for key, trains in self._sent.items()
                         if min(now, oldest) - trains[0].at > PATIENCE]:
            for train in self._sent.pop(train_id):
                self._lost(train)
        while self._excuses and self._excuses[0].end is not None and (
                now - self._excuses[0].end > 3 * PATIENCE):
            self._excuses.popleft()
        while self._forbidden and self._forbidden[0].end is not None and (
                now - self._forbidden[0].end > 3 * PATIENCE):
            self._forbidden.popleft()

    def _begin_life(self, life: int) -> None:
        if life != self._judged_life:
            self._judged_life = life
            self._permitted = False
            self._recent.clear()
            self._mind, self._heard = Mind([]), 0
            self._sequence = -1

    def _excused(self, at: float) -> str | None:
        return next((excuse.kind for excuse in self._excuses
                     if excuse.covers(at)), None)

    def _lost(self, sent: Sent) -> None:
        if kind := self._excused(sent.at):
            self.explained[kind] += 1
            return
        self.wrong("trains_lost_by_us", f"train {sent.train_id} "
                   f"({sent.fault or 'good'}) was sent and never came out")
        self.counts["pulses_unaccounted"] += sent.countable

    def _judge(self, said: Said, sent: Sent | None, armed: bool) -> None:
        excused = self._excused(said.at)
        self.all_latencies.append(said.latency)
        if not (excused or sent is None or sent.fault):
            self.latencies.append(said.latency)
        self.counts["pulses_received"] += said.pulses
        if said.coded != said.pulses:
            self._unaccounted(said, abs(said.pulses - said.coded),
                              f"{said.pulses} pulses, {said.coded} codes")
        if "do not add up" in said.reason:
            self.wrong("identity_broken", f"train {said.train_id}: "
                       f"{said.reason}")
        if sent is None:
            if not excused:
                self._unaccounted(said, said.pulses, "the source knows of no "
                                  "such train")
            self._judge_conditions(said, armed)
            return
        if said.pulses != sent.countable:
            self._unaccounted(said, abs(said.pulses - sent.countable),
                              f"{said.pulses} pulses came out, "
                              f"{sent.countable} were sent")
        self._judge_conditions(said, armed)
        self._judge_classes(said, sent)
        self._judge_permit(said, sent)

    def _unaccounted(self, said: Said, pulses: int, sentence: str) -> None:
        self.wrong("trains_unaccounted", f"train {said.train_id}: {sentence}")
        self.counts["pulses_unaccounted"] += pulses

    def _judge_conditions(self, said: Said, armed: bool) -> None:
        """Every permit is given by the codes that were sent.

        Trains that were lost and votes that a change of the settings made
        void are not known here: the window of the judge is the longer one,
        and permits whenever that of the classifier may. Who comes to a
        running stream knows its state after two windows at the latest.
        """
        if said.sequence > self._sequence:
            self._mind.hear(vote(said.codes, None, ALL, self._rules,
                                 foreign=said.foreign),
                            said.at, self._rules)
            self._heard += 1
        self._sequence = said.sequence
        if not said.permit:
            return
        left_out = said.codes.count(SKIPPED) / max(len(said.codes), 1)
        rules = (self._rules if self._heard > 2 * self._rules.window
                 else replace(self._rules, permits=frozenset({
                     *self.permitted, self._mind.state})))
        lacking = broken(
            armed=armed, model=bool(said.model), age=0.,
            latency=said.latency, coverage=1 - left_out, drift=True,
            adds_up=True, latched=False, alone=True, train_id=said.train_id,
            states={ALL.name: self._mind.state}, rules=rules)
        self.counts["permits"] += 1
        if lacking:
            self.wrong("wrong_permits", f"train {said.train_id} permits, "
                       f"and the specification does not: {lacking}")

    def _judge_classes(self, said: Said, sent: Sent) -> None:
        """Pulses that cannot show a class have none."""
        expected = SOURCE.get(sent.fault)
        why = (sent.fault if expected is not None and not expected.usable
               else next((period.kind for period in self._forbidden
                          if period.begin <= said.at and not (
                              period.end and said.at > period.end)), ""))
        if why and said.classed:
            self.wrong("wrong_classes", f"train {said.train_id}: "
                       f"{said.classed} pulses have a class with {why!r}")
        if why and said.permit and not sent.fault:
            self.wrong("wrong_permits", f"train {said.train_id} permits with "
                       f"{why!r}")

    def _judge_permit(self, said: Said, sent: Sent) -> None:
        expected = SOURCE.get(sent.fault)
        usable = expected is None or expected.usable
        forbidden = not usable or (
            sent.majority not in self.permitted and sent.distance > 0)
        self._recent.append(forbidden)
        permitted_before, self._permitted = self._permitted, said.permit
        if expected is not None and expected.denies:
            self._judge_denial(said, sent, expected, permitted_before)
        elif (said.permit and len(self._recent) == self._recent.maxlen
                and all(self._recent)):
            self.wrong("wrong_permits", f"train {said.train_id} permits, and "
                       f"none of the last {len(self._recent)} trains shows "
                       "a class that permits")

    def _judge_denial(self, said: Said, sent: Sent, expected: Expectation,
                      permitted_before: bool) -> None:
        self.counts["denials"] += 1
        if said.permit:
            self.wrong("wrong_permits", f"train {said.train_id} permits "
                       f"with the fault {sent.fault!r}")
        elif permitted_before and not re.search(expected.reason,
                                                said.reason):
            self.wrong("wrong_reasons", f"train {said.train_id} with the "
                       f"fault {sent.fault!r} says {said.reason!r}")
