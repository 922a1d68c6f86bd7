"""Who keeps a beamline going: a supervisor and an operator."""
import time
from asyncio import Lock, sleep
from collections.abc import Callable
from contextlib import suppress

from karabo.middlelayer import KaraboError, State

from .beamline import Beamline
from .judge import Judge

PERIOD = 0.3        # s
#: s after which a beamline that stays shut is a fault of its own
RECOVERY = 90.


class Crew:
    """Starts what has ended, arms and acknowledges what may be.

    `hands_off`: the operator leaves everything as it is; set it with
    `step_back`; `down`: names of servers that are not to be started;
    `restarts` counts by name.
    """

    def __init__(self, beamline: Beamline, judge: Judge,
                 first_train: Callable[[], int]) -> None:
        self._beamline = beamline
        self._judge = judge
        self._first_train = first_train     # of the source, when it starts
        self.hands_off = False
        self._hands = Lock()            # held while the operator acts
        self.down: set[str] = set()
        self.restarts: dict[str, int] = {}
        self.last_refusal = ""

    async def work(self) -> None:
        """Task: for ever."""
        while True:
            self.supervise()
            with suppress(TimeoutError, KaraboError):
                async with self._hands:
                    await self._operate()
            await sleep(PERIOD)

    async def step_back(self) -> None:
        """Hands off, once what the operator is about has come to its end.

        Otherwise a question that waits behind a frozen link is answered in
        the middle of a fault, and acted on.
        """
        async with self._hands:
            self.hands_off = True

    def supervise(self) -> None:
        for name, server in self._beamline.servers.items():
            if name in self.down or server.running:
                continue
            if name == "source":
                # train ids come from the machine: they go on
                self._beamline.configure(
                    name, **{"source.firstTrain": self._first_train()})
            if name == "classifier":
                self._judge.restarted()
            self._beamline.revive(name)
            self.restarts[name] = self.restarts.get(name, 0) + 1

    async def _operate(self) -> None:
        line = self._beamline
        if await line.get("source", "state") == State.ON:
            await line.call("source", "start")
        if self.hands_off:
            return
        if not await line.get("guard", "enabled"):
            await line.call("guard", "enable")
        if await line.get("guard", "state") == State.INTERLOCKED:
            await line.call("guard", "acknowledge")
        if not await line.get("classifier", "armed"):
            self._judge.armed()
            try:
                await line.call("classifier", "arm")
            except KaraboError as error:
                self.last_refusal = str(error).partition("\n")[0]


async def until(condition: Callable[[], bool], timeout: float) -> bool:
    """True as soon as `condition()` holds, False after `timeout` s."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        await sleep(0.02)
    return True
