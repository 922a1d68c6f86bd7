"""Whatever way work ends: the safe side first, then the end or a new start."""
import asyncio

import pytest
from karabo.middlelayer import EventLoop
from karabo.middlelayer.broker import Connector

from spectra_classifier.devices.common import supervision
from spectra_classifier.devices.common.supervision import Supervisor

#: ways in which work ends that should run for ever
WAYS = "returns", "raises", "is cancelled", "cannot be made safe"


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    for name in "FIRST_WAIT", "LAST_WORDS", "PERIOD":
        monkeypatch.setattr(supervision, name, 0.01)


class Watched:
    """A supervisor, and what it has done in its order."""

    def __init__(self, safe=True):
        self.safe = safe
        self.done = asyncio.Queue()
        self.supervisor = Supervisor(
            "a/b/c", self._withdraw, lambda name: None,
            lambda device, sentence: self.done.put_nowait(
                ("ends", device, sentence)))

    def _withdraw(self, name, sentence):
        self.done.put_nowait(("withdraws", name, sentence))
        if not self.safe:
            raise RuntimeError("the broker is gone")

    async def next(self):
        return await asyncio.wait_for(self.done.get(), 20)


def work_that(way, started):
    async def work():
        started.append(asyncio.current_task())
        if len(started) > 1:            # started again
            await asyncio.get_running_loop().create_future()
        if way == "raises":
            raise ValueError("no reason")
        if way == "is cancelled":
            raise asyncio.CancelledError
    return work


def run(scenario):
    """In the event loop of a device, without a broker."""
    # of its own: Karabo keeps the first one, with its broker, for all
    loop = EventLoop(Connector())
    asyncio.set_event_loop(loop)        # Karabo asks for it
    try:
        loop.run_until_complete(scenario())
    finally:
        loop.close()
        asyncio.set_event_loop(None)


@pytest.mark.parametrize("way", WAYS)
def test_work_that_is_needed_ends_the_process(way):
    async def scenario():
        watched, started = Watched(way != WAYS[3]), []
        watched.supervisor.need("the watch", work_that(way, started))
        assert (await watched.next())[:2] == ("withdraws", "the watch")
        kind, device, sentence = await watched.next()
        assert (kind, device) == ("ends", "a/b/c")
        assert sentence.startswith("the watch ")
        assert watched.supervisor.ended == len(started) == 1
    run(scenario)


@pytest.mark.parametrize("way", WAYS)
def test_other_work_starts_again_on_the_safe_side_alone(way):
    async def scenario():
        watched, started = Watched(way != WAYS[3]), []
        watched.supervisor.keep("the drawing", work_that(way, started))
        assert (await watched.next())[:2] == ("withdraws", "the drawing")
        if way == WAYS[3]:
            assert (await watched.next())[0] == "ends"
            return
        async with asyncio.timeout(20):
            while len(started) < 2:
                await asyncio.sleep(0.01)
        watched.supervisor.stop()
        assert watched.done.empty()
    run(scenario)


def test_a_thread_that_ends_is_noticed():
    async def scenario():
        watched, alive = Watched(), [True]
        watched.supervisor.thread("the engine", lambda: alive[0])
        alive[0] = False
        assert (await watched.next())[:2] == ("withdraws", "the engine")
        assert (await watched.next())[0] == "ends"
        watched.supervisor.stop()
    run(scenario)


def test_what_ends_with_its_device_ends_in_order():
    async def scenario():
        watched = Watched()
        watched.supervisor.need(
            "the watch", asyncio.get_running_loop().create_future)
        await asyncio.sleep(0)
        watched.supervisor.stop()
        await asyncio.wait(watched.supervisor.tasks.values(), timeout=20)
        assert watched.done.empty()
        assert watched.supervisor.ended == 0
    run(scenario)
