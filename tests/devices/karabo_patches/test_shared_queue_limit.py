"""What waits for shared receivers has a bound and an end."""
import asyncio

from karabo.middlelayer import NetworkOutput

from spectra_classifier.devices.karabo_patches import shared_queue_limit
from spectra_classifier.devices.karabo_patches.shared_queue_limit import (
    SharedRing,
)


def run(work):
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(work())


def test_the_oldest_goes():
    ring = SharedRing(3)
    for number in range(10):
        ring.put_nowait(number)
    assert [ring.get_nowait() for _ in range(ring.qsize())] == [7, 8, 9]


def test_who_waits_is_served_and_let_go():
    async def work():
        ring = SharedRing(2)
        one, two = (asyncio.ensure_future(ring.get()) for _ in range(2))
        await asyncio.sleep(0)
        ring.put_nowait("train")
        assert await one == "train"
        ring.cancel()
        await asyncio.wait([two])
        assert two.cancelled()
        ring.put_nowait("old")
        ring.cancel()
        assert ring.empty()
    run(work)


def test_outputs_are_bounded_and_only_once():
    made = NetworkOutput.__init__
    shared_queue_limit.bound()
    assert NetworkOutput.__init__ is made
    output = NetworkOutput({"noInputShared": "queueDrop",
                            "maxQueueLength": 7, "hostname": "127.0.0.1"})
    for waiting in output._initializers:
        waiting.close()
    assert output.shared_queue.length == 7
    for number in range(20):
        output.has_shared = 1
        output.writeChunkNoWait([number])
    assert output.shared_queue.qsize() == 7


def test_the_default_of_karabo_is_left_alone():
    output = NetworkOutput({})
    for waiting in output._initializers:
        waiting.close()
    assert output.shared_queue.maxsize == 1
