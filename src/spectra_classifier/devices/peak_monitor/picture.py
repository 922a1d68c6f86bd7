"""Position and width of the peaks in the last minutes."""
from collections import deque
from collections.abc import Sequence

import numpy as np

from ...colours import FAINT, NO_PERMIT, class_colour
from ...exploration.peak_watch import taught_range
from ..common.drawing.canvas import Canvas, Picture
from ..common.drawing.plot import Plot, in_line, limits, nothing
from .measuring import Measured

#: s on the clock of this host, and what was found
type History = deque[tuple[float, list[Measured]]]

LEFT, RIGHT, TOP, BOTTOM, BETWEEN, ACROSS = 70, 12, 46, 44, 36, 76
#: regions that have room
MOST = 4
#: standard errors of the line around a value
BAND = 1.96
#: s that the picture shows at least
SHORTEST = 30.


def picture(history: Sequence[tuple[float, list[Measured]]], now: float,
            unit: str, why: str, width: int, height: int) -> Picture:
    """(height, width, 3) uint8; `why` there is none.

    One row for each region, position at the left, width at the right; a
    colour for each pulse pattern.
    """
    if not history:
        return nothing(width, height, why or "no train has been measured")
    last = history[-1][1]
    names = list(dict.fromkeys(each.region.name for each in last))[:MOST]
    patterns = list(dict.fromkeys(each.pattern for each in last))
    canvas = Canvas(width, height)
    seconds = np.array([when for when, _ in history]) - now
    x_range = min(float(seconds[0]), -SHORTEST), 0.
    high = (height - TOP - BOTTOM - BETWEEN * (len(names) - 1)) // len(names)
    wide = (width - LEFT - RIGHT - ACROSS) // 2
    for row, name in enumerate(names):
        own = [[each for each in found if each.region.name == name]
               for _, found in history]
        for column, observable in enumerate(("position", "width")):
            _panel(canvas, seconds, own, observable, patterns,
                   f"{name}: {observable}"
                   + (f" ({unit})" if unit else ""),
                   (LEFT + column * (wide + ACROSS),
                    TOP + row * (high + BETWEEN), wide, high), x_range,
                   row + 1 == len(names))
    end = in_line(canvas, LEFT, 4, [(class_colour(number), name)
                                    for number, name in enumerate(patterns)])
    canvas.text(end + 10, 4, "shaded: as taught, with the tolerance; red "
                "below: not as taught", FAINT)
    return canvas.picture()


def _panel(canvas: Canvas, seconds: np.ndarray, own: list[list[Measured]],
           observable: str, patterns: Sequence[str], label: str,
           place: tuple[int, int, int, int], x_range: tuple[float, float],
           lowest: bool) -> None:
    def series(pattern: str, name: str) -> np.ndarray:
        return np.array([next((getattr(each.peak, name) for each in found
                               if each.pattern == pattern), np.nan)
                         for found in own])

    values = [series(pattern, observable) for pattern in patterns]
    errors = [series(pattern, f"{observable}_error") for pattern in patterns]
    now = own[-1][0]
    low, high = taught_range(now.taught, observable)
    low, high = low - now.region.tolerance, high + now.region.tolerance
    plot = Plot(canvas, *place, x_range, limits([low, high], *values))
    if np.isfinite(low):
        top, bottom = float(plot.row(high)), float(plot.row(low))
        canvas.box(place[0], top, place[2], max(bottom - top, 2), FAINT, 0.25)
    plot.frame("seconds ago" if lowest else "", label, 5 if lowest else 0, 3)
    for number, (value, error) in enumerate(zip(values, errors, strict=True)):
        colour = class_colour(number)
        plot.band(seconds, value - BAND * error, value + BAND * error, colour)
        plot.curve(seconds, value, colour)
    beyond = np.array([any(
        not each.verdict.within
        and observable in (each.verdict.beyond or (observable,))
        for each in found) for found in own])
    bottom = place[1] + place[3]
    for when in np.unique(plot.column(seconds[beyond]).round()):
        canvas.box(float(when), bottom - 4, 1, 4, NO_PERMIT)
