"""What a scene shows of the clusters of the last minutes, and may name."""
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..core.capture import FEWEST_PULSES, FEWEST_TRAINS
from ..core.recent_spectra import RecentSpectra
from ..core.spectra import Axis
from .captures import stretches
from .clusters import Clusters, find, summary
from .shapes import Array

#: mean spectra that the time is divided into, to look back at
MOMENTS = 200
#: captures that one cluster gives, at most: its longest ones
MOST_CAPTURES = 12


@dataclass(frozen=True, eq=False)
class StreamMap:
    """Clusters of the spectra of the last minutes.

    Attributes
    ----------
    axis
        (channels,) positions.
    label
        What they are, with the unit.
    train_id, pulse, seconds
        (N,) of each spectrum, as in `RecentSpectra`.
    cluster
        (N,) number of the cluster, -1 where it is too dim.
    capture
        (N,) capture that the spectrum would be part of, in order of time, -1
        for none.
    place
        (N, 2) in the plane of the strongest differences.
    mean, scatter
        (K, channels) of each cluster: mean, and standard deviation of single
        spectra; the dark is subtracted.
    size
        (K,) spectra of each cluster.
    changes
        (C, 2) seconds between which the cluster changes, at 95 %.
    moment
        (T,) seconds of the mean spectra `course`.
    course
        (T, channels) mean spectra of successive trains.
    words
        What was found, in one sentence.
    """
    axis: Array
    label: str
    train_id: NDArray[np.uint64]
    pulse: NDArray[np.int64]
    seconds: Array
    cluster: NDArray[np.int64]
    capture: NDArray[np.int64]
    place: Array
    mean: Array
    scatter: Array
    size: NDArray[np.int64]
    changes: Array
    moment: Array
    course: NDArray[np.float32]
    words: str

    @classmethod
    def of(cls, recent: RecentSpectra, spectra: NDArray[np.float32],
           axis: Axis) -> Self:
        """Find the clusters.

        Parameters
        ----------
        spectra
            (N, channels) those of `recent` with the dark subtracted.
        """
        found = find(spectra)
        rows = [spectra[found.labels == k] for k in range(found.count)]
        moment, course = _course(recent.seconds, spectra)
        return cls(
            axis.values, axis.label, recent.train_id, recent.pulse,
            recent.seconds, found.labels, _captures(found, recent),
            found.map, _stacked([each.mean(axis=0, dtype=float)
                                 for each in rows], axis),
            _stacked([each.std(axis=0, dtype=float) for each in rows], axis),
            np.array([len(each) for each in rows], np.int64),
            np.reshape([(recent.seconds[each.low], recent.seconds[each.high])
                        for each in found.changes], (-1, 2)),
            moment, course, summary(found))

    @property
    def count(self) -> int:
        """Number of clusters."""
        return len(self.size)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The fields, for `numpy.savez`."""
        return {each.name: np.asarray(getattr(self, each.name))
                for each in fields(self)}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        """The map whose `arrays` these are."""
        return cls(**{**arrays, "label": str(arrays["label"]),
                      "words": str(arrays["words"])})

    def rows(self, cluster: int) -> list[NDArray[np.int64]]:
        """Spectra of every capture that a cluster gives, in order of time."""
        found = []
        for number in range(int(self.capture.max(initial=-1)) + 1):
            own = np.flatnonzero(self.capture == number)
            if len(own) and self.cluster[own[0]] == cluster:
                found.append(own)
        return found


def _captures(found: Clusters, recent: RecentSpectra) -> NDArray[np.int64]:
    """As `StreamMap.capture`; none that is too small to train on."""
    number = stretches(found, found.labels)
    taken = np.flatnonzero(number >= 0)
    kept: list[int] = []
    for cluster in range(found.count):
        own = taken[found.labels[taken] == cluster]
        sizes = {each: int(np.count_nonzero(number == each))
                 for each in np.unique(number[own]).tolist()
                 if len(np.unique(recent.train_id[number == each]))
                 >= FEWEST_TRAINS}
        kept += sorted((each for each, size in sizes.items()
                        if size >= FEWEST_PULSES),
                       key=lambda each: -sizes[each])[:MOST_CAPTURES]
    places = np.full(int(number.max(initial=-1)) + 2, -1)
    places[sorted(kept)] = np.arange(len(kept))
    return places[number]       # the last place is that of none


def _course(seconds: Array, spectra: NDArray[np.float32]
            ) -> tuple[Array, NDArray[np.float32]]:
    """(T,) and (T, channels): means of successive spectra."""
    parts = np.array_split(np.arange(len(spectra)),
                           min(MOMENTS, len(np.unique(seconds))))
    return (np.array([seconds[each].mean() for each in parts]),
            np.stack([spectra[each].mean(axis=0) for each in parts]))


def _stacked(rows: list[Array], axis: Axis) -> Array:
    return np.reshape(rows, (len(rows), len(axis)))
