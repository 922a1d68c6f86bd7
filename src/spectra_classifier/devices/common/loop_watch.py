"""A thread that reports a blocked event loop."""
from collections.abc import Callable
from threading import Event, Thread
from typing import Self

from ...process import WORK_LOST, end_with_reason

#: seconds between two looks
PERIOD = 0.1


def end_process(device_id: str,
                reason: str = "the event loop stands still") -> None:
    """End this process, for its supervisor to restart it."""
    end_with_reason(device_id, reason, WORK_LOST)


class LoopWatch:
    """Calls `on_stall` from a thread after `limit` s without a `beat`.

    The seconds are counted in looks of the thread itself, so that a process
    that was stopped as a whole and goes on is given the time to beat.
    """

    def __init__(self, limit: float,
                 on_stall: Callable[[], None]) -> None:
        self._looks = max(1, round(limit / PERIOD))
        self._on_stall = on_stall
        self._missed = 0
        self._ended = Event()
        self._thread = Thread(target=self._run, name="loop watch",
                              daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def beat(self) -> None:
        """The event loop turns."""
        self._missed = 0

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(PERIOD):
            self._missed += 1
            if self._missed > self._looks:
                self._on_stall()
                return
