"""States in a stream of spectra without labels, and when they change.

Shapes (see `shapes`) are measured in units of the noise, which is that of
successive spectra, so that only what lasts counts. What HDBSCAN finds in the
components above noise (R. J. Campello, D. Moulavi, J. Sander, PAKDD 2013) is
merged until every two clusters

- differ by more than drift leaves (`DIFFERENT`, `OWN`),
- avoid the region half way between them (`VALLEY`), where a drift, or a sample
  that changes evenly, would spend its time,
- and last (`LASTING`), other than outliers.

Each cluster is then searched for more, from its own mean.
"""
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.evaluation.changepoint import Transition, transitions
from .shapes import Array, bright, coarse, shapes

#: means of successive spectra that are compared: at most so many, half as
#: many, and so on; those with the most clusters count
BLOCKS, COARSEST = 800, 100
#: distances at which successive spectra may be alike, as in a pulse pattern
DISTANCES = 8
#: density between two clusters, in units of the smaller of theirs, below which
#: they are two
VALLEY = 0.5
#: distance of the means in units of the noise, at least
APART = 4.
#: difference of two clusters in units of the spectrum, at least, and in units
#: of what is removed from it as drift
DIFFERENT, OWN = 0.2, 1.5
#: blocks of a cluster, at least, and their share
FEWEST, SMALLEST = 5, 0.04
#: share of the successive blocks of a cluster, and of it and another, that are
#: both in the cluster, at least
LASTING = 0.4
#: probability that a block is in another cluster than it was given
UNSURE = 0.02
#: clusters, at most
MOST = 8
#: label of a spectrum that is too dim
DIM = -1
# share of the largest differences that noise is estimated without: they may
# be changes
_CHANGES = 0.1
# components that are compared with the distance of successive spectra
_COMPONENTS = 10


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
    changes
        When the cluster changes, in numbers of spectra; without a pattern
        alone.
    map
        (N, 2) place of each spectrum in the plane of the two strongest
        differences, in units of the noise; NaN for a dim one.
    """
    labels: NDArray[np.int64]
    distance: int
    averaged: int
    map: Array
    changes: tuple[Transition, ...] = ()

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max(initial=DIM)) + 1


def find(spectra: NDArray[np.generic]) -> Clusters:
    """Clusters of spectra (N, channels) in the order of time.

    The dark is subtracted, values are finite.
    """
    if not len(spectra):
        return Clusters(np.zeros(0, np.int64), 1, 1, np.zeros((0, 2)))
    fine = coarse(spectra)
    used = np.flatnonzero(bright(fine))
    distance = _distance(fine[used])
    averaged = -(-len(used) // BLOCKS)
    tried = [(averaged, *_split(fine[used], distance, averaged))]
    while len(tried[-1][1].blocks) >= 2 * COARSEST:
        averaged *= 2
        tried.append((averaged, *_split(fine[used], distance, averaged)))
    averaged, stream, found = max(tried, key=lambda each: each[2].max())
    labels = np.full(len(spectra), DIM)
    labels[used] = found[stream.of]
    place = np.full((len(spectra), 2), np.nan)
    place[used] = _map(stream)[stream.of]
    labels = _numbered(labels)
    changes = () if distance > 1 else _changes(
        labels[used], place[used], stream, used)
    return Clusters(labels, distance, averaged, place, changes)


def summary(found: Clusters) -> str:
    """One sentence: how many clusters, and what was left out."""
    dim = int(np.count_nonzero(found.labels < 0))
    text = ("One cluster: nothing but noise, drift or an even change"
            if found.count == 1 else
            "No cluster: no spectrum is bright" if not found.count else
            f"{found.count} clusters, {len(found.changes)} changes")
    if found.distance > 1:
        text += f"; spectra repeat in a pattern of {found.distance}"
    return text + f"; {dim} of {len(found.labels)} spectra are too dim."


def _changes(labels: NDArray[np.int64], place: Array, stream: "_Stream",
             used: NDArray[np.int64]) -> tuple[Transition, ...]:
    """Changes of the cluster from block to block, as numbers of spectra."""
    _, first = np.unique(stream.of, return_index=True)
    if not labels.any():
        return ()
    own = labels[first]
    scores = np.full((len(own), own.max() + 1), UNSURE / own.max())
    scores[np.arange(len(own)), own] = 1 - UNSURE
    return tuple(replace(each, **{
        name: int(used[first[getattr(each, name)]])
        for name in ("at", "low", "high", "begin", "end")})
        for each in transitions(scores, _mixture(own, place[first])))


def _mixture(own: NDArray[np.int64], place: Array) -> Array:
    """(M, K) how far each block is on the way between its two clusters."""
    count = own.max() + 1
    middle = np.stack([np.median(place[own == k], axis=0)
                       for k in range(count)])
    apart = np.linalg.norm(place[:, None] - middle, axis=2)
    rows = np.arange(len(own))
    near, next_ = np.argsort(apart, axis=1)[:, :2].T
    way = middle[next_] - middle[near]
    share = np.clip(((place - middle[near]) * way).sum(axis=1)
                    / np.square(way).sum(axis=1), 0, 1)
    mixture = np.zeros((len(own), count))
    mixture[rows, near], mixture[rows, next_] = 1 - share, share
    return mixture


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


def _split(spectra: Array, distance: int,
           size: int) -> tuple[_Stream, NDArray[np.int64]]:
    """Means of `size` spectra, and the cluster (M,) of each."""
    stream = _averaged(spectra, distance, size)
    blocks, phase, _ = stream
    found = np.zeros(len(blocks), np.int64)
    fewest = max(FEWEST, int(SMALLEST * len(blocks)))
    waiting = [np.arange(len(blocks))]
    while waiting:
        mine = waiting.pop(0)
        own = _clusters(blocks[mine], _pairs(phase, mine), fewest)
        if own.max() < 1 or found.max() + own.max() >= MOST:
            continue
        found[mine[own > 0]] = found.max() + own[own > 0]
        waiting += [mine[own == k] for k in range(own.max() + 1)]
    return stream, found


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
    from sklearn.cluster import HDBSCAN

    shape, removed = shapes(blocks)
    parts = _above_noise(shape, pairs)
    none = np.zeros(len(blocks), np.int64)
    if parts is None or len(parts) < 2 * fewest:
        return none
    found = HDBSCAN(min_cluster_size=fewest, copy=True).fit_predict(parts)
    while found.max() > 0:
        numbers = range(found.max() + 1)
        near = np.square(parts[:, None] - np.stack([
            parts[found == k].mean(axis=0) for k in numbers])).sum(
                axis=2).argmin(axis=1)
        doubt, one, other = max(
            (max(_alike(shape, removed, near == one, near == other),
                 _valley(parts[near == one], parts[near == other]) / VALLEY),
             one, other) for one, other in combinations(numbers, 2))
        if doubt < 1:
            lasting = all(_lasts(near == k, pairs, fewest) for k in numbers)
            return near if lasting else none
        found[found == other] = one
        found = np.where(found > other, found - 1, found)
    return none


def _lasts(own: NDArray[np.bool_], pairs: NDArray[np.int64],
           fewest: int) -> bool:
    """Whether blocks of a cluster mostly follow each other."""
    first, then = own[pairs].T
    both, any_of = (int(np.count_nonzero(each))
                    for each in (first & then, first | then))
    return bool(own.sum() >= fewest and both > LASTING * any_of)


def _valley(one: Array, other: Array) -> float:
    """Density half way between two clusters, in units of that at the rarer.

    Infinite where they are not `APART`.
    """
    if not (len(one) and len(other)):
        return np.inf
    start = one.mean(axis=0)
    way = other.mean(axis=0) - start
    length = float(np.linalg.norm(way))
    if length < APART:
        return np.inf
    place = (np.concatenate([one, other]) - start) @ way / length ** 2
    near = [int(np.count_nonzero(np.abs(place - at) < 1 / 6))
            for at in (0, 0.5, 1)]
    return (near[1] + 1) / (min(near[0], near[2]) + 1)


def _alike(shape: Array, removed: Array, one: NDArray[np.bool_],
           other: NDArray[np.bool_]) -> float:
    """What a drift may leave, in units of the difference of two clusters."""
    if not (one.any() and other.any()):
        return np.inf
    change, moved = (each[other].mean(axis=0) - each[one].mean(axis=0)
                     for each in (shape, removed))
    error = sum(shape[rows].var(axis=0).sum() / np.count_nonzero(rows)
                for rows in (one, other))
    size = float(np.sqrt(max(change @ change - error, 0)))
    drift = max(DIFFERENT, OWN * float(np.linalg.norm(moved)))
    return drift / size if size > 0 else np.inf


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
    numbers, first = np.unique(labels, return_index=True)
    new = dict(zip(numbers[numbers < 0], numbers[numbers < 0], strict=True))
    new |= {labels[row]: place for place, row in enumerate(
        sorted(first[numbers >= 0]))}
    return np.array([new[label] for label in labels], np.int64)
