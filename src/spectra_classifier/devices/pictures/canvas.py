"""A small raster canvas: lines, bands, boxes and text on white.

numpy only, some milliseconds per picture: it runs beside live data, where a
plotting library would cost a hundred times more and bring its own state.
"""
import numpy as np

from .font import raster
from .palette import INK, PAPER, rgb


class Canvas:
    """`width` x `height` pixels, row 0 on top, coordinates in pixels."""

    def __init__(self, width, height, background=PAPER):
        self.width, self.height = width, height
        self._pixels = np.empty((height, width, 3), np.float32)
        self._pixels[:] = rgb(background)

    def picture(self):
        """(height, width, 3) uint8."""
        return (self._pixels + 0.5).astype(np.uint8)

    def blend(self, x, y, coverage, colour):
        """Lay `coverage` (h, w), 0 to 1, of a colour with its corner at x, y.

        What lies outside is cut off.
        """
        x, y = round(float(x)), round(float(y))
        left, top = max(-x, 0), max(-y, 0)
        coverage = coverage[top:self.height - y, left:self.width - x]
        if not coverage.size:
            return
        place = self._pixels[y + top:y + top + coverage.shape[0],
                             x + left:x + left + coverage.shape[1]]
        place += coverage[..., None] * (rgb(colour) - place)

    def box(self, x, y, width, height, colour, opacity=1.):
        shape = max(round(float(height)), 0), max(round(float(width)), 0)
        self.blend(x, y, np.full(shape, opacity, np.float32), colour)

    def image(self, x, y, pixels):
        """Put (h, w, 3) pixels at a place that they fit into."""
        height, width, _ = pixels.shape
        self._pixels[y:y + height, x:x + width] = pixels

    def text(self, x, y, text, colour=INK, size="small", align=0.):
        """Text with its top at y; align 0: x is left, 1: right of it.

        Returns its width.
        """
        coverage = raster(text, size)
        self.blend(x - align * coverage.shape[1], y, coverage, colour)
        return coverage.shape[1]

    def columns(self, x, low, high, colour, opacity=1.):
        """One vertical bar per pixel column from x on.

        `low`, `high` (n,) float pixels with low <= high; edges within a
        pixel are smoothed; NaN: no bar.
        """
        low, high = np.asarray(low, np.float32), np.asarray(high, np.float32)
        seen = np.isfinite(low) & np.isfinite(high)
        if not seen.any():
            return
        top = int(np.clip(np.floor(low[seen].min()), 0, self.height))
        bottom = int(np.clip(np.ceil(high[seen].max()), 0, self.height))
        rows = np.arange(top, bottom, dtype=np.float32)[:, None]
        with np.errstate(invalid="ignore"):
            coverage = np.clip(np.minimum(high, rows + 1)
                               - np.maximum(low, rows), 0, 1)
        coverage[:, ~seen] = 0
        self.blend(x, top, opacity * coverage, colour)
