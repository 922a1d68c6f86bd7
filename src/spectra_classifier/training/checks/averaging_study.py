"""Averaging k pulses: a constant of the model, trained and applied alike.

A model of single pulses fails on means of k pulses (their noise is another),
so every k is trained on its own. Summed log-odds of single pulses are the
alternative that needs no other model; both are reported.
"""
from dataclasses import replace

import numpy as np

from ...core.bins import equal_bins
from ...core.preprocessing.views import apply_view
from ...errors import InputError
from ..members.discriminant import Discriminants
from ..selection import candidates
from ..validation import folds, sampling

#: numbers of pulses that are tried
STEPS = (1, 2, 5, 10, 20, 50)
#: a k is sufficient if its error is within this of the smallest error
TOLERANCE = 0.005
# means that a fold needs of every class to say anything
_FEWEST = 4


def means(dataset, k):
    """The `Dataset` of means of k neighbouring spectra of one class and
    capture; without captures, of one class. `indices` are those of the
    first spectrum of each.

    Raises `InputError` where a class is left with nothing.
    """
    if k == 1:
        return dataset
    groups = (np.zeros(len(dataset), int) if dataset.groups is None
              else dataset.groups)
    rows = blocks(dataset.labels, groups, k)
    first = dataset.select(rows[:, 0])
    for number, name in enumerate(dataset.classes):
        if number in dataset.labels and number not in first.labels:
            raise InputError(f"class {name!r} has no capture of {k} spectra: "
                             "average fewer, or record more")
    spectra = np.stack([dataset.spectra[each].mean(axis=0, dtype=np.float64)
                        for each in rows])
    return replace(first, spectra=spectra.astype(np.float32))


def study(dataset, count, counts_per_photon=None):
    """Accuracy against k of one fixed linear candidate, plain JSON values.

    `count` folds. Only where captures are known: means are taken over
    neighbouring pulses of one capture; None otherwise. `photons` per
    spectrum are the sum over channels over `counts_per_photon`, and not
    stated without that.
    """
    data = dataset.select(sampling.rows(
        dataset.labels, dataset.groups, sampling.most_for(
            len(dataset.axis))))
    fold, by = folds.assign(data.labels, data.groups, count)
    if by != "captures":
        return None
    total = data.spectra.sum(axis=1, dtype=np.float64)
    table = []
    single = _log_odds(data.spectra, data.labels, data, fold)
    for k in STEPS:
        rows = blocks(data.labels, data.groups, k)
        labels = data.labels[rows[:, 0]] if len(rows) else np.empty(0, int)
        number = np.bincount(labels, minlength=len(data.classes))
        if number.min() < _FEWEST * (fold.max() + 1):
            break
        spectra = data.spectra[rows].astype(np.float64).mean(axis=1)
        of_means = _log_odds(spectra, labels, data, fold[rows[:, 0]])
        summed = single[rows].sum(axis=1)
        table.append({
            "k": k, "n": len(rows),
            "photons": _photons(k * np.median(total), counts_per_photon),
            "means": float(np.mean(of_means.argmax(axis=1) == labels)),
            "summed_log_odds": float(np.mean(
                summed.argmax(axis=1) == labels))})
    return {"table": table, "recommended": recommend(table),
            "by_intensity": _by_intensity(
                total, single.argmax(axis=1) == data.labels,
                counts_per_photon)}


def _by_intensity(total, right, counts_per_photon):
    """Accuracy of single pulses in quarters of their intensity."""
    order = np.argsort(total, kind="stable")
    return [{"counts": float(np.median(total[rows])),
             "photons": _photons(np.median(total[rows]), counts_per_photon),
             "n": len(rows), "accuracy": float(right[rows].mean())}
            for rows in np.array_split(order, 4) if len(rows)]


def _photons(counts, counts_per_photon):
    return None if counts_per_photon is None else float(
        counts / counts_per_photon)


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
    x = apply_view(view, np.asarray(spectra, np.float64))
    solver = Discriminants(x, labels, len(data.classes), fold[None])
    total = 0.
    for found in solver.solve(equal_bins(x.shape[1], max(candidate.counts)),
                              final=False).values():
        logits = found[0][0]
        logits = logits - logits.max(axis=1, keepdims=True)
        total = total + logits - np.log(np.exp(logits).sum(
            axis=1, keepdims=True))
    return total
