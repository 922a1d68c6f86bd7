"""Property values that wait for their turn.

A property that changes with every train costs a message of the broker, work
of every client that shows it, and an archived value, ten times a second. What
changes with every train is in the channel `output`; the properties follow
within a number of bytes a second.
"""
from collections.abc import Iterable, Mapping
from typing import Any

from karabo.middlelayer import Hash

#: bytes a second on the average, and at once after a quiet time, of values
#: that are not quick
RATE, BURST = 250., 6000.
#: bytes of a value without its name and data
VALUE = 65
#: bytes of a number, and of a cell of a table with its name
NUMBER, CELL = 8, 24


class PacedValues:
    """Values of properties by path, until they are taken.

    A value that is offered again takes the place of the one that waits. Quick
    ones, few and small, are never held back, and hold back no others.

    Parameters
    ----------
    together
        Paths of values that make sense together only, as counters whose sum
        is another one: they are taken in one go. None of them is quick.
    """

    def __init__(self, together: Iterable[str] = ()) -> None:
        self._together = frozenset(together)
        self._quick: dict[str, Any] = {}
        self._slow: dict[str, Any] = {}
        self._left = BURST
        self._since: float | None = None

    def offer(self, values: Mapping[str, Any], quick: bool = False) -> None:
        """Let values wait; those that are quick are taken first."""
        queue, other = ((self._quick, self._slow) if quick
                        else (self._slow, self._quick))
        queue.update(values)
        for path in values:
            other.pop(path, None)

    def drop(self, paths: Iterable[str]) -> None:
        """Forget what has been written in another way."""
        for path in paths:
            self._quick.pop(path, None)
            self._slow.pop(path, None)

    def take(self, now: float, everything: bool = False) -> dict[str, Any]:
        """The values whose turn it is, the longest waiting first.

        Parameters
        ----------
        now
            Seconds, monotonic.
        everything
            Take all of them: something has happened.
        """
        if self._since is not None:
            self._left = min(BURST, self._left + RATE * (now - self._since))
        self._since = now
        found, self._quick = self._quick, {}
        while self._slow and (everything or self._left > 0):
            first = next(iter(self._slow))
            paths = ([path for path in self._slow if path in self._together]
                     if first in self._together else [first])
            for path in paths:
                found[path] = self._slow.pop(path)
                self._left -= _size(path, found[path])
        self._left = max(self._left, -BURST)
        return found


def _size(path: str, value: object) -> int:
    """Roughly the bytes of a value in a message."""
    size = VALUE + len(path)
    if isinstance(value, str):
        return size + len(value)
    if not isinstance(value, list | tuple):
        return size + NUMBER
    return size + sum(
        CELL * len(item) if isinstance(item, tuple | list | Hash)
        else len(item) if isinstance(item, str) else NUMBER
        for item in value)
