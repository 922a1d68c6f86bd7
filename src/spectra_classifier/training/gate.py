"""Is there enough signal to classify? The limit comes from training."""
import numpy as np

#: share of the lowest training intensity
SHARE = 0.5
RULE = ("half the lowest intensity (mean over channels, dark subtracted) "
        "of the training spectra")


def threshold(spectra):
    """`min_intensity` of raw training spectra (N, channels), at least 0."""
    lowest = float(np.mean(spectra, axis=1, dtype=np.float64).min())
    return max(SHARE * lowest, 0.)
