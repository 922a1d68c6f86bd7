"""From the votes of the bins to one label: all engines use this."""
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..model_definition import (
    Calibration,
    ModelDefinition,
    Settings,
    active_weights,
)
from ..spectra import Code, Train, TrainResult
from . import mixture

#: largest sum of the squares of a preprocessed spectrum; float32 sums of
#: squares have no room for much more
LARGEST_SQUARE = 1e36
#: the same for each channel where the mean is 1: a spectrum of a root mean
#: square of more than 1e4 means had no area but what rounding left
LARGEST_OF_AREA = 1e8
#: the smallest averaged probability that a confidence can come from
_SMALLEST = 1e-6
#: by how much the scores of a pulse may miss a sum of 1; a foreign graph may
#: compute in half precision
_SLACK = 0.01


def scores(votes: NDArray[np.float32], weights: NDArray[np.float64],
           mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted vote, (P, C).

    Bins are summed in order, so that equal votes of any engine give equal
    scores bit for bit.

    Parameters
    ----------
    votes
        (P, B, C).
    weights
        (B,).
    mass
        (B,) total votes of each bin.

    Returns
    -------
    NDArray[np.float64]
        (P, C), summing to 1, or 0 if no weight is left.
    """
    # pulses last in memory: numpy is slow along axes as short as classes
    by_bin = votes.transpose(1, 2, 0).astype(np.float64, order="C")
    by_bin *= weights[:, None, None]
    total = np.add.reduce(by_bin, axis=0).T
    cast = float(weights @ mass)
    return total / cast if cast > 0 else total


def softmax(logits: ArrayLike) -> NDArray[np.float64]:
    """Return the softmax along the last axis, safe for large values.

    NaN throughout where a logit is NaN or +Inf.
    """
    logits = np.asarray(logits, np.float64)
    with np.errstate(invalid="ignore"):
        exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return exponentials / exponentials.sum(axis=-1, keepdims=True)


def confidence(scores: NDArray[np.float64],
               calibration: Calibration) -> NDArray[np.float64]:
    """Return the calibrated probability (P, C) of each class.

    Parameters
    ----------
    scores
        (P, C).
    """
    logits = (np.log(np.maximum(scores, _SMALLEST))
              if calibration.of == "probabilities" else scores)
    sure = softmax(logits / calibration.temperature)
    return (1 - calibration.doubt) * sure + calibration.doubt / max(
        scores.shape[1], 1)


def least_confidence(definition: ModelDefinition,
                     settings: Settings) -> float:
    """Return the confidence below which a pulse is unknown, 0 to 1."""
    return (definition.unknown.min_confidence
            if settings.min_confidence is None else settings.min_confidence)


def decide(
        votes: NDArray[np.float32],
        definition: ModelDefinition,
        settings: Settings,
        residual: NDArray[np.float32] | None = None,
        distance: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]:
    """Return label, confidence and scores of each pulse.

    A class is given only where it is certain, else UNKNOWN: the scores are
    shares of a vote, the best one exceeds every other, the confidence reaches
    its limit, and residual and distance of the texture are within their own.
    Every comparison is false for NaN.

    Parameters
    ----------
    votes
        (P, B, C).
    residual, distance
        (P,), or None to ignore them.

    Returns
    -------
    label : NDArray[np.int8]
        (P,) class index or UNKNOWN.
    confidence : NDArray[np.float32]
        (P,).
    scores : NDArray[np.float32]
        (P, C). Where they are no shares (a vote is NaN or Inf, or no selected
        bin has any weight), they and the confidence are 0.
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
    limit = least_confidence(definition, settings)
    beaten = np.count_nonzero(share < share[rows, best][:, None], axis=1)
    proved = voted & (beaten == share.shape[1] - 1) & (sure >= limit)
    if residual is not None:
        proved &= residual <= definition.unknown.max_residual
    if distance is not None and definition.texture is not None:
        proved &= distance <= definition.unknown.max_distance
    label = np.where(proved, best, int(Code.UNKNOWN)).astype(np.int8)
    return label, sure.astype(np.float32), share.astype(np.float32)


def _largest_square(model: ModelDefinition) -> float:
    return (LARGEST_OF_AREA * len(model.axis)
            if model.preprocessing.of_spectrum == "area" else LARGEST_SQUARE)


def assemble(train: Train, model: ModelDefinition, settings: Settings,
             verdicts: NDArray[np.int8], intensity: NDArray[np.float32],
             rows: NDArray[np.intp], norms: NDArray[np.float64],
             votes: NDArray[np.float32], fractions: NDArray[np.float32],
             residual: NDArray[np.float32],
             distance: NDArray[np.float32]) -> TrainResult:
    """Return the result of a train from what an engine computed for `rows`.

    Where a spectrum is too large to be compared, had no area by which it could
    be divided, or a vote or the residual is not finite, votes and fractions
    become 0, residual and distance NaN, so that the pulse is UNKNOWN with
    confidence 0.

    Parameters
    ----------
    verdicts, intensity
        (P,) of all pulses.
    rows
        (R,) positions of the classified pulses.
    norms
        (R,) s.s of the preprocessed spectra.
    votes, fractions, residual, distance
        (R, B, C), (R, C), (R,), (R,). They are modified, and become part of
        the result where `rows` are all pulses.
    """
    known = (norms <= _largest_square(model)) & np.isfinite(residual)
    if not np.isfinite(votes.sum(dtype=np.float64)):
        known &= np.isfinite(votes).all(axis=(1, 2))
    if not known.all():
        votes[~known], fractions[~known] = 0, 0
        residual[~known], distance[~known] = np.nan, np.nan
    fractions = mixture.weighed(fractions, model.strengths)
    label, confidence, scores = decide(votes, model, settings, residual,
                                       distance)

    def spread[Scalar: np.generic](
            values: NDArray[Scalar], rest: ArrayLike) -> NDArray[Scalar]:
        if len(rows) == train.pulses:
            return values
        every = np.empty((train.pulses, *values.shape[1:]), values.dtype)
        every[...] = rest
        every[rows] = values
        return every

    return TrainResult(
        train.train_id, train.pulse_ids, spread(label, verdicts),
        spread(confidence, 0), spread(scores, 0), spread(fractions, 0),
        spread(residual, np.nan), intensity, spread(votes, 0),
        model.model_id, settings.hash, distance=spread(distance, np.nan))
