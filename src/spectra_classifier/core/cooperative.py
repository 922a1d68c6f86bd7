"""Long work that pauses while trains are processed.

Loading a model takes some tenths of a second of one core and of the
interpreter lock. Trains that arrive in that time need both, so the work
pauses between its steps while a train is in progress. The caller of `run`
provides the function that waits; the steps only mark where a pause is
possible.
"""
import threading
from collections.abc import Callable

_thread = threading.local()


def run[Result](wait: Callable[[], object],
                work: Callable[[], Result]) -> Result:
    """Return the result of `work()`, with pauses.

    Parameters
    ----------
    wait
        Called by `yield_to_trains`. It must return after a limited time: the
        work may hold what others need.
    work
        Runs in the calling thread.
    """
    before = getattr(_thread, "wait", None)
    _thread.wait = wait
    try:
        return work()
    finally:
        _thread.wait = before


def yield_to_trains() -> None:
    """Pause between two steps of long work; does nothing outside of `run`."""
    wait = getattr(_thread, "wait", None)
    if wait is not None:
        wait()
