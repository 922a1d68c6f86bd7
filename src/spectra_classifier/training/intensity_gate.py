"""Limit of the intensity below which a spectrum is not classified.

It comes from training. Some pulses of a capture may have been empty: their
spectra neither take part in the training nor set the limit.
"""
import numpy as np
from numpy.typing import NDArray

#: share of the lowest training intensity, near-empty spectra left out
SHARE = 0.5
#: a spectrum with less than this share of the median intensity is near-empty
EMPTY = 0.2
RULE = ("half the lowest intensity (mean over channels, dark subtracted) of "
        "the training spectra that have at least 20 % of its median")


#: mean over spread of a spectrum below which the mean is no intensity
_MEANINGLESS = 0.01
#: spectra that this is judged on, about
_SAMPLE = 1000


def threshold(spectra: NDArray[np.number]) -> float:
    """`min_intensity` of raw training spectra (N, channels).

    Where the mean of a spectrum does not measure its intensity (spectra that
    were normalised to mean 0 before) it lies below every mean, which is no
    gate; a model without a gate cannot be armed.
    """
    return _limit(spectra, _intensity(spectra))


def filled(spectra: NDArray[np.number]) -> tuple[NDArray[np.bool_], float]:
    """Which raw spectra (N, channels) pass their own gate, and its limit.

    Returns
    -------
    passed : (N,)
    limit
        As `threshold`.
    """
    intensity = _intensity(spectra)
    limit = _limit(spectra, intensity)
    return intensity >= limit, limit


def _intensity(spectra: NDArray[np.number]) -> NDArray[np.float64]:
    return np.asarray(np.mean(spectra, axis=1, dtype=np.float64))


def _limit(spectra: NDArray[np.number],
           intensity: NDArray[np.float64]) -> float:
    middle = np.median(intensity)
    some = spectra[::max(len(spectra) // _SAMPLE, 1)]
    spread = np.median(np.std(some, axis=1, dtype=np.float64))
    if not middle > _MEANINGLESS * spread:
        return -float(np.abs(some).max())
    return float(SHARE * intensity[intensity >= EMPTY * middle].min())
