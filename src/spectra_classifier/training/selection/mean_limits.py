"""The rule of means: how far that of a taught state may lie from the classes.

Training spectra are taken in blocks of neighbours, as a train is, and each
block is compared with the classes as they are without its capture. The limit
is a rank among the residuals of the blocks (`novelty_limits.limit`). A
residual is free of the noise of its block; what is left of it scatters the
more the fewer pulses a block has. So the limit holds for means of more pulses
as well, whose residual scatters less about the same expectation.

There are two looks, at the whole and at lines. The level is that of both
together: their limits are widened by a rank among the larger of both
residuals of a block, each in units of its own limit. With n blocks no level
below 2 / (n + 1) is claimed: in either look a new one may be the largest.
"""
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.drift.reference import DriftReference
from ...core.engine.mean_spectrum import (
    FEWEST,
    LineRule,
    MeanComparison,
    MeanRule,
    interleaved,
    lines_of,
)
from ...core.engine.within_class_variation import Variation, pool
from ...core.model_definition import ModelDefinition
from ..labelled import LabelledDataset
from . import novelty_limits

#: pulses of a block at most: more do not make a limit sharper
MOST = 64
#: noise of a mean that is still judged, of that of the noisiest block
NOISIER = 2.
#: blocks that are compared at a time
_AT_ONCE = 64
#: blocks per block that the level needs: some may be damaged
SPARE = 1.25


class Look(NamedTuple):
    """How means are compared.

    Attributes
    ----------
    lines
        As of `MeanComparison`.
    means
        Of channels per spectrum, about.
    shifts
        Shifts of the axis to either side, whose changes do not count.
    most
        Directions that these take at most.
    left
        Share of the square of the changes that the directions may leave.
    """
    lines: bool
    means: int
    shifts: int
    most: int
    left: float


WHOLE = Look(False, novelty_limits.MEANS, 1, 4, 0.01)
# a shift by the width of a line is no small change
LINES = Look(True, 320, 4, 12, 0.002)
LOOKS = WHOLE, LINES


class Blocks(NamedTuple):
    """Training spectra in blocks of neighbours.

    Attributes
    ----------
    groups : (M, B, n)
        Means of interleaved spectra of each block.
    means : (M, n)
        Of the blocks.
    labels, captures : (M,)
        Class and capture of each block; captures None where not known.
    size
        Spectra per block.
    """
    groups: NDArray[np.float64]
    means: NDArray[np.float32]
    labels: NDArray[np.int64]
    captures: NDArray[np.int64] | None
    size: int


def blocks(data: LabelledDataset, lit: NDArray[np.bool_],
           level: float) -> Blocks | None:
    """Blocks of the spectra `lit` (N,), or None.

    The largest of which each class has as many as the level needs, and some
    that may be trimmed; `FEWEST` spectra each where there are too few.
    """
    labels, captures = data.labels, data.capture
    of = labels if captures is None else captures
    runs = [np.flatnonzero(lit & (of == run)) for run in np.unique(of[lit])]
    size = _size([len(rows) for rows in runs],
                 [int(labels[rows[0]]) for rows in runs], level)
    chosen = [rows[first:first + size] for rows in runs
              for first in range(0, len(rows) - size + 1, size)]
    if not chosen:
        return None
    first = np.array([rows[0] for rows in chosen])
    groups = np.stack([interleaved(data.spectra[rows]) for rows in chosen])
    return Blocks(groups, groups.mean(axis=1).astype(np.float32),
                  labels[first],
                  None if captures is None else captures[first], size)


def _size(lengths: list[int], labels: list[int], level: float) -> int:
    """Spectra per block, of runs of so many spectra of these classes."""
    wanted = SPARE * max(
        novelty_limits.needed(level), novelty_limits.in_all(
            max(level, novelty_limits.USABLE)) / len(set(labels)))
    for size in range(MOST, FEWEST, -1):
        count = np.bincount(labels, np.array(lengths) // size)
        if count[np.unique(labels)].min() >= wanted:
            return size
    return FEWEST


class Found(NamedTuple):
    """The rule of a model, and what it rests on.

    Attributes
    ----------
    rule
        None where not known.
    figures
        Plain JSON values for the report.
    """
    rule: MeanRule | None
    figures: dict[str, Any]


def found(data: LabelledDataset, definition: ModelDefinition,
          level: float) -> Found:
    """The rule of labelled data (dark subtracted).

    Parameters
    ----------
    definition
        With its gate and its drift reference.
    level
        Share of the means of taught states that may be called unlike them;
        0 for no rule.
    """
    if not level:
        return _none("not asked for")
    if definition.drift is None:
        return _none("there is no raw class spectrum to compare with")
    lit = data.spectra.mean(axis=1) >= definition.min_intensity
    taken = blocks(data, lit, level)
    classes = len(data.classes)
    usable = max(level, novelty_limits.USABLE)
    scarce = (f"a level of {usable:.0%} needs {novelty_limits.needed(usable)} "
              f"blocks of {FEWEST} spectra of each state that can be left "
              f"out, and {novelty_limits.in_all(usable)} of all")
    if taken is None or len(np.unique(taken.labels)) < classes:
        return _none(scarce)
    fold, left_out = novelty_limits.assign(taken.labels, taken.captures)
    kept = np.ones(len(fold), bool)
    drift = definition.drift
    values, noise = _left_out(taken, fold, kept, drift.limits.shift)
    # a residual free of noise may be 0, of which there is no logarithm
    kept = ~np.any([novelty_limits.far_out(
        np.hypot(each, np.sqrt(noise)), taken.labels,
        taken.captures if left_out else None) for each in values], axis=0)
    if not kept.all():
        values, noise = _left_out(taken, fold, kept, drift.limits.shift)
    limits = novelty_limits.limits(values, taken.labels, level)
    known = [_variation(taken.means[kept], taken.labels[kept],
                        drift.spectra, drift.limits.shift, look)
             for look in LOOKS]
    if not np.isfinite(limits).all() or None in known:
        return _none(scarce)
    variations = [each for each in known if each is not None]
    tolerated = [_of_shifts(drift, *each)
                 for each in zip(variations, LOOKS, strict=True)]
    whole, lines = (min(max(*each), 1.)
                    for each in zip(limits, tolerated, strict=True))
    # of few blocks the limit of each look is its largest residual
    claimed = max(level, len(LOOKS) / (novelty_limits.fewest(
        values[0], taken.labels) + 1))
    rule = MeanRule(
        variations[0], taken.size, whole, NOISIER * float(np.nanmax(noise)),
        claimed, LineRule(variations[1], lines),
        _structure(taken, kept, variations[0].width))
    exact = values[0][np.isfinite(values[0])]
    return Found(rule, {
        "words": _words(rule, left_out), "pulses": rule.pulses,
        "max_residual": rule.max_residual, "max_line": lines,
        "of_blocks": limits[0], "of_shifts": tolerated[0],
        "max_noise": rule.max_noise,
        "claimed": claimed, "blocks": len(exact),
        "captures": left_out or None, "trimmed": int((~kept).sum()),
        "training_residual": np.quantile(exact, [0.05, 0.5, 0.95]).tolist()})


def _structure(taken: Blocks, kept: NDArray[np.bool_], width: int) -> float:
    """As of `MeanRule`: the least of the medians of the classes."""
    size = np.linalg.norm(pool(taken.means, width), axis=1) * width ** 0.5
    return float(min(np.median(size[kept & (taken.labels == c)])
                     for c in np.unique(taken.labels)))


def _none(why: str) -> Found:
    return Found(None, {"words": f"the mean of a train is not judged: {why}",
                        "max_residual": None})


def _words(rule: MeanRule, captures: int) -> str:
    of = (f"in captures like the {captures} taught" if captures
          else "if they are like the taught ones")
    return (f"on average at most {rule.level:.1%} of the means of "
            f"{rule.pulses} or more pulses of any taught state are called "
            f"unlike them, {of}")


def _variation(means: NDArray[np.float32], labels: NDArray[np.int64],
               references: NDArray[np.floating], shift: float,
               look: Look) -> Variation | None:
    """How means of one class differ, a shift of the axis included.

    What the limits of drift tolerate is the concern of drift: along the
    directions in which a shift by so many channels changes the classes
    nothing counts.
    """
    width = max(means.shape[1] // look.means, 1)

    def seen(spectra: NDArray[np.floating]) -> NDArray[np.float64]:
        pooled = pool(spectra, width)
        return lines_of(pooled) if look.lines else pooled

    known = novelty_limits.of_shapes(seen(means), labels, width)
    if known is None:
        return None
    taught = seen(references)
    change = np.concatenate([
        seen(_shifted(references, shift * (step + 1) / look.shifts))
        - np.concatenate([taught, taught]) for step in range(look.shifts)])
    change -= (change @ known.directions.T) @ known.directions
    _, size, directions = np.linalg.svd(change, full_matrices=False)
    left = 1 - np.cumsum(np.square(size)) / max(np.square(size).sum(), 1e-300)
    # as many as leave next to nothing, and no direction of mere rounding
    count = min(int(np.argmax(left <= look.left)) + 1, look.most)
    count = min(count, int(np.count_nonzero(size > 1e-6 * np.linalg.norm(
        taught))))
    return Variation(
        width, np.concatenate([known.directions, directions[:count]]
                              ).astype(np.float32),
        np.concatenate([known.weights, np.zeros(count)]))


def _shifted(spectra: NDArray[np.floating],
             shift: float) -> NDArray[np.float64]:
    """Spectra (C, n) shifted to either side, (2 C, n)."""
    channels = np.arange(spectra.shape[1])
    return np.stack([np.interp(channels - way * shift, channels, each)
                     for way in (-1, 1) for each in spectra])


def _of_shifts(drift: DriftReference, known: Variation, look: Look) -> float:
    """Residual of classes that are shifted as far as drift tolerates."""
    compare = MeanComparison(drift.spectra, known, look.lines)
    return max(compare(np.stack([each, each]))[0]
               for each in _shifted(drift.spectra, drift.limits.shift))


def _left_out(taken: Blocks, fold: NDArray[np.int64],
              kept: NDArray[np.bool_], shift: float,
              ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(residuals (looks, M), noise (M,)) of the blocks `kept`, by others
    alone."""
    values, noise = np.full((len(LOOKS), len(fold)), np.nan), np.full(
        len(fold), np.nan)
    means, classes = taken.means, taken.labels.max() + 1
    for number in np.unique(fold):
        rest = kept & (fold != number)
        held = np.flatnonzero(kept & (fold == number))
        if len(np.unique(taken.labels[rest])) < classes:
            continue
        references = np.stack([means[rest & (taken.labels == c)].mean(axis=0)
                               for c in range(classes)])
        for look, own in zip(LOOKS, values, strict=True):
            known = _variation(means[rest], taken.labels[rest], references,
                               shift, look)
            if known is None:
                continue
            compare = MeanComparison(references, known, look.lines)
            for rows in np.split(held, range(_AT_ONCE, len(held), _AT_ONCE)):
                own[rows], noise[rows] = compare.each(taken.groups[rows])
    return values, noise
