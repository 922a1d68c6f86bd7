"""Ranges of figures that a noisy region does not set.

A value counts as far as it exceeds what its error explains: a peak sets the
scale, however narrow, and noise does not, however strong.
"""
import numpy as np
from numpy.typing import ArrayLike, NDArray

#: standard errors that noise may reach, and from which a value counts fully
_NOISE, _SURE = 5., 6.
#: parts of the axis over which an error is averaged
_WINDOWS = 50
#: rows in which the error is estimated where it is not known
_PARTS = 16
_ROOM = 0.08
#: percentiles of values without an order
_MOST = 1., 99.


def limits(values: ArrayLike, error: ArrayLike) -> tuple[float, float]:
    """(low, high) of curves.

    Parameters
    ----------
    values : (curves, n)
        NaN is ignored.
    error : (curves, n)
        Standard errors; what is not finite is estimated from the scatter of
        neighbours.
    """
    values = np.atleast_2d(np.asarray(values, np.float64))
    error = np.atleast_2d(np.asarray(error, np.float64))
    error = np.where(np.isfinite(error) & (error > 0), error,
                     _scatter(values))
    # few units know their error badly: that of the neighbours counts as well
    error = np.maximum(error, _smooth(error))
    middle = np.nanmedian(values, axis=1, keepdims=True)
    off = values - middle
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip((np.abs(off / error) - _NOISE) / (_SURE - _NOISE), 0,
                       1)
    counted = middle + off * np.nan_to_num(part)
    usual = _SURE * float(np.nanmedian(error))
    low = min(float(np.nanmin(counted)), float(np.nanmin(middle)) - usual)
    high = max(float(np.nanmax(counted)), float(np.nanmax(middle)) + usual)
    return _with_room(low, high)


def usual(values: ArrayLike) -> tuple[float, float]:
    """(low, high) of nearly all of some values, whatever their order."""
    finite = np.asarray(values, np.float64).ravel()
    finite = finite[np.isfinite(finite)]
    low, high = (np.percentile(finite, _MOST) if len(finite)
                 else np.array([0., 1.]))
    return _with_room(float(low), float(high))


def outside(values: ArrayLike, low: float,
            high: float) -> NDArray[np.bool_]:
    """Where (n,) any curve (curves, n) leaves a range."""
    values = np.atleast_2d(np.asarray(values, np.float64))
    return np.any((values < low) | (values > high), axis=0)


def _with_room(low: float, high: float) -> tuple[float, float]:
    room = _ROOM * (high - low) or 0.5
    return low - room, high + room


def _smooth(error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root of the mean square over neighbours."""
    window = np.ones(max(error.shape[1] // _WINDOWS, 1))
    number = np.convolve(np.ones(error.shape[1]), window, "same")
    return np.sqrt(np.stack([np.convolve(row, window, "same")
                             for row in np.square(error)]) / number)


def _scatter(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scatter of neighbours (curves, n), one value for each of some parts.

    From second differences; the median leaves peaks out.
    """
    count = values.shape[1]
    if count < 3:
        return np.zeros_like(values)
    bend = np.abs(np.diff(values, 2, axis=1)) / np.sqrt(6)
    parts = np.array_split(np.arange(count - 2),
                           max(min(_PARTS, (count - 2) // 8), 1))
    found = np.empty_like(values)
    for part in parts:
        found[:, part[0]:part[-1] + 3] = 1.4826 * np.nanmedian(
            bend[:, part], axis=1, keepdims=True)
    return found
