"""When to reconnect to a sender that is connected but silent.

A connection can be dead at one end only: an unplugged cable, a host that has
failed, a socket that is no longer read. The receiver cannot distinguish that
from a sender without data; so after some silence it reconnects, and waits
longer each time. Pure: the clock is an argument.
"""
from dataclasses import dataclass, replace
from typing import Self

#: the waits double up to so many times the first one
LONGEST = 16


@dataclass(frozen=True)
class ReconnectBackoff:
    """Time since the last message; every method returns a new object.

    Attributes
    ----------
    after
        Seconds of silence after which to reconnect.
    since
        Monotonic seconds of the last message or attempt, or of the start.
    wait
        The next attempt is due after `wait` times `after`.
    attempts
        Number of attempts since the start.
    """
    after: float
    since: float
    wait: int = 1
    attempts: int = 0

    def heard(self, now: float) -> Self:
        """Return the state after a message."""
        return replace(self, since=now, wait=1)

    def is_due(self, now: float) -> bool:
        """Return whether to reconnect now."""
        return now - self.since >= self.after * self.wait

    def tried(self, now: float) -> Self:
        """Return the state after an attempt."""
        return replace(self, since=now, wait=min(2 * self.wait, LONGEST),
                       attempts=self.attempts + 1)
