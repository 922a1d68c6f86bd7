"""When the next train is due."""


class TrainClock:
    """Trains at equal distances; times are monotonic seconds.

    `rate` in Hz; `now`: when train 0 is due. What was held up for less than
    a period is made up for by a shorter wait; what was held up for longer is
    not: the schedule moves, and `late` counts it, so that a stall never ends
    in a burst that nobody asked for.
    """

    def __init__(self, rate, now):
        self.period = 1 / rate
        self.late = 0
        self._origin = now

    def due(self, tick):
        """When a train is due by the present schedule."""
        return self._origin + tick * self.period

    def wait(self, tick, now):
        """Seconds until a train is due, 0 if it is late."""
        delay = now - self.due(tick)
        if delay > self.period:
            self.late += 1
            self._origin += delay
        return max(-delay, 0.)
