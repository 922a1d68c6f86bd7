"""One pulse, explained: the vote of every bin and its weight."""
from ....colours import CODES, FAINT, GRID, INK, class_colour
from ....core.engine.explain import Explanation
from ....core.model_definition import ModelDefinition
from ....core.spectra import Code
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
from .bins import (
    BOTTOM,
    GAP,
    HEADING,
    LEFT,
    RIGHT,
    TOP,
    bin_places,
)

#: part of the height for votes and for weights
VOTES, WEIGHTS = 0.2, 0.18


def votes(preview: Preview | None, width: int, height: int) -> Picture:
    """(height, width, 3) uint8 of a `preview.Preview`.

    From above: the spectrum over the references, every bin in the colour of
    the class it votes for, as strong as its weight; the votes of every bin;
    its weight in the whole vote.
    """
    if preview is None:
        return nothing(width, height, "no pulse yet")
    definition, one = preview.definition, preview.explanation
    axis = definition.axis.values
    canvas = Canvas(width, height)
    inner = width - LEFT - RIGHT
    parts = int(height * VOTES), int(height * WEIGHTS)
    upper = height - TOP - BOTTOM - sum(parts) - 2 * (GAP + HEADING) + GAP
    plot = Plot(canvas, LEFT, TOP, inner, upper, (axis[0], axis[-1]),
                limits(preview.spectrum, definition.references))
    most = one.share.max(initial=0.)
    for (start, stop), winner, share in zip(
            definition.bins, one.winner, one.share, strict=True):
        if share > 0 and winner >= 0:
            plot.span(axis[start], axis[stop - 1], class_colour(winner),
                      0.08 + 0.32 * share / most)
    plot.frame(x_ticks=0)
    for index, reference in enumerate(definition.references):
        plot.curve(axis, reference, class_colour(index), 1.8)
    plot.curve(axis, preview.spectrum, INK, 1.2, 0.75)
    end = in_line(canvas, LEFT, 6, [
        (INK, f"pulse {preview.pulse}:"),
        label_entry(preview.label, definition.classes)])
    end += 8 + canvas.text(end, 6, "references and votes:", FAINT)
    in_line(canvas, end, 6, [*class_entries(definition.classes),
                             (CODES[Code.LOW_INTENSITY], "no vote")])
    top = TOP + upper + HEADING
    _vote_strip(canvas, definition, one, top, inner, parts[0])
    top += parts[0] + GAP + HEADING
    _weight_strip(canvas, definition, one, top, inner, parts[1])
    return canvas.picture()


def _vote_strip(canvas: Canvas, definition: ModelDefinition, one: Explanation,
                top: int, width: int, height: int) -> None:
    plot = _strip(canvas, definition, top, width, height, (0., 1.))
    canvas.text(LEFT, top - HEADING, "votes of every bin", FAINT)
    for number, (left, wide) in enumerate(bin_places(plot, definition)):
        floor = 0.
        for index, part in enumerate(one.votes[number]):
            canvas.box(left, top + height * (1 - floor - part), wide,
                       height * part, class_colour(index),
                       0.9 if one.share[number] > 0 else 0.25)
            floor += part
        if floor == 0:
            canvas.box(left, top, wide, height, CODES[Code.LOW_INTENSITY],
                       0.4)
    plot.frame(x_ticks=0, y_ticks=2)


def _weight_strip(canvas: Canvas, definition: ModelDefinition,
                  one: Explanation, top: int, width: int,
                  height: int) -> None:
    most = float(one.share.max(initial=0.)) or 1.
    plot = _strip(canvas, definition, top, width, height, (0., most * 1.1))
    canvas.text(LEFT, top - HEADING, "part of the whole vote", FAINT)
    plot.frame(definition.axis.label, y_ticks=2)
    for (left, wide), share, winner in zip(
            bin_places(plot, definition), one.share, one.winner,
            strict=True):
        tall = height * share / (most * 1.1)
        canvas.box(left, top + height - tall, wide, tall,
                   class_colour(winner) if winner >= 0 else GRID)


def _strip(canvas: Canvas, definition: ModelDefinition, top: int, width: int,
           height: int, y_range: tuple[float, float]) -> Plot:
    axis = definition.axis.values
    return Plot(canvas, LEFT, top, width, height, (axis[0], axis[-1]),
                y_range)

