"""Pictures of an exploration, each as the bytes of a PNG image."""
import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure, FigureBase
from numpy.typing import NDArray

from ..colours import class_colour
from ..core.dataset import Dataset
from .clusters import Clusters

# inches: width of all, heights of the map and of clusters against time
_WIDTH, _MAP, _TIME = 9., 4., 3.6
#: standard errors that a band reaches to either side
_BAND = 1.96
# share of the spectra that may be far away, on either side, and room around
# the others in units of their range
_FAR, _ROOM = 0.002, 0.1
# points that a picture shows
_POINTS = 4000


def draw_map(axes: Any, found: Clusters) -> None:
    """Spectra in the plane of their strongest differences, by cluster."""
    place, limits = _within(found.map)
    for number in range(found.count):
        rows = _thinned(np.flatnonzero(found.labels == number))
        axes.plot(*place[rows].T, ".", ms=4, color=class_colour(number),
                  label=f"cluster {number}")
    axes.set(xlim=limits[0], ylim=limits[1],
             xlabel="strongest difference (noise = 1)",
             ylabel="second strongest")
    axes.legend(frameon=False, fontsize=8)


def whole(dataset: Dataset, found: Clusters) -> bytes:
    """All of it: map, clusters against time, spectra."""
    heights = _MAP, _TIME, _spectra_height(found)
    figure = Figure((_WIDTH, sum(heights)), layout="constrained")
    parts: Any = figure.subfigures(3, height_ratios=heights)
    upper, middle, lower = parts
    _by_cluster_and_time(upper, found)
    _against_time(middle, found)
    _spectra(lower, dataset, found)
    return _png(figure)


def by_cluster_and_time(found: Clusters) -> bytes:
    """The same plane twice: by cluster, and by time."""
    figure = Figure((_WIDTH, _MAP), layout="constrained")
    _by_cluster_and_time(figure, found)
    return _png(figure)


def _by_cluster_and_time(figure: FigureBase, found: Clusters) -> None:
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    draw_map(left, found)
    rows = _thinned(np.flatnonzero(found.labels >= 0))
    shown = right.scatter(*_within(found.map)[0][rows].T, c=rows, s=6,
                          cmap="viridis", lw=0)
    right.set_xlabel("strongest difference (noise = 1)")
    figure.colorbar(shown, ax=right, label="number of the spectrum")


def against_time(found: Clusters) -> bytes:
    """Cluster of each spectrum; strongest difference below."""
    figure = Figure((_WIDTH, _TIME), layout="constrained")
    _against_time(figure, found)
    return _png(figure)


def _against_time(figure: FigureBase, found: Clusters) -> None:
    upper, lower = figure.subplots(2, sharex=True, height_ratios=[1, 2])
    for number in range(found.count):
        rows = _thinned(np.flatnonzero(found.labels == number))
        upper.plot(rows, np.full(len(rows), number), "|", ms=8,
                   color=class_colour(number))
        lower.plot(rows, found.map[rows, 0], ".", ms=3,
                   color=class_colour(number))
    for each in found.changes:
        for axes in upper, lower:
            axes.axvspan(each.low, each.high + 1, color="0.8", lw=1)
    upper.set_yticks(range(found.count))
    upper.set_ylim(found.count - 0.5, -0.5)
    upper.set_ylabel("cluster")
    lower.set_ylabel("strongest difference")
    lower.set_xlabel("number of the spectrum")


def spectra(dataset: Dataset, found: Clusters) -> bytes:
    """Mean spectrum of each cluster, and its difference from the first."""
    figure = Figure((_WIDTH, _spectra_height(found)), layout="constrained")
    _spectra(figure, dataset, found)
    return _png(figure)


def _spectra_height(found: Clusters) -> float:
    return 2.8 + 2 * max(found.count - 1, 0)


def _spectra(figure: FigureBase, dataset: Dataset, found: Clusters) -> None:
    panels = np.atleast_1d(figure.subplots(max(found.count, 1), sharex=True))
    x = dataset.axis.values
    means = []
    for number in range(found.count):
        own = dataset.spectra[found.labels == number]
        mean, spread = own.mean(axis=0, dtype=float), own.std(axis=0,
                                                              dtype=float)
        means.append((mean, spread / np.sqrt(len(own))))
        panels[0].fill_between(x, mean - spread, mean + spread, alpha=0.2,
                               color=class_colour(number), lw=0)
        panels[0].plot(x, mean, color=class_colour(number), lw=1,
                       label=f"cluster {number} ({len(own)} spectra)")
    panels[0].set_ylabel("intensity")
    panels[0].legend(frameon=False, fontsize=8)
    for number, axes in enumerate(panels[1:], 1):
        change = means[number][0] - means[0][0]
        band = _BAND * np.hypot(means[number][1], means[0][1])
        axes.axhline(0, color="0.6", lw=0.8)
        axes.fill_between(x, change - band, change + band, color="0.75", lw=0)
        axes.plot(x, change, color=class_colour(number), lw=0.8)
        axes.set_ylabel(f"cluster {number} - 0")
    panels[-1].set_xlabel(dataset.axis.label)


def _within(place: NDArray[np.float64]) -> tuple[
        NDArray[np.float64], NDArray[np.float64]]:
    """Places (N, 2) with what is far away at the edge, and limits (2, 2).

    A single outlier would leave no room for the rest.
    """
    low, high = np.nanquantile(place, [_FAR, 1 - _FAR], axis=0)
    room = _ROOM * np.maximum(high - low, 1.)
    edges = low - room, high + room
    return np.clip(place, *edges), np.stack(edges, axis=1)


def _thinned(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return rows[::-(-len(rows) // _POINTS) or 1]


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    return stream.getvalue()
