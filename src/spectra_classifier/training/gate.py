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


def threshold(spectra):
    """`min_intensity` of raw training spectra (N, channels).

    Where the mean of a spectrum is no measure of its intensity (spectra that
    were normalised to mean 0 before they came here) it lies below every
    mean, which is no gate; a model without a gate cannot be armed.
    """
    intensity = np.mean(spectra, axis=1, dtype=np.float64)
    middle = np.median(intensity)
    spread = np.median(np.std(spectra, axis=1, dtype=np.float64))
    if not middle > _MEANINGLESS * spread:
        return -float(np.abs(spectra).max())
    return float(SHARE * intensity[intensity >= EMPTY * middle].min())


def filled(spectra):
    """Which raw spectra (N, channels) pass their own gate, (N,) bool."""
    limit = threshold(spectra)
    intensity = np.mean(spectra, axis=1, dtype=np.float64)
    return intensity >= limit if limit > 0 else np.ones(len(intensity), bool)
