"""Asymmetric least squares baselines: rules and float64 reference.

For each spectrum y the baseline z minimises

    sum_i w_i (y_i - z_i)^2 + lam sum_i (z_i - 2 z_{i+1} + z_{i+2})^2

with w_i = p where y_i > z_i and 1 - p elsewhere, found by solving and
weighting in turn from w = 1 (P. H. C. Eilers, H. F. M. Boelens, "Baseline
Correction with Asymmetric Least Squares Smoothing", 2005). The published
form has weight 0 where y_i = z_i; there the loss has no gradient, so the
minimiser is the same, and a weight keeps the system regular for a spectrum
that is a straight line.

Mode "reduced" restricts z to straight lines between knots every `knot_step`
channels (a Galerkin projection; weights stay per channel, the penalty on the
knots is lam / knot_step^3). Its first solves run on coarser knots (`stages`):
the weights settle from coarse to fine, and the fixed point is the same. The
kernels behind `fused_preprocessing.subtract` do the same, much faster.
"""
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ConfigurationError, InputError
from ..cooperative import yield_to_trains
from ..model_definition import Baseline

#: knot steps in channels; 1 is the exact problem
KNOT_STEPS = (1, 2, 4, 8, 16)
#: knots closer than half the baseline's length keep the error below the noise
STEPS_PER_LENGTH = 2
#: the coarsest knots of the first solves
_COARSEST = 32
#: shares of the solves on knots four times and twice as far apart. The weights
#: settle on the coarse ones; a finer stage then needs two solves, one that
#: sees the new weights and one that sees no change
_COARSE, _MIDDLE = .6, .2
#: spectra solved together: keeps the work arrays of the reference small
_ROWS = 256


def length_of(lam: float) -> float:
    """Return the length of a baseline in channels: lam^(1/4)."""
    if not lam > 0:
        raise ConfigurationError(f"baseline lam {lam}: expected more than 0, "
                                 "in channels^4")
    return float(lam) ** .25


def lam_for_length(length_channels: float) -> float:
    """Return the stiffness of a baseline of this length: its fourth power.

    The inverse of `length_of`. A length in axis units is divided by the step
    of the axis first.
    """
    if not length_channels > 0:
        raise ConfigurationError(f"baseline length {length_channels} "
                                 "channels: expected more than 0")
    return float(length_channels) ** 4


def rescale_lam(lam: float, points_from: int, points_to: int) -> float:
    """Return lam of equal stiffness on the same axis range with other points.

    The length covers the same part of the axis, so lam grows with the fourth
    power of the number of points: 1e5 at 4023 points is 1.0e3 at 1280.
    """
    return lam_for_length(length_of(lam) * points_to / points_from)


def knot_step_for(lam: float) -> int:
    """Return the largest knot step that `lam` allows, one of `KNOT_STEPS`."""
    limit = length_of(lam) / STEPS_PER_LENGTH
    return max((step for step in KNOT_STEPS if step <= limit), default=1)


def check(baseline: Baseline) -> None:
    """Check the knot step.

    Raises
    ------
    ConfigurationError
        For a knot step that `lam` does not allow.
    """
    if baseline.mode != "reduced":
        return
    best = knot_step_for(baseline.lam)
    if baseline.knot_step not in KNOT_STEPS:
        raise ConfigurationError(
            f"knot step {baseline.knot_step}: use one of "
            f"{', '.join(map(str, KNOT_STEPS))}; lam {baseline.lam:g} "
            f"allows {best}")
    if baseline.knot_step > best:
        raise ConfigurationError(
            f"knot step {baseline.knot_step} is too coarse for lam "
            f"{baseline.lam:g}: the baseline is "
            f"{length_of(baseline.lam):.1f} channels long and needs knots "
            f"every {best} channels or closer, or mode \"exact\"")


def stages(baseline: Baseline) -> tuple[tuple[int, int], ...]:
    """Return the stages (step, solves) from coarse to fine.

    The solves add up to `iterations`. Mode "exact" has one stage, the
    published iteration. Steps are at most `_COARSEST`; solves of a coarser one
    go to the next finer one.
    """
    total = baseline.iterations
    if baseline.mode != "reduced":
        return ((1, total),)
    step = baseline.knot_step
    coarse, middle = int(_COARSE * total), int(_MIDDLE * total)
    if 4 * step > _COARSEST:
        coarse, middle = 0, coarse + middle
    if not middle:      # each stage halves the step
        coarse, middle = 0, coarse
    every = ((4 * step, coarse), (2 * step, middle),
             (step, total - coarse - middle))
    return tuple(stage for stage in every if stage[1])


def asls(spectra: ArrayLike, baseline: Baseline) -> NDArray[np.float64]:
    """Return the baselines of spectra, float64 throughout: the reference.

    Parameters
    ----------
    spectra
        (P, n), any real type, n >= 3.

    Returns
    -------
    NDArray[np.float64]
        (P, n): z of the last solve, zeros for mode "none". The baseline of a
        spectrum with NaN or Inf is NaN; the others are not affected.

    Raises
    ------
    InputError
        For another shape.
    """
    spectra = np.asarray(spectra)
    if spectra.ndim != 2 or spectra.shape[1] < 3:
        raise InputError(f"spectra of shape {spectra.shape}: a baseline needs "
                         "[spectra, channels] with at least 3 channels")
    check(baseline)
    result = np.zeros(spectra.shape)
    if baseline.mode == "none":
        return result
    for start in range(0, len(spectra), _ROWS):
        rows = slice(start, start + _ROWS)
        y = np.ascontiguousarray(spectra[rows].T, np.float64)
        result[rows] = iterate(y, baseline.lam, baseline.p,
                               stages(baseline)).T
    result[~np.isfinite(spectra).all(1)] = np.nan
    return result


def hat_functions(points: int,
                  step: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the interval (n,) of every point and its place (n,) in it.

    Point i between knots k and k + 1 has z_i = (1 - t) q_k + t q_{k+1}.
    """
    index = np.arange(points)
    return index // step, (index % step) / step


def knots(points: int, step: int) -> int:
    """Return the number of knots of `points` channels."""
    return points if step == 1 else -(-points // step) + 1


def penalty_bands(count: int, lam: float) -> NDArray[np.float64]:
    """Return diagonals 0, 1, 2 of lam D'D, (3, count); D: second difference.

    Entry i of diagonal k couples i and i + k; the rest is zero.
    """
    bands = np.zeros((3, count))
    bands[0, :-2] += 1
    bands[0, 1:-1] += 4
    bands[0, 2:] += 1
    bands[1, :-2] -= 2
    bands[1, 1:-1] -= 2
    bands[2, :-2] = 1
    return bands * lam


def iterate(y: NDArray[np.float64], lam: float, p: float,
            stages: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """Return the baselines of y (n, P), columns are spectra.

    Parameters
    ----------
    stages
        (step, solves) of the knots, as from `stages`.
    """
    points = len(y)
    weight = np.ones_like(y)
    with np.errstate(all="ignore"):
        for step, solves in stages:
            interval, place = hat_functions(points, step)
            left, right = (1 - place)[:, None], place[:, None]
            penalty = penalty_bands(knots(points, step),
                                    lam / step ** 3)
            for _ in range(solves):
                yield_to_trains()
                knot = solve_pentadiagonal(*_normal_equations(
                    y, weight, left, right, step, penalty))
                z = knot[interval]
                if step > 1:
                    z = left * z + right * knot[interval + 1]
                weight = np.where(y > z, p, 1 - p)
    return z


def _normal_equations(
        y: NDArray[np.float64],
        weight: NDArray[np.float64],
        left: NDArray[np.float64],
        right: NDArray[np.float64],
        step: int,
        penalty: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64],
           NDArray[np.float64]]:
    """Bands and right side of the weighted problem on the knots."""
    starts = np.arange(0, len(y), step)

    def cells(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.add.reduceat(values, starts, axis=0)

    shape = penalty.shape[1], y.shape[1]
    diagonal = np.broadcast_to(penalty[0][:, None], shape).copy()
    off = np.broadcast_to(penalty[1][:, None], shape).copy()
    right_side = np.zeros(shape)
    count = len(starts)
    diagonal[:count] += cells(weight * left * left)
    right_side[:count] += cells(weight * left * y)
    if step > 1:
        diagonal[1:] += cells(weight * right * right)
        right_side[1:] += cells(weight * right * y)
        off[:count] += cells(weight * left * right)
    return diagonal, off, penalty[2], right_side


def solve_pentadiagonal(
        diagonal: NDArray[np.float64], off: NDArray[np.float64],
        second: NDArray[np.float64],
        right_side: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solution of symmetric pentadiagonal systems by LDL^T, one per column.

    `diagonal`, `off` and `right_side` (m, P), `second` (m,): the bands 0,
    1 and 2 as in `penalty_bands`. Returns (m, P); overwrites its arguments.
    """
    count = len(diagonal)
    inverse, reduced = np.empty_like(diagonal), off
    for k in range(count):
        if k > 1:
            factor = second[k - 2] * inverse[k - 2]
            diagonal[k] -= second[k - 2] * factor
            right_side[k] -= factor * right_side[k - 2]
        if k > 0:
            factor = reduced[k - 1] * inverse[k - 1]
            diagonal[k] -= reduced[k - 1] * factor
            right_side[k] -= factor * right_side[k - 1]
            reduced[k] -= second[k - 1] * factor
        inverse[k] = 1 / diagonal[k]
    for k in range(count - 1, -1, -1):
        if k + 1 < count:
            right_side[k] -= reduced[k] * right_side[k + 1]
        if k + 2 < count:
            right_side[k] -= second[k] * right_side[k + 2]
        right_side[k] *= inverse[k]
    return right_side
