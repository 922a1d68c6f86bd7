"""One colour per class and state, in scenes, reports, plots and terminal.

Any two of them can be distinguished with normal, protanopic and deuteranopic
vision: the first six are of Okabe and Ito (Color Universal Design, 2008), the
others were chosen for the largest distance to all of them.
"""
import numpy as np
from numpy.typing import NDArray

from .core.spectra import Code

#: by class index; further classes repeat the colours
CLASSES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9",
           "#001166", "#003333")
#: pulses without a class
CODES = {Code.UNKNOWN: "#6A6A6A", Code.LOW_INTENSITY: "#C8C8C8",
         Code.SATURATED: "#552200", Code.BAD_DATA: "#000000",
         Code.SKIPPED: "#FFFFFF"}
WORDS = {Code.UNKNOWN: "unknown", Code.LOW_INTENSITY: "low intensity",
         Code.SATURATED: "saturated", Code.BAD_DATA: "bad data",
         Code.SKIPPED: "skipped"}
#: what low intensity means to an operator
NO_BEAM = "low intensity, no beam"
#: the permit, or what a permit opens
PERMIT, NO_PERMIT = "#007A5A", "#C00020"
#: text, secondary text, lines of a grid, background
INK, FAINT, GRID, PAPER = "#1A1A1A", "#5F5F5F", "#DDDDDD", "#FFFFFF"
BLACK, EDGE = "#000000", "#CFCFCF"
#: weight of a bin; a single spectrum among means
WEIGHT, SINGLE = "#E8B84A", "#B8B8B8"

#: from the oldest to the latest; ever darker, so that every eye sees the order
TIME = ("#D9D95A", "#6CC46B", "#26908C", "#3C508B", "#40104F")


def class_colour(index: int) -> str:
    """Colour of a class, or of a `Code` where the index is negative."""
    if index < 0:
        return CODES[Code(int(index))]
    return CLASSES[index % len(CLASSES)]


def time_colour(share: float) -> str:
    """Colour of a time; 0: the oldest, 1: the latest."""
    place = min(max(share, 0.), 1.) * (len(TIME) - 1)
    first = min(int(place), len(TIME) - 2)
    one, other = rgb(TIME[first]), rgb(TIME[first + 1])
    return "#" + "".join(f"{round(float(each)):02X}" for each in
                         one + (place - first) * (other - one))


def text_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour."""
    return max((PAPER, BLACK), key=lambda text: contrast(text, colour))


def contrast(one: str, other: str) -> float:
    """Ratio of the luminances of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    light = rgb(colour).astype(np.float64) / 255
    linear = np.where(light <= 0.04045, light / 12.92,
                      ((light + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


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
