"""The published ramp: 349 powder patterns of one pressure ramp, simulated.

Class 0 is the low-pressure state (curves 80 and 120 were its training
curves), class 1 the high-pressure state (260 and 300); nothing switches
abruptly in between, the published vote changed near curve 190. Intensities
are in the units of the published figures, where the largest peak has 46.
"""
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ConfigurationError
from ..peaks import pseudo_voigt
from .tracks import TRACKS

CURVES = 349
POINTS = 4023
#: first and last 2theta of the published patterns, degrees
FIRST, LAST = 9.5603831, 25.5496
#: training curves of the two classes in the publication
TRAINING_CURVES = ((80, 120), (260, 300))

# (2theta, units) in the valleys between the peaks
_BACKGROUND = ((9.56, 4.05), (11, 4.0), (12, 4.3), (13.7, 4.5), (16, 4.6),
               (17.5, 5.0), (19.3, 5.1), (21, 5.2), (22.3, 5.35),
               (23.2, 5.3), (24.4, 5.2), (25.5, 5.0))
# (2theta, standard deviation of one point): noisy at the detector's ends
_NOISE = ((9.56, 0.12), (10.8, 0.10), (11.5, 0.06), (22.5, 0.06),
          (23.5, 0.09), (24.4, 0.16), (25.2, 0.33), (25.4, 0.6),
          (25.55, 0.9))
# (height, decay length in degrees) of the rise at the two ends
_LEFT_EDGE, _RIGHT_EDGE = (1.5, 0.02), (6., 0.035)
# a hot pixel: where, how often, between which heights
_HOT_POSITION, _HOT_SHARE, _HOT_HEIGHT = 17.56, 0.05, (1., 3.)


def axis(points: int = POINTS) -> NDArray[np.float64]:
    """2theta in degrees, (points,)."""
    return np.linspace(FIRST, LAST, points)


def background(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The background under the peaks, edges of the detector included."""
    table = np.array(_BACKGROUND)
    return (np.interp(x, table[:, 0], table[:, 1])
            + _LEFT_EDGE[0] * np.exp(-(x - FIRST) / _LEFT_EDGE[1])
            + _RIGHT_EDGE[0] * np.exp((x - LAST) / _RIGHT_EDGE[1]))


def noise_width(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation of a point at `x`, published units."""
    table = np.array(_NOISE)
    return np.interp(x, table[:, 0], table[:, 1])


def patterns(x: NDArray[np.float64],
             numbers: ArrayLike) -> NDArray[np.float64]:
    """The peaks alone, (n, channels), at fractional curve numbers (n,)."""
    numbers = np.asarray(numbers, np.float64)[:, None]
    total = np.zeros((len(numbers), len(x)))
    for track in TRACKS.values():
        position, height, left, right = track.at(numbers)
        total += pseudo_voigt(x, position, height, left, right)
    return total


def curves(points: int = POINTS, numbers: ArrayLike | None = None,
           seed: int | tuple[int, ...] = 0, noise: float = 1.
          ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Raw patterns of the ramp, background included.

    Equal arguments give equal numbers.

    Parameters
    ----------
    points
        Number of channels.
    numbers
        Fractional curve numbers (n,) between 0 and 348, by default all 349.
    seed
        Of the noise.
    noise
        Factor on the published noise; 0 also leaves out the hot pixels.

    Returns
    -------
    x : (points,)
        Degrees.
    Y : (n, points)
        Published units.

    Raises
    ------
    ConfigurationError
        If a curve number is beyond the ramp.
    """
    numbers = np.arange(CURVES) if numbers is None else np.atleast_1d(numbers)
    if len(numbers) and (np.min(numbers) < 0
                         or np.max(numbers) > CURVES - 1):
        raise ConfigurationError(
            f"curves {np.min(numbers):g} to {np.max(numbers):g}: the ramp "
            f"goes from 0 to {CURVES - 1}")
    x = axis(points)
    spectra = patterns(x, numbers) + background(x)
    if noise:
        _disturb(x, spectra, np.random.default_rng(seed), noise)
    return x, spectra


def _disturb(x: NDArray[np.float64], spectra: NDArray[np.float64],
             random: np.random.Generator, noise: float) -> None:
    spectra += noise * noise_width(x) * random.standard_normal(spectra.shape)
    hot = random.random(len(spectra)) < _HOT_SHARE
    spectra[hot, np.abs(x - _HOT_POSITION).argmin()] += random.uniform(
        *_HOT_HEIGHT, np.count_nonzero(hot))
