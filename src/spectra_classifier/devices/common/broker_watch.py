"""A device without its broker ends its process.

After a broker restart a Middlelayer server of Karabo 3.1 keeps running and
never rejoins the topology: its devices seem to be alive and act on nothing.
The one safe answer is to end the process with an error, so that its
supervisor starts it again (disarmed, see the runbook).
"""
from asyncio import wait
from collections.abc import Callable

from karabo.middlelayer import Device

from ...process import BROKER_LOST, end_with_reason


def end_process(device_id: str) -> None:
    """End this process; no clean-up is possible without the broker."""
    end_with_reason(device_id, "the connection to the broker is closed",
                    BROKER_LOST)


async def watch_broker(
        device: Device,
        on_lost: Callable[[str], None] = end_process) -> None:
    """Wait for the end of the broker connection, then call `on_lost`.

    Run it as a task of the device (`background`), so that it is cancelled
    when the device ends in order. `on_lost` gets the device id.
    """
    connection = device.signalSlotable.connection
    # `wait` neither cancels the future with us nor raises its exception
    await wait([connection.closing])
    on_lost(device.deviceId)
