"""The rule of *unknown*: a conformal test, from training spectra alone.

A pulse is unknown where its residual exceeds the limit. The limit is a rank
among the residuals of training spectra, each of a model without it (cross-
conformal: V. Vovk, Ann. Math. Artif. Intell. 74, 9, 2015; the jackknife of
R. Barber et al., Ann. Stat. 49, 486, 2021): of n spectra that are exchanged
at random, a further one exceeds the k-th smallest of n with the probability
1 - k / (n + 1). No level below 1 / (n + 1) can be had from n spectra: where
that is more than was asked for, the limit is at the level that can be had,
and the report has it; where it is more than `USABLE`, there is no limit. A
level is the mean over trainings; that one training exceeds `USABLE` has at
most the probability `DOUBT`, or there is no limit. Nothing is extrapolated.

Models with members on textures have a second limit, of the distance of the
texture (`textures`). The level is that of both together, of which none below
2 / (n + 1) is possible.
"""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine import mixture
from ...core.engine.texture_distance import Texture
from ...core.engine.within_class_variation import Comparison, Variation, pool
from ...core.model_definition import UnknownRule
from ..validation import folds
from ..validation.statistics import wilson
from . import textures

#: residual of a spectrum that is explained exactly, at most; 3e-4 were seen
ROUNDING = 1e-3
#: level above which a limit is worse than none, unless it was asked for
USABLE = 0.05
#: probability that a limit calls more than that unknown
DOUBT = 0.1
#: means of channels per spectrum, about; fewer hide less noise and more
#: shifts, more the reverse
MEANS = 50
#: directions of variation at most, and per degree of freedom that the
#: training spectra leave after their class means
MOST, SHARE = 12, 0.75
#: what all directions together count, in units of what is left beside them
COUNTED = 0.2
#: spectra by which directions are found: more do not turn them
_ENOUGH = 400
#: spectra in all up to which every single one is left out in turn, and folds
#: of more spectra or captures
_SINGLY, _FOLDS = 60, 20
#: a spectrum is trimmed where the logarithm of its residual lies above the
#: upper quartile of its class by so many times the distance of the quartiles
#: ("far out": J. Tukey, Exploratory Data Analysis, 1977); spectra of a class
#: from which quartiles mean something, and the largest share that is trimmed
FAR_OUT, QUARTILES_FROM, MOST_TRIMMED = 3., 8, 0.2
#: times that trimming is repeated at most: a far one can hide another
_ROUNDS = 3
RULE = ("conformal: a rank among residuals of training spectra, each of a "
        "model without it or its capture")


@dataclass(frozen=True, eq=False)
class Rule:
    """The rule of a model, and what it rests on.

    Attributes
    ----------
    level
        Share of the spectra of taught states that may be called unknown, as
        asked for; 0 for no limit.
    variation
        None where the residual is that of the mixture alone.
    references : (C, n)
        Class means without what was trimmed.
    residuals : (N,)
        Of left-out spectra; NaN where not known or trimmed.
    labels : (N,)
        Class indices.
    trimmed : (K,)
        Rows of spectra that took no part.
    captures
        Number of captures that were left out in turn; 0 where single spectra
        were.
    texture
        None without members on textures, and where no limit is known.
    distances : (N,)
        Of the textures of left-out spectra, as `residuals`; None without
        `texture`.
    textured
        Whether members see a texture.
    """
    level: float
    variation: Variation | None
    references: NDArray[np.float32]
    residuals: NDArray[np.float64]
    labels: NDArray[np.int64]
    trimmed: NDArray[np.int64]
    captures: int
    texture: Texture | None = None
    distances: NDArray[np.float64] | None = None
    textured: bool = False

    @property
    def kept(self) -> NDArray[np.int64]:
        """Rows of the spectra that took part."""
        return np.setdiff1d(np.arange(len(self.labels)), self.trimmed)

    @property
    def fewest(self) -> int:
        """Number of residuals of the class that has the fewest."""
        return fewest(self.residuals, self.labels)

    @property
    def claimed(self) -> float:
        """Share of the spectra of any taught state that is called unknown.

        The level, or as many times 1 / (n + 1) of the class with the fewest
        spectra as there are limits.
        """
        return max(self.level, len(self._looks) / (self.fewest + 1))

    @property
    def known(self) -> bool:
        """Whether there is a limit."""
        return bool(np.isfinite(self.limit))

    @property
    def limit(self) -> float:
        """Largest residual of a taught state; Inf where not known."""
        return self._limits[0]

    @property
    def max_distance(self) -> float:
        """Largest distance of the texture of a taught state; Inf for none."""
        return self._limits[1] if self.texture is not None else np.inf

    @property
    def _limits(self) -> list[float]:
        return limits(self._looks, self.labels, self.level)

    @property
    def _looks(self) -> NDArray[np.float64]:
        """(1 or 2, N)."""
        return np.stack([self.residuals] if self.distances is None
                        else [self.residuals, self.distances])

    def applied(self, min_confidence: float) -> UnknownRule:
        """The rule as it enters a model, with the level that holds."""
        return UnknownRule(min_confidence, self.limit, (
            self.claimed if self.known else self.level) or None,
            self.max_distance)

    def figures(self, indices: NDArray[np.int64]) -> dict[str, Any]:
        """Plain JSON values for the report.

        `indices` (N,): numbers of the spectra in their file.
        """
        known = self.residuals[np.isfinite(self.residuals)]
        off = not self.known
        beyond = np.any([each > most for each, most in zip(
            self._looks, self._limits, strict=True)], axis=0)
        wrong = int(np.count_nonzero(beyond))
        return {
            "level": self.level, "rule": RULE, "words": self.words,
            "max_residual": None if off else self.limit,
            "max_distance": (None if self.texture is None
                             else self.max_distance),
            "claimed": None if off else self.claimed,
            "captures": self.captures or None,
            "trimmed": indices[self.trimmed].tolist(),
            "training_residual": [float(q) for q in np.quantile(
                known, [0.05, 0.5, 0.95])] if len(known) else None,
            "left_out": {"unknown": wrong, "of": len(known),
                         "interval": wilson(wrong / len(known), len(known))}
            if len(known) else None}

    @property
    def words(self) -> str:
        """What the rule promises."""
        if not self.level:
            return "no spectrum is unknown by its shape, as asked for"
        usable = max(self.level, USABLE)
        if not self.known:
            return (f"not enough spectra to tell: a level of {usable:.0%} "
                    f"needs {needed(usable)} spectra of each state that can "
                    f"be left out and {in_all(usable)} of all; of one there "
                    f"are {self.fewest}, of all "
                    f"{np.isfinite(self.residuals).sum()}")
        of = (f"in captures like the {self.captures} taught"
              if self.captures else "if they are like the taught ones")
        return (f"on average at most {self.claimed:.1%} of the spectra of "
                f"any taught state are called unknown, {of}")

    def warnings(self, indices: NDArray[np.int64]) -> list[str]:
        """Reservations for the report; `indices` as of `figures`."""
        found = []
        if not self.known and self.level:
            found.append(f"no spectrum is unknown by its shape: {self.words}")
        elif self.known and self.claimed > self.level:
            found.append(
                f"{self.claimed:.1%} instead of {self.level:.1%} of the "
                "spectra of a taught state may be called unknown: the level "
                f"asked for needs {needed(self.level / len(self._looks))} "
                "spectra of each that can be left out, of one there are "
                f"{self.fewest}")
        if self.textured and self.texture is None and self.known:
            half = max(self.level, USABLE) / 2
            found.append(
                "no spectrum is unknown by its texture: that needs "
                f"{needed(half)} spectra of each state that can be left out "
                f"and {in_all(half)} of all")
        if len(self.trimmed):
            one = len(self.trimmed) == 1
            found.append(
                f"{len(self.trimmed)} training "
                f"{'spectrum differs' if one else 'spectra differ'} from all "
                "others of the same class, and the limit of unknown was "
                f"derived without: {'number' if one else 'numbers'} "
                f"{_named(indices[self.trimmed].tolist())}; look at "
                f"{'it' if one else 'them'}, and leave out what is damaged")
        return found


def _named(numbers: Sequence[int], most: int = 20) -> str:
    """The first numbers, and how many more there are."""
    more = len(numbers) - most
    return ", ".join(map(str, numbers[:most])) + (
        f" and {more} more" if more > 0 else "")


def needed(level: float) -> int:
    """The fewest spectra from which a limit of this level is known."""
    return int(np.ceil(1 / level - 1e-9)) - 1


def in_all(level: float) -> int:
    """The fewest spectra of all classes from which a limit is known.

    The largest of n residuals is exceeded by more than the share `level` of
    further spectra with the probability (1 - level)^n: at most `DOUBT`.
    """
    return int(np.ceil(np.log(DOUBT) / np.log1p(-level)))


def fewest(values: NDArray[np.float64], labels: NDArray[np.int64]) -> int:
    """Number of residuals of the class that has the fewest."""
    known = labels[np.isfinite(values)]
    return min(int(np.count_nonzero(known == c)) for c in np.unique(labels))


def rule(spectra: NDArray[np.float32], labels: NDArray[np.int64],
         groups: NDArray[np.int64] | None, level: float,
         varying: bool = True,
         seen: tuple[int, NDArray[np.float64]] | None = None) -> Rule:
    """The `Rule` of preprocessed spectra (N, n).

    Parameters
    ----------
    labels, groups : (N,)
        Class indices, and capture numbers or None.
    varying
        Whether the residual ignores what varies within a class; without, it
        is that of the mixture of the whole spectrum.
    seen
        Number of a texture view of the members, and the features (N, F) that
        it has of the spectra; None without one.
    """
    classes = int(labels.max()) + 1
    fold, captures = assign(labels, groups)
    kept = np.ones(len(labels), bool)
    values = residuals(spectra, labels, fold, kept, varying)
    for _ in range(_ROUNDS):
        far = far_out(values, labels, groups if captures else None)
        if not far.any():
            break
        kept &= ~far
        values = residuals(spectra, labels, fold, kept, varying)
    found = Rule(
        level, variation(spectra[kept], labels[kept]) if varying else None,
        means(spectra, labels, kept, classes), values, labels,
        np.flatnonzero(~kept), captures)
    if seen is None:
        return found
    # nothing is trimmed for its distance: that of a dim pulse, most of which
    # is noise, is as far out as that of a damaged one
    distances = textures.distances(seen[1], labels, fold, kept)
    half = max(level, USABLE) / 2
    known = np.isfinite(distances)
    if (not found.known or fewest(distances, labels) < needed(half)
            or np.count_nonzero(known) < in_all(half)):
        return replace(found, textured=True)
    return replace(found, textured=True, distances=distances,
                   texture=textures.fitted(seen[1][kept], labels[kept],
                                           seen[0]))


def means(spectra: NDArray[np.float32], labels: NDArray[np.int64],
          rows: NDArray[np.bool_], classes: int) -> NDArray[np.float32]:
    """Class means (C, n) of the spectra `rows` (N,)."""
    return np.stack([spectra[rows & (labels == c)].mean(axis=0)
                     for c in range(classes)])


def assign(labels: NDArray[np.int64], groups: NDArray[np.int64] | None,
           ) -> tuple[NDArray[np.int64], int]:
    """(fold (N,), number of captures): captures where each class has two."""
    if groups is not None:
        fold, by = folds.assign(labels, groups, _FOLDS)
        if fold is not None and by == "captures":
            return fold, len(np.unique(groups))
    if len(labels) <= _SINGLY:
        return np.arange(len(labels), dtype=np.int64), 0
    return folds.shuffled(labels, _FOLDS, 1, 0)[0], 0


def residuals(spectra: NDArray[np.float32], labels: NDArray[np.int64],
              fold: NDArray[np.int64], kept: NDArray[np.bool_],
              varying: bool = True) -> NDArray[np.float64]:
    """Out-of-fold residuals (N,) of the spectra `kept`, by those alone.

    NaN for the others, where a class is missing in the other folds, and
    where nothing varies.
    """
    result = np.full(len(labels), np.nan)
    classes = int(labels.max()) + 1
    for number in range(fold.max() + 1):
        rest, held = kept & (fold != number), kept & (fold == number)
        if not held.any() or len(np.unique(labels[rest])) < classes:
            continue
        known = variation(spectra[rest], labels[rest]) if varying else None
        if known is not None or not varying:
            result[held] = measure(spectra[held], means(
                spectra, labels, rest, classes), known)
    return result


def far_out(values: NDArray[np.float64], labels: NDArray[np.int64],
            groups: NDArray[np.int64] | None) -> NDArray[np.bool_]:
    """Which residuals (N,) belong to no spectrum of their class.

    A capture that differs as a whole does not: residuals are compared with
    the median of their own capture.
    """
    far = np.zeros(len(values), bool)
    size = np.log(np.maximum(values, 1e-12))
    for c in np.unique(labels):
        rows = np.flatnonzero((labels == c) & np.isfinite(values))
        if len(rows) < QUARTILES_FROM:
            continue
        own = size[rows]
        if groups is not None:
            for number in np.unique(groups[rows]):
                mine = groups[rows] == number
                own[mine] -= np.median(own[mine])
        low, high = np.quantile(own, [0.25, 0.75])
        found = own > high + FAR_OUT * (high - low) + 1e-3
        if found.mean() <= MOST_TRIMMED:
            far[rows[found]] = True
    return far


def variation(spectra: NDArray[np.float32], labels: NDArray[np.int64],
              count: int = MEANS) -> Variation | None:
    """The `Variation` of preprocessed spectra (N, n) within their classes.

    Of `count` means of channels, about. None where no class has two spectra,
    or all of a class are equal.
    """
    width = max(spectra.shape[1] // count, 1)
    rows = np.unique(np.linspace(0, len(labels) - 1, min(
        len(labels), _ENOUGH)).astype(int))
    return of_shapes(pool(np.asarray(spectra)[rows], width),
                     np.asarray(labels)[rows], width)


def of_shapes(shape: NDArray[np.float64], labels: NDArray[np.int64],
              width: int) -> Variation | None:
    """The `Variation` of spectra (N, G) that are means of `width` channels.

    None where nothing varies.
    """
    length = np.linalg.norm(shape, axis=1, keepdims=True)
    shape = np.divide(shape, length, out=np.zeros_like(shape),
                      where=length > 0)
    classes = np.unique(labels)
    for c in classes:
        shape[labels == c] -= shape[labels == c].mean(axis=0)
    freedom = len(labels) - len(classes)
    _, size, directions = np.linalg.svd(shape, full_matrices=False)
    variance = np.square(size[:freedom])
    ways = _above_noise(variance, shape.shape[1])
    if not ways:
        return None
    # directions take more of the spectra that they are found by
    beside = variance[ways:].sum() * freedom / max(freedom - ways, 1)
    weights = np.clip(COUNTED * beside / (ways * variance[:ways]), 0, 1)
    return Variation(width, directions[:ways].astype(np.float32), weights)


def _above_noise(variance: NDArray[np.float64], dimensions: int) -> int:
    """How many of the variances, largest first, are more than noise.

    One at least, or 0 where nothing varies. The largest variance of noise
    exceeds its mean by the edge of V. A. Marchenko, L. A. Pastur, Math. USSR
    Sb. 1, 457, 1967.
    """
    freedom = len(variance)
    if not freedom or not variance[0] > 1e-14:
        return 0
    edge = (1 + np.sqrt(freedom / dimensions)) ** 2
    most = max(min(MOST, int(SHARE * freedom)), 1)
    for count in range(1, most):
        later = variance[count + 1:].mean() if count + 1 < freedom else 0.
        if variance[count] <= edge * later:
            return count
    return most


def measure(spectra: NDArray[np.float32], references: NDArray[np.float32],
            known: Variation | None) -> NDArray[np.float32]:
    """Residual (N,) of preprocessed spectra (N, n), as the engines have it.
    """
    exact = spectra.astype(np.float64)
    squares = np.square(exact).sum(axis=1)
    if known is None:
        taught = references.astype(np.float64)
        return mixture.solve(squares, exact @ taught.T,
                             mixture.gram(taught))[1]
    comparison = Comparison(references, known)

    def residual(norms: NDArray[np.float64],
                 projections: NDArray[np.float64]) -> NDArray[np.float32]:
        return mixture.solve(norms, projections, comparison.gram)[1]

    return comparison.residual(squares, comparison.sums(exact), residual)


def limit(values: NDArray[np.float64], labels: NDArray[np.int64],
          level: float) -> float:
    """The residual above which a spectrum is unknown; Inf where not known.

    The largest of the limits of the classes: a rank among their residuals,
    the largest of them where there are too few for the level. Never below
    what 32 bits make of a spectrum that is explained exactly.

    Parameters
    ----------
    values, labels : (N,)
        Residuals of left-out spectra, of which NaN do not count, and class
        indices.
    """
    known, usable = np.isfinite(values), max(level, USABLE)
    if (not level or fewest(values, labels) < needed(usable)
            or np.count_nonzero(known) < in_all(usable)):
        return np.inf
    found = ROUNDING
    for c in np.unique(labels[known]):
        own = np.sort(values[known & (labels == c)])
        rank = int(np.ceil((len(own) + 1) * (1 - level) - 1e-9))
        found = max(found, own[min(rank, len(own)) - 1])
    return float(found)


def limits(values: NDArray[np.float64], labels: NDArray[np.int64],
           level: float) -> list[float]:
    """Limits of several looks, together at the level; Inf where not known.

    Those of each alone, widened by a rank among the largest of a spectrum, in
    units of its limit.

    Parameters
    ----------
    values
        (looks, N).
    """
    alone = np.array([limit(each, labels, level) for each in values])
    if not np.isfinite(alone).all():
        return [np.inf] * len(alone)
    both = limit((values / alone[:, None]).max(axis=0), labels, level)
    return (alone * max(both, 1.)).tolist()
