"""From what the bins say to one label: the only place where votes count."""
import numpy as np

from .binwise import softmax
from .spectra import Code

#: the smallest averaged probability that a confidence can come from
_SMALLEST = 1e-6


def active_weights(definition, settings):
    """Weight (B,) float64 of each bin under the operator's selection."""
    if not settings.selected_bins:
        return definition.weights
    chosen = np.zeros(len(definition.bins), bool)
    chosen[list(settings.selected_bins)] = True
    return np.where(chosen, definition.weights, 0.)


def scores(votes, weights, mass):
    """Weighted vote (P, C) float64; sums to 1, or is 0 if no weight is left.

    `votes` (P, B, C); `weights` and `mass` (B,), mass being what a bin casts
    in all. Bins are summed in order, so that equal votes of any engine give
    equal scores to the last bit.
    """
    # pulses last in memory: numpy is slow along axes as short as classes
    by_bin = votes.transpose(1, 2, 0).astype(np.float64, order="C")
    by_bin *= weights[:, None, None]
    total = np.add.reduce(by_bin, axis=0).T
    cast = float(weights @ mass)
    return total / cast if cast > 0 else total


def confidence(scores, calibration):
    """Calibrated probability (P, C) float64 of each class.

    `scores` (P, C), `calibration` a `definition.Calibration`.
    """
    logits = (np.log(np.maximum(scores, _SMALLEST))
              if calibration.of == "probabilities" else scores)
    sure = softmax(logits / calibration.temperature)
    return (1 - calibration.doubt) * sure + calibration.doubt / max(
        scores.shape[1], 1)


def decide(votes, definition, settings, residual=None):
    """(label (P,) int8, confidence (P,) float32, scores (P, C) float32).

    UNKNOWN where the best score is shared, where the confidence is below
    the limit, where the residual is above it, or where no selected bin has
    any weight ("no decision", never class 0).
    """
    weights = active_weights(definition, settings)
    mass = definition.members.mass(definition.bins)
    share = scores(votes, weights, mass)
    sure = confidence(share, definition.calibration)
    best = share.argmax(axis=1) if len(share) else np.zeros(0, int)
    rows = np.arange(len(share))
    sure = sure[rows, best]
    limit = (definition.unknown.min_confidence
             if settings.min_confidence is None else settings.min_confidence)
    tie = np.count_nonzero(share == share[rows, best][:, None], axis=1) > 1
    unknown = tie | (sure < limit)
    if residual is not None:
        # written so that an undefined residual (NaN) is unknown as well
        unknown |= ~(residual <= definition.unknown.max_residual)
    if not weights.any():
        unknown[:] = True
        sure[:] = 0.
    label = np.where(unknown, int(Code.UNKNOWN), best).astype(np.int8)
    return label, sure.astype(np.float32), share.astype(np.float32)
