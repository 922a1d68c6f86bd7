"""Drawings of spectra and their classification, with matplotlib."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.describe import printable
from .libraries import library

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .classification import Classification
    from .reading import Spectra

#: colour of spectra without a class
_GREY = "0.6"
#: part of the spectra of a class that the range shows, percentiles
_RANGE = 10, 90


def axes_or_current(ax: Axes | None) -> Any:
    pyplot = library("matplotlib.pyplot", "plot")
    return pyplot.gca() if ax is None else ax


def draw_spectra(data: Spectra, ax: Axes | None) -> Axes:
    """Mean and range of the spectra of every class."""
    ax = axes_or_current(ax)
    labels, x = data.labels, data.axis.values
    names = [""] if labels is None else list(data.dataset.classes or ())
    for number, name in enumerate(names):
        own = (data.spectra if labels is None
               else data.spectra[labels == name])
        if not len(own):
            continue
        line, = ax.plot(x, own.mean(axis=0, dtype=float),
                        color=f"C{number}", label=_plain(
                            f"{name or 'spectra'} ({len(own)})"))
        low, high = np.percentile(own, _RANGE, axis=0)
        ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2,
                        linewidth=0)
    quantity = data.axis.quantity.replace("_", " ")
    ax.set_xlabel(_plain("position" if quantity == "unknown" else quantity
                         if quantity == data.unit
                         else f"{quantity} ({data.unit})"))
    ax.set_ylabel("intensity")
    ax.legend()
    return ax


def draw_classification(result: Classification, ax: Axes | None) -> Axes:
    """Confidence against the number of the spectrum, by label."""
    ax = axes_or_current(ax)
    place = (result.index if result.index.dtype.kind in "iuf"
             else np.arange(len(result)))
    labels = result.labels
    for name, number in result.counts.items():
        own = labels == name
        code = int(result.codes[own][0])
        ax.scatter(place[own], result.confidence[own], s=10,
                   color=f"C{code}" if code >= 0 else _GREY,
                   marker="o" if code >= 0 else "x",
                   label=_plain(f"{name} ({number})"))
    ax.set_xlabel(_plain(result.index_name))
    ax.set_ylabel("confidence")
    ax.set_ylim(-0.03, 1.03)
    ax.legend()
    return ax


def _plain(text: str) -> str:
    """A name as it is: matplotlib takes $ for the start of a formula."""
    return printable(text).replace("$", r"\$")
