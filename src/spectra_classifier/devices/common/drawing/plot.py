"""Axes on a canvas: curves, bands and ticks in the units of the data."""
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ....colours import FAINT, GRID, INK, WORDS, class_colour
from ....core.spectra import Code
from .canvas import Canvas, raster

SWATCH = 14


class Plot:
    """A frame on a canvas at pixels (x, y, width, height).

    `x_range`, `y_range`: data at the left and right, bottom and top edge.
    """

    def __init__(self, canvas: Canvas, x: int, y: int, width: int, height: int,
                 x_range: tuple[float, float],
                 y_range: tuple[float, float]) -> None:
        self.canvas = canvas
        self.x, self.y, self.width, self.height = x, y, width, height
        self.x_range, self.y_range = _wide(x_range), _wide(y_range)

    def column(self, values: ArrayLike) -> NDArray[np.float64]:
        """Pixels of data values along x."""
        first, last = self.x_range
        return self.x + (np.asarray(values, float) - first) / (
            last - first) * self.width

    def row(self, values: ArrayLike) -> NDArray[np.float64]:
        """Pixels of data values along y, kept inside the frame."""
        low, high = self.y_range
        rows = self.y + (high - np.asarray(values, float)) / (
            high - low) * self.height
        return np.clip(rows, self.y, self.y + self.height)

    def span(self, first: float, last: float, colour: str,
             opacity: float) -> None:
        """Shade a range of x over the whole height."""
        left, right = np.clip(self.column((first, last)), self.x,
                              self.x + self.width)
        self.canvas.box(left, self.y, max(right - left, 1), self.height,
                        colour, opacity)

    def curve(self, x: ArrayLike, y: ArrayLike, colour: str,
              width: float = 1.6, opacity: float = 1.) -> None:
        """A line through points with increasing x; NaN leaves a gap."""
        low, high = self._extent(x, y)
        half = width / 2
        self.canvas.columns(self.x, low - half, high + half, colour, opacity)

    def band(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, colour: str,
             opacity: float = 0.25) -> None:
        """The area between two curves over the same x."""
        top, _ = self._extent(x, high)
        _, bottom = self._extent(x, low)
        self.canvas.columns(self.x, top, bottom, colour, opacity)

    def limit(self, value: float, colour: str) -> None:
        """A dashed line at a value of y that is inside the range."""
        low, high = self.y_range
        if not low <= value <= high:        # nor is NaN
            return
        row = float(self.row(value))
        for left in range(self.x, self.x + self.width, 10):
            self.canvas.box(left, row, 5, 1.5, colour, 0.9)

    def points(self, x: ArrayLike, y: ArrayLike, colour: str,
               radius: float = 2.5, opacity: float = 1.,
               hole: float = 0.) -> None:
        """Dots, or rings with a hole; NaN: none."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        seen = np.isfinite(x) & np.isfinite(y)
        places = np.unique(np.stack([
            self.row(y[seen]) - self.y, self.column(x[seen]) - self.x]
            ).round().astype(int), axis=1)
        places = places[:, (places >= 0).all(axis=0)
                        & (places[1] <= self.width)]
        reach = int(np.ceil(radius)) + 1
        coverage = np.zeros((self.height + 2 * reach + 1,
                             self.width + 2 * reach + 1), np.float32)
        for down in range(-reach, reach + 1):
            for right in range(-reach, reach + 1):
                distance = float(np.hypot(down, right))
                part = min(radius - distance, distance - hole if hole
                           else 1.) + 0.5
                if part > 0:
                    np.maximum.at(coverage, (
                        places[0] + down + reach,
                        places[1] + right + reach), min(part, 1.))
        self.canvas.blend(self.x - reach, self.y - reach,
                          opacity * coverage, colour)

    def _extent(
            self, x: ArrayLike,
            y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Highest and lowest pixel of a line in each pixel column."""
        columns = self.column(x) - self.x
        rows = self.row(y)
        edges = np.arange(self.width + 1)
        if len(columns) == 0:
            nothing = np.full(self.width, np.nan)
            return nothing, nothing
        outside = {"left": np.nan, "right": np.nan}
        at_edge = np.interp(edges, columns, rows, **outside)
        low = np.fmin(at_edge[:-1], at_edge[1:])
        high = np.fmax(at_edge[:-1], at_edge[1:])
        inside = np.flatnonzero((columns >= 0) & (columns < self.width)
                                & np.isfinite(rows))
        places = columns[inside].astype(int)
        np.fmin.at(low, places, rows[inside])
        np.fmax.at(high, places, rows[inside])
        return low, high

    def frame(self, x_label: str = "", y_label: str = "", x_ticks: int = 6,
              y_ticks: int = 3) -> None:
        """Grid lines, numbers and names of the axes."""
        canvas = self.canvas
        for value, text in ticks(*self.y_range, y_ticks):
            row = float(self.row(value))
            canvas.box(self.x, row, self.width, 1, GRID, 0.8)
            canvas.text(self.x - 6, row - 9, text, FAINT, align=1)
        bottom = self.y + self.height
        for value, text in ticks(*self.x_range, x_ticks):
            column = float(self.column(value))
            canvas.box(column, bottom, 1, 4, FAINT)
            canvas.text(column, bottom + 5, text, FAINT, align=0.5)
        canvas.box(self.x, bottom, self.width, 1, FAINT)
        if x_label:
            canvas.text(self.x + self.width, bottom + 20, x_label, FAINT,
                        align=1)
        if y_label:
            canvas.text(self.x, self.y - 20, y_label, INK)


def ticks(low: float, high: float, count: int) -> list[tuple[float, str]]:
    """[(value, text)] at round numbers between two values."""
    if count < 1:
        return []
    low, high = min(low, high), max(low, high)
    raw = (high - low) / count
    power = 10. ** np.floor(np.log10(raw))
    step = power * next(m for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    decimals = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    first = np.ceil(low / step - 1e-9) * step
    values = np.arange(first, high + 1e-9 * step + step * 1e-6, step)
    return [(float(v), f"{v + 0.:.{decimals}f}") for v in values]


def _wide(limits: tuple[float, float]) -> tuple[float, float]:
    """Two different, finite limits."""
    first, last = (float(v) if np.isfinite(v) else 0. for v in limits)
    if first == last:
        first, last = first - 0.5, last + 0.5
    return first, last


def limits(*curves: ArrayLike, margin: float = 0.06) -> tuple[float, float]:
    """(low, high) of all finite values, with some room."""
    values = np.concatenate([np.ravel(c) for c in curves] or [np.zeros(1)])
    values = values[np.isfinite(values)]
    if not len(values):
        return 0., 1.
    low, high = float(values.min()), float(values.max())
    room = margin * (high - low or 1.)
    return low - room, high + room


def legend(canvas: Canvas, x: float, y: float,
           entries: Iterable[tuple[str, str, str]],
           spacing: float = 22) -> None:
    """One line per (colour, text, value) from y down; value may be ""."""
    for number, (colour, text, value) in enumerate(entries):
        top = y + number * spacing
        canvas.box(x, top + 1, SWATCH, SWATCH, colour)
        canvas.text(x + SWATCH + 8, top, text)
        if value:
            canvas.text(canvas.width - 8, top, value, INK, align=1)


def in_line(canvas: Canvas, x: float, y: float,
            entries: Iterable[tuple[str, str]]) -> float:
    """(colour, text) side by side from x on; returns where they end.

    Where there is no room for all, "..." takes the place of the rest.
    """
    for colour, text in entries:
        room = canvas.width - x - SWATCH - 6
        if raster(text).shape[1] > room - raster("...").shape[1]:
            return x + canvas.text(x, y, "...")
        canvas.box(x, y + 1, SWATCH, SWATCH, colour)
        x += SWATCH + 6 + canvas.text(x + SWATCH + 6, y, text) + 20
    return x


def class_entries(classes: tuple[str, ...]) -> list[tuple[str, str]]:
    """(colour, name) of every class, in order."""
    return [(class_colour(index), name)
            for index, name in enumerate(classes)]


def label_entry(label: int, classes: tuple[str, ...]) -> tuple[str, str]:
    """(colour, name) of a class, or of a code where the label is negative."""
    return (class_colour(label),
            classes[label] if label >= 0 else WORDS[Code(label)])


def nothing(width: int, height: int, text: str) -> NDArray[np.uint8]:
    """A picture with the reason why there is no data."""
    canvas = Canvas(width, height)
    canvas.text(width / 2, height / 2 - 9, text, FAINT, align=0.5)
    return canvas.picture()
