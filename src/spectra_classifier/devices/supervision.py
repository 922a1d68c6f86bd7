"""Tasks that must run as long as their device does.

One that ends is noticed: the device goes to its safe side and says so, then
the process ends for its supervisor to start it again.
"""
import logging
from asyncio import CancelledError
from collections.abc import Awaitable, Callable

from karabo.middlelayer import background, sleep

from .loop_watch import end_process

#: s in which the last words of the device go out
LAST_WORDS = 0.3


class Supervisor:
    """Keeps the long-running work of one device in view.

    Used from the event loop of the device. `withdraw(name, sentence)` takes
    the device to its safe side; `end(device_id, sentence)` ends the process.
    """

    def __init__(self, device_id: str,
                 withdraw: Callable[[str, str], None],
                 end: Callable[[str, str], None] = end_process) -> None:
        self._device_id = device_id
        self._withdraw = withdraw
        self._end = end
        self._stopped = False
        self.tasks = {}

    def need(self, name: str, work: Callable[[], Awaitable]) -> None:
        """Run `work` as a task; when it ends, so does the process."""
        self.tasks[name] = background(self._run(name, work))

    def stop(self) -> None:
        """The device goes: what ends from now on ends in order."""
        self._stopped = True
        for task in self.tasks.values():
            task.cancel()

    async def _run(self, name, work):
        try:
            await work()
            sentence = f"{name} has ended"
        except CancelledError:
            # nobody but `stop` has any business to cancel it, but Karabo
            # does so with all tasks of a device that it gives up
            if self._stopped:
                raise
            sentence = f"{name} was cancelled"
        except Exception as error:
            sentence = f"{name} has ended: {type(error).__name__}: {error}"
            logging.getLogger(self._device_id).exception(sentence)
        if not self._stopped:
            try:
                self._withdraw(name, sentence)
            except Exception:
                logging.getLogger(self._device_id).exception(
                    "the device cannot be taken to its safe side")
            await sleep(LAST_WORDS)
        if not self._stopped:
            self._end(self._device_id, sentence)
