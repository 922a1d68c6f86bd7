"""States in a stream of spectra without labels, and when they change.

Top down: one cluster is split in two as long as the split is real. In each
cluster shapes (see `shapes`) are measured in units of the noise, which is that
of successive spectra, so that only what lasts counts. Two means (k-means) of
what exceeds noise make a candidate; it is a split where the spectra avoid the
region between them (`VALLEY`). A drift moves through this region and stays
one cluster; so does a sample that changes evenly and rests nowhere.
"""
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .shapes import Array, bright, coarse, shapes

#: means of successive spectra that are compared: first at most so many, then
#: half as many, and so on, until there is more than one cluster
BLOCKS, COARSEST = 800, 100
#: distances at which successive spectra may be alike, as in a pulse pattern
DISTANCES = 8
#: density between two clusters, in units of the smaller of theirs, below which
#: they are two
VALLEY = 0.35
#: distance of the means in units of the noise, at least
APART = 4.
#: difference of two clusters in units of the spectrum, at least, and in units
#: of what is removed from it as drift
DIFFERENT, OWN = 0.1, 1.
#: blocks of a cluster, at least, and their share
FEWEST, SMALLEST = 4, 0.02
#: clusters that a cluster is split into at once
AT_ONCE = 2, 3
#: clusters, at most
MOST = 8
#: label of a spectrum that is too dim
DIM = -1
# share of the largest differences that noise is estimated without: they may
# be changes
_CHANGES = 0.1
# components that are compared with the distance of successive spectra
_COMPONENTS = 10
# starts of k-means
_STARTS = 4


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of spectra.

    Attributes
    ----------
    labels
        (N,) cluster of each spectrum, numbered by their first spectrum; `DIM`
        for a dim one.
    distance
        Number of spectra from one to the next of the same place in a pattern;
        1 without a pattern.
    averaged
        Number of spectra whose mean was compared.
    map
        (N, 2) place of each spectrum in the plane of the two strongest
        differences, in units of the noise; NaN for a dim one.
    """
    labels: NDArray[np.int64]
    distance: int
    averaged: int
    map: Array

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max(initial=DIM)) + 1


def find(spectra: NDArray[np.generic]) -> Clusters:
    """Clusters of spectra (N, channels) in the order of time.

    The dark is subtracted, values are finite.
    """
    fine = coarse(spectra)
    used = np.flatnonzero(bright(fine))
    distance = _distance(fine[used])
    averaged = -(-len(used) // BLOCKS)
    while True:
        stream = _averaged(fine[used], distance, averaged)
        found = _split(stream)
        if found.any() or len(stream.blocks) < 2 * COARSEST:
            break
        averaged *= 2
    labels = np.full(len(spectra), DIM)
    labels[used] = found[stream.of]
    place = np.full((len(spectra), 2), np.nan)
    place[used] = _map(stream)[stream.of]
    return Clusters(_numbered(labels), distance, averaged, place)


class _Stream(NamedTuple):
    """Means of successive spectra of one place in the pattern.

    `blocks`: (M, channels); `phase`: (M,) place in the pattern; `of`: (N,)
    block of each spectrum.
    """
    blocks: Array
    phase: NDArray[np.int64]
    of: NDArray[np.int64]


def _averaged(spectra: Array, distance: int, size: int) -> _Stream:
    turn, place = np.divmod(np.arange(len(spectra)), distance)
    key, of, count = np.unique(
        turn // size * distance + place, return_inverse=True,
        return_counts=True)
    blocks = np.zeros((len(key), spectra.shape[1]))
    np.add.at(blocks, of, spectra)
    return _Stream(blocks / count[:, None], key % distance, of)


def _distance(spectra: Array) -> int:
    """Distance, up to `DISTANCES`, at which spectra are most alike."""
    rows = spectra[:4 * BLOCKS]
    if len(rows) < 4 * DISTANCES:
        return 1
    shape, _ = shapes(rows)
    shape -= shape.mean(axis=0)
    _, along = np.linalg.eigh(shape.T @ shape)
    parts = shape @ along[:, -_COMPONENTS:]
    parts /= np.maximum(parts.std(axis=0), np.finfo(float).tiny)
    unlike = [np.square(parts[apart:] - parts[:-apart]).mean(axis=0).sum()
              for apart in range(1, DISTANCES + 1)]
    best = int(np.argmin(unlike)) + 1
    return best if unlike[best - 1] < 0.9 * unlike[0] else 1


def _split(stream: _Stream) -> NDArray[np.int64]:
    """Cluster (M,) of each block."""
    blocks, phase, _ = stream
    found = np.zeros(len(blocks), np.int64)
    fewest = max(FEWEST, int(SMALLEST * len(blocks)))
    waiting = [np.arange(len(blocks))]
    while waiting:
        mine = waiting.pop(0)
        own = _clusters(blocks[mine], _pairs(phase, mine), fewest)
        if own.any() and found.max() + own.max() < MOST:
            found[mine[own > 0]] = found.max() + own[own > 0]
            waiting += [mine[own == k] for k in range(own.max() + 1)]
    return found


def _pairs(phase: NDArray[np.int64],
           rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """(P, 2) places in `rows` of successive blocks of the same phase."""
    order = np.lexsort((rows, phase[rows]))
    turn = rows[order] // (phase.max() + 1)
    near = (np.diff(turn) == 1) & (np.diff(phase[rows[order]]) == 0)
    return np.stack([order[:-1][near], order[1:][near]], axis=1)


def _clusters(blocks: Array, pairs: NDArray[np.int64],
              fewest: int) -> NDArray[np.int64]:
    """Cluster (M,) of each block; 0 for all where there is one."""
    from sklearn.cluster import KMeans

    shape, removed = shapes(blocks)
    parts = _above_noise(shape, pairs)
    best, chosen = VALLEY, np.zeros(len(blocks), np.int64)
    if parts is None:
        return chosen
    for columns in [parts, *parts.T[:, :, None]]:
        for count in AT_ONCE:
            if len(parts) < count * fewest:
                continue
            own = KMeans(count, n_init=_STARTS, random_state=0).fit_predict(
                columns)
            if np.bincount(own, minlength=count).min() < fewest:
                continue
            each = [own == k for k in range(count)]
            depth = max(_valley(columns[one], columns[other])
                        for one, other in combinations(each, 2))
            if depth < best and all(
                    _differ(shape, removed, one, other)
                    for one, other in combinations(each, 2)):
                best, chosen = depth, own.astype(np.int64)
    return chosen


def _differ(shape: Array, removed: Array, one: NDArray[np.bool_],
            other: NDArray[np.bool_]) -> bool:
    """Whether the difference of two clusters is more than a drift leaves."""
    change, moved = (each[other].mean(axis=0) - each[one].mean(axis=0)
                     for each in (shape, removed))
    error = sum(shape[rows].var(axis=0).sum() / np.count_nonzero(rows)
                for rows in (one, other))
    size = np.sqrt(max(change @ change - error, 0))
    return bool(size > max(DIFFERENT, OWN * np.linalg.norm(moved)))


def _above_noise(shape: Array, pairs: NDArray[np.int64]) -> Array | None:
    """Components (M, K) of the shapes that exceed noise, in units of it."""
    from sklearn.covariance import ledoit_wolf

    if len(pairs) < FEWEST:
        return None
    shape = shape - shape.mean(axis=0)
    change = (shape[pairs[:, 1]] - shape[pairs[:, 0]]) / np.sqrt(2)
    size = np.square(change).sum(axis=1)
    change = change[size <= np.quantile(size, 1 - _CHANGES)]
    noise, _ = ledoit_wolf(change, assume_centered=True)
    power, along = np.linalg.eigh(noise)
    if not power[-1] > 0:
        return None
    along /= np.sqrt(np.maximum(power, 1e-9 * power[-1]))
    white = shape @ along
    excess, axes = np.linalg.eigh(white.T @ white / len(white))
    # largest of noise alone (V. A. Marchenko, L. A. Pastur, 1967)
    edge = (1 + np.sqrt(white.shape[1] / len(white))) ** 2
    kept = np.flatnonzero(excess > edge)[::-1][:_COMPONENTS]
    return white @ axes[:, kept] if len(kept) else None


def _valley(one: Array, other: Array) -> float:
    """Density half way between two clusters, in units of that at the rarer.

    Infinite where they are not `APART`.
    """
    start = one.mean(axis=0)
    way = other.mean(axis=0) - start
    length = float(np.linalg.norm(way))
    if length < APART:
        return np.inf
    place = (np.concatenate([one, other]) - start) @ way / length ** 2
    near = [int(np.count_nonzero(np.abs(place - at) < 1 / 6))
            for at in (0, 0.5, 1)]
    return (near[1] + 1) / (min(near[0], near[2]) + 1)


def _map(stream: _Stream) -> Array:
    """(M, 2) blocks in the plane of their strongest differences."""
    shape, _ = shapes(stream.blocks)
    parts = _above_noise(shape, _pairs(stream.phase,
                                       np.arange(len(shape))))
    place = np.zeros((len(shape), 2))
    if parts is not None:
        place[:, :min(2, parts.shape[1])] = parts[:, :2]
    return place


def _numbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same clusters, numbered in the order in which they appear."""
    seen = labels[labels >= 0]
    _, first = np.unique(seen, return_index=True)
    order = seen[np.sort(first)]
    new = np.full(labels.max(initial=0) + 1, DIM)
    new[order] = np.arange(len(order))
    return np.where(labels < 0, DIM, new[labels])
