"""What waits for shared receivers has a bound and an end."""
import asyncio

import pytest
from karabo.middlelayer import NetworkOutput, OutputChannel, Overwrite

from spectra_classifier import devices
from spectra_classifier.devices.karabo_patches.lost_connection_fix import (
    LostConnectionFix,
)
from spectra_classifier.devices.karabo_patches.shared_queue_limit import (
    BoundedSharedQueue,
    SharedQueueLimit,
)


def run(work):
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(work())


def test_the_oldest_goes():
    ring = BoundedSharedQueue(3)
    for number in range(10):
        ring.put_nowait(number)
    assert [ring.get_nowait() for _ in range(ring.qsize())] == [7, 8, 9]


def test_who_waits_is_served_and_let_go():
    async def work():
        ring = BoundedSharedQueue(2)
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


def output_of(cls, **configuration):
    output = cls(configuration)
    for waiting in output._initializers:
        waiting.close()
    return output


def offer(output, trains):
    output.has_shared = 1
    for number in range(trains):
        output.writeChunkNoWait([number])


def test_our_outputs_are_bounded():
    output = output_of(SharedQueueLimit, noInputShared="queueDrop",
                       maxQueueLength=7)
    assert output.shared_queue.length == 7
    offer(output, 20)
    assert output.shared_queue.qsize() == 7


@pytest.mark.parametrize("policy", ["drop", "wait"])
def test_other_policies_are_karabos(policy):
    output = output_of(SharedQueueLimit, noInputShared=policy)
    assert output.shared_queue.maxsize == 1


def test_the_outputs_of_others_are_left_alone():
    output = output_of(NetworkOutput, noInputShared="queueDrop")
    assert not isinstance(output.shared_queue, BoundedSharedQueue)


@pytest.mark.parametrize("configuration", [
    {}, {"noInputShared": "queueDrop"}])
def test_another_version_of_karabo_keeps_one_train(
        another_version, configuration):
    class Output(SharedQueueLimit):
        noInputShared = Overwrite(defaultValue="queueDrop")

    output = output_of(Output, **configuration)
    assert output.noInputShared == "drop"
    offer(output, 20)
    assert output.shared_queue.qsize() == 1


def test_the_outputs_of_all_devices_are_ours():
    for name in devices.MODULES:
        cls = getattr(devices, name)
        for key in cls._allattrs:
            channel = getattr(cls, key)
            if isinstance(channel, OutputChannel):
                assert issubclass(channel.cls, SharedQueueLimit), (name, key)
                assert issubclass(channel.cls, LostConnectionFix), (name, key)
