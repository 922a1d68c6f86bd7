"""Class fractions, mixture, confidence and residual of the last minutes."""
import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....colours import (
    FAINT,
    INK,
    NO_BEAM,
    NO_PERMIT,
    WORDS,
    class_colour,
)
from ....core.spectra import Code
from ....live.train_history import HistoryView
from ...common.drawing.canvas import Canvas, Picture
from ...common.drawing.plot import Plot, legend, nothing

LEFT, RIGHT, TOP, BOTTOM = 40, 260, 26, 44
#: s that the picture shows at least
SHORTEST = 30.
#: trains over which the numbers at the right are averaged
LATEST = 10
CONFIDENCE, RESIDUAL = INK, NO_PERMIT
OPACITY = 0.85


class Limits(NamedTuple):
    """Beyond these a pulse is unknown; NaN for no limit."""
    least_confidence: float = math.nan
    most_residual: float = math.nan


def trend(past: HistoryView, limits: Limits, width: int,
          height: int) -> Picture:
    """(height, width, 3) uint8 of a `HistoryView`.

    Above: share of each class in every train, stacked; where no pulse has
    a signal, the share without one; the thin lines are the borders of the
    mean mixture. Below: confidence and residual, their limits dashed.
    """
    if not past.rows:
        return nothing(width, height, "no train was classified yet")
    series = past.series()
    seconds = series["seconds"]
    canvas = Canvas(width, height)
    inner = width - LEFT - RIGHT
    upper = int((height - 2 * TOP - BOTTOM) * 0.66)
    lower = height - 2 * TOP - BOTTOM - upper
    x_range = min(seconds[0], -SHORTEST), 0.
    shares = Plot(canvas, LEFT, TOP, inner, upper, x_range, (0., 1.))
    _stack(shares, series)
    shares.frame(y_label="share of the pulses", x_ticks=0, y_ticks=2)
    sure = Plot(canvas, LEFT, 2 * TOP + upper, inner, lower, x_range,
                (0., 1.05))
    sure.frame("seconds ago", "confidence, residual", y_ticks=2)
    sure.limit(limits.most_residual, RESIDUAL)
    sure.limit(limits.least_confidence, CONFIDENCE)
    sure.curve(seconds, series["residual"], RESIDUAL)
    sure.curve(seconds, series["confidence"], CONFIDENCE, 2.)
    _words(canvas, width - RIGHT + 24, 2 * TOP + upper, past, series)
    return canvas.picture()


def _stack(plot: Plot, series: Mapping[str, NDArray[np.float64]]) -> None:
    seconds = series["seconds"]
    floor = np.zeros(len(seconds))
    for index, share in enumerate(series["fractions"].T):
        plot.band(seconds, floor, floor + share, class_colour(index),
                  OPACITY)
        floor = floor + share
    top = np.nan_to_num(floor + series["unknown"])
    plot.band(seconds, floor, top, class_colour(Code.UNKNOWN), OPACITY)
    plot.band(seconds, top, np.where(top > 0, top, series["dim"]),
              class_colour(Code.LOW_INTENSITY), OPACITY)
    border = np.zeros(len(seconds))
    for share in series["mixture"].T[:-1]:
        border = border + share
        plot.curve(seconds, border, INK, 1.4, 0.9)


def _words(canvas: Canvas, x: int, row: int, past: HistoryView,
           series: Mapping[str, NDArray[np.float64]]) -> None:
    latest = {name: np.nanmean(values[-LATEST:], axis=0)
              if np.isfinite(values[-LATEST:]).any() else np.zeros(
                  values.shape[1:]) for name, values in series.items()}
    entries = [(class_colour(index), name, f"{share:.0%}") for index, (
        name, share) in enumerate(zip(past.classes, latest["fractions"],
                                      strict=True))]
    entries += [(class_colour(code), words, f"{latest[name]:.0%}")
                for code, words, name in (
                    (Code.UNKNOWN, WORDS[Code.UNKNOWN], "unknown"),
                    (Code.LOW_INTENSITY, NO_BEAM, "dim"))]
    spacing = min(24, max((row - TOP - 30) // len(entries), 15))
    legend(canvas, x, TOP, entries, spacing)
    canvas.box(x, TOP + spacing * len(entries) + 8, 14, 2, INK)
    canvas.text(x + 22, TOP + spacing * len(entries), "mean mixture", FAINT)
    legend(canvas, x, row - 4, (
        (CONFIDENCE, "confidence", f"{latest['confidence']:.3f}"),
        (RESIDUAL, "residual", f"{latest['residual']:.3f}")), 20)
    canvas.text(x + 22, row + 36, "dashed: unknown beyond", FAINT)
