"""Probabilities from logits, for all bins of a train."""
import numpy as np
from numpy.typing import NDArray

from .options import kernel


@kernel
def softmax(logits: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Softmax along the last axis of (R, B, C) float32 into float32 `out`.

    float64 inside; for two classes one exponential does. NaN throughout
    where a logit is NaN or +Inf, as in `ensemble.softmax`.
    """
    rows, bins, classes = logits.shape
    for row in range(rows):
        for b in range(bins):
            gap = np.float64(logits[row, b, 1]) - np.float64(
                logits[row, b, 0])
            if classes == 2 and abs(gap) < np.inf:
                small = np.exp(-abs(gap))
                large = 1 / (1 + small)
                small *= large
                out[row, b, 0] = small if gap > 0 else large
                out[row, b, 1] = large if gap > 0 else small
                continue
            highest = np.float64(logits[row, b, 0])
            for c in range(1, classes):
                highest = max(highest, np.float64(logits[row, b, c]))
            total = 0.
            for c in range(classes):
                # Inf - Inf is NaN here, and the sum carries it to all
                value = np.exp(np.float64(logits[row, b, c]) - highest)
                out[row, b, c] = value
                total += value
            for c in range(classes):
                out[row, b, c] /= total
