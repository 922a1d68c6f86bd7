"""The first spectra of a data set, in the terminal and as a picture."""
from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.describe import printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..core.dataset import Dataset

#: spectra that are shown
FIRST = 3
_WIDTH, _HEIGHT = 72, 6
_BARS = " ▁▂▃▄▅▆▇█"


def text(dataset: Dataset, encoding: str | None = None) -> str:
    """The first spectra as bars of characters.

    Parameters
    ----------
    dataset
        The spectra.
    encoding
        Of the terminal; bars are of # where it has no others.
    """
    try:
        _BARS.encode(encoding or sys.stdout.encoding or "ascii")
        bars = _BARS
    except (UnicodeEncodeError, LookupError):
        bars = " " + 8 * "#"
    ends = [f"{value:g}" for value in dataset.axis.values[[0, -1]]]
    parts = []
    for number in range(min(FIRST, len(dataset))):
        spectrum = dataset.spectra[number]
        rows = _rows(spectrum, bars)
        width = len(rows[0])
        parts += [f"{title(dataset, number)}, {spectrum.min():g} to "
                  f"{spectrum.max():g}", *rows,
                  ends[0] + ends[1].rjust(max(width - len(ends[0]),
                                              len(ends[1]) + 1)), ""]
    return "\n".join(parts)


def title(dataset: Dataset, number: int) -> str:
    """Number and class of a spectrum."""
    if dataset.labels is None or dataset.classes is None:
        return f"spectrum {number}"
    return (f"spectrum {number}, "
            f"{printable(dataset.classes[dataset.labels[number]])}")


def _rows(spectrum: NDArray[np.generic], bars: str) -> list[str]:
    """One spectrum as lines: the largest value of the channels of a column.
    """
    import numpy as np

    values = np.asarray(spectrum, np.float64)
    edges = np.linspace(0, len(values), min(_WIDTH, len(values)) + 1)
    heights = np.maximum.reduceat(values, edges[:-1].astype(int))
    low, high = values.min(), values.max()
    # halves: the span of two floats may be beyond them
    span = high / 2 - low / 2
    share = (heights / 2 - low / 2) / span if span else np.zeros(len(heights))
    steps = np.rint(share * (8 * _HEIGHT - 1)).astype(int) + 1
    return ["".join(bars[int(np.clip(step - 8 * row, 0, 8))]
                    for step in steps).rstrip()
            or " " for row in range(_HEIGHT - 1, -1, -1)]


def picture(dataset: Dataset, path: Path) -> Path | None:
    """Write the first spectra as a PNG.

    Returns
    -------
    Path or None
        Its path; None where matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        return None
    from ..files.atomic import replaced

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    for number in range(min(FIRST, len(dataset))):
        axes.plot(dataset.axis.values, dataset.spectra[number], linewidth=1,
                  label=title(dataset, number))
    axis = dataset.axis
    axes.set_xlabel("position" if axis.quantity == "unknown"
                    else f"{axis.quantity} ({axis.unit})")
    axes.set_ylabel("intensity")
    axes.legend()
    with replaced(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
    return path
