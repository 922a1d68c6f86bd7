"""Questions to servers and devices of other processes."""
import time
from asyncio import get_running_loop, wait_for
from contextlib import suppress

from karabo.middlelayer import KaraboError, getProperties, sleep
from karabo.middlelayer.testing import sleepUntil

WAIT = 120      # s, for what takes one or two on a quiet machine


async def knows(server_id, class_id):
    """Wait until a server offers a class."""
    servers = get_running_loop().lead.systemTopology["server"]
    await sleepUntil(lambda: server_id in servers
                     and class_id in servers[server_id, "deviceClasses"],
                     timeout=WAIT)


async def asked(device_id, key):
    """A property, asked of the device; None where it does not answer."""
    with suppress(KaraboError, TimeoutError):
        return (await wait_for(getProperties(device_id, [key]), 2))[key]
    return None


async def until_asked(device_id, key, wanted):
    """Wait for a value of a property, or for a condition on it."""
    end = time.monotonic() + WAIT
    while True:
        found = await asked(device_id, key)
        if wanted(found) if callable(wanted) else found == wanted:
            break
        assert time.monotonic() < end, f"{key} is {found}"
        await sleep(0.05)
