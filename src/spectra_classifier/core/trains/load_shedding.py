"""How much of a train there is time for: degraded on purpose, and back.

Two numbers are looked at: how long a train has waited for the engine, and
the load, which is the time that a train takes over the time between two
trains. Waiting alone does not degrade: a stall of something else ends by
itself, and an engine that has time to spare works it off.
"""
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ..spectra import PulseSelector

#: least share of the pulses; with less, whole trains are skipped
LEAST = 0.05
#: load from which an engine cannot keep up
OVERLOADED = 0.9
#: load aimed at when degrading: room to work off what waits
RELIEVED = 0.6
#: load aimed at when recovering
SUSTAINED = 0.8
#: a recovery that gives less than this factor is not worth a change
WORTH = 1.25
#: trains in a row that must allow a recovery
CALM = 20
#: trains of which the middle one tells the work: a single stall does not
_WORK = 5
#: s over which arrivals are counted. A burst behind a stall that is shorter
#: holds the trains of the stall, so that the rate comes out right
_WINDOW = 2.


@dataclass(frozen=True)
class Pace:
    """`share` of the pulses to look at; `calm` trains that allowed more."""
    share: float = 1.
    calm: int = 0


def advance(pace: Pace, load: float, waited: float, limit: float) -> Pace:
    """The `Pace` for the next train.

    load : of the last trains at this share, NaN where not known.
    waited, limit : s that this train waited, and may wait; where one of them
        is not known (NaN), nothing changes.
    """
    if not (waited <= limit or waited > limit):
        return Pace(pace.share)
    # the longer the trains wait, the more there is to work off
    bearable = RELIEVED + (OVERLOADED - RELIEVED) * limit / max(waited, limit)
    if waited > limit and load > bearable:
        return Pace(max(pace.share * RELIEVED / load, LEAST))
    if pace.share >= 1:
        return Pace()
    allowed = min(pace.share * SUSTAINED / load, 1.) if load > 0 else 0.
    if waited > limit / 2 or allowed < min(pace.share * WORTH, 1.):
        return Pace(pace.share)
    if pace.calm + 1 < CALM:
        return Pace(pace.share, pace.calm + 1)
    return Pace(allowed)


class Pacer:
    """Measures waiting and work, train by train.

    Tell `arrived` of every train that comes, also of those that are skipped
    in the end; in the thread that works, ask `share_for` before a train and
    tell `worked` after it.
    """

    def __init__(self) -> None:
        self.pace = Pace()
        self.turn = 0
        self._lock = threading.Lock()
        self._arrivals: deque[float] = deque()
        self._begin: float | None = None
        self._costs: deque[float] = deque(maxlen=_WORK)

    def arrived(self, received: float) -> None:
        """A train that wants to be worked on came, s monotonic."""
        with self._lock:
            if self._begin is None:
                self._begin = received
            self._arrivals.append(received)
            while self._arrivals[0] <= received - _WINDOW:
                self._arrivals.popleft()

    def share_for(self, received: float, now: float, limit: float) -> float:
        """Share of the pulses of a train to look at.

        received, now : s, monotonic: handler entry, and this moment.
        limit : s that a train may wait; infinite: never degrade.
        """
        self.turn += 1
        if limit == float("inf"):
            self.pace = Pace()
        else:
            self.pace = advance(self.pace, self.load, now - received, limit)
        return self.pace.share

    def worked(self, seconds: float) -> None:
        """The train took so long, at the present share."""
        self._costs.append(seconds / self.pace.share)

    @property
    def load(self) -> float:
        """Of the present share: work over the time there is, or NaN."""
        with self._lock:
            arrivals, begin = tuple(self._arrivals), self._begin
        if (begin is None or len(self._costs) < _WORK
                or len(arrivals) < _WORK):
            return float("nan")
        if arrivals[-1] - begin >= _WINDOW:
            period = _WINDOW / len(arrivals)
        else:
            period = (arrivals[-1] - begin) / (len(arrivals) - 1)
        cost = median(self._costs)
        return cost * self.pace.share / period if period > 0 else float("nan")


def left_out(numbers: NDArray[np.uint64], eligible: NDArray[np.bool_],
             patterns: Sequence[PulseSelector], share: float,
             turn: int) -> NDArray[np.bool_]:
    """(P,) bool, True for pulses that are not looked at in this train.

    numbers : (P,) integers that the pulse patterns select from.
    eligible : (P,) bool, pulses that would be classified; others stay False.
    patterns : objects with `selects(numbers)`, see `decision.PulsePattern`.
    share : of every pattern that is looked at, above 0 and up to 1.
    turn : number of the train; it turns the choice by one pulse.

    Pulses that belong to the same patterns are thinned evenly, so that of
    every pattern at least `share`, and at least one pulse, is looked at in
    every train; within ceil(1 / share) trains in turn it is every pulse.
    """
    out = np.zeros(len(numbers), bool)
    if share >= 1:
        return out
    kind = kinds(numbers, patterns)
    for each in np.unique(kind[eligible]):
        rows = np.flatnonzero(eligible & (kind == each))
        out[rows] = ~_chosen(len(rows), share, turn)
    return out


def kinds(numbers: NDArray[np.uint64],
          patterns: Sequence[PulseSelector]) -> NDArray[np.intp]:
    """(P,) integers, the same for pulses that belong to the same patterns."""
    kind = np.zeros(len(numbers), np.int64)
    for pattern in patterns:
        _, kind = np.unique(2 * kind + pattern.selects(numbers),
                            return_inverse=True)
    return kind


def _chosen(count: int, share: float, turn: int) -> NDArray[np.bool_]:
    """(count,) bool: ceil(share * count) of them, spread evenly."""
    # a share such as 0.2 is not exact: 0.2 * 5 must not become 2
    keep = max(int(np.ceil(share * count - 1e-9)), 1)
    return (np.arange(count) + turn % count) * keep % count < keep
