"""From the labels of a train to the state of a pulse pattern.

A train votes (or does not), the window counts votes, the state follows with
hysteresis and dwell. Leaving a class is never delayed, entering one is.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..spectra import Code
from .config import UNKNOWN_INDEX, DecisionConfig, PulsePattern
from .halfway import halfway
from .observation import Observation
from .state import (
    NO_PULSE,
    NO_VOTE,
    REMEMBERED,
    Counted,
    PatternState,
    Slot,
    Span,
)


@dataclass(frozen=True)
class Ballot:
    """Vote of one train for one pulse pattern.

    Attributes
    ----------
    eligible
        Number of pulses with a class or unknown.
    fractions
        (C,) of the eligible pulses.
    unknown_fraction
        Of the eligible pulses.
    confidence
        (C,) mean over the pulses of each class, 0 without any.
    counted
        (C,) pulses of each class; none where the train did not vote or its
        mean is foreign.
    """
    slot: Slot
    eligible: int
    fractions: tuple[float, ...]
    unknown_fraction: float
    confidence: tuple[float, ...]
    counted: Counted

    @property
    def voted(self) -> bool:
        """Whether the train had enough eligible pulses to vote."""
        return self.slot.vote != NO_VOTE


def ballots(
        seen: Observation, config: DecisionConfig,
        patterns: Sequence[PulsePattern] | None = None) -> tuple[Ballot, ...]:
    """Return the ballot of a train for each pulse pattern.

    Parameters
    ----------
    patterns
        Instead of those of the configuration.
    """
    if patterns is None:
        patterns = config.patterns
    numbers = (np.arange(len(seen.labels)) if seen.pulse_numbers is None
               else seen.pulse_numbers)
    return tuple(_ballot(seen, pattern.selects(numbers, seen.light),
                         numbers, config, seen.means.foreign(pattern))
                 for pattern in patterns)


def _ballot(seen: Observation, chosen: NDArray[np.bool_],
            numbers: NDArray[np.integer], config: DecisionConfig,
            foreign: bool) -> Ballot:
    labels = np.asarray(seen.labels)[chosen]
    looked_at = int(np.count_nonzero(labels != Code.SKIPPED))
    rows = labels >= Code.UNKNOWN
    classes = len(config.classes)
    # a label that no class belongs to is as good as unknown
    labels = np.where(labels < classes, labels, Code.UNKNOWN)[rows]
    eligible = len(labels)
    counts = np.bincount(labels + 1, minlength=classes + 1)
    fractions = counts / max(eligible, 1)
    confidence = np.zeros(classes)
    if seen.confidence is not None:
        sums = np.bincount(labels + 1, np.asarray(seen.confidence)[chosen][
            rows], minlength=classes + 1)
        confidence = sums[1:] / np.maximum(counts[1:], 1)
    slot, pulses = Slot(NO_VOTE, seen.train_id), np.zeros(classes, int)
    if (eligible >= config.min_valid_pulses
            and eligible >= config.min_valid_fraction * looked_at):
        slot = Slot(UNKNOWN_INDEX, seen.train_id)
        if not foreign:
            pulses = counts[1:]
            slot = _vote(labels, numbers[chosen][rows], fractions[1:], config,
                         seen.train_id)
    return Ballot(slot, eligible, tuple(fractions[1:].tolist()),
                  float(fractions[0]), tuple(confidence.tolist()),
                  Counted(seen.train_id, tuple(pulses.tolist())))


def _vote(labels: NDArray[np.int8], numbers: NDArray[np.integer],
          fractions: NDArray[np.float64], config: DecisionConfig,
          train_id: int) -> Slot:
    best = int(np.argmax(fractions))
    if not fractions[best] >= config.fraction:
        return Slot(UNKNOWN_INDEX, train_id)
    return Slot(best, train_id, int(numbers[_onset(labels == best)]))


def _onset(holds: NDArray[np.bool_]) -> int:
    """Index from which on `holds` is true, with the fewest exceptions."""
    # +1 for every pulse behind the onset that holds, -1 for one that does not
    score = np.cumsum(np.where(holds, 1, -1)[::-1])[::-1]
    return int(np.argmax(score))


def advance(pattern: PatternState, ballot: Ballot, seen: Observation,
            config: DecisionConfig) -> PatternState:
    """Return the state of a pattern after a train that is newer."""
    slots = _window(pattern, ballot.slot, seen, config)
    votes = [slot.vote for slot in slots]
    leader = next((vote for vote in set(votes) if vote != NO_VOTE
                   and votes.count(vote) >= config.votes_needed), None)
    pattern = replace(pattern, slots=slots,
                      record=_record(pattern, ballot, seen, config),
                      held=_held(pattern, ballot, seen))
    if pattern.since is None:
        pattern = replace(pattern, since=seen.time)
    if leader is None or leader == UNKNOWN_INDEX:
        pattern = replace(pattern, candidate=None, candidate_since=None)
        lost_hold = votes.count(pattern.state) < config.votes_to_hold
        if pattern.state >= 0 and (leader is not None or lost_hold):
            pattern = _leave(pattern, seen)
        return pattern
    if leader == pattern.state:
        return replace(pattern, candidate=None, candidate_since=None)
    return _follow(pattern, leader, seen, config)


def _window(pattern: PatternState, slot: Slot, seen: Observation,
            config: DecisionConfig) -> tuple[Slot, ...]:
    slots = () if seen.kind.breaks else pattern.slots
    # more lost trains than the window holds push everything out as well
    gap = range(min(seen.lost, config.window), 0, -1)
    lost = (Slot(NO_VOTE, seen.train_id - behind) for behind in gap)
    return (*slots, *lost, slot)[-config.window:]


def _follow(pattern: PatternState, leader: int, seen: Observation,
            config: DecisionConfig) -> PatternState:
    """Another class has the votes: leave at once, enter after the dwell."""
    candidate, since = pattern.candidate, pattern.candidate_since
    if candidate is None or since is None or candidate.vote != leader:
        candidate, since = _first_vote(pattern.slots, leader), seen.time
        pattern = replace(
            pattern, candidate=candidate, candidate_since=since,
            candidate_halfway=_halfway(pattern, candidate))
    if not seen.time - since >= config.min_dwell:
        return _leave(pattern, seen) if pattern.state >= 0 else pattern
    previous = pattern.previous if pattern.state < 0 else pattern.state
    return PatternState(
        state=leader, previous=previous, since=seen.time,
        slots=pattern.slots, transition=candidate,
        halfway=pattern.candidate_halfway, held=max(
            slot.train_id for slot in pattern.slots if slot.vote == leader),
        record=tuple(each for each in pattern.record
                     if each.train_id >= candidate.train_id),
        decided_train=seen.train_id)


def _leave(pattern: PatternState, seen: Observation) -> PatternState:
    """From a class to unknown."""
    behind = _behind_last(pattern.slots, lambda s: s.vote == pattern.state)
    transition = (behind or pattern.slots[-1:])[0]._replace(pulse=NO_PULSE)
    return replace(pattern, state=UNKNOWN_INDEX, previous=pattern.state,
                   since=seen.time, decided_train=seen.train_id,
                   transition=transition, halfway=_behind_held(
                       pattern, transition))


def _held(pattern: PatternState, ballot: Ballot,
          seen: Observation) -> int | None:
    """The last train that voted for the present class, or the last one."""
    own = pattern.state if pattern.state >= 0 else pattern.previous
    if 0 <= ballot.slot.vote == own:
        return seen.train_id
    return None if seen.kind.breaks else pattern.held


def _record(pattern: PatternState, ballot: Ballot, seen: Observation,
            config: DecisionConfig) -> tuple[Counted, ...]:
    """With this train, where it shows a class."""
    before = () if seen.kind.breaks else pattern.record
    if not any(ballot.counted.pulses):
        return before
    return (*before, ballot.counted)[-max(REMEMBERED, config.window):]


def _halfway(pattern: PatternState, candidate: Slot) -> Span | None:
    """Among which trains half of the change to a candidate happened."""
    old, new = pattern.state, candidate.vote
    if old < 0:
        old = pattern.previous
    if old < 0:
        return None
    if old == new:      # it is back from unknown
        gone = pattern.transition.train_id
        return Span(min(gone, candidate.train_id), candidate.train_id)
    record = pattern.record
    first, last = halfway([(each.pulses[old], each.pulses[new])
                           for each in record])
    latest = record[min(last, len(record) - 1)].train_id
    if first:
        return Span(record[first - 1].train_id + 1, latest)
    return (None if pattern.held is None else
            Span(min(pattern.held + 1, record[0].train_id), latest))


def _behind_held(pattern: PatternState, transition: Slot) -> Span | None:
    return None if pattern.held is None else Span(
        min(pattern.held + 1, transition.train_id), transition.train_id)


def _first_vote(slots: tuple[Slot, ...], leader: int) -> Slot:
    """The first vote for `leader` behind the last one for another class."""
    behind = _behind_last(slots, lambda s: 0 <= s.vote != leader)
    # the other class may come last, while the leader still has the votes
    return next(slot for slot in behind or slots if slot.vote == leader)


def _behind_last(slots: tuple[Slot, ...],
                 fits: Callable[[Slot], bool]) -> tuple[Slot, ...]:
    last = max((i for i, slot in enumerate(slots) if fits(slot)), default=-1)
    return slots[last + 1:]
