"""A lost broker is noticed once, an orderly end is none."""
import asyncio
from types import SimpleNamespace

from spectra_classifier.devices.common.broker_watch import watch_broker


def run(scenario):
    """In a loop without Karabo."""
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(scenario())


def device(closing):
    connection = SimpleNamespace(closing=closing)
    return SimpleNamespace(
        deviceId="a/b/c", signalSlotable=SimpleNamespace(
            connection=connection))


def test_a_closed_connection_is_reported():
    async def scenario():
        closing = asyncio.get_running_loop().create_future()
        lost = []
        task = asyncio.create_task(watch_broker(device(closing), lost.append))
        await asyncio.sleep(0)
        assert not lost
        closing.set_exception(ConnectionError("reset by peer"))
        await task
        assert closing.exception()
        return lost
    assert run(scenario) == ["a/b/c"]


def test_the_end_of_the_device_leaves_the_connection_alone():
    async def scenario():
        closing = asyncio.get_running_loop().create_future()
        lost = []
        task = asyncio.create_task(watch_broker(device(closing), lost.append))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert not closing.cancelled()
        return lost
    assert run(scenario) == []
