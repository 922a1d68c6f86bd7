"""The live picture in the terminal, drawn from one snapshot."""
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from spectra_classifier.colours import (
    NO_PERMIT,
    PERMIT,
    class_colour,
    text_on,
)
from spectra_classifier.core.spectra import Code

BLOCKS = " ▁▂▃▄▅▆▇█"
#: trains that the bars show
HISTORY = 72


@dataclass(frozen=True)
class Snapshot:
    """What the screen shows.

    `fractions`: per train, oldest first, the share of every class and, last,
    of unknown among the eligible pulses, None for a train without any;
    `truth`: the true class of the same trains, -1 where not known; `lines`:
    further rows (name, text) of the numbers.
    """
    title: str = ""
    source: str = ""
    model: str = ""
    classes: tuple[str, ...] = ()
    sample_state: str = "unknown"
    permit: bool = False
    reason: str = ""
    armed: bool = False
    shutter: str = "unknown"
    guard: str = ""
    elapsed: float = 0.
    trains: int = 0
    lost: int = 0
    pulses: int = 0
    rate: float = float("nan")
    latency: float = float("nan")
    latency_p99: float = float("nan")
    fractions: tuple[tuple[float, ...] | None, ...] = ()
    truth: tuple[int, ...] = ()
    note: str = ""
    lines: tuple[tuple[str, str], ...] = ()


def colour_of(index: int) -> str:
    """Colour of a class; that of unknown for what has none."""
    return class_colour(max(index, Code.UNKNOWN))


def style_on(colour: str) -> str:
    """Style of a text on a colour."""
    return f"bold {text_on(colour)} on {colour}"


def bars(shares: Iterable[float | None], colour: str) -> Text:
    """One line of blocks, a character per train; a dot where none."""
    text = Text()
    for share in shares:
        if share is None:
            text.append("·", "bright_black")
        else:
            level = round(min(max(share, 0.), 1.) * (len(BLOCKS) - 1))
            text.append(BLOCKS[level], colour)
    return text


def render(shot: Snapshot) -> Panel:
    """The whole screen as one rich renderable."""
    below = Table.grid(padding=(0, 3), expand=True)
    below.add_column(ratio=1)
    below.add_column(ratio=1)
    below.add_row(_numbers(shot), _permit(shot))
    return Panel(
        Group(_headline(shot), "", _history(shot), "", below, "",
              Text(shot.note, "italic bright_black")),
        title=f"[bold]{shot.title}", subtitle=f"{shot.elapsed:.0f} s",
        padding=(1, 2), width=100)


def _headline(shot: Snapshot) -> Text:
    index = (shot.classes.index(shot.sample_state)
             if shot.sample_state in shot.classes else -1)
    line = Text("sample state  ")
    line.append(f" {shot.sample_state} ", style_on(colour_of(index)))
    line.append("     permit  ")
    line.append(" yes " if shot.permit else " no ",
                style_on(PERMIT if shot.permit else NO_PERMIT))
    line.append("     shutter  ")
    line.append(f" {shot.shutter} ", style_on(
        PERMIT if shot.shutter == "open" else NO_PERMIT))
    return line


def _history(shot: Snapshot) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", width=16, no_wrap=True)
    grid.add_column(width=HISTORY, no_wrap=True)
    grid.add_column(justify="right", width=5, no_wrap=True)
    recent = shot.fractions[-HISTORY:]
    for index, name in enumerate((*shot.classes, "unknown")):
        colour = colour_of(index if index < len(shot.classes) else -1)
        shares = [None if f is None else f[index] for f in recent]
        last = next((s for s in reversed(shares) if s is not None), None)
        grid.add_row(Text.assemble(f"{name} ", ("■", colour)),
                     bars(shares, colour),
                     "" if last is None else f"{100 * last:.0f}%")
    truth = Text()
    for label in shot.truth[-HISTORY:]:
        truth.append("▀" if label >= 0 else "·", colour_of(label))
    if truth:
        grid.add_row(Text("truth", "bright_black"), truth, "")
    return grid


def _numbers(shot: Snapshot) -> Table:
    grid = Table.grid(padding=(0, 1))
    for name, value in (
            ("source", shot.source), ("model", shot.model),
            ("trains", f"{shot.trains}, {shot.lost} lost"),
            ("rate", f"{shot.rate:.2f} trains a second"),
            ("pulses", f"{shot.pulses:,}"),
            ("latency", f"{shot.latency:.1f} ms, {shot.latency_p99:.1f} ms "
                        "at 99 %"), *shot.lines):
        grid.add_row(Text(name, "bright_black"), Text(str(value)))
    return grid


def _permit(shot: Snapshot) -> Table:
    grid = Table.grid(padding=(0, 1))
    for name, value in (
            ("armed", "yes, by the operator" if shot.armed else "no"),
            ("reason", shot.reason), ("guard", shot.guard)):
        grid.add_row(Text(name, "bright_black"), Text(value))
    return grid
