"""Running work of a device in threads."""
import logging
from asyncio import wrap_future
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


def begin_in_thread[T, *P](name: str, function: Callable[[*P], T],
                           *args: *P) -> Future[T]:
    """Start a function in a thread of its own; return its future result.

    The event loop's pool makes a thread more whenever work comes before the
    last one is seen to be idle, and ends none; each keeps some memory.
    """
    pool = ThreadPoolExecutor(1, name)
    try:
        return pool.submit(function, *args)
    finally:
        pool.shutdown(wait=False)


async def in_thread[T, *P](function: Callable[[*P], T], *args: *P) -> T:
    """Run a function in a thread; returns or raises what it does.

    When cancelled, this ends at once and the function continues. Karabo's
    `background` would wait for the function, and for ever if that ends in
    the same turn of the event loop: the device would not shut down.
    """
    return await wrap_future(begin_in_thread("aside", function, *args))


def logged(work: Callable[[], None], name: str) -> Callable[[], None]:
    """`work` for a thread; an error that ends it is logged."""
    def run() -> None:
        try:
            work()
        except Exception:
            logging.getLogger(__name__).exception(
                f"the thread {name!r} has ended")
    return run
