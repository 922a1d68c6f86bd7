"""The event loop around a demonstration, or another play on the lab."""
import signal
from asyncio import Event, Task, set_event_loop, wait_for
from collections.abc import Callable
from typing import Protocol

from karabo.middlelayer import EventLoop

from .options import Options
from .plant import Plant
from .receiver import Desk
from .run import Demonstration
from .screen import Screen
from .sources import SourceSetup

DESK_TIMEOUT = 20       # s


class Play(Protocol):
    """What a desk can run: `run()` ends by itself."""

    async def run(self) -> None:
        """The whole of it."""


def demonstrate(options: Options, source: SourceSetup, plant: Plant,
                screen: Screen) -> Demonstration:
    """The finished `Demonstration`; runs until it ends or is interrupted."""
    return play(lambda desk, stop: Demonstration(
        options, plant, desk, screen, source, stop))


def play[P: Play](make: Callable[[Desk, Event], P]) -> P:
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


def _interrupt(stop: Event, task: Task[None]) -> None:
    """The first time: end and sum up; the second time: end."""
    if stop.is_set():
        task.cancel()
    stop.set()
