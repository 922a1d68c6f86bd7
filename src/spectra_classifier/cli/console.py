"""Output of commands: reports on stdout, everything else on stderr."""
import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

from ..core.describe import (
    accuracy,
    axis_words,
    percent,
    printable,
    validation_words,
)

__all__ = ["accuracy", "axis_words", "percent", "position_heading",
           "print_facts", "print_json", "print_table", "progress", "say",
           "validation_words"]


#: characters of a line of a table, at most
_WIDEST = 10_000
type Justify = Literal["left", "right", "center", "full", "default"]


class Update(Protocol):
    """Sets a progress bar."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


def say(text: object) -> None:
    """Print one line on stderr."""
    print(printable(text), file=sys.stderr)


def print_json(document: object) -> None:
    """Print the JSON document of a command; NaN and Inf become null."""
    print(json.dumps(_plain(document), indent=1, allow_nan=False))


def print_table(title: str, columns: Sequence[tuple[str, Justify]],
                rows: Iterable[Sequence[object]]) -> None:
    """Print a table on stdout; `columns` are (heading, justification)."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.measure import Measurement
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left",
                  box=box.SIMPLE_HEAD, title_style="bold", pad_edge=False,
                  collapse_padding=True)
    for heading, justify in columns:
        table.add_column(escape(heading), justify=justify, no_wrap=True)
    for row in rows:
        table.add_row(*(escape(printable(cell)) for cell in row))
    console = Console()
    # a number must not be cut short: rather a long line
    wide = Measurement.get(console, console.options.update(
        max_width=_WIDEST), table).maximum
    if wide > console.width:
        console = Console(width=wide)
    console.print(table)


def print_facts(title: str, facts: Iterable[tuple[str, object]]) -> None:
    """Print named facts, one per line."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in facts:
        grid.add_row(escape(name), escape(printable(value)))
    console = Console()
    if title:
        console.print(f"[bold]{escape(title)}[/bold]")
    console.print(grid)


@contextmanager
def progress(title: str, unit: str = "") -> Iterator[Update]:
    """A progress bar on the terminal of stderr, as a context.

    It gives the function that sets it. Before the first call the bar shows
    only that work is going on. Where stderr is no terminal nothing is drawn,
    so that logs stay short.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    with Progress(
            TextColumn("{task.description}"), BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeRemainingColumn(), TextColumn("{task.fields[note]}"),
            console=console, transient=True,
            disable=not console.is_terminal) as bar:
        task = bar.add_task(escape(printable(title)), total=None, note="",
                            count="")

        def update(done: int, total: int, note: str = "") -> None:
            bar.update(task, completed=done, total=total, note=note,
                       count=f"{done}/{total} {unit}")
        yield update


def position_heading(unit: str) -> str:
    """Heading of a column of positions."""
    return "position" if unit == "unknown" else unit


def _plain(value: object) -> object:
    """Python numbers and lists for those of numpy; None for NaN and Inf."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):      # numpy, without importing it
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
