"""Is there enough signal to classify? The limit comes from training.

A crew that takes a capture cannot know which pulses were empty, so the
training spectra may hold some: they neither teach nor set the limit.
"""
import numpy as np

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


def threshold(spectra):
    """`min_intensity` of raw training spectra (N, channels).

    Where the mean of a spectrum is no measure of its intensity (spectra that
    were normalised to mean 0 before they came here) it lies below every
    mean, which is no gate; a model without a gate cannot be armed.
    """
    return _limit(spectra, np.mean(spectra, axis=1, dtype=np.float64))


def filled(spectra):
    """(which raw spectra (N, channels) pass their own gate, its limit)."""
    intensity = np.mean(spectra, axis=1, dtype=np.float64)
    limit = _limit(spectra, intensity)
    return intensity >= limit, limit


def _limit(spectra, intensity):
    middle = np.median(intensity)
    some = spectra[::max(len(spectra) // _SAMPLE, 1)]
    spread = np.median(np.std(some, axis=1, dtype=np.float64))
    if not middle > _MEANINGLESS * spread:
        return -float(np.abs(some).max())
    return float(SHARE * intensity[intensity >= EMPTY * middle].min())
