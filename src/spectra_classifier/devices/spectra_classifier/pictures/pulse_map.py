"""Class against pulse number, trains as rows: what happens along a train."""
import numpy as np
from numpy.typing import NDArray

from ....colours import (
    CODES,
    FAINT,
    NO_BEAM,
    WORDS,
    class_colour,
    label_colours,
)
from ....core.spectra import Code
from ....live.train_history import HistoryView
from ...common.drawing.canvas import Canvas, Picture
from ...common.drawing.plot import Plot, class_entries, in_line, nothing

#: room for a train id of ten digits at the left
LEFT, RIGHT, TOP, BOTTOM = 100, 14, 32, 44
#: part of the height for the profile along the train
PROFILE = 0.3
#: codes that the legend always has
NAMES = {Code.UNKNOWN: WORDS[Code.UNKNOWN], Code.LOW_INTENSITY: NO_BEAM}


def pulse_map(past: HistoryView, width: int, height: int) -> Picture:
    """(height, width, 3) uint8 of a `HistoryView`.

    Above: one row per train, the newest at the bottom, one colour per class
    (mixed where pulses share a pixel). Below: share of each class at every
    position in the train, over the trains shown.
    """
    labels = past.label_map()
    if not labels.size:
        return nothing(width, height, "no train was classified yet")
    canvas = Canvas(width, height)
    inner = width - LEFT - RIGHT
    lower = int(height * PROFILE)
    upper = height - lower - TOP - 2 * BOTTOM
    colours = _stretch(_squeeze(label_colours(labels), inner), upper)
    canvas.image(LEFT, TOP, colours)
    trains = Plot(canvas, LEFT, TOP, inner, upper, (0, labels.shape[1]),
                  (len(labels), 0))
    for row, train in ((0, past.trains[0][0]), (1, past.trains[-1][0])):
        canvas.text(LEFT - 6, TOP + row * (upper - 17), str(train), FAINT,
                    align=1)
    canvas.text(LEFT - 6, TOP + upper / 2 - 9, "train", FAINT, align=1)
    trains.frame(y_ticks=0, x_label="pulse in the train")
    in_line(canvas, LEFT, 6, class_entries(past.classes) + [
        (CODES[code], NAMES.get(code, WORDS[code])) for code in Code
        if code in NAMES or (code in labels and code is not Code.SKIPPED)])
    _profile(canvas, labels, past.classes, TOP + upper + BOTTOM, inner,
             lower)
    return canvas.picture()


def _profile(canvas: Canvas, labels: NDArray[np.int8],
             classes: tuple[str, ...], top: int, width: int,
             height: int) -> None:
    share = Plot(canvas, LEFT, top, width, height, (0, labels.shape[1]),
                 (0, 1.02))
    share.frame("pulse in the train", y_ticks=2)
    canvas.text(LEFT - 30, top + height / 2 - 9, "share", FAINT, align=1)
    eligible = (labels >= Code.UNKNOWN).sum(axis=0)
    bounds = _bounds(labels.shape[1], width // 4)
    total = np.add.reduceat(eligible, bounds[:-1])
    centres = (bounds[:-1] + bounds[1:]) / 2
    for index in (*range(len(classes)), Code.UNKNOWN):
        count = np.add.reduceat((labels == index).sum(axis=0), bounds[:-1])
        with np.errstate(invalid="ignore", divide="ignore"):
            share.curve(centres, count / total, class_colour(index), 2.)


def _bounds(count: int, parts: int) -> NDArray[np.int64]:
    """(parts + 1,) borders of at most `parts` blocks of `count` things."""
    return np.unique(np.linspace(0, count, min(parts, count) + 1)
                     .astype(int))


def _squeeze(colours: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """(rows, n, 3) -> (rows, width, 3): mean colour, or repeated."""
    n = colours.shape[1]
    if n <= width:
        return colours[:, np.arange(width) * n // width]
    bounds = np.linspace(0, n, width + 1).astype(int)
    mean = np.add.reduceat(colours, bounds[:-1], axis=1) / np.diff(
        bounds)[:, None]
    return mean.astype(np.float32)


def _stretch(colours: NDArray[np.float32], height: int) -> NDArray[np.float32]:
    """(rows, w, 3) -> (height, w, 3), every row repeated."""
    rows = len(colours)
    return colours[np.arange(height) * rows // height]
