"""From what the bins say to one label: the only place where votes count."""
import numpy as np
from numpy.typing import NDArray

from ..model_definition import Calibration, ModelDefinition, Settings
from ..spectra import Code
from .reference_members import softmax

#: the smallest averaged probability that a confidence can come from
_SMALLEST = 1e-6
#: by how much the scores of a pulse may miss a sum of 1; a foreign graph may
#: compute in half precision
_SLACK = 0.01


def active_weights(definition: ModelDefinition,
                   settings: Settings) -> NDArray[np.float64]:
    """Weight (B,) float64 of each bin under the operator's selection."""
    if not settings.selected_bins:
        return definition.weights
    chosen = np.zeros(len(definition.bins), bool)
    chosen[list(settings.selected_bins)] = True
    return np.where(chosen, definition.weights, 0.)


def scores(votes: NDArray[np.float32], weights: NDArray[np.float64],
           mass: NDArray[np.float64]) -> NDArray[np.float64]:
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


def confidence(scores: NDArray[np.float64],
               calibration: Calibration) -> NDArray[np.float64]:
    """Calibrated probability (P, C) float64 of each class.

    `scores` (P, C), `calibration` a `definition.Calibration`.
    """
    logits = (np.log(np.maximum(scores, _SMALLEST))
              if calibration.of == "probabilities" else scores)
    sure = softmax(logits / calibration.temperature)
    return (1 - calibration.doubt) * sure + calibration.doubt / max(
        scores.shape[1], 1)


def decide(
        votes: NDArray[np.float32],
        definition: ModelDefinition,
        settings: Settings,
        residual: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]:
    """(label (P,) int8, confidence (P,) float32, scores (P, C) float32).

    A class is given where it is proved, else UNKNOWN: the scores are shares
    of a vote, the best one exceeds every other, the confidence reaches its
    limit and the residual keeps below its own. Every comparison is false for
    NaN. Scores that are no shares (a vote is NaN or Inf, or no selected bin
    has any weight) become 0, and so does the confidence.
    """
    weights = active_weights(definition, settings)
    mass = definition.members.mass(definition.bins)
    with np.errstate(invalid="ignore"):     # no weight times an Inf
        share = scores(votes, weights, mass)
        voted = ((share >= -_SLACK).all(axis=1)
                 & (np.abs(share.sum(axis=1) - 1) <= _SLACK))
    share[~voted] = 0.
    best = share.argmax(axis=1) if len(share) else np.zeros(0, int)
    rows = np.arange(len(share))
    sure = np.where(voted, confidence(
        share, definition.calibration)[rows, best], 0.)
    limit = (definition.unknown.min_confidence
             if settings.min_confidence is None else settings.min_confidence)
    beaten = np.count_nonzero(share < share[rows, best][:, None], axis=1)
    proved = voted & (beaten == share.shape[1] - 1) & (sure >= limit)
    if residual is not None:
        proved &= residual <= definition.unknown.max_residual
    label = np.where(proved, best, int(Code.UNKNOWN)).astype(np.int8)
    return label, sure.astype(np.float32), share.astype(np.float32)
