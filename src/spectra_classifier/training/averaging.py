"""Averaging k pulses: a constant of the model, trained and applied alike.

A model of single pulses fails on means of k pulses (their noise is another),
so every k is trained on its own. Summed log-odds of single pulses are the
alternative that needs no other model; both are reported.
"""
import numpy as np

from ..core.bins import equal_bins
from ..core.views import look
from . import candidates
from .discriminant import Discriminants

#: numbers of pulses that are tried
STEPS = (1, 2, 5, 10, 20, 50)
#: a k is sufficient if its error is within this of the smallest error
TOLERANCE = 0.005
# means that a fold needs of every class to say anything
_FEWEST = 4


def study(found):
    """Accuracy against k of one fixed linear candidate, plain JSON values.

    `found`: details of `auto_fit.fit`. Only where captures are known: means
    are taken over neighbouring pulses of one capture. None otherwise.
    """
    data, fold = found["data"], found["fold"]
    if data.groups is None or not len(fold) or len(
            np.unique(data.groups)) < 2 * len(data.classes):
        return None
    table = []
    single = _log_odds(data.spectra, data.labels, data, fold[0])
    for k in STEPS:
        rows = blocks(data.labels, data.groups, k)
        labels = data.labels[rows[:, 0]] if len(rows) else np.empty(0, int)
        count = np.bincount(labels, minlength=len(data.classes))
        if count.min() < _FEWEST * (fold[0].max() + 1):
            break
        spectra = data.spectra[rows].astype(np.float64).mean(axis=1)
        means = _log_odds(spectra, labels, data, fold[0][rows[:, 0]])
        summed = single[rows].sum(axis=1)
        table.append({
            "k": k, "n": len(rows),
            "means": float(np.mean(means.argmax(axis=1) == labels)),
            "summed_log_odds": float(np.mean(
                summed.argmax(axis=1) == labels))})
    return {"table": table, "recommended": recommend(table)}


def blocks(labels, groups, k):
    """Rows (M, k) of neighbouring spectra of one class and capture."""
    result = []
    for group in np.unique(groups):
        for c in np.unique(labels[groups == group]):
            rows = np.flatnonzero((groups == group) & (labels == c))
            whole = len(rows) // k * k
            result.append(rows[:whole].reshape(-1, k))
    return np.concatenate(result) if result else np.empty((0, k), int)


def recommend(table):
    """The smallest sufficient k of a study, or 1."""
    if not table:
        return 1
    best = max(entry["means"] for entry in table)
    return next(entry["k"] for entry in table
                if entry["means"] >= best - TOLERANCE)


def _log_odds(spectra, labels, data, fold):
    """Out-of-fold log probabilities (N, C), mean over five bins."""
    candidate = candidates.fixed(len(data.axis))
    view = candidate.view
    x = look(view, np.asarray(spectra, np.float64))
    solver = Discriminants(x, labels, len(data.classes), fold[None])
    total = 0.
    for found in solver.solve(equal_bins(x.shape[1], max(candidate.counts)),
                              final=False).values():
        logits = found[0][0]
        logits = logits - logits.max(axis=1, keepdims=True)
        total = total + logits - np.log(np.exp(logits).sum(
            axis=1, keepdims=True))
    return total
