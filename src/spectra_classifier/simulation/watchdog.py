"""An output bit behind a watchdog, as a PLC program has it; no hardware."""
import math
import time
from collections.abc import Callable

from .shutter import DeadManShutter


class HeartbeatOutput:
    """Is on while a heartbeat changes; off when it does not within `limit`.

    One change alone switches nothing on: a write that waited somewhere while
    its sender was gone arrives late and alone. The second one within the time
    does. Only changes count: a value that is written again proves that the
    way is alive, and not that the sender still looks.

    Parameters
    ----------
    limit
        Seconds within which the heartbeat has to change.
    on_expiry
        Called from the watching thread after the output has switched off.

    Raises
    ------
    ValueError
        If the limit is not above 0 and finite.
    """

    def __init__(self, limit: float,
                 on_expiry: Callable[[], object] | None = None) -> None:
        if not limit > 0:
            raise ValueError(f"a watchdog of {limit:g} s: give a time above 0")
        # the same dead man as that of a shutter which has to be held
        self._bit = DeadManShutter(limit, on_expiry)
        self._value: object = None
        self._changed = -math.inf
        self.changes = 0

    @property
    def is_on(self) -> bool:
        return self._bit.is_open

    @property
    def expiries(self) -> int:
        """How often the heartbeat did not change in time."""
        return self._bit.self_closes

    @property
    def off_at(self) -> float:
        """Time at which it was last switched off, seconds since 1970."""
        return self._bit.closed_at

    @property
    def alive(self) -> bool:
        """Whether the watching thread runs."""
        return self._bit.alive

    def beat(self, value: object) -> None:
        """Take a value of the heartbeat; one that is no change is ignored."""
        before, self._value = self._value, value
        if before is None or value == before:
            return
        now = time.monotonic()
        self.changes += 1
        if not self._bit.hold() and (
                now - self._changed < self._bit.hold_time):
            self._bit.open()
        self._changed = now

    def end(self) -> None:
        """Switch off for good."""
        self._bit.end()
