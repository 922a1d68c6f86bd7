"""Draw the glyphs of the pictures: devices/common/drawing/font.npz.

    .venv/bin/python scripts/make_font.py

Needs Pillow and matplotlib (extra "docs"), which bring DejaVu Sans.
"""
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from spectra_classifier.devices.common.drawing.canvas import FIRST, LAST, SIZES

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
SOURCES = {"small": ("DejaVuSans.ttf", 13), "large": ("DejaVuSans.ttf", 22),
           "huge": ("DejaVuSans-Bold.ttf", 44)}
TARGET = (Path(__file__).resolve().parent.parent / "src"
          / "spectra_classifier" / "devices" / "common" / "drawing"
          / "font.npz")


def glyphs(file: str, points: int,
           height: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Coverage and width of the letters of a font.

    Returns
    -------
    coverage : (letters, height, width)
    widths : (letters,)
    """
    font = ImageFont.truetype(str(FONTS / file), points)
    letters = [chr(n) for n in range(FIRST, LAST + 1)]
    widths = [round(font.getlength(letter)) for letter in letters]
    maps = np.zeros((len(letters), height, max(widths)), np.uint8)
    for number, letter in enumerate(letters):
        picture = Image.new("L", (max(widths), height))
        ImageDraw.Draw(picture).text((0, 0), letter, 255, font)
        maps[number] = np.asarray(picture)
    return maps, np.array(widths, np.uint8)


def main() -> None:
    arrays: dict[str, NDArray[np.uint8]] = {}
    for size, height in SIZES.items():
        maps, widths = glyphs(*SOURCES[size], height)
        arrays |= {f"{size}_glyphs": maps, f"{size}_widths": widths}
    np.savez_compressed(TARGET, **arrays)


if __name__ == "__main__":
    main()
