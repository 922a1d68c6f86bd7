"""Simple reference classifiers, reported with every model.

Each classifies one number per spectrum by the nearest class centre, which is
the median of the class and thus robust against outliers. They can be written
into a manifest and applied without the model.
"""
from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..bins import equal_bins

#: equal bins of the axis that the two regions are chosen from
REGIONS = 15


class Reference(TypedDict):
    """One fitted reference.

    `means`: (C,) class centres; `regions`: two (start, stop) channel ranges
    of "two_region_ratio".
    """
    means: list[float]
    regions: NotRequired[list[list[int]]]


#: by name, as they are written into a manifest
type References = Mapping[str, Reference]


def fit(spectra: ArrayLike, labels: NDArray[np.integer], classes: int,
        bins: Sequence[tuple[int, int]] | None = None) -> References:
    """Fit the simple references to raw training spectra.

    Parameters
    ----------
    spectra
        (N, channels).
    labels
        (N,) class indices.
    classes
        Number of classes.
    bins
        Bins from which the two regions are chosen; `REGIONS` equal ones by
        default, independent of the bins of a model.

    Returns
    -------
    dict
        As JSON. "total_intensity": mean over all channels; "two_region_ratio":
        logarithm of the ratio of the two bins that classify most of these
        spectra correctly, classes weighted equally. "means": class centres.
    """
    spectra = np.asarray(spectra, np.float64)
    if bins is None:
        channels = spectra.shape[1]
        bins = equal_bins(channels, min(REGIONS, channels))
    logs = _log(np.stack([spectra[:, start:stop].mean(axis=1)
                          for start, stop in bins], axis=1))
    best = max((
        (*merit, i, j) for i in range(1, len(bins)) for j, merit in enumerate(
            _merits((logs[:, i, None] - logs[:, :i]).T, labels, classes))),
        default=(0., 0., 0, 0))[2:]
    ratio = logs[:, best[0]] - logs[:, best[1]]
    return {
        "total_intensity": {"means": _centres(
            spectra.mean(axis=1), labels, classes).tolist()},
        "two_region_ratio": {
            "regions": [list(map(int, bins[i])) for i in best],
            "means": _centres(ratio, labels, classes).tolist()}}


def predict(references: References,
            spectra: ArrayLike) -> dict[str, NDArray[np.intp]]:
    """Classify raw spectra with fitted references.

    Parameters
    ----------
    spectra
        (N, channels).

    Returns
    -------
    dict
        Labels (N,) by name of the reference; -1 where the value is not finite.
    """
    spectra = np.asarray(spectra, np.float64)
    regions = [_log(spectra[:, start:stop].mean(axis=1)) for start, stop
               in references["two_region_ratio"]["regions"]]
    values = {"total_intensity": spectra.mean(axis=1),
              "two_region_ratio": regions[0] - regions[1]}
    return {name: np.where(np.isfinite(value), np.abs(
        value[:, None] - np.array(references[name]["means"])).argmin(axis=1),
        -1) for name, value in values.items()}


def better(shares: Mapping[str, float | None],
           accuracy: float | None) -> dict[str, float]:
    """The references that are right more often than a model.

    Strips without signal are none: they show a fault of the measurement.
    """
    if accuracy is None:
        return {}
    return {name: share for name, share in shares.items()
            if share is not None and share > accuracy
            and name != "signal_free_strips"}


def _log(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(np.maximum(values, np.finfo(np.float32).tiny))


def _centres(values: NDArray[np.float64], labels: NDArray[np.integer],
             classes: int) -> NDArray[np.float64]:
    """Medians (..., C) of values (..., N)."""
    return np.stack([np.median(values[..., labels == c], axis=-1)
                     for c in range(classes)], axis=-1)


def _merits(values: NDArray[np.float64], labels: NDArray[np.integer],
            classes: int) -> list[tuple[float, float]]:
    """(accuracy, distance of the centres in widths of a class) of each row of
    values (K, N)."""
    centres = _centres(values, labels, classes)
    right = np.abs(values - centres.T[..., None]).argmin(axis=0) == labels
    width = np.mean([np.median(np.abs(
        values[:, labels == c] - centres[:, c, None]), axis=1)
        for c in range(classes)], axis=0)
    accuracy = np.mean([right[:, labels == c].mean(axis=1)
                        for c in range(classes)], axis=0)
    distance = centres.std(axis=1) / (width + np.finfo(np.float32).tiny)
    return list(zip(accuracy.tolist(), distance.tolist(), strict=True))
