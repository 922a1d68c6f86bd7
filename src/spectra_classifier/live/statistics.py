"""Running statistics for display: latency, rate, stalls."""
from collections import deque

import numpy as np

#: trains over which the latency is summarised (one minute at 10 Hz)
WINDOW = 600
#: time over which the rate is counted, s
RATE_TIME = 10.
#: s without a sign of life after which our event loop counts as stalled
STALLED = 0.5
#: s for which a stall may still affect the trains, which are queued
AFTERMATH = 2.


class Latencies:
    """Percentiles of the latency over the last `WINDOW` trains."""

    def __init__(self) -> None:
        self._values: deque[float] = deque(maxlen=WINDOW)

    def add(self, milliseconds: float) -> None:
        """Add the latency of a train."""
        self._values.append(milliseconds)

    def percentiles(self) -> tuple[float, float]:
        """Median and 99th percentile in ms; zeros before the first train."""
        if not self._values:
            return 0., 0.
        median, high = np.percentile(self._values, (50, 99))
        return float(median), float(high)


class Rate:
    """Events per second over the last `RATE_TIME` seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def add(self, now: float) -> None:
        """Count an event at `now`, monotonic s."""
        self._times.append(now)
        self._forget(now)

    def value(self, now: float) -> float:
        """The rate in Hz at `now`; zero with fewer than two events."""
        self._forget(now)
        if len(self._times) < 2:
            return 0.
        span = self._times[-1] - self._times[0]
        return (len(self._times) - 1) / span if span > 0 else 0.

    def _forget(self, now: float) -> None:
        while self._times and now - self._times[0] > RATE_TIME:
            self._times.popleft()


class Stall:
    """Detects that our own event loop has just been stalled.

    The loop calls `seen` several times a second. Trains that are missing
    after a pause in these calls were lost by this process.
    """

    def __init__(self) -> None:
        self._last: float | None = None
        self._until = -1.

    def seen(self, now: float) -> bool:
        """Report a sign of life at `now`, monotonic s.

        Returns
        -------
        True while a stall may still have an effect: for its own duration and
        `AFTERMATH` seconds more.
        """
        silent = 0. if self._last is None else now - self._last
        self._last = now
        if silent > STALLED:
            self._until = now + silent + AFTERMATH
        return now <= self._until
