"""Textures of the taught states, and how far left-out spectra lie from them.
"""
import numpy as np
from numpy.typing import NDArray

from ...core.engine.texture_distance import Texture

#: the smallest spread of a feature, a logarithm or a correlation, that means
#: something: the share of a single part is always the same
LEAST_SPREAD = 1e-3
#: added to the variances of features of spread 1. Directions in which the
#: features of few spectra hardly differ count little
RIDGE = 1.
#: how far from the median a feature counts, in distances of the quartiles:
#: damaged spectra must not hide themselves
CLIPPED = 3.


def fitted(features: NDArray[np.float64], labels: NDArray[np.int64],
           view: int) -> Texture | None:
    """The `Texture` of features (N, F) of view number `view`.

    None where a class has fewer than two spectra.
    """
    coef, intercept = [], []
    for c in range(int(labels.max()) + 1):
        own = features[labels == c]
        if len(own) < 2:
            return None
        low, middle, high = np.quantile(own, [0.25, 0.5, 0.75], axis=0)
        reach = CLIPPED * (high - low)
        own = np.clip(own, middle - reach, middle + reach)
        centre = own.mean(axis=0)
        spread = np.maximum(own.std(axis=0, ddof=1), LEAST_SPREAD)
        scaled = (own - centre) / spread
        covariance = scaled.T @ scaled / (len(own) - 1)
        root = np.linalg.cholesky(np.linalg.inv(
            covariance + RIDGE * np.eye(len(centre)))).T / spread
        coef.append(root)
        intercept.append(-root @ centre)
    return Texture(view, np.stack(coef).astype(np.float32),
                   np.stack(intercept).astype(np.float32))


def distances(features: NDArray[np.float64], labels: NDArray[np.int64],
              fold: NDArray[np.int64],
              kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Out-of-fold distances (N,) of the spectra `kept`, by those alone.

    NaN for the others, and where a class has fewer than two spectra in the
    other folds.
    """
    result = np.full(len(labels), np.nan)
    classes = int(labels.max()) + 1
    for number in range(fold.max() + 1):
        rest, held = kept & (fold != number), kept & (fold == number)
        if not held.any() or len(np.unique(labels[rest])) < classes:
            continue
        known = fitted(features[rest], labels[rest], 0)
        if known is not None:
            result[held] = known.distance(features[held])
    return result
