"""Progress of a rehearsal: a line in a terminal, lines elsewhere."""
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.status import Status

from ..demo.screen import ProgressScreen

if TYPE_CHECKING:       # which shows itself on a `Screen`
    from .run import Rehearsal

#: seconds between two lines where there is no terminal
LINE_PERIOD = 15.


class Screen(ProgressScreen):
    """Says what happens; `show` renews the view of the progress."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(console)
        self._status: Status | None = None

    def show(self, elapsed: float, rehearsal: "Rehearsal") -> None:
        """How far it is, and what was wrong so far."""
        text = _line(elapsed, rehearsal)
        if self.console.is_terminal:
            if self._status is None:
                self._status = self.console.status(text)
                self._status.start()
            self._status.update(text)
        elif time.monotonic() - self._last_line >= LINE_PERIOD:
            self._last_line = time.monotonic()
            self.say(text)

    def freeze(self) -> None:
        """No more progress."""
        if self._status is not None:
            self._status.stop()
            self._status = None


def _line(elapsed: float, rehearsal: "Rehearsal") -> str:
    counts = rehearsal.judge.counts
    wrongs = len(rehearsal.judge.wrongs) + len(rehearsal.problems)
    shutter = "open" if rehearsal.shutter.isOpen.value else "closed"
    return (f"{elapsed:.0f} of {rehearsal.options.seconds:.0f} s, "
            f"{counts['trains_received']} trains, "
            f"{rehearsal.struck.total()} faults, "
            f"{counts['trains_lost_by_us']} lost, "
            f"{counts['wrong_permits']} wrong permits, {wrongs} complaints, "
            f"shutter {shutter}")
