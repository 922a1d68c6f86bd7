"""Running numbers for the screens: latency and rate."""
from collections import deque

import numpy as np

#: trains over which the latency is summarised (one minute at 10 Hz)
WINDOW = 600
#: time over which the rate is counted, s
RATE_TIME = 10.


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
