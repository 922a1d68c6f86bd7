"""Small PNG files without an image library: tiles for icons of scenes."""
import struct
import zlib

import numpy as np

from .canvas import Canvas

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(pixels):
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


def _chunk(name, data):
    return (struct.pack(">I", len(data)) + name + data
            + struct.pack(">I", zlib.crc32(name + data)))


def tile(width, height, colour, text=""):
    """A PNG of one colour, with white text in its middle."""
    canvas = Canvas(width, height, colour)
    if text:
        canvas.text(width / 2, height / 2 - 15, text, "#FFFFFF", "large",
                    0.5)
    return png(canvas.picture())
