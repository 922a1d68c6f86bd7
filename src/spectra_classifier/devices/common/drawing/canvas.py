"""A small raster canvas: lines, bands, boxes and text on white.

numpy only, some milliseconds per picture: it runs during live operation, where
a plotting library would cost a hundred times more and bring its own state.
"""
import struct
import zlib
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ....colours import FAINT, INK, PAPER, rgb, text_on

#: pixels of a picture, shape (height, width, 3)
type Picture = NDArray[np.uint8]

FIRST, LAST = 32, 126
#: pixels from the top of one line to the top of the next
SIZES = {"small": 17, "large": 29, "huge": 54}
SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Canvas:
    """`width` x `height` pixels, row 0 on top, coordinates in pixels."""

    def __init__(self, width: int, height: int,
                 background: str = PAPER) -> None:
        self.width, self.height = width, height
        self._pixels = np.empty((height, width, 3), np.float32)
        self._pixels[:] = rgb(background)

    def picture(self) -> NDArray[np.uint8]:
        """(height, width, 3) uint8."""
        return (self._pixels + 0.5).astype(np.uint8)

    def blend(self, x: float, y: float, coverage: NDArray[np.float32],
              colour: str) -> None:
        """Lay `coverage` (h, w), 0 to 1, of a colour with its corner at x, y.

        What lies outside is cut off.
        """
        x, y = round(float(x)), round(float(y))
        left, top = max(-x, 0), max(-y, 0)
        coverage = coverage[top:max(self.height - y, 0),
                            left:max(self.width - x, 0)]
        if not coverage.size:
            return
        place = self._pixels[y + top:y + top + coverage.shape[0],
                             x + left:x + left + coverage.shape[1]]
        place += coverage[..., None] * (rgb(colour) - place)

    def box(self, x: float, y: float, width: float, height: float, colour: str,
            opacity: float = 1.) -> None:
        shape = max(round(float(height)), 0), max(round(float(width)), 0)
        self.blend(x, y, np.full(shape, opacity, np.float32), colour)

    def image(self, x: int, y: int, pixels: NDArray[np.float32]) -> None:
        """Put (h, w, 3) pixels at a place that they fit into."""
        height, width, _ = pixels.shape
        self._pixels[y:y + height, x:x + width] = pixels

    def text(self, x: float, y: float, text: str, colour: str = INK,
             size: str = "small", align: float = 0.) -> int:
        """Text with its top at y; align 0: x is left, 1: right of it.

        Returns its width.
        """
        coverage = raster(text, size)
        self.blend(x - align * coverage.shape[1], y, coverage, colour)
        return coverage.shape[1]

    def columns(self, x: float, low: NDArray[np.float64],
                high: NDArray[np.float64], colour: str,
                opacity: float = 1.) -> None:
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


@cache
def _glyphs(size: str) -> tuple[NDArray[np.uint8], NDArray[np.integer]]:
    with (files(__package__) / "font.npz").open("rb") as file:
        arrays = np.load(file, allow_pickle=False)
        return arrays[f"{size}_glyphs"], arrays[f"{size}_widths"]


def raster(text: str, size: str = "small") -> NDArray[np.float32]:
    """(height, width) float32 coverage 0 to 1 of a line of text.

    What is not printable ASCII becomes a question mark.
    """
    glyphs, widths = _glyphs(size)
    numbers = [ord(c) - FIRST if FIRST <= ord(c) <= LAST
               else ord("?") - FIRST for c in text]
    if not numbers:
        return np.zeros((glyphs.shape[1], 0), np.float32)
    line = np.concatenate([glyphs[n, :, :widths[n]] for n in numbers], axis=1)
    return line.astype(np.float32) / np.float32(255)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """The bytes of a PNG file with (height, width, 3) uint8 pixels."""
    pixels = np.ascontiguousarray(pixels, np.uint8)
    height, width, _ = pixels.shape
    # every line begins with its filter; 0: none
    lines = np.zeros((height, 1 + 3 * width), np.uint8)
    lines[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return SIGNATURE + b"".join((
        _chunk(b"IHDR", header),
        _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
        _chunk(b"IEND", b"")))


def _chunk(name: bytes, data: bytes) -> bytes:
    return (struct.pack(">I", len(data)) + name + data
            + struct.pack(">I", zlib.crc32(name + data)))


def tile(width: int, height: int, colour: str, text: str = "",
         size: str = "large") -> bytes:
    """A PNG of one colour with a thin edge and a text in its middle."""
    canvas = Canvas(width, height, FAINT)
    canvas.box(1, 1, width - 2, height - 2, colour)
    canvas.text(width / 2, (height - SIZES[size]) / 2, text,
                text_on(colour), size, 0.5)
    return png(canvas.picture())
