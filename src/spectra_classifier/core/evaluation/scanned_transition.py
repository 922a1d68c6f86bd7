"""A transition against what is scanned: midpoint and width, with intervals.

A fraction that was measured at some positions is a ramp between two levels.
Every midpoint and width on a grid is fitted by weighted least squares; the
levels and the size of the noise are unknown (levels flat within the range of a
fraction, noise log-flat; midpoint and width flat). The intervals are the
shortest ones that hold 95 % of the posterior probability, widened by the
error that all fractions of a scan share (`FRACTION_ERROR`). `change` does the
same for a sequence in time, where noise is correlated and positions are steps.
"""
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .change import COVERAGE, ENDED, FEWEST, ROUNDING

#: part of a ramp that counts as its width, from 10 to 90 %
SHARE = 2 * ENDED - 1
#: standard deviation of the error of a mixture that does not average out, in
#: the middle between two states, where nothing else is known
FRACTION_ERROR = 0.007
#: the same near the states, where a ramp begins and ends, in units of that:
#: measured on simulated scans (`benchmarks/exploration/scans.py`)
AT_ENDS = 2.5
#: widest ramp, in units of the range of the scan
WIDEST = 1.5
#: midpoints and widths of the grid
GRID = 160, 120
#: standard deviations that an interval of 95 % reaches to either side
NORMAL = 1.96
# log of the probability, relative to the most probable, that the second, finer
# grid leaves out
_LEFT_OUT = -12.

type Array = NDArray[np.float64]


@dataclass(frozen=True)
class ScannedTransition:
    """A fitted transition.

    Attributes
    ----------
    midpoint, width
        Position of one half, and distance from 10 to 90 %, in the unit of the
        scan; medians of the posterior, the width that of the best fit.
    midpoint_low, midpoint_high, width_low, width_high
        Intervals of 95 %. `width_low` is 0 where a step fits as well.
    first, last
        Fraction before and after, in the order of the positions.
    evidence
        How much better the ramp fits than a constant: F of the two, with 3
        and N - 4 degrees of freedom.
    """
    midpoint: float
    midpoint_low: float
    midpoint_high: float
    width: float
    width_low: float
    width_high: float
    first: float
    last: float
    evidence: float

    def as_dict(self) -> dict[str, float]:
        """Return the fields by name."""
        return asdict(self)


class _Grid(NamedTuple):
    """Fits of all midpoints (K,) and full widths (L,).

    `wrong`: remaining sum of squares (K, L); `log_weight`: log of the
    posterior.
    """
    midpoint: Array
    width: Array
    wrong: Array
    log_weight: Array


def fit(position: ArrayLike, fraction: ArrayLike,
        variance: ArrayLike | None = None,
        error: float = FRACTION_ERROR) -> ScannedTransition | None:
    """Fit a transition.

    Parameters
    ----------
    position
        (N,) positions, in any order.
    fraction
        (N,) measured fraction; positions at which it is not finite are left
        out.
    variance
        (N,) of the fraction, up to a common factor; equal by default.
    error
        Standard deviation of what all fractions have in common. It moves the
        middle of the ramp by as much in units of its length, and makes it
        longer or shorter by `AT_ENDS` times as much.

    Returns
    -------
    ScannedTransition or None
        None where fewer than `FEWEST` different positions are known, or the
        fraction does not change.
    """
    x, y = (np.asarray(each, np.float64) for each in (position, fraction))
    size = np.ones(len(x)) if variance is None else np.asarray(
        variance, np.float64)
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(size) & (size > 0)
    x, y, weight = x[known], y[known], 1 / size[known]
    if len(np.unique(x)) < FEWEST or np.ptp(y) <= ROUNDING:
        return None
    weight /= weight.mean()
    span = float(np.ptp(x))
    grid = _fitted(x, y, weight, np.linspace(x.min(), x.max(), GRID[0]),
                   np.linspace(0, WIDEST * span, GRID[1]))
    for _ in range(2):
        grid = _finer(x, y, weight, grid)
    best = np.unravel_index(grid.wrong.argmin(), grid.wrong.shape)
    mass = np.exp(grid.log_weight - grid.log_weight.max())
    low, middle, high = _interval(grid.midpoint, mass.sum(axis=1))
    narrow, _, wide = _interval(grid.width, mass.sum(axis=0))
    width = float(grid.width[best[1]])
    common = error * width
    low, high = _widened(low, middle, high, common)
    narrow, wide = _widened(narrow, width, wide, AT_ENDS * common)
    levels = _levels(x, y, weight, middle, width)
    flat = np.square(y - np.average(y, weights=weight)) @ weight
    wrong = float(grid.wrong[best])
    return ScannedTransition(
        middle, low, high, SHARE * width, SHARE * max(narrow, 0.),
        SHARE * wide, *levels,
        float((flat - wrong) / 3 / (wrong / max(len(x) - 4, 1))))


def _ramp(x: Array, midpoint: Array, width: Array) -> Array:
    """(K, L, N) ramps from 0 to 1."""
    from_start = x - midpoint[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        ramp = np.clip(from_start / width[:, None] + 0.5, 0, 1)
    return np.where(width[:, None] > 0, ramp, (from_start >= 0) * 1.)


def _fitted(x: Array, y: Array, weight: Array, midpoint: Array,
            width: Array) -> _Grid:
    ramp = _ramp(x, midpoint, width)
    total, mean = weight.sum(), np.average(y, weights=weight)
    along = ramp @ weight / total
    power = np.square(ramp) @ weight - total * np.square(along)
    product = ramp @ (weight * (y - mean))
    constant = np.square(y - mean) @ weight
    wrong = np.maximum(constant - np.divide(
        np.square(product), power, out=np.zeros_like(power),
        where=power > 1e-12 * total), 0) + len(x) * ROUNDING ** 2
    # the levels are known within about 1 beforehand
    noise = wrong.min() / max(len(x) - 4, 1)
    log_weight = (-0.5 * (len(x) - 2) * np.log(wrong)
                  - 0.5 * np.log(power + noise))
    return _Grid(midpoint, width, wrong, log_weight)


def _finer(x: Array, y: Array, weight: Array, grid: _Grid) -> _Grid:
    """The grid where the posterior is, as many points of it."""
    likely = grid.log_weight > grid.log_weight.max() + _LEFT_OUT

    def part(values: Array, inside: NDArray[np.bool_]) -> Array:
        places = np.flatnonzero(inside)
        first = values[max(places[0] - 1, 0)]
        last = values[min(places[-1] + 1, len(values) - 1)]
        return np.linspace(first, last, len(values))

    return _fitted(x, y, weight, part(grid.midpoint, likely.any(axis=1)),
                   part(grid.width, likely.any(axis=0)))


def _interval(values: Array, mass: Array) -> tuple[float, float, float]:
    """(low, median, high) of an evenly spaced density, interpolated."""
    step = values[1] - values[0] if len(values) > 1 else 0.
    edges = np.append(values - step / 2, values[-1] + step / 2)
    edges[0] = max(edges[0], values[0])
    edges[-1] = min(edges[-1], values[-1])
    before = np.append(0., np.cumsum(mass)) / mass.sum()
    start = np.linspace(0, 1 - COVERAGE, 501)
    low = np.interp(start, before, edges)
    high = np.interp(start + COVERAGE, before, edges)
    best = int((high - low).argmin())
    return (float(low[best]), float(np.interp(0.5, before, edges)),
            float(high[best]))


def _widened(low: float, middle: float, high: float,
             error: float) -> tuple[float, float]:
    """An interval with a further, independent error (standard deviation)."""
    return (middle - float(np.hypot(middle - low, NORMAL * error)),
            middle + float(np.hypot(high - middle, NORMAL * error)))


def _levels(x: Array, y: Array, weight: Array, midpoint: float,
            width: float) -> tuple[float, float]:
    ramp = _ramp(x, np.array([midpoint]), np.array([width]))[0, 0]
    basis = np.stack([1 - ramp, ramp], axis=1) * np.sqrt(weight)[:, None]
    first, last = np.linalg.lstsq(basis, y * np.sqrt(weight), rcond=None)[0]
    return float(first), float(last)
