"""Running numbers for the screens: latency and rate."""
from collections import deque

import numpy as np

#: trains over which the latency is summarised (one minute at 10 Hz)
WINDOW = 600
#: time over which the rate is counted, s
RATE_TIME = 10.
#: s without a sign of life from which our event loop has stood still
STALLED = 0.5
#: s after which its effect on the trains has passed: they are queued
AFTERMATH = 2.


class Latencies:
    """Percentiles over the last `WINDOW` trains, ms."""

    def __init__(self):
        self._values = deque(maxlen=WINDOW)

    def add(self, milliseconds):
        self._values.append(milliseconds)

    def percentiles(self):
        """(median, 99 %), zeros before the first train."""
        if not self._values:
            return 0., 0.
        median, high = np.percentile(self._values, (50, 99))
        return float(median), float(high)


class Rate:
    """Events per second over the last `RATE_TIME` seconds."""

    def __init__(self):
        self._times = deque()

    def add(self, now):
        self._times.append(now)
        self._forget(now)

    def value(self, now):
        """Hz; zero with fewer than two events in the time looked at."""
        self._forget(now)
        if len(self._times) < 2:
            return 0.
        span = self._times[-1] - self._times[0]
        return (len(self._times) - 1) / span if span > 0 else 0.

    def _forget(self, now):
        while self._times and now - self._times[0] > RATE_TIME:
            self._times.popleft()


class Stall:
    """Whether our own event loop has just stood still.

    Something in it looks at the clock several times a second; where nothing
    did, it was our loop, and trains that are missing then are lost by us.
    """

    def __init__(self):
        self._last = None
        self._until = -1.

    def seen(self, now):
        """A sign of life at `now`, monotonic s; True within the aftermath of
        a stall: as long again as it took, and a little more."""
        silent = 0. if self._last is None else now - self._last
        self._last = now
        if silent > STALLED:
            self._until = now + silent + AFTERMATH
        return now <= self._until
