"""Running work of a device in threads."""
import logging
from asyncio import get_running_loop
from collections.abc import Callable


async def in_thread[T, *P](function: Callable[[*P], T], *args: *P) -> T:
    """Run a function in a thread; returns or raises what it does.

    When cancelled, this ends at once and the function continues. Karabo's
    `background` would wait for the function, and for ever if that ends in
    the same turn of the event loop: the device would not shut down.
    """
    return await get_running_loop().run_in_executor(None, function, *args)


def logged(work: Callable[[], None], name: str) -> Callable[[], None]:
    """`work` for a thread; an error that ends it is logged."""
    def run() -> None:
        try:
            work()
        except Exception:
            logging.getLogger(__name__).exception(
                f"the thread {name!r} has ended")
    return run
