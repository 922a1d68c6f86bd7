"""Clusters of spectra without labels: `spectra_classifier.explore`."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..core.dataset import Dataset
from ..core.evaluation.changepoint import Transition
from ..core.spectra import Axis
from ..exploration import captures, clusters, map_page
from .arrays import given
from .libraries import library, missing
from .reading import Spectra, fact_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Exploration:
    """Clusters of spectra.

    Attributes
    ----------
    dataset
        The spectra.
    clusters
        What was found.
    """
    dataset: Dataset
    clusters: clusters.Clusters

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,) cluster of each spectrum, from 0; -1 where it is too dim."""
        return self.clusters.labels

    @property
    def count(self) -> int:
        """Number of clusters."""
        return self.clusters.count

    @property
    def changes(self) -> tuple[Transition, ...]:
        """When the cluster changes, in rows of spectra."""
        return self.clusters.changes

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"<Exploration: {'; '.join(map(': '.join, self._facts()))}>"

    def _repr_html_(self) -> str:
        return fact_table("Exploration", self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        sizes = np.bincount(self.labels[self.labels >= 0],
                            minlength=self.count).tolist()
        return [("spectra", str(len(self))),
                ("clusters", f"{self.count} ({', '.join(map(str, sizes))})"),
                ("changes", str(len(self.changes))),
                ("too dim", str(int(np.count_nonzero(self.labels < 0))))]

    def to_captures(self, names: Mapping[int, str]) -> Spectra:
        """The spectra of clusters that have names, labelled, as captures.

        Every stretch of one cluster is a capture. That the labels come from
        the spectra is kept in the provenance: a model trained on them has the
        verdict *chosen by the data*.

        Parameters
        ----------
        names
            {cluster: name of the state}; others are left out.
        """
        return Spectra(captures.captures(self.dataset, self.clusters, names))

    def to_html(self, title: str = "spectra") -> str:
        """The map as one HTML file; needs matplotlib."""
        library("matplotlib", "to_html")
        return map_page.html(title, self.dataset, self.clusters)

    def to_png(self) -> bytes:
        """Its pictures as one PNG image; needs matplotlib."""
        library("matplotlib", "to_png")
        from ..exploration.pictures import whole

        return whole(self.dataset, self.clusters)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The spectra in the plane of their strongest differences.

        Parameters
        ----------
        ax
            Where to draw; by default the current axes of matplotlib.
        """
        from ..exploration.pictures import draw_map
        from .plots import axes_or_current

        ax = axes_or_current(ax)
        draw_map(ax, self.clusters)
        return ax


def explore(spectra: Any, axis: Any = None) -> Exploration:
    """Find clusters and changes in spectra that nobody has labelled.

    Pedestal, gain, intensity and a moving axis make no cluster; what does not
    last over several spectra makes none either. One cluster is an answer.

    Parameters
    ----------
    spectra
        In the order of time, the dark subtracted: `Spectra` of `read`, an
        array (N, channels), a data frame or a data array. NaN is refused.
    axis
        Positions of the channels, (channels,), or an `Axis`. None for the axis
        that `spectra` states, else channel numbers.

    Returns
    -------
    Exploration

    Raises
    ------
    SpectraError
        If the spectra are no real numbers, or a library is missing.

    Examples
    --------
    >>> found = spectra_classifier.explore(data)
    >>> found.plot()
    >>> captures = found.to_captures({0: "low", 1: "high"})
    >>> model = spectra_classifier.train(captures)
    """
    mine = given(spectra, axis)
    dataset = Dataset(mine.axis or Axis.channels(mine.spectra.shape[1]),
                      mine.spectra, indices=mine.numbers,
                      provenance=mine.provenance, files=mine.files)
    try:
        return Exploration(dataset, clusters.find(dataset.spectra))
    except ModuleNotFoundError as error:
        raise missing(error, "explore") from None
