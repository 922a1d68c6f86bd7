"""Clusters with names as captures for training."""
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..core.capture import refusal_to_capture
from ..core.dataset import FROM_CLUSTERS, LABELS_FROM, Dataset
from ..errors import InputError
from .clusters import Clusters

#: means of spectra at either end of a stretch that are left out: the sample
#: may be on its way
_ENDS = 1


def captures(dataset: Dataset, found: Clusters,
             names: Mapping[int, str]) -> Dataset:
    """The spectra of named clusters, labelled; every stretch is a capture.

    Parameters
    ----------
    dataset
        What was explored.
    names
        {cluster: name of the state}; clusters of one name are one state, those
        without a name are left out.

    Returns
    -------
    Dataset
        With the provenance that its labels are from clusters.

    Raises
    ------
    InputError
        For a cluster that there is not, a name that a capture cannot have, or
        where nothing is left.
    """
    for number, name in names.items():
        if not 0 <= number < found.count:
            raise InputError(f"cluster {number} has a name, there are "
                             f"{found.count}, from 0")
        refusal = refusal_to_capture(name, ())
        if refusal:
            raise InputError(f"cluster {number}: {refusal}")
    classes = tuple(dict.fromkeys(names[number] for number in sorted(names)))
    labels = np.full(found.count + 1, -1)       # the last: too dim
    for number, name in names.items():
        labels[number] = classes.index(name)
    of = labels[found.labels]
    taken = stretches(found, of)
    rows = np.flatnonzero(taken >= 0)
    if not len(rows):
        raise InputError("no cluster with a name has spectra that follow "
                         "each other")
    return replace(
        dataset.select(rows), labels=of[rows], classes=classes,
        groups=taken[rows], provenance={
            **dataset.provenance, LABELS_FROM: FROM_CLUSTERS,
            "clusters": {str(number): name for number, name
                         in sorted(names.items())}})


def stretches(found: Clusters,
              of: NDArray[np.int64]) -> NDArray[np.int64]:
    """The capture (N,) that every spectrum would be part of, -1 for none.

    Every stretch of one state is a capture, without its ends; they are
    numbered by their first spectrum.

    Parameters
    ----------
    of
        (N,) state of each spectrum, -1 for none.
    """
    taken = np.full(len(of), -1)
    ends = _ENDS * found.averaged
    count = 0
    used = np.flatnonzero(found.labels >= 0)
    for phase in range(found.distance):
        mine = used[phase::found.distance]
        edges = np.flatnonzero(np.diff(of[mine])) + 1
        for stretch in np.split(mine, edges):
            kept = stretch[ends:len(stretch) - ends]
            if len(kept) and of[kept[0]] >= 0:
                taken[kept] = count
                count += 1
    rows = np.flatnonzero(taken >= 0)
    _, first, number = np.unique(taken[rows], return_index=True,
                                 return_inverse=True)
    taken[rows] = np.argsort(np.argsort(first))[number]
    return taken
