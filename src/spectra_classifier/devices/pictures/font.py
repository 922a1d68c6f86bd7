"""Letters as coverage maps, for pictures that are made in the device.

`font.npz` holds printable ASCII of DejaVu Sans (a free font) in two sizes,
made by `python scripts/make_font.py`, so that no font library is needed
where the device runs.
"""
from functools import cache
from importlib.resources import files

import numpy as np

FIRST, LAST = 32, 126
#: pixels from the top of one line to the top of the next
SIZES = {"small": 17, "large": 29}


@cache
def _glyphs(size):
    with (files(__package__) / "font.npz").open("rb") as file:
        arrays = np.load(file, allow_pickle=False)
        return arrays[f"{size}_glyphs"], arrays[f"{size}_widths"]


def raster(text, size="small"):
    """(height, width) float32 coverage 0 to 1 of a line of text.

    What is not printable ASCII becomes a question mark.
    """
    glyphs, widths = _glyphs(size)
    numbers = [ord(c) - FIRST if FIRST <= ord(c) <= LAST
               else ord("?") - FIRST for c in text]
    if not numbers:
        return np.zeros((glyphs.shape[1], 0), np.float32)
    return np.concatenate([glyphs[n, :, :widths[n]] for n in numbers],
                          axis=1).astype(np.float32) / 255
