"""Members evaluated as defined, in float64.

This is the reference for the exact thresholds and for the ONNX graph.
"""
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..bins import Bins
from ..model_definition import LinearMembers, MlpMembers, PointwiseMembers
from .labels import softmax

#: spectra per step, so that the hidden layer stays within tens of MB
CHUNK = 16


def logits(members: PointwiseMembers, b: int, x: ArrayLike,
           y: ArrayLike) -> NDArray[np.float64]:
    """Return the logits (..., C) of member `b` at points x, y (broadcast)."""
    w1, b1, w2, b2 = (np.asarray(a[b], np.float64) for a in (
        members.w1, members.b1, members.w2, members.b2))
    x, y = np.broadcast_arrays(np.asarray(x, np.float64),
                               np.asarray(y, np.float64))
    hidden = np.maximum(x[..., None] * w1[0] + y[..., None] * w1[1] + b1, 0)
    return hidden @ w2 + b2


def votes(members: PointwiseMembers, axis_values: NDArray[np.float64],
          bins: Bins, spectra: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the number of points (P, B, C) per bin and class.

    Parameters
    ----------
    axis_values
        (n,).
    spectra
        (P, n) preprocessed. A point goes to its largest logit, the first of
        equal ones.
    """
    classes = members.w2.shape[2]
    count = np.zeros((len(spectra), len(bins), classes), np.float32)
    for b, (start, stop) in enumerate(bins):
        for first in range(0, len(spectra), CHUNK):
            block = slice(first, first + CHUNK)
            winner = logits(members, b, axis_values[start:stop],
                            spectra[block, start:stop]).argmax(-1)
            for c in range(classes):
                count[block, b, c] = np.count_nonzero(winner == c, axis=1)
    return count


def linear_votes(members: LinearMembers, bins: Bins,
                 spectra: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the class probabilities (P, B, C) of each bin."""
    return _stack(spectra, bins, lambda b, y: (
        y @ np.asarray(members.coef[b], np.float64).T
        + members.intercept[b]))


def mlp_votes(members: MlpMembers, bins: Bins,
              spectra: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the class probabilities (P, B, C) of each bin."""
    def logits(b: int, y: NDArray[np.float64]) -> NDArray[np.float64]:
        w1, b1, w2, b2 = (np.asarray(a[b], np.float64) for a in (
            members.w1, members.b1, members.w2, members.b2))
        return np.maximum(y @ w1 + b1, 0) @ w2 + b2

    return _stack(spectra, bins, logits)


def _stack(
        spectra: NDArray[np.float32],
        bins: Bins,
        logits: Callable[[int, NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.float32]:
    return np.stack([
        softmax(logits(b, spectra[:, start:stop].astype(np.float64)))
        for b, (start, stop) in enumerate(bins)], axis=1).astype(np.float32)
