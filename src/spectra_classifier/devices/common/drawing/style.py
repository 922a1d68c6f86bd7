"""One colour per class, everywhere: pictures, tables, icons, documents.

The first ones can be told apart by people with any colour vision (Okabe and
Ito, Color Universal Design, 2008), on white and in print.
"""
import numpy as np
from numpy.typing import NDArray

from ....core.spectra import Code

#: by class index; further classes repeat the colours
CLASSES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9",
           "#7B5EA7", "#6B4E16")
#: what has no class, from "looked at" to "not looked at"
CODES = {Code.UNKNOWN: "#8C8C8C", Code.LOW_INTENSITY: "#C9C9C9",
         Code.SATURATED: "#8B1A1A", Code.BAD_DATA: "#000000",
         Code.SKIPPED: "#FFFFFF"}
WORDS = {Code.UNKNOWN: "unknown", Code.LOW_INTENSITY: "low intensity",
         Code.SATURATED: "saturated", Code.BAD_DATA: "bad data",
         Code.SKIPPED: "skipped"}
INK, FAINT, GRID, PAPER = "#1A1A1A", "#5F5F5F", "#DDDDDD", "#FFFFFF"


def class_colour(index: int) -> str:
    """Colour of a class, or of a `Code` where the index is negative."""
    if index < 0:
        return CODES[Code(int(index))]
    return CLASSES[index % len(CLASSES)]


def rgb(colour: str) -> NDArray[np.float32]:
    """(3,) float32, 0 to 255, of "#RRGGBB"."""
    return np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)],
                    np.float32)


def label_colours(labels: NDArray[np.int8]) -> NDArray[np.float32]:
    """(..., 3) float32 colours of an array of labels (int8)."""
    labels = np.asarray(labels, np.int64)
    lowest = min(Code)
    table = np.stack([rgb(class_colour(code)) for code in range(lowest, 0)]
                     + [rgb(colour) for colour in CLASSES])
    return table[np.where(labels < 0, labels - lowest,
                          labels % len(CLASSES) - lowest)]
