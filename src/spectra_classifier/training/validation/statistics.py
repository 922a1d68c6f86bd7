"""Figures of merit, each with the number of observations behind it."""
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: default temperature of a confidence; few spectra pull only a little from it
DEFAULT_TEMPERATURE = 0.25
#: spectra of the rarest class from which the fit is taken as it is
CALIBRATED_FROM = 50
_Z95 = 1.959963984540054
_TEMPERATURES = np.geomspace(0.005, 5, 241)

#: spectra of a class below which it is hardly known how they differ
FEW = 5


def class_weights(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights (N,) of mean 1 with which all classes count alike."""
    _, place, count = np.unique(labels, return_inverse=True,
                                return_counts=True)
    return np.asarray(len(labels) / (len(count) * count[place]), np.float64)


def loss_weights(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights (N,) of mean 1 by which losses are averaged.

    Classes count alike as far as their spectra tell. The mean loss of a class
    of n spectra is its own by n / (n + `FEW`), and for the rest that of
    all spectra: the mean of two is chance, and must not choose.
    """
    _, place, count = np.unique(labels, return_inverse=True,
                                return_counts=True)
    own = 1 / (count + FEW)
    shared = (FEW * own).sum() / len(labels)
    return np.asarray((own[place] + shared) * len(labels) / len(count),
                      np.float64)


def recalls(right: NDArray[np.bool_], labels: NDArray[np.int64],
            classes: int) -> dict[str, Any]:
    """How often each class is right, plain JSON values.

    Parameters
    ----------
    right, labels : (N,)
        Whether each spectrum is right, and its class.

    Returns
    -------
    dict
        `recall`, one share per class, None where it has no spectrum, and
        `balanced_accuracy`, their mean.
    """
    found = [float(right[labels == c].mean()) if (labels == c).any() else None
             for c in range(classes)]
    known = [share for share in found if share is not None]
    return {"recall": found, "balanced_accuracy": float(np.mean(known))}


def wilson(share: float, number: int) -> list[float]:
    """95 % interval of a share of `number` observations.

    After E. B. Wilson, J. Am. Stat. Assoc. 22, 209, 1927.

    Returns
    -------
    list
        [low, high]; [0, 1] for no observations.
    """
    if not number:
        return [0., 1.]
    z2 = _Z95 ** 2 / number
    centre = (share + z2 / 2) / (1 + z2)
    half = _Z95 * np.sqrt(share * (1 - share) / number
                          + z2 / (4 * number)) / (1 + z2)
    return [float(max(centre - half, 0)), float(min(centre + half, 1))]


def interval(right: NDArray[np.bool_],
             groups: NDArray[np.int64] | None) -> tuple[list[float], int, str]:
    """95 % interval of the mean of `right`.

    Spectra of one capture are correlated: with captures the interval counts
    captures and not spectra.

    Parameters
    ----------
    right : (N,)
        Whether each spectrum is right.
    groups : (N,) or None
        Capture numbers.

    Returns
    -------
    interval
        [low, high].
    number
        How many independent observations were counted.
    of
        "captures" or "spectra".
    """
    if groups is None:
        return wilson(float(np.mean(right)), len(right)), len(right), "spectra"
    number = len(np.unique(groups))
    return wilson(float(np.mean(right)), number), number, "captures"


def fit_temperature(scores: NDArray[np.float64],
                    labels: NDArray[np.int64]) -> tuple[float, int]:
    """Temperature of least class-balanced log-loss.

    The targets are those of J. C. Platt (1999): n spectra of a class prove
    at most (n + 1) / (n + C), so that a perfect separation does not end in
    certainty.

    Parameters
    ----------
    scores : (N, C)
        Scores on left-out spectra.
    labels : (N,)
        Class indices.

    Returns
    -------
    temperature
        With fewer than 50 `samples` its logarithm is shrunk in proportion
        towards that of 0.25.
    samples
        Number of spectra of the rarest class.
    """
    classes = scores.shape[1]
    count = np.bincount(labels, minlength=classes)
    samples = int(count.min())
    if not samples:
        return DEFAULT_TEMPERATURE, 0
    target = np.where(np.arange(classes) == labels[:, None],
                      (count[labels] + 1)[:, None], 1.)
    target /= target.sum(axis=1, keepdims=True) * count[labels][:, None]
    losses = [-(target * _log_softmax(scores / temperature)).sum()
              for temperature in _TEMPERATURES]
    best = float(_TEMPERATURES[int(np.argmin(losses))])
    share = min(samples / CALIBRATED_FROM, 1)
    return float(best ** share * DEFAULT_TEMPERATURE ** (1 - share)), samples


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def calibration_error(confidence: NDArray[np.floating],
                      right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error.

    The mean over equal confidence bins of |share right - mean confidence|,
    weighted by their number of spectra.

    Parameters
    ----------
    confidence, right : (N,)
        Confidence of each spectrum, and whether its class is right.
    """
    place = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    return float(sum(abs(np.sum(right[place == b])
                         - np.sum(confidence[place == b]))
                     for b in range(bins)) / max(len(right), 1))


def coverage_at(confidence: NDArray[np.floating], right: NDArray[np.bool_],
                accuracy: float = 0.98) -> float:
    """Coverage at a given accuracy: most confident spectra first.

    Spectra of equal confidence go together. The threshold is chosen on the
    same spectra, so the figure is optimistic for few of them.

    Parameters
    ----------
    confidence, right : (N,)
        Confidence of each spectrum, and whether its class is right.

    Returns
    -------
    float
        Largest share of the spectra with that accuracy; 0 if there is none.
    """
    order = np.argsort(-confidence, kind="stable")
    confidence, right = confidence[order], right[order]
    taken = np.arange(1, len(right) + 1)
    good = np.cumsum(right) >= accuracy * taken - 1e-9
    last_of_its_kind = np.append(confidence[1:] != confidence[:-1], True)
    good &= last_of_its_kind[:len(good)]
    return float(taken[good].max() / len(right)) if good.any() else 0.


def boundary_error(predicted: NDArray[np.integer], labels: NDArray[np.int64],
                   numbers: NDArray[np.int64]) -> float | None:
    """Predicted minus labelled position of the only switch of class.

    The predicted switch is the split with the fewest labels on the wrong
    side; several equally good ones count with their middle.

    Parameters
    ----------
    predicted : (N,)
        Labels; codes below 0 are on neither side.
    labels : (N,)
        True labels.
    numbers : (N,)
        Numbers of the spectra; the sequence is put in their order.

    Returns
    -------
    float or None
        In spectra; None where the labels do not switch exactly once.
    """
    order = np.argsort(numbers, kind="stable")
    predicted, labels, numbers = (np.asarray(a)[order] for a in (
        predicted, labels, numbers))
    switches = np.flatnonzero(np.diff(labels))
    if len(switches) != 1:
        return None
    before, after = labels[0], labels[-1]
    wrong = (np.concatenate([[0], np.cumsum(predicted == after)])
             + np.concatenate([[0], np.cumsum(
                 (predicted == before)[::-1])])[::-1])
    edges = np.append(numbers, numbers[-1] + 1).astype(float)
    best = edges[wrong == wrong.min()]
    return float((best[0] + best[-1]) / 2 - numbers[switches[0] + 1])
