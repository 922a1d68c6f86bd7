"""Broker and device servers of the demonstration."""
import os
import time
from asyncio import sleep
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from ..broker import PrivateBroker
from ..environment import karabo_variables
from ..processes import stop_all
from ..servers import DeviceServer

#: server: the class ids it offers. One server is one event loop, and each
#: device of ours ends its process when the broker is gone
SERVERS = {
    "demoSource": ("SpectrometerSimulator",),
    "demoClassifier": ("SpectraClassifier",),
    "demoGuard": ("PermitGuard",),
    "demoShutter": ("SimulatedShutter",),
}
TOPIC = "demo"
POLL = 0.1      # s


class Plant:
    """Everything that runs outside this process; stops it at the end.

    `say`: called with one line of progress; `offered`: {server: class ids}.
    Sets KARABO, KARABO_BROKER and KARABO_BROKER_TOPIC of this process too.
    """

    def __init__(self, directory: str | os.PathLike[str],
                 say: Callable[[str], object],
                 offered: Mapping[str, Sequence[str]] = SERVERS) -> None:
        self.directory = Path(directory)
        self.say = say
        self.offered = offered
        self.servers: list[DeviceServer] = []
        self.broker: PrivateBroker | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self) -> None:
        self.say("starting a private broker")
        self.broker = PrivateBroker(self.directory / "broker").start()
        os.environ.update(karabo_variables(
            self.directory / "karabo", self.broker.url, TOPIC))
        self.say(f"starting device servers: {', '.join(self.offered)}")
        self.servers = [DeviceServer("middlelayer", name, classes).start()
                        for name, classes in self.offered.items()]

    def require_running(self) -> None:
        """Raises `RuntimeError` with the log of a server that has ended."""
        for server in self.servers:
            server.require_running()

    async def until(self, condition: Callable[[], object], timeout: float,
                    what: str) -> None:
        """Wait for a condition, at most `timeout` s, while all runs."""
        end = time.monotonic() + timeout
        while not condition():
            self.require_running()
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: not there after {timeout} s")
            await sleep(POLL)

    def stop(self) -> None:
        """Stop all of it, servers before the broker."""
        self.say("stopping servers and broker")
        stop_all(self.directory)
        for process in (*self.servers, self.broker):
            if process is not None:
                process.stop()      # reaps it

    def __exit__(self, *exc: object) -> None:
        self.stop()
