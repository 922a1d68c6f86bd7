"""Asks another device whether its shutter is open, again and again."""
import time
from asyncio import wait_for
from collections.abc import Callable

from karabo.middlelayer import getProperties, sleep

from ...core.decision.shutter_reading import ShutterReading
from ...live.matched_parts import MatchSettings

#: questions within the time for which an answer counts
QUESTIONS = 4
#: s between two looks at the configuration while there is nobody to ask
IDLE = 0.5


class ShutterWatch:
    """The last answer of the shutter in `joining.shutterProperty`.

    A question needs no proxy and no subscription: an answer proves that the
    device lives, and silence is seen.

    Parameters
    ----------
    settings
        Returns those in force.
    """

    def __init__(self, settings: Callable[[], MatchSettings]) -> None:
        self._settings = settings
        self._source = ""
        self.reading = ShutterReading()

    async def watch(self) -> None:
        """Ask for ever."""
        while True:
            settings = self._settings()
            if settings.shutter_property != self._source:
                self._source = settings.shutter_property
                self.reading = ShutterReading()
            if not self._source:
                await sleep(IDLE)
                continue
            pause = settings.shutter_age / QUESTIONS
            asked = time.monotonic()
            self.reading = await self._ask(
                *settings.shutter_source, settings.shutter_age)
            await sleep(max(pause - (time.monotonic() - asked), pause / 4))

    async def _ask(self, device: str, key: str,
                   patience: float) -> ShutterReading:
        asked = time.monotonic()
        try:
            found = await wait_for(getProperties(device, [key]), patience)
            return ShutterReading(found[key], asked, "")
        except TimeoutError:
            why = "it does not answer"
        except Exception as error:      # whatever a foreign device answers
            # Karabo sends the traceback of the other side as well
            lines = str(error).splitlines() or [type(error).__name__]
            why = f"{lines[0]:.200}"
        return ShutterReading(problem=why)
