"""Long work gives way, between its steps, to what must not wait.

Loading a model takes some tenths of a second of one core and of the lock of
the interpreter. The trains of that time share both with it, unless the work
stands still while one of them is on its way. Whoever starts the work says
how to wait; the steps only say where one ends.
"""
import threading
from collections.abc import Callable

_thread = threading.local()


def run[Result](wait: Callable[[], object],
                work: Callable[[], Result]) -> Result:
    """The result of `work()`, in which `yield_to_trains` calls `wait()`.

    `wait` must return after a while in any case: the work may hold what
    others need.
    """
    before = getattr(_thread, "wait", None)
    _thread.wait = wait
    try:
        return work()
    finally:
        _thread.wait = before


def yield_to_trains() -> None:
    """Between two steps of long work; does nothing outside of `run`."""
    wait = getattr(_thread, "wait", None)
    if wait is not None:
        wait()
