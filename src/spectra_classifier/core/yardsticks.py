"""What simple means would give: yardsticks shown beside every model.

Both classify one number per spectrum by the nearest class mean, so they can
be written into a manifest and applied anywhere.
"""
import numpy as np


def fit(spectra, labels, classes, bins):
    """Yardsticks from raw training spectra (N, channels), as plain JSON.

    "total_intensity": the mean over all channels. "two_region_ratio": the
    logarithm of the ratio of the two bins that separates the classes best
    (largest ratio of the variance between to that within the classes).
    """
    spectra = np.asarray(spectra, np.float64)
    present = range(classes)
    total = spectra.mean(axis=1)
    sums = np.stack([spectra[:, start:stop].mean(axis=1)
                     for start, stop in bins], axis=1)
    logs = _log(sums)
    best = max(((_separation(logs[:, i] - logs[:, j], labels, classes), i, j)
                for i in range(len(bins)) for j in range(i)),
               default=(0., 0, 0))
    ratio = logs[:, best[1]] - logs[:, best[2]]
    return {
        "total_intensity": {"means": [
            float(total[labels == c].mean()) for c in present]},
        "two_region_ratio": {
            "regions": [list(map(int, bins[i])) for i in best[1:]],
            "means": [float(ratio[labels == c].mean()) for c in present]}}


def predict(yardsticks, spectra):
    """{name: label (N,)} of raw spectra (N, channels)."""
    spectra = np.asarray(spectra, np.float64)
    regions = [_log(spectra[:, start:stop].mean(axis=1)) for start, stop
               in yardsticks["two_region_ratio"]["regions"]]
    values = {"total_intensity": spectra.mean(axis=1),
              "two_region_ratio": regions[0] - regions[1]}
    return {name: np.abs(value[:, None] - np.array(
        yardsticks[name]["means"])).argmin(axis=1)
        for name, value in values.items()}


def _log(values):
    return np.log(np.maximum(values, np.finfo(np.float32).tiny))


def _separation(values, labels, classes):
    means = np.array([values[labels == c].mean() for c in range(classes)])
    within = np.mean([values[labels == c].var() for c in range(classes)])
    return means.var() / (within + np.finfo(np.float32).tiny)
