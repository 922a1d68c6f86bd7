"""Intensity, position, width and asymmetry of a peak, with their errors.

The peak is a normal density times 1 + s/6 (z^3 - 3z) (C. V. Charlier, 1905; z
is the distance from its position in units of its width), so that position,
width and asymmetry are the mean, the standard deviation and the skewness of
the photons in it, on a constant background. Counts are fitted by maximum
likelihood as Poisson numbers times an unknown factor, by Fisher scoring; the
errors are those of the information matrix.
"""
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: channels of a region, at least
FEWEST = 8
#: asymmetry beyond which the density would be negative close to the peak
MOST_ASYMMETRIC = 1.
_STEPS = 60
_CLOSE = 1e-6
# share of the largest value that the variance of a channel is at least
_FLOOR = 1e-4
_NAMES = ("intensity", "position", "width", "asymmetry", "background")

type Array = NDArray[np.float64]


@dataclass(frozen=True)
class Peak:
    """A fitted peak; NaN throughout where there is none.

    Attributes
    ----------
    intensity
        Sum of its counts.
    position, width
        Mean and standard deviation, in the unit of the axis.
    asymmetry
        Skewness: positive with a longer tail at larger positions.
    background
        Counts per channel.
    ..._error
        Standard error of each.
    """
    intensity: float = np.nan
    position: float = np.nan
    width: float = np.nan
    asymmetry: float = np.nan
    background: float = np.nan
    intensity_error: float = np.nan
    position_error: float = np.nan
    width_error: float = np.nan
    asymmetry_error: float = np.nan
    background_error: float = np.nan


def fit(position: ArrayLike, counts: ArrayLike,
        variance: ArrayLike | None = None,
        size: ArrayLike | None = None) -> Peak:
    """Fit one peak in a region of a spectrum.

    Parameters
    ----------
    position
        (n,) positions of the channels of the region, rising or falling.
    counts
        (n,) counts of one spectrum, or of a mean; the dark is subtracted.
    variance
        (n,) of the counts. None for Poisson numbers times a factor that the
        scatter around the peak shows, as of a mean of many spectra or of
        counts in units of a converter.
    size
        (n,) widths of the channels, in the unit of the axis. None: they touch
        each other; where some are left out, that would be wrong.

    Returns
    -------
    Peak
        NaN for fewer than `FEWEST` channels, values that are not finite, and
        where no peak stands out within the region.
    """
    x, y = (np.asarray(each, np.float64) for each in (position, counts))
    noise = None if variance is None else np.asarray(variance, np.float64)
    wide = None if size is None else np.asarray(size, np.float64)
    if len(x) and x[0] > x[-1]:
        x, y = x[::-1], y[::-1]
        noise = None if noise is None else noise[::-1]
        wide = None if wide is None else wide[::-1]
    if len(x) < FEWEST or not (np.isfinite(x).all() and np.isfinite(y).all()
                               and np.ptp(y) > 0):
        return Peak()
    if noise is not None and not (np.isfinite(noise).all()
                                  and (noise > 0).all()):
        return Peak()
    wide = np.gradient(x) if wide is None else wide
    values = _start(x, y)
    if values is None:
        return Peak()
    merit = np.inf
    damping = 1e-3
    for _ in range(_STEPS):
        model, slopes = _peak(x, wide, values)
        weight = 1 / (noise if noise is not None else _poisson(model))
        gradient = slopes.T @ (weight * (y - model))
        matrix = slopes.T @ (weight[:, None] * slopes)
        scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
        step = np.linalg.solve(
            matrix / np.outer(scale, scale) + damping * np.eye(5),
            gradient / scale) / scale
        tried = values + step
        tried[3] = np.clip(tried[3], -MOST_ASYMMETRIC, MOST_ASYMMETRIC)
        found = (_merit(y, _peak(x, wide, tried)[0], noise)
                 if tried[2] > 0 else np.inf)
        if not np.isfinite(merit):
            merit = _merit(y, model, noise)
        if found <= merit + 1e-12 * abs(merit):
            done = np.abs(step * scale).max() < _CLOSE
            values, merit, damping = tried, found, damping / 10
            if done:
                break
        else:
            damping = max(damping, 1e-6) * 10
    return _result(x, y, wide, values, noise)


def _peak(x: Array, size: Array, values: Array) -> tuple[Array, Array]:
    """Model (n,) and its derivatives (n, 5); `size` (n,): of the channels."""
    intensity, middle, width, skew, background = values
    z = (x - middle) / width
    bell = size * np.exp(-0.5 * np.square(z)) / (np.sqrt(2 * np.pi) * width)
    third = z ** 3 - 3 * z
    form = 1 + skew / 6 * third
    # of bell * form against z, without the bell
    turn = skew / 6 * (3 * z ** 2 - 3) - z * form
    slopes = np.stack([
        bell * form, -intensity * bell * turn / width,
        -intensity * bell * (form + z * turn) / width,
        intensity * bell * third / 6, np.ones(len(x))], axis=1)
    return intensity * bell * form + background, slopes


def _poisson(model: Array) -> Array:
    return np.maximum(model, _FLOOR * max(float(model.max()), 1e-300))


def _merit(y: Array, model: Array, noise: Array | None) -> float:
    """Minus the log of the likelihood, up to a constant and a factor."""
    if noise is not None:
        return float(0.5 * (np.square(y - model) / noise).sum())
    mean = _poisson(model)
    return float((mean - y * np.log(mean)
                  + np.square(np.minimum(model - mean, 0)) / mean).sum())


def _start(x: Array, y: Array) -> Array | None:
    """Moments of what is above the ends of the region."""
    end = max(len(y) // 8, 1)
    background = float(np.mean([*y[:end], *y[-end:]]))
    above = y - background
    total = float(above.sum())
    if not total > 0:
        return None
    top = int(np.convolve(above, np.ones(3), "same").argmax())
    near = np.abs(np.arange(len(x)) - x.searchsorted(x[top])) <= len(x) // 3
    part = np.maximum(above, 0) * near
    middle = float(part @ x / part.sum())
    width = np.sqrt(float(part @ np.square(x - middle) / part.sum()))
    smallest = float(np.ptp(x)) / len(x) / 2
    return np.array([total, middle, max(width, smallest), 0., background])


def _result(x: Array, y: Array, size: Array, values: Array,
            noise: Array | None) -> Peak:
    model, slopes = _peak(x, size, values)
    variance = _poisson(model) if noise is None else noise
    matrix = slopes.T @ (slopes / variance[:, None])
    if np.linalg.cond(matrix / np.sqrt(np.outer(
            np.diag(matrix), np.diag(matrix)))) > 1e10:
        return Peak()
    spread = np.diag(np.linalg.inv(matrix))
    if noise is None:
        spread = spread * float(
            (np.square(y - model) / variance).sum() / max(len(x) - 5, 1))
    inside = x[0] < values[1] < x[-1]
    narrow = values[2] < np.ptp(x) / 2
    if not (inside and narrow and values[0] > 2 * np.sqrt(spread[0])):
        return Peak()
    errors = np.sqrt(spread)
    return Peak(**dict(zip(_NAMES, values.tolist(), strict=True)), **{
        f"{name}_error": error for name, error in zip(
            _NAMES, errors.tolist(), strict=True)})
