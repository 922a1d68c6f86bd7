"""Reference of the live drift check, from the training captures."""
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...core.drift.compare import Comparator, Comparison
from ...core.drift.explain import REACH
from ...core.drift.reference import (
    FLOORS,
    MARGIN,
    DriftLimits,
    DriftReference,
    has_level,
    ranges_of,
)
from ...core.engine.reference_engine import NumpyEngine
from ...core.large_arrays import blocks
from ...core.model_definition import ModelDefinition, Settings
from ...core.spectra import make_train
from ..labelled import LabelledDataset

#: (name, start, stop) of ranges of channels
type Ranges = tuple[tuple[str, int, int], ...]

#: a wider limit would limit nothing: the captures were not of one class
CEILINGS = {"intensity": 10., "shift": REACH - 1., "baseline": 1.,
            "peak": 2.}
#: a slope and a shift of fewer channels mean nothing
CHANNELS = 4
#: statistical errors that a level of a capture has to exceed
ERRORS = 2.
#: parts that stand for captures where there are none
PARTS = 4
#: whole-axis shifts that a model may tolerate, channels
SHIFTS = 3, 2, 1
#: spectra of a class that are shifted, and the share that may change class
SHIFTED, CHANGED = 48, 0.02


def reference(dataset: LabelledDataset,
              definition: ModelDefinition) -> DriftReference | None:
    """The `DriftReference` of labelled data (dark subtracted).

    The limits lie `MARGIN` times beyond the means of the captures, and never
    below `FLOORS`; that of a shift not below what the classes tolerate:
    captures of a minute do not show how far an axis moves in an hour.
    Without captures a class is divided into four parts in the order of the
    spectra.

    Returns
    -------
    DriftReference or None
        None where a class has no positive intensity, or none to speak of, as
        spectra without a mean, or fewer than `CHANNELS` channels: there is
        nothing to compare with.
    """
    if len(dataset.axis) < CHANNELS:
        return None
    means = np.stack([_mean(dataset.spectra, dataset.labels == c)
                      for c in range(len(dataset.classes))])
    rows = list(_captures(dataset))
    captures = [_mean(dataset.spectra, own) for own in rows]
    if not (has_level(means) and all(map(has_level, captures))):
        return None
    levels = np.array([capture.mean() for capture in captures])
    first = DriftReference(means / means.mean(axis=1, keepdims=True),
                           float(np.exp(np.log(levels).mean())))
    ranges = ranges_of(definition)
    compare = Comparator(first, ranges)
    found = [_certain(one, dataset.spectra, own, ranges)
             for one, own in zip(map(compare, captures), rows, strict=True)
             if one is not None]
    return DriftReference(first.spectra, first.intensity,
                          _limits(found, tolerated_shift(dataset, definition)))


def tolerated_shift(dataset: LabelledDataset,
                    definition: ModelDefinition) -> int:
    """Shift of the whole axis, to either side, that changes few labels.

    Returns
    -------
    int
        Channels: the largest of `SHIFTS` at which at most `CHANGED` of the
        spectra get another label, or 0.
    """
    engine = NumpyEngine(definition)

    def labels(spectra: NDArray[np.number]) -> NDArray[np.int8]:
        return engine.classify(make_train(0, spectra), Settings()).label

    samples = []
    for c in range(len(dataset.classes)):
        rows = np.flatnonzero(dataset.labels == c)
        step = -(-len(rows) // (SHIFTED * definition.averaging))
        spectra = dataset.spectra[rows[::step]]
        samples.append((spectra, labels(spectra)))
    channels = np.arange(dataset.spectra.shape[1])
    for shift in SHIFTS:
        changed = [
            labels(spectra[:, np.clip(channels - way, 0, channels[-1])])
            != before for spectra, before in samples
            for way in (-shift, shift)]
        if np.concatenate(changed).mean() <= CHANGED:
            return shift
    return 0


def _certain(found: Comparison, spectra: NDArray[np.number],
             rows: NDArray[np.int64], ranges: Ranges) -> Comparison:
    """A comparison less what the noise of so few spectra explains."""
    parts = [rows[block] for block in blocks(rows, spectra.shape[1])]
    levels = np.concatenate([np.stack([
        spectra[part, start:stop].mean(axis=1, dtype=np.float64)
        for _, start, stop in ranges]) for part in parts], axis=1)
    level = _mean(spectra, rows).mean()
    error = levels.std(axis=1) / np.sqrt(len(rows)) / level
    return found._replace(levels=np.maximum(
        np.abs(found.levels) - ERRORS * error, 0))


def _mean(spectra: NDArray[np.number],
          rows: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean (channels,) of some spectra."""
    if rows.dtype == bool:
        rows = np.flatnonzero(rows)
    total = np.zeros(spectra.shape[1])
    for block in blocks(rows, spectra.shape[1]):
        total += spectra[rows[block]].sum(axis=0, dtype=np.float64)
    return total / len(rows)


def _captures(dataset: LabelledDataset) -> Iterator[NDArray[np.int64]]:
    """Rows of each capture; a capture is of one class."""
    for c in range(len(dataset.classes)):
        rows = np.flatnonzero(dataset.labels == c)
        if dataset.groups is None:
            yield from np.array_split(rows, min(PARTS, len(rows)))
        else:
            groups = dataset.groups[rows]
            yield from (rows[groups == group] for group in np.unique(groups))


def _limits(found: list[Comparison], tolerated: int) -> DriftLimits:
    worst = {
        "intensity": max(max(one.source, 1 / max(one.source, 1e-9))
                         for one in found) ** MARGIN,
        "shift": max(tolerated, MARGIN * max(
            _largest(one.shift, one.shifts) for one in found)),
        "baseline": MARGIN * max(_largest(one.level, one.levels)
                                 for one in found),
        "peak": MARGIN * max(_largest(0., one.peaks) for one in found)}
    return DriftLimits(**{
        name: float(min(max(FLOORS[name], value), CEILINGS[name]))
        for name, value in worst.items()})


def _largest(whole: float, parts: NDArray[np.float64]) -> float:
    return max(abs(whole), float(np.abs(parts).max(initial=0.)))
