"""Live in a terminal, line by line elsewhere, a table at the end."""
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from .view import Snapshot, render

#: seconds between two lines where there is no terminal
LINE_PERIOD = 5.


class ProgressScreen:
    """Shows progress, then the summary."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self._live: Live | None = None
        self._last_line = 0.
        self._begin = time.monotonic()

    def say(self, text: str) -> None:
        """One line of progress with the time since the start."""
        self.console.print(f"[bright_black]{self._elapsed():6.1f} s[/]  "
                           f"{text}", highlight=False, soft_wrap=True)

    def _elapsed(self) -> float:
        return time.monotonic() - self._begin

    def freeze(self) -> None:
        """No more snapshots; what follows is printed below."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def summary(self, numbers: Mapping[str, Any]) -> None:
        """The summary as a table."""
        table = Table(title="Summary", show_header=False)
        for key, value in numbers.items():
            if not isinstance(value, (list, dict)):
                table.add_row(key, _text(value))
        self.console.print(table)


class Screen(ProgressScreen):
    """Shows progress, then snapshots, then the summary."""

    def show(self, shot: Snapshot) -> None:
        """The current snapshot."""
        if self.console.is_terminal:
            if self._live is None:
                self._live = Live(console=self.console, auto_refresh=False,
                                  transient=False)
                self._live.start()
            self._live.update(render(shot), refresh=True)
        elif time.monotonic() - self._last_line >= LINE_PERIOD:
            self._last_line = time.monotonic()
            self.say(f"{shot.trains} trains, {shot.rate:.2f} per second, "
                     f"latency {shot.latency:.1f} ms, state "
                     f"{shot.sample_state}, permit "
                     f"{'yes' if shot.permit else 'no'} ({shot.reason}), "
                     f"shutter {shot.shutter}")


def _text(value: str | float | None) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def save_picture(shot: Snapshot, path: Path) -> None:
    """A snapshot as an SVG file."""
    with open("/dev/null", "w") as nowhere:
        console = Console(record=True, file=nowhere, width=100,
                          force_terminal=True, color_system="truecolor")
        console.print(render(shot))
    text = console.export_svg(title="bash scripts/demo.sh")
    # no fonts from elsewhere: any monospace will do
    path.write_text(re.sub(r"@font-face \{.*?\}", "", text, flags=re.S))
