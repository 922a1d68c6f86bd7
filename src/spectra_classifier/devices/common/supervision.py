"""Tasks and threads that must run as long as their device does.

When one ends, the device goes to its safe side and reports it; then
the work starts again, where nothing hangs on it, or the process ends for its
supervisor to start it again.
"""
import logging
import time
from asyncio import CancelledError, Task, get_running_loop
from collections.abc import Awaitable, Callable

from karabo.middlelayer import background, sleep

from ...process import WORK_LOST, end_with_reason

#: s until work that has ended starts again, first and at most
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.
#: s that work has to run before it counts as well again
WELL_AFTER = 10.
#: s in which the last words of the device go out
LAST_WORDS = 0.3
#: s between two looks at the threads
PERIOD = 0.5


def end_process(device_id: str, sentence: str) -> None:
    """End this process, for its supervisor to restart it."""
    end_with_reason(device_id, sentence, WORK_LOST)


class Supervisor:
    """Keeps the long-running work of one device in view.

    Used from the event loop of the device. `withdraw(name, sentence)` takes
    the device to its safe side, `recovered(name)` reports that the work runs
    again; `end(device_id, sentence)` ends the process.
    """

    def __init__(self, device_id: str,
                 withdraw: Callable[[str, str], None],
                 recovered: Callable[[str], None],
                 end: Callable[[str, str], None] | None = None) -> None:
        self._device_id = device_id
        self._withdraw = withdraw
        self._recovered = recovered
        self._end = end
        self._threads: dict[str, tuple[Callable, Callable | None]] = {}
        self._stopped = False
        self.tasks: dict[str, Task] = {}
        self.ended = 0

    def need(self, name: str, work: Callable[[], Awaitable]) -> None:
        """Run `work` as a task; when it ends, so does the process."""
        self.tasks[name] = background(self._run(name, work, restart=False))

    def keep(self, name: str, work: Callable[[], Awaitable]) -> None:
        """Run `work` as a task; when it ends, it is started again."""
        self.tasks[name] = background(self._run(name, work, restart=True))

    def thread(self, name: str, alive: Callable[[], bool],
               restart: Callable[[], None] | None = None) -> None:
        """Watch a thread that runs; without `restart` it is needed.

        `alive()`: whether it runs; `restart()` starts another one.
        """
        if not self._threads:
            self.need("the watch of the threads", self._watch_threads)
        self._threads[name] = alive, restart

    def stop(self) -> None:
        """The device goes: what ends from now on ends in order."""
        self._stopped = True
        for task in self.tasks.values():
            task.cancel()

    async def _run(self, name: str, work: Callable[[], Awaitable],
                   restart: bool) -> None:
        wait, well = FIRST_WAIT, None
        while True:
            begun = time.monotonic()
            try:
                await work()
                sentence = f"{name} has ended"
            except CancelledError:
                # Karabo cancels the tasks of a device that goes; before
                # that nobody has a reason to
                if self._stopped:
                    raise
                sentence = f"{name} was cancelled"
            except Exception as error:
                sentence = (f"{name} has ended: {type(error).__name__}: "
                            f"{error}")
                logging.getLogger(self._device_id).exception(sentence)
            finally:
                if well is not None:
                    well.cancel()
            if self._stopped:
                return
            if not await self._noticed(name, sentence, restart):
                return
            if time.monotonic() - begun > WELL_AFTER:
                wait = FIRST_WAIT
            await sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
            well = get_running_loop().call_later(
                WELL_AFTER, self._recovered, name)

    async def _watch_threads(self) -> None:
        while True:
            await sleep(PERIOD)
            for name, (alive, restart) in list(self._threads.items()):
                if self._stopped or alive():
                    continue
                if await self._noticed(
                        name, f"{name} has ended",
                        restart is not None) and restart is not None:
                    restart()
                    get_running_loop().call_later(
                        WELL_AFTER, self._recovered_thread, name)
                else:
                    del self._threads[name]

    def _recovered_thread(self, name: str) -> None:
        alive, _ = self._threads[name]
        if alive():
            self._recovered(name)

    async def _noticed(self, name: str, sentence: str, restart: bool) -> bool:
        """Whether the work may start again."""
        self.ended += 1
        try:
            self._withdraw(name, sentence)
        except Exception:
            logging.getLogger(self._device_id).exception(
                "the device cannot be taken to its safe side")
            restart = False
        if not restart:
            await sleep(LAST_WORDS)
            if not self._stopped:
                (self._end or end_process)(self._device_id, sentence)
        return restart
