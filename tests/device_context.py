"""Devices in the process of a test."""
from asyncio import get_running_loop

from karabo.middlelayer.testing import AsyncDeviceContext, sleepUntil


class DeviceContext(AsyncDeviceContext):
    """Starts devices and ends them.

    Karabo's own context sleeps for two seconds at its end; this one goes on
    as soon as the test's client no longer sees the devices.
    """

    async def __aexit__(self, *exception):
        ended = {str(device.deviceId) for device in self.instances.values()}
        await self.shutdown()
        topology = get_running_loop().lead.systemTopology
        # one whose farewell is lost is missed after three of its heartbeats
        await sleepUntil(lambda: ended.isdisjoint(topology["device"]),
                         timeout=120)
