"""Keeps helper threads off the processor of the thread that wakes them.

Where no processors are known to share a cache, as in many virtual machines,
Linux wakes a thread on the processor of its waker. Both then take turns
there, for milliseconds, while another processor is idle
(docs/decisions/0076-helpers-on-another-processor.md).
"""
import ctypes
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress


class HelperPlacement:
    """Processors on which some helper threads may run.

    Works on Linux; elsewhere the system decides alone.
    """

    def __init__(self) -> None:
        self._helpers: list[int] = []
        self._kept: tuple[int, set[int], int] | None = None
        self._processor = _processor_of_this_thread()

    def enter(self) -> None:
        """Called by each helper when it begins."""
        self._helpers.append(threading.get_native_id())

    def away_from_here(self) -> None:
        """Called by the thread that is about to wake the helpers.

        They may run where the caller may, but for its present processor if
        there is another one. Never raises.
        """
        if sys.platform != "linux" or self._processor is None:
            return
        here, allowed = self._processor(), os.sched_getaffinity(0)
        wanted = here, allowed, len(self._helpers)
        if wanted == self._kept:
            return
        for helper in list(self._helpers):
            with suppress(OSError):     # one that has ended
                os.sched_setaffinity(helper, allowed - {here} or allowed)
        self._kept = wanted


def _processor_of_this_thread() -> Callable[[], int] | None:
    """The `sched_getcpu` of the system, None where there is none."""
    return getattr(ctypes.CDLL(None), "sched_getcpu", None)
