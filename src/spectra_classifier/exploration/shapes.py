"""The shape of spectra: what pedestal, gain, intensity and axis leave.

To first order a pedestal adds a constant, a changed gain or pulse energy a
multiple of the mean spectrum, and an axis that moves a multiple of its
derivative (curvature: to second order). Least squares remove all of them; what
remains, in units of the intensity of the spectrum, is its shape.
"""
import numpy as np
from numpy.typing import NDArray

#: channels that are kept apart, at most; neighbours are averaged
CHANNELS = 320
#: share of the typical intensity below which a spectrum is dim
DIM = 0.2
# standard deviation of the Gaussian that the mean is smoothed with before it
# is differentiated, in channels
_SMOOTH = 1.5
# part of a direction that others do not have, below which it is one of them
_SAME = 1e-6
# limits of the intensity that a shape is divided by, in units of the mean
_WEAKEST, _STRONGEST = 0.1, 10.

type Array = NDArray[np.float64]


def coarse(spectra: NDArray[np.generic]) -> Array:
    """Spectra (N, channels) with at most `CHANNELS` channels."""
    channels = spectra.shape[1]
    width = max(-(-channels // CHANNELS), 1)
    whole = channels // width * width
    return spectra[:, :whole].reshape(
        len(spectra), whole // width, width).mean(
        axis=2, dtype=np.float64)


def strengths(spectra: Array) -> Array:
    """Intensity (N,) of spectra, 1 for the mean; a pedestal has no part.

    1 for all where the mean has no structure.
    """
    mean = spectra.mean(axis=0)
    shape = mean - mean.mean()
    power = shape @ shape
    if not power > 0:
        return np.ones(len(spectra))
    return np.asarray(spectra @ shape / power)


def bright(spectra: Array) -> NDArray[np.bool_]:
    """Whether a spectrum (N,) has at least `DIM` of the typical intensity."""
    strength = strengths(spectra)
    return strength >= DIM * np.median(strength)


def shapes(spectra: Array) -> tuple[Array, Array]:
    """Shapes of spectra around their mean, and what was taken off.

    Returns
    -------
    shape : (N, channels)
        In units of the root of the summed squares of the mean above its
        level.
    removed : (N, channels)
        The part that a moved axis explains, in
        the same units.
    """
    mean = spectra.mean(axis=0)
    level = mean - mean.mean()
    size = float(np.linalg.norm(level))
    if not size > 0:
        return spectra - mean, np.zeros_like(spectra)
    first = np.gradient(_smoothed(mean))
    drift = _orthonormal([level, np.ones(len(mean)),
                          np.linspace(-1, 1, len(mean))])
    axis = _orthonormal([first, np.gradient(first)], drift)
    strength = size * np.clip(spectra @ level[:, None] / size ** 2, _WEAKEST,
                              _STRONGEST)
    moved = spectra @ axis.T @ axis
    return ((spectra - spectra @ drift.T @ drift - moved) / strength,
            moved / strength)


def _orthonormal(vectors: list[Array], others: Array | None = None) -> Array:
    """Directions (K, channels) of vectors, none of those of `others`."""
    found = [] if others is None else list(others)
    start = len(found)
    for vector in vectors:
        rest = vector / max(float(np.linalg.norm(vector)), 1e-300)
        for _ in range(2):      # rounding
            for each in found:
                rest = rest - (rest @ each) * each
        size = float(np.linalg.norm(rest))
        if size > _SAME:
            found.append(rest / size)
    return np.reshape(found[start:], (-1, len(vectors[0])))


def _smoothed(mean: Array) -> Array:
    reach = np.arange(-int(4 * _SMOOTH), int(4 * _SMOOTH) + 1)
    kernel = np.exp(-0.5 * np.square(reach / _SMOOTH))
    padded = np.pad(mean, len(reach) // 2, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
