"""Work of a device in a thread."""
import logging
from asyncio import get_running_loop
from collections.abc import Callable


async def in_thread(function, *args):
    """What `function(*args)` returns or raises; it runs in a thread.

    Where this is cancelled it ends at once, the function goes on. Karabo's
    `background` waits for the function then, and for ever if that ends in
    the same turn of the event loop: a device that was shut down at that
    moment did not go.
    """
    return await get_running_loop().run_in_executor(None, function, *args)


def logged(work: Callable[[], None], name: str) -> Callable[[], None]:
    """`work` for a thread that says in the log of what it has died."""
    def run():
        try:
            work()
        except Exception:
            logging.getLogger(__name__).exception(
                f"the thread {name!r} has ended")
    return run
