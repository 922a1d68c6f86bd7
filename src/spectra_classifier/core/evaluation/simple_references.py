"""What simple means would give: yardsticks shown beside every model.

Both classify one number per spectrum by the nearest centre of a class, its
median: single pulses have outliers. So they can be written into a manifest
and applied anywhere.
"""
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..bins import equal_bins

#: equal bins of the axis that the two regions are chosen from
REGIONS = 15

#: as they are written into a manifest
type References = Mapping[str, Mapping[str, list]]


def fit(spectra: ArrayLike, labels: NDArray[np.integer], classes: int,
        bins: Sequence[tuple[int, int]] | None = None) -> References:
    """Yardsticks from raw training spectra (N, channels), as plain JSON.

    "total_intensity": the mean over all channels. "two_region_ratio": the
    logarithm of the ratio of the two bins that tells the most of these
    spectra apart, classes counting alike, out of `bins`, by default `REGIONS`
    equal ones, whatever bins a model has. "means": centres of the classes.
    """
    spectra = np.asarray(spectra, np.float64)
    if bins is None:
        channels = spectra.shape[1]
        bins = equal_bins(channels, min(REGIONS, channels))
    logs = _log(np.stack([spectra[:, start:stop].mean(axis=1)
                          for start, stop in bins], axis=1))
    best = max(((*_merit(logs[:, i] - logs[:, j], labels, classes), i, j)
                for i in range(len(bins)) for j in range(i)),
               default=(0., 0., 0, 0))[2:]
    ratio = logs[:, best[0]] - logs[:, best[1]]
    return {
        "total_intensity": {"means": _centres(
            spectra.mean(axis=1), labels, classes).tolist()},
        "two_region_ratio": {
            "regions": [list(map(int, bins[i])) for i in best],
            "means": _centres(ratio, labels, classes).tolist()}}


def predict(yardsticks: References,
            spectra: ArrayLike) -> dict[str, NDArray[np.intp]]:
    """{name: label (N,)} of raw spectra (N, channels); -1 where the value
    is not finite."""
    spectra = np.asarray(spectra, np.float64)
    regions = [_log(spectra[:, start:stop].mean(axis=1)) for start, stop
               in yardsticks["two_region_ratio"]["regions"]]
    values = {"total_intensity": spectra.mean(axis=1),
              "two_region_ratio": regions[0] - regions[1]}
    return {name: np.where(np.isfinite(value), np.abs(
        value[:, None] - np.array(yardsticks[name]["means"])).argmin(axis=1),
        -1) for name, value in values.items()}


def _log(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(np.maximum(values, np.finfo(np.float32).tiny))


def _centres(values: NDArray[np.float64], labels: NDArray[np.integer],
             classes: int) -> NDArray[np.float64]:
    return np.array([np.median(values[labels == c]) for c in range(classes)])


def _merit(values: NDArray[np.float64], labels: NDArray[np.integer],
           classes: int) -> tuple[float, float]:
    """(accuracy, distance of the centres in widths of a class)."""
    centres = _centres(values, labels, classes)
    right = np.abs(values[:, None] - centres).argmin(axis=1) == labels
    width = np.mean([np.median(np.abs(values[labels == c] - centres[c]))
                     for c in range(classes)])
    return (float(np.mean([right[labels == c].mean()
                           for c in range(classes)])),
            float(centres.std() / (width + np.finfo(np.float32).tiny)))
