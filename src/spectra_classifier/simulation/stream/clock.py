"""The schedule of the trains."""


class TrainClock:
    """Trains at equal distances; times are monotonic seconds.

    A delay of less than a period is made up for by a shorter wait. After a
    longer one the schedule moves, and `late` counts it, so that a stall never
    ends in a burst.

    Parameters
    ----------
    rate
        Hz.
    now
        When train 0 is due.
    """

    def __init__(self, rate: float, now: float) -> None:
        self.period = 1 / rate
        self.late = 0
        self._origin = now

    def due(self, tick: int) -> float:
        """When a train is due by the present schedule."""
        return self._origin + tick * self.period

    def wait(self, tick: int, now: float) -> float:
        """Seconds until a train is due, 0 if it is late."""
        delay = now - self.due(tick)
        if delay > self.period:
            self.late += 1
            self._origin += delay
        return max(-delay, 0.)
