"""The latest spectrum over the class references, and how classes differ."""
import numpy as np

from ....colours import FAINT, INK, SINGLE, WEIGHT, class_colour
from ....live.preview import Preview
from ...common.drawing.canvas import Canvas, Picture
from ...common.drawing.plot import (
    Plot,
    class_entries,
    in_line,
    label_entry,
    limits,
    nothing,
)
from .bins import shade_bins

LEFT, RIGHT, TOP, BOTTOM = 62, 12, 44, 44
#: standard errors on either side of the difference
BAND = 2.


def spectrum(preview: Preview | None, width: int, height: int) -> Picture:
    """(height, width, 3) uint8 of a `preview.Preview`."""
    if preview is None:
        return nothing(width, height, "no spectrum yet")
    definition = preview.definition
    axis = definition.axis.values
    canvas = Canvas(width, height)
    plot = Plot(canvas, LEFT, TOP, width - LEFT - RIGHT,
                height - TOP - BOTTOM, (axis[0], axis[-1]),
                _spectrum_limits(preview))
    shade_bins(plot, definition, preview.explanation.share)
    plot.frame(definition.axis.label)
    plot.curve(axis, preview.spectrum, SINGLE, 1.)
    for index, reference in enumerate(definition.references):
        plot.curve(axis, reference, class_colour(index), 1.8)
    plot.curve(axis, preview.train_mean, INK, 1.8)
    in_line(canvas, LEFT, 4, [
        (INK, "mean of the train"), (SINGLE, f"pulse {preview.pulse}:"),
        label_entry(preview.label, definition.classes)])
    end = LEFT + 8 + canvas.text(LEFT, 24, "references:", FAINT)
    in_line(canvas, end, 24, [*class_entries(definition.classes),
                              (WEIGHT, "weight of a bin")])
    return canvas.picture()


def _spectrum_limits(preview: Preview) -> tuple[float, float]:
    """Room for the means and for most of the single pulse."""
    finite = preview.spectrum[np.isfinite(preview.spectrum)]
    most = (np.percentile(finite, (1, 99.5)) if len(finite)
            else np.zeros(1))
    return limits(preview.definition.references, preview.train_mean, most)


def difference(preview: Preview | None, pair: tuple[int, int], width: int,
               height: int) -> Picture:
    """B - A of two classes with its error band; `pair`: their indices.

    Drawn are the running means of what was called so lately, over the
    difference of the model's references (thin).
    """
    if preview is None:
        return nothing(width, height, "no spectrum yet")
    definition = preview.definition
    a, b = pair
    axis = definition.axis.values
    seen = preview.means[b] - preview.means[a]
    error = BAND * np.hypot(preview.errors[a], preview.errors[b])
    taught = definition.references[b] - definition.references[a]
    canvas = Canvas(width, height)
    plot = Plot(canvas, LEFT, TOP, width - LEFT - RIGHT,
                height - TOP - BOTTOM, (axis[0], axis[-1]),
                limits(taught, seen - error, seen + error))
    shade_bins(plot, definition, preview.explanation.share)
    plot.frame(definition.axis.label)
    plot.curve(axis, np.zeros(len(axis)), FAINT, 1.)
    plot.band(axis, seen - error, seen + error, class_colour(b), 0.35)
    plot.curve(axis, taught, FAINT, 1.)
    plot.curve(axis, seen, class_colour(b), 1.8)
    canvas.text(LEFT, 4, f"{definition.classes[b]} - {definition.classes[a]}")
    if np.isfinite(seen).any():
        in_line(canvas, LEFT, 24, (
            (class_colour(b), f"now, +-{BAND:g} standard errors"),
            (FAINT, "training")))
    else:
        missing = [definition.classes[i] for i in pair
                   if not np.isfinite(preview.means[i]).any()]
        in_line(canvas, LEFT, 24, (
            (FAINT, f"training; not enough of {' and '.join(missing)}"),))
    return canvas.picture()


def shown_pair(classes: int, state: int,
               previous: int) -> tuple[int, int]:
    """(A, B): the last two sample states where both are known, else 0, 1."""
    known = state >= 0 and previous >= 0 and state != previous
    if not known or max(state, previous) >= classes:
        return 0, 1
    return min(state, previous), max(state, previous)
