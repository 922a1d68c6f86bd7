"""Shares, mixture and residual against the value that is scanned."""
import numpy as np

from ...colours import FAINT, INK, class_colour
from ...core.evaluation.scanned_transition import SHARE
from ...core.spectra import Code
from ...exploration.scan import Scan
from ..common.drawing.canvas import Canvas, Picture
from ..common.drawing.plot import (
    Plot,
    class_entries,
    in_line,
    limits,
    nothing,
)

LEFT, RIGHT, TOP, BOTTOM = 62, 12, 46, 44
#: pixels between two panels, and parts of the height of each
BETWEEN, PARTS = 30, (2, 2, 1)
#: radius of a dot; a falling sweep has rings
DOT, RING, HOLE = 3.5, 4.5, 2.5
#: standard errors to either side of a mean
BAND = 1.96


def picture(found: Scan | None, why: str, width: int, height: int) -> Picture:
    """(height, width, 3) uint8 of a scan; `why` there is none."""
    if found is None:
        return nothing(width, height, why or "no scan yet")
    canvas = Canvas(width, height)
    shares, mixture, residual = _panels(canvas, found)
    for sweep in range(int(found.steps.sweep.max()) + 1):
        own = found.steps.sweep == sweep
        for number, name in (*enumerate(found.classes),
                             (int(Code.UNKNOWN), "unknown")):
            _dots(shares, found, f"share {name}", own, class_colour(number))
        for number, name in enumerate(found.classes):
            _dots(mixture, found, f"mixture {name}", own,
                  class_colour(number))
        _dots(residual, found, "residual", own, INK)
    for each in found.transitions:
        fit = each.found
        colour = class_colour(found.classes.index(each.after))
        mixture.span(fit.midpoint_low, fit.midpoint_high, FAINT, 0.2)
        half = fit.width / SHARE / 2
        ends = sorted(mixture.x_range)
        x = np.array([ends[0], fit.midpoint - half, fit.midpoint + half,
                      ends[1]])
        order = np.argsort(x, kind="stable")
        mixture.curve(x[order], np.array(
            [fit.first, fit.first, fit.last, fit.last])[order], colour, 1.6)
    end = in_line(canvas, LEFT, 4, [
        *class_entries(found.classes),
        (class_colour(int(Code.UNKNOWN)), "unknown")])
    canvas.text(end + 10, 4, "dots: rising, rings: falling; grey: midpoint, "
                "95 %", FAINT)
    return canvas.picture()


def _panels(canvas: Canvas, found: Scan) -> list[Plot]:
    room = canvas.height - TOP - BOTTOM - 2 * BETWEEN
    x_range = limits(found.steps.position, margin=0.03)
    name = f"{found.name} ({found.unit})" if found.unit else found.name
    panels, y = [], TOP
    for part, label, y_range in zip(
            PARTS, ("share of the pulses", "mixture", "residual"),
            ((0., 1.), (0., 1.), limits(found.columns["residual"], [0.])),
            strict=True):
        height = room * part // sum(PARTS)
        plot = Plot(canvas, LEFT, y, canvas.width - LEFT - RIGHT, height,
                    x_range, y_range)
        last = part is PARTS[-1]
        plot.frame(name if last else "", label, 8 if last else 0, 2)
        panels.append(plot)
        y += height + BETWEEN
    return panels


def _dots(plot: Plot, found: Scan, column: str, own: np.ndarray,
          colour: str) -> None:
    x = found.steps.position[own]
    y = np.asarray(found.columns[column][own], float)
    rising = len(x) < 2 or x[-1] >= x[0]
    error = found.columns.get(f"{column} error")
    if error is not None:
        for place, low, high in zip(
                plot.column(x), plot.row(y + BAND * error[own]),
                plot.row(y - BAND * error[own]), strict=True):
            if np.isfinite(low) and np.isfinite(high):
                plot.canvas.box(place - 0.5, low, 1, max(high - low, 1),
                                colour, 0.5)
    plot.points(x, y, colour, DOT if rising else RING,
                hole=0. if rising else HOLE)


