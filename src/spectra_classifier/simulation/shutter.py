"""A shutter with a dead man's switch, without hardware and without Karabo."""
import math
import threading
import time
from collections.abc import Callable

#: why it was closed, where a caller has closed it
ASKED = "asked to close"


class DeadManShutter:
    """Opens on request and closes by itself unless it is held.

    An open shutter needs `hold` (or another `open`) within every
    `hold_time` seconds of the monotonic clock; 0 switches the dead man off.
    A thread of its own watches the time, so that a blocked event loop cannot
    keep the shutter open. `is_open` is right even before that thread has
    run. All methods may be called from any thread.

    Parameters
    ----------
    hold_time
        Seconds between two holds, 0 for no dead man.
    on_self_close
        Called from the watching thread after the shutter has closed by itself.

    Raises
    ------
    ValueError
        If the hold time is negative or not finite.
    """

    def __init__(self, hold_time: float,
                 on_self_close: Callable[[], object] | None = None) -> None:
        self.opens = self.closes = self.self_closes = 0
        self.last_close_reason = "closed since start"
        self.closed_at = time.time()
        self._hold_time = _checked(hold_time)
        self._on_self_close = on_self_close
        self._open = False
        self._held = 0.
        self._ended = False
        self._change = threading.Condition()
        self._watch = threading.Thread(
            target=self._run, name="dead man", daemon=True)
        self._watch.start()

    @property
    def is_open(self) -> bool:
        with self._change:
            return self._open and self._remaining() > 0

    @property
    def alive(self) -> bool:
        """Whether the watching thread runs."""
        return self._watch.is_alive()

    @property
    def hold_time(self) -> float:
        """Seconds between two holds, 0 for no dead man.

        A change counts as a hold of an open shutter.
        """
        return self._hold_time

    @hold_time.setter
    def hold_time(self, seconds: float) -> None:
        seconds = _checked(seconds)
        with self._change:
            self._close_if_late()
            self._hold_time = seconds
            self._held = time.monotonic()
            self._change.notify()

    def open(self) -> None:
        """Open, or hold what is open already."""
        with self._change:
            self._close_if_late()
            self._held = time.monotonic()
            if not self._open:
                self._open = True
                self.opens += 1
            self._change.notify()

    def hold(self) -> bool:
        """Renew the dead man of an open shutter; never opens a closed one.

        Returns
        -------
        bool
            Whether the shutter is open.
        """
        with self._change:
            self._close_if_late()
            if self._open:
                self._held = time.monotonic()
            return self._open

    def close(self, reason: str = ASKED) -> None:
        with self._change:
            self._close_if_late()
            if self._open:
                self._set_closed(reason)
            self._change.notify()

    def end(self) -> None:
        """Close for good and stop the watching thread."""
        with self._change:
            if self._open:
                self._set_closed("the shutter was shut down")
            self._ended = True
            self._change.notify()
        if threading.current_thread() is not self._watch:
            self._watch.join()

    def _remaining(self) -> float:
        if not self._hold_time:
            return float("inf")
        return self._held + self._hold_time - time.monotonic()

    def _set_closed(self, reason: str) -> None:
        self._open = False
        self.closes += 1
        self.closed_at = time.time()
        self.last_close_reason = reason

    def _close_if_late(self) -> None:
        if self._open and not self._remaining() > 0:
            self.self_closes += 1
            self._set_closed(f"not held for {self._hold_time:g} s")

    def _run(self) -> None:
        announced = 0
        while True:
            with self._change:
                self._close_if_late()
                if self.self_closes == announced:
                    if self._ended:
                        return
                    self._change.wait(
                        self._remaining() if self._open and self._hold_time
                        else None)
                    continue
                announced = self.self_closes
            if self._on_self_close:
                self._on_self_close()


def _checked(seconds: float) -> float:
    """Seconds that a dead man can count: NaN would never be over."""
    seconds = float(seconds)
    if not 0 <= seconds < math.inf:
        raise ValueError(f"a hold time of {seconds:g} s: give a finite one, "
                         "or 0 for none")
    return seconds
