"""Load shedding: the share of the pulses that there is time for.

Two quantities are measured: how long a train has waited for the engine, and
the load, which is the processing time of a train divided by the time between
two trains. Waiting alone does not reduce the share: another kind of stall
ends by itself, and an engine with spare capacity catches up.
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
#: trains whose median is taken as the work: a single stall does not
_WORK = 5
#: s over which arrivals are counted. A burst behind a stall that is shorter
#: holds the trains of the stall, so that the rate comes out right
_WINDOW = 2.


@dataclass(frozen=True)
class Pace:
    """Share of the pulses to classify, and trains in a row that allowed more.
    """
    share: float = 1.
    calm: int = 0


def advance(pace: Pace, load: float, waited: float, limit: float) -> Pace:
    """Return the `Pace` for the next train.

    Parameters
    ----------
    load
        Of the last trains at this share; NaN where not known.
    waited, limit
        Seconds that this train waited, and may wait. NaN changes nothing.
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
    """Measures waiting and processing time, train by train.

    Call `arrived` for every train that arrives, also for those that are
    skipped later; in the working thread, `share_for` before a train and
    `worked` after it.
    """

    def __init__(self) -> None:
        self.pace = Pace()
        self.turn = 0
        self._lock = threading.Lock()
        self._arrivals: deque[float] = deque()
        self._begin: float | None = None
        self._costs: deque[float] = deque(maxlen=_WORK)

    def arrived(self, received: float) -> None:
        """Record the arrival of a train at `received`, in monotonic seconds.
        """
        with self._lock:
            if self._begin is None:
                self._begin = received
            self._arrivals.append(received)
            while self._arrivals[0] <= received - _WINDOW:
                self._arrivals.popleft()

    def share_for(self, received: float, now: float, limit: float) -> float:
        """Return the share of the pulses of a train to classify.

        Parameters
        ----------
        received, now
            Monotonic seconds at the handler entry, and at present.
        limit
            Seconds that a train may wait; infinite: always all pulses.
        """
        self.turn += 1
        if limit == float("inf"):
            self.pace = Pace()
        else:
            self.pace = advance(self.pace, self.load, now - received, limit)
        return self.pace.share

    def expect(self, seconds: float, limit: float) -> None:
        """Begin anew, with an engine that has not been measured.

        Parameters
        ----------
        seconds
            That all pulses of a train are expected to take.
        limit
            As in `share_for`; a train is to take no longer.
        """
        self._costs.clear()
        self.pace = Pace(max(limit / seconds, LEAST) if seconds > limit
                         else 1.)

    def worked(self, seconds: float) -> None:
        """Record the seconds that the train took, at the present share."""
        self._costs.append(seconds / self.pace.share)

    @property
    def load(self) -> float:
        """Processing over available time at the present share, or NaN."""
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
             turn: int, light: NDArray[np.uint8] | None = None,
             ) -> NDArray[np.bool_]:
    """Return which pulses are not classified in this train, (P,).

    Pulses that belong to the same patterns are thinned evenly, so that of
    every pattern at least `share`, and at least one pulse, is classified in
    every train; within ceil(1 / share) trains every pulse has its turn.

    Parameters
    ----------
    numbers
        (P,) that the pulse patterns select from.
    eligible
        (P,) pulses that would be classified; the others are False in the
        result.
    share
        Of every pattern, above 0 and up to 1.
    turn
        Number of the train; shifts the selection by one pulse.
    light
        (P,) as in `Train`.
    """
    out = np.zeros(len(numbers), bool)
    if share >= 1:
        return out
    kind = kinds(numbers, patterns, light)
    for each in np.unique(kind[eligible]):
        rows = np.flatnonzero(eligible & (kind == each))
        out[rows] = ~_chosen(len(rows), share, turn)
    return out


def kinds(numbers: NDArray[np.uint64],
          patterns: Sequence[PulseSelector],
          light: NDArray[np.uint8] | None = None) -> NDArray[np.intp]:
    """(P,) integers, the same for pulses that belong to the same patterns."""
    kind = np.zeros(len(numbers), np.int64)
    for pattern in patterns:
        _, kind = np.unique(2 * kind + pattern.selects(numbers, light),
                            return_inverse=True)
    return kind


def _chosen(count: int, share: float, turn: int) -> NDArray[np.bool_]:
    """(count,) bool: ceil(share * count) of them, spread evenly."""
    # a share such as 0.2 is not exact: 0.2 * 5 must not become 2
    keep = max(int(np.ceil(share * count - 1e-9)), 1)
    return (np.arange(count) + turn % count) * keep % count < keep
