"""Confidence from out-of-fold probabilities, and its own accuracy."""
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine.labels import confidence
from ...core.model_definition import Calibration
from .statistics import calibration_error, loss_weights

_TEMPERATURES = np.geomspace(0.2, 5, 65)
#: temperature where there are too few spectra to fit one: an average of
#: probabilities is underconfident even if each of them is calibrated
#: (R. Ranjan, T. Gneiting, J. R. Stat. Soc. B 72, 71, 2010)
PRIOR = 0.6
#: by how much the logarithm of a temperature falls from the first differences
#: between captures that a model learns from to many of them, and how many
#: are half of that (chosen on simulated captures, see docs/accuracy.md)
FALL, HALF = 1.4, 20
#: captures of a class below which a confidence on new ones is a guess
CAPTURES = 4


def fit(probabilities: NDArray[np.float64], labels: NDArray[np.int64],
        captures: int = 0, folds: int = 0) -> Calibration:
    """A `Calibration` of averaged out-of-fold probabilities.

    Temperature of least log-loss on the logarithms, classes counting alike;
    with fewer than 50 spectra per class its logarithm is shrunk towards that
    of `PRIOR`, by the root of their number, as its own error falls. No
    confidence exceeds 1 - 1 / (2 N + 2): that often N spectra without an
    error are followed by a right one (mean of the posterior under the prior
    of H. Jeffreys, Proc. R. Soc. A 186, 453, 1946). Of unequal classes N is
    the number of spectra of equal weight that would tell as much (L. Kish,
    Survey Sampling, 1965).

    Where folds leave out whole captures, the models of the folds know fewer
    captures than the model of all, and less of what differs between them; so
    their temperature is higher than that of the latter. n captures of C
    classes show n - C differences, and the logarithm of the temperature is
    lowered by the part of `FALL` that those lost in a fold make.

    Parameters
    ----------
    probabilities : (R, N, C)
        Of R repetitions of the folds.
    labels : (N,)
        Class indices.
    captures, folds
        Number of captures, of all classes together, and of folds that leave
        whole ones out; 0 where captures are not known.
    """
    classes = probabilities.shape[2]
    samples = int(np.bincount(labels, minlength=classes).min())
    number = len(labels) / float(np.square(loss_weights(labels)).mean())
    doubt = classes / (classes - 1) / (2 * number + 2)
    losses = [np.mean([_loss(p, labels, Calibration(t, 0, "probabilities",
                                                    doubt))
                       for p in probabilities]) for t in _TEMPERATURES]
    best = float(_TEMPERATURES[int(np.argmin(losses))])
    if captures:
        best *= _of_all_captures(captures, classes, folds)
    share = min(number / classes / Calibration.CALIBRATED_FROM,
                1) ** 0.5
    return Calibration(best ** share * PRIOR ** (1 - share), samples,
                       "probabilities", doubt)


def _of_all_captures(captures: int, classes: int, folds: int) -> float:
    """Factor from the temperature of the folds to that of all captures."""
    def learnt(differences: float) -> float:
        return differences / (differences + HALF)

    rest = max(captures * (1 - 1 / folds) - classes, 0)
    return float(np.exp(-FALL * (learnt(captures - classes) - learnt(rest))))


def words(captures: int) -> str:
    """What is known of the confidence on captures that are yet to come.

    Parameters
    ----------
    captures
        Of the class with the fewest; 0 where they are not known.
    """
    if not captures:
        return ("captures are not known: the confidence holds for spectra "
                "like the taught ones, how far for those of a new capture is "
                "not known")
    if captures == 1:
        return ("a class has a single capture: how the confidence holds for "
                "a new one is not known")
    if captures < CAPTURES:
        return (f"{captures} captures of a class hardly show how captures "
                "differ: on a new one the confidence may be off by a few "
                f"hundredths; take {CAPTURES} of each")
    return (f"calibrated by whole captures left out, {captures} or more of "
            "each class")


def unknown(labels: NDArray[np.int64], classes: int) -> Calibration:
    """The `Calibration` where no spectrum could be left out.

    N spectra that were all trained on justify 1 - 1 / (N + 2) at most (the
    rule of succession).

    Parameters
    ----------
    labels : (N,)
        Class indices.
    """
    doubt = min(classes / (classes - 1) / (len(labels) + 2), 1.)
    return Calibration(1., 0, "probabilities", doubt)


def describe(calibration: Calibration, probabilities: NDArray[np.float64],
             labels: NDArray[np.int64], seed: int = 0) -> dict[str, Any]:
    """Figures of merit of out-of-fold confidence, plain JSON values.

    The null is what a perfectly calibrated classifier with these confidences
    would score with so few spectra: mean and 95th percentile over 200 draws.

    Parameters
    ----------
    probabilities : (N, C)
        Before calibration.
    labels : (N,)
        Class indices.
    """
    sure = confidence(probabilities, calibration)
    top, right = sure.max(axis=1), sure.argmax(axis=1) == labels
    error = calibration_error(top, right)
    mean, high = null_error(top, seed)
    return {
        "temperature": calibration.temperature, "doubt": calibration.doubt,
        "samples": calibration.samples, "status": calibration.status,
        "log_loss": _loss(probabilities, labels, calibration),
        "brier": brier(sure, labels),
        "ece": error, "ece_null": mean, "ece_null_95": high,
        "excess": error - mean,
        "reliability": reliability(top, right)}


def brier(sure: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Mean squared distance of confidences (N, C) from the true classes."""
    truth = np.arange(sure.shape[1]) == labels[:, None]
    return float(np.square(sure - truth).sum(axis=1).mean())


def null_error(top: NDArray[np.float64], seed: int = 0, draws: int = 200,
               bins: int = 15) -> tuple[float, float]:
    """Calibration error that perfect confidence would show.

    Parameters
    ----------
    top : (N,)
        Confidence of the most probable class.

    Returns
    -------
    mean, high
        Mean and 95th percentile over `draws`.
    """
    random = np.random.default_rng(seed)
    errors = [calibration_error(top, random.random(len(top)) < top, bins)
              for _ in range(draws)]
    return float(np.mean(errors)), float(np.quantile(errors, 0.95))


def reliability(top: NDArray[np.float64], right: NDArray[np.bool_],
                bins: int = 10) -> list[dict[str, Any]]:
    """Accuracy in equal bins of confidence, empty bins left out.

    Parameters
    ----------
    top, right : (N,)
        Confidence of the most probable class, and whether it is right.

    Returns
    -------
    list of dict
        Keys "from", "to", "n", "confidence", "accuracy".
    """
    place = np.minimum((top * bins).astype(int), bins - 1)
    return [{"from": b / bins, "to": (b + 1) / bins,
             "n": int(np.count_nonzero(place == b)),
             "confidence": float(top[place == b].mean()),
             "accuracy": float(right[place == b].mean())}
            for b in range(bins) if (place == b).any()]


def _loss(probabilities: NDArray[np.float64], labels: NDArray[np.int64],
          calibration: Calibration) -> float:
    sure = confidence(probabilities, calibration)
    true = sure[np.arange(len(labels)), labels]
    return float(-np.mean(np.log(np.maximum(true, 1e-12))
                          * loss_weights(labels)))
