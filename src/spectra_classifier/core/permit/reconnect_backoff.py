"""When to connect anew to somebody who is connected and says nothing.

A connection can be dead at one end only: a cable that was pulled, a host
that is gone, a socket that nobody reads any more. Whoever listens cannot
tell that from somebody who has nothing to say; so after some silence it
connects anew, and waits longer each time. Pure: the clock is an argument.
"""
from dataclasses import dataclass, replace
from typing import Self

#: the waits double up to so many times the first one
LONGEST = 16


@dataclass(frozen=True)
class ReconnectBackoff:
    """What was heard; every method gives a new one.

    `after`: s of silence after which to connect anew; `since`: monotonic s
    of the last word, of the last attempt, or of the start; `wait`: times
    `after` that is waited for next; `attempts`: since the start.
    """
    after: float
    since: float
    wait: int = 1
    attempts: int = 0

    def heard(self, now: float) -> Self:
        """A word has come."""
        return replace(self, since=now, wait=1)

    def is_due(self, now: float) -> bool:
        """Whether to connect anew."""
        return now - self.since >= self.after * self.wait

    def tried(self, now: float) -> Self:
        """It was done."""
        return replace(self, since=now, wait=min(2 * self.wait, LONGEST),
                       attempts=self.attempts + 1)
