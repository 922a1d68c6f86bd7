"""The mean of many pulses against the taught states.

A single pulse of few photons is mostly noise, in which a pattern that was not
trained can hide. The mean of a train shows it: the noise of the mean of
k pulses falls with 1 / k, what no mixture of the taught states explains does
not. The pulses themselves separate the two: the mean is taken of
interleaved groups, and what scatters from group to group is noise,

    residual^2 = (|d|^2 - sum_g |d_g - d|^2 / (B (B - 1))) / |s|^2

d_g is what the nearest mixture of the classes leaves of the mean of group g,
d the mean of the B groups, s the mean spectrum. Its expectation does not
depend on the number of pulses, nor on the gain of the detector.

What the detector adds to a train, as the offsets of its chips, is the larger
a share of the mean the less structure that has: in a mixture of two states,
or at a dimmer beam. So where |s| is less than the structure of a taught
state, what is left counts as a share of that one instead, down to `LEAST`.

Raw spectra above the dark are compared, since their mean is that of what was
recorded whatever baseline and normalisation a model applies to single pulses.
As in `within_class_variation`, means of channels without the pedestal are
taken, and directions in which taught means differ count by a share.

A new line is a few channels wide: in the sum over all channels what varies
over the whole detector, as the offsets of its chips, hides it. So a second
look takes finer means s, each minus those around it,

    f = F s,   F = Gauss(1) - Gauss(4), its rows of norm 1,

and the largest of the f that no mixture of the classes explains, instead of
the sum of all: the height that is best explained by a line at that place
(the matched filter of D. North, Proc. IEEE 51, 1016, 1963).
"""
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from . import mixture
from .within_class_variation import FLAT, Comparison, Variation, pool

#: groups that are compared with each other
GROUPS = 8
#: fewest pulses that a rule may ask for: their scatter is the noise
FEWEST = 4
#: share of the structure of a taught state below which that of a mean is so
#: small that nothing excuses what is left
LEAST = 0.5
#: standard deviation of a line, and of what lies around it, in finer means
LINE, AROUND = 1., 4.
#: sets of classes whose basis is kept: a beam alternates between few
BASES = 64


@dataclass(frozen=True, eq=False)
class LineRule:
    """Limits of a line in the mean of a pulse pattern.

    Attributes
    ----------
    variation
        How finer means of one class differ from each other, after
        `lines_of`.
    max_residual
        Largest height in taught states, as a share of the mean, 0 to 1.

    Raises
    ------
    InputError
        For a value outside of its limits.
    """
    variation: Variation
    max_residual: float

    def __post_init__(self) -> None:
        if not 0 < self.max_residual <= 1:
            raise InputError(f"a rule for lines with residual "
                             f"{self.max_residual:g}: expected more than 0 "
                             "to 1")


@dataclass(frozen=True, eq=False)
class MeanRule:
    """Limits of the mean of a pulse pattern in a train.

    Attributes
    ----------
    variation
        How means of one class differ from each other.
    pulses
        Fewest pulses whose mean can be judged.
    max_residual
        Largest residual of a taught state, 0 to 1.
    max_noise
        Largest noise of a mean that is judged, as a share of its square.
    level
        Share of the means of taught states that may exceed a limit.
    lines
        None in older models.
    structure
        Root sum of the squares over the channels of a taught mean without its
        pedestal, raw, of the class with the least; 0 in older models.

    Raises
    ------
    InputError
        For a value outside of its limits.
    """
    variation: Variation
    pulses: int
    max_residual: float
    max_noise: float
    level: float
    lines: LineRule | None = None
    structure: float = 0.

    def __post_init__(self) -> None:
        if not (self.pulses >= FEWEST and 0 < self.max_residual <= 1
                and 0 <= self.max_noise < np.inf and 0 < self.level < 1
                and 0 <= self.structure < np.inf):
            raise InputError(
                f"a rule for means of {self.pulses} pulses with residual "
                f"{self.max_residual:g}, noise {self.max_noise:g}, level "
                f"{self.level:g} and structure {self.structure:g}: expected "
                f"{FEWEST} pulses or more, more than 0 to 1, 0 or more, a "
                "share, and 0 or more")


class MeanComparison:
    """Compares means of groups with class spectra (C, n).

    Parameters
    ----------
    spectra
        (C, n) raw means of the classes, of any scale.
    lines
        Whether the largest line is compared instead of the whole.
    structure
        As of `MeanRule`.
    """

    def __init__(self, spectra: NDArray[np.floating], variation: Variation,
                 lines: bool = False, structure: float = 0.) -> None:
        self._width, self._lines = variation.width, lines
        self._square = structure ** 2 / variation.width
        pooled = pool(spectra, self._width)
        self._compare = Comparison(
            lines_of(pooled) if lines else pooled,
            replace(variation, width=1))
        self._bases: dict[bytes, NDArray[np.float64]] = {}

    def __call__(self, groups: NDArray[np.floating]) -> tuple[float, float]:
        """As `each`, of the groups (B, n) of one mean."""
        residual, noise = self.each(groups[None])
        return float(residual[0]), float(noise[0])

    def each(self, groups: NDArray[np.floating],
             ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(residual, noise) of the means of groups of equally many pulses.

        Parameters
        ----------
        groups
            (M, B, n) raw above the dark, B >= 2.

        Returns
        -------
        residual : (M,)
            0 to 1, free of noise; NaN where the mean has no structure or a
            value is not finite.
        noise : (M,)
            Share of the square of the mean that is noise.
        """
        groups = np.asarray(groups, np.float64)
        found = np.full((2, len(groups)), np.nan)
        means, count, channels = groups.shape
        pooled = pool(groups.reshape(-1, channels), self._width).reshape(
            means, count, -1)
        mean = pooled.mean(axis=1)
        square = np.square(mean).sum(axis=1)
        level = np.square(groups.mean(axis=1)).sum(axis=1)
        known = (square * self._width > FLAT * level) & np.isfinite(level)
        if known.any():
            found[:, known] = self._compared(
                pooled[known], mean[known], square[known])
        return found[0], found[1]

    def _compared(self, pooled: NDArray[np.float64],
                  mean: NDArray[np.float64], square: NDArray[np.float64],
                  ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """As `each`, of pooled groups (M, B, G), all with structure."""
        compare, (_, count, width) = self._compare, pooled.shape
        seen = pooled.reshape(-1, width)
        free = compare.counted(lines_of(seen) if self._lines else seen
                               ).reshape(pooled.shape)
        present = mixture.coefficients(
            free.mean(axis=1) @ compare.references.T, compare.gram) > 0
        for inside in {each.tobytes(): each for each in present}.values():
            rows = (present == inside).all(axis=1)
            basis = self._basis_of(inside)
            some = free[rows]
            free[rows] = some - (some @ basis) @ basis.T
        left = free.mean(axis=1)
        scale = count * (count - 1) * square
        noise = np.square(free - left[:, None]).sum(axis=1) / scale[:, None]
        share = np.square(left) / square[:, None] - noise
        what = share.max(axis=1) if self._lines else share.sum(axis=1)
        if self._square:
            what *= np.clip(square / self._square, LEAST ** 2, 1)
        return (np.sqrt(np.clip(what, 0, 1)),
                np.square(pooled - mean[:, None]).sum(axis=(1, 2)) / scale)

    def _basis_of(self, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(G, k) orthonormal, of the classes that are `inside` (C,)."""
        key = inside.tobytes()
        basis = self._bases.get(key)
        if basis is None:
            basis, _ = np.linalg.qr(self._compare.references[inside].T)
            if len(self._bases) >= BASES:
                self._bases.clear()
            self._bases[key] = basis
        return basis


class MeanScore:
    """Compares means with a rule.

    Parameters
    ----------
    spectra
        (C, n) raw means of the classes, of any scale.
    """

    def __init__(self, spectra: NDArray[np.floating], rule: MeanRule) -> None:
        self._rule = rule
        self._looks = [(MeanComparison(
            spectra, rule.variation, structure=rule.structure),
            rule.max_residual)]
        if rule.lines is not None:
            self._looks.append((MeanComparison(
                spectra, rule.lines.variation, lines=True),
                rule.lines.max_residual))

    def __call__(self, groups: NDArray[np.floating]) -> float:
        """Return the largest residual of groups (B, n), 1 at its limit.

        NaN where the mean cannot be compared or is too noisy.
        """
        found = [(*compare(groups), limit) for compare, limit in self._looks]
        if not found[0][1] <= self._rule.max_noise:
            return np.nan
        return max(residual / limit for residual, _, limit in found)


def lines_of(pooled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the heights of lines (P, G) in pooled spectra (P, G)."""
    return pooled @ _filters(pooled.shape[1]).T


@cache
def _filters(means: int) -> NDArray[np.float64]:
    """F (G, G)."""
    place = np.arange(means)
    square = np.square(place[:, None] - place)
    line, around = (shape / shape.sum(axis=1, keepdims=True) for shape in (
        np.exp(-0.5 * square / size ** 2) for size in (LINE, AROUND)))
    rows = line - around
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True),
                             1e-12)


def interleaved(spectra: NDArray[np.number]) -> NDArray[np.float64]:
    """Means (B, n) of interleaved groups of spectra (k, n), k >= 2.

    B is the largest number up to `GROUPS`, groups being of equal size: the
    last spectra are left out where k is no multiple of it.
    """
    groups = min(GROUPS, len(spectra))
    size = len(spectra) // groups
    # sums of some 16-bit counts are exact in 32-bit floats
    exact = spectra[:groups * size].astype(np.float32, copy=False)
    return np.add.reduce(exact.reshape(
        size, groups, spectra.shape[1])).astype(np.float64) / size
