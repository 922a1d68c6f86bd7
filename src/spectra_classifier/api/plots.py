"""Drawings of spectra and their classification, with matplotlib."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..colours import class_colour
from ..core.describe import printable
from ..core.spectra import Code
from .libraries import library

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .classification import Classification
    from .reading import Spectra

#: part of the spectra of a class that the range shows, percentiles
_RANGE = 10, 90


def axes_or_current(ax: Axes | None) -> Any:
    if ax is not None:
        return ax
    return library("matplotlib.pyplot", "plot").gca()


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
                        color=class_colour(number), label=_plain(
                            f"{name or 'spectra'} ({len(own)})"))
        low, high = np.percentile(own, _RANGE, axis=0)
        ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2,
                        linewidth=0)
    ax.set_xlabel(_plain(data.axis.label))
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
                   color=class_colour(code),
                   marker="o" if code >= 0 else "x",
                   label=_plain(f"{name} ({number})"))
    ax.set_xlabel(_plain(result.index_name))
    ax.set_ylabel("confidence")
    ax.set_ylim(-0.03, 1.03)
    ax.legend()
    return ax


def draw_votes(result: Classification, ax: Axes) -> Axes:
    """Share of the vote of each class; rejected spectra are left out."""
    place, examined = result.index, result.codes >= int(Code.UNKNOWN)
    for number, name in enumerate(result.classes):
        ax.plot(place[examined], result.scores[examined, number],
                color=class_colour(number), marker=".", linewidth=1,
                label=_plain(name))
    ax.set_xlabel(_plain(result.index_name))
    ax.set_ylabel("share of the vote")
    ax.set_ylim(-0.03, 1.03)
    ax.legend()
    return ax


def _plain(text: str) -> str:
    """A name as it is: matplotlib takes $ for the start of a formula."""
    return printable(text).replace("$", r"\$")
