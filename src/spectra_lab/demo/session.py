"""The event loop around a demonstration, or another play on the lab."""
import signal
from asyncio import Event, set_event_loop, wait_for

from karabo.middlelayer import EventLoop

from .receiver import Desk
from .run import Demonstration

DESK_TIMEOUT = 20       # s


def demonstrate(options, source, plant, screen):
    """The finished `Demonstration`; runs until it ends or is interrupted."""
    return play(lambda desk, stop: Demonstration(
        options, plant, desk, screen, source, stop))


def play(make):
    """What `make(desk, stop)` returned, after its `run()` has ended."""
    loop = EventLoop()
    set_event_loop(loop)
    stop = Event()
    desk = Desk({"deviceId": "demo/desk", "log": {"level": "ERROR"}})
    try:
        loop.run_until_complete(wait_for(desk.startInstance(), DESK_TIMEOUT))
        demonstration = make(desk, stop)
        task = loop.create_task(demonstration.run(), instance=desk)
        for number in signal.SIGINT, signal.SIGTERM:
            loop.add_signal_handler(number, _interrupt, stop, task)
        loop.run_until_complete(task)
        loop.run_until_complete(wait_for(desk.slotKillDevice(),
                                         DESK_TIMEOUT))
        return demonstration
    finally:
        loop.close()
        set_event_loop(None)


def _interrupt(stop, task):
    """The first time: end and sum up; the second time: end."""
    if stop.is_set():
        task.cancel()
    stop.set()
