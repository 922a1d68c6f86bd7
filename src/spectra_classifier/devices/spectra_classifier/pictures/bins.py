"""Bins on an axis: shading, places, and how well classes separate there."""
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ....colours import FAINT, GRID, WEIGHT, class_colour
from ....core.model_definition import ModelDefinition
from ...common.drawing.canvas import Canvas, Picture
from ...common.drawing.plot import Plot, class_entries, in_line, limits

LEFT, RIGHT, TOP, BOTTOM = 62, 12, 30, 44
GAP, HEADING = 24, 18


def shade_bins(plot: Plot, definition: ModelDefinition,
               share: NDArray[np.float64]) -> None:
    """Shade every bin by its part of the vote, none where it has none."""
    most = share.max(initial=0.)
    values = definition.axis.values
    for (start, stop), part in zip(definition.bins, share, strict=True):
        if part > 0:
            plot.span(values[start], values[stop - 1], WEIGHT,
                      0.10 + 0.40 * part / most)


def bin_places(plot: Plot,
               definition: ModelDefinition) -> Iterator[tuple[float, float]]:
    """(left, width) in pixels of every bin, a gap between neighbours."""
    axis = definition.axis.values
    for start, stop in definition.bins:
        left, right = plot.column((axis[start], axis[stop - 1]))
        yield left + 0.5, max(right - left - 1, 1)


def separability(definition: ModelDefinition, share: NDArray[np.float64],
                 width: int, height: int) -> Picture:
    """Separability of every bin over the class references; `share` (B,)."""
    axis = definition.axis.values
    canvas = Canvas(width, height)
    inner = width - LEFT - RIGHT
    lower = int(height * 0.38)
    upper = height - TOP - BOTTOM - lower - GAP - HEADING
    plot = Plot(canvas, LEFT, TOP, inner, upper, (axis[0], axis[-1]),
                limits(definition.references))
    plot.frame(x_ticks=0)
    for index, reference in enumerate(definition.references):
        plot.curve(axis, reference, class_colour(index), 1.8)
    in_line(canvas, LEFT, 6, class_entries(definition.classes))
    top = TOP + upper + GAP + HEADING
    skill = Plot(canvas, LEFT, top, inner, lower, (axis[0], axis[-1]),
                 (0., 1.))
    skill.frame(definition.axis.label, y_ticks=2)
    canvas.text(LEFT, top - HEADING, "separability: filled bins vote", FAINT)
    known = np.nan_to_num(definition.separability)
    for (left, wide), value, part in zip(
            bin_places(skill, definition), known, share, strict=True):
        tall = max(lower * float(value), 1.)
        canvas.box(left, top + lower - tall, wide, tall,
                   WEIGHT if part > 0 else GRID)
    return canvas.picture()
