"""Work of a device in a thread."""
from asyncio import get_running_loop


async def in_thread(function, *args):
    """What `function(*args)` returns or raises; it runs in a thread.

    Where this is cancelled it ends at once, the function goes on. Karabo's
    `background` waits for the function then, and for ever if that ends in
    the same turn of the event loop: a device that was shut down at that
    moment did not go.
    """
    return await get_running_loop().run_in_executor(None, function, *args)
