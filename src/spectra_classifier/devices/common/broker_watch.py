"""Ends a process that has lost the connection to its broker.

After a broker restart a Middlelayer server of Karabo 3.1 stays up and never
rejoins the topology: its devices are not visible and receive no calls.
The one safe answer is to end the process with an error, so that its
supervisor restarts it (disarmed, see the runbook). Every device of the
same server ends with it: give each device of ours a server of its own.
"""
import logging
import os
import sys
from asyncio import wait
from collections.abc import Callable

from karabo.middlelayer import Device

#: exit status of a process that has lost its broker (EX_UNAVAILABLE)
EXIT_STATUS = 69


def end_process(device_id: str) -> None:
    """End this process at once, with an error; no clean-up can be trusted.

    An orderly stop would wait for answers of a broker that is gone.
    """
    logging.getLogger(device_id).critical(
        "The connection to the broker is closed: ending the process for its "
        "supervisor to start it anew.")
    logging.shutdown()
    print(f"{device_id}: the connection to the broker is closed, ending the "
          "process", file=sys.stderr, flush=True)
    os._exit(EXIT_STATUS)


async def watch_broker(device: Device,
                       on_lost: Callable[[str], None] = end_process) -> None:
    """Wait for the end of the broker connection, then call `on_lost`.

    Run it as a task of the device (`background`), so that it is cancelled
    when the device ends in order. `on_lost` gets the device id.
    """
    connection = device.signalSlotable.connection
    # `wait` neither cancels the future with us nor raises its exception
    await wait([connection.closing])
    on_lost(device.deviceId)
