"""Averaging k pulses: a constant of the model, trained and applied alike.

A model of single pulses fails on means of k pulses (their noise is another),
so every k is trained on its own. Summed log-odds of single pulses are the
alternative that needs no other model; both are reported.
"""
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.bins import equal_bins
from ...core.preprocessing.views import apply_view
from ...errors import InputError
from ..labelled import LabelledDataset
from ..members.discriminant import Discriminants
from ..selection import candidates
from ..validation import folds, sampling

#: numbers of pulses that are tried
STEPS = (1, 2, 5, 10, 20, 50)
#: a k is sufficient if its error is within this of the smallest error
TOLERANCE = 0.005
# means that a fold needs of every class
_FEWEST = 4


def means(dataset: LabelledDataset, k: int) -> LabelledDataset:
    """Means of k neighbouring spectra of one class and capture.

    Without captures: of one class. `indices` are those of the first spectrum
    of each.

    Raises
    ------
    InputError
        Where no spectrum of a class would remain.
    """
    if k == 1:
        return dataset
    groups = (np.zeros(len(dataset), np.int64) if dataset.groups is None
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


def study(dataset: LabelledDataset, count: int,
          counts_per_photon: float | None = None) -> dict[str, Any] | None:
    """Accuracy against k of one fixed linear candidate, plain JSON values.

    Only where captures are known: means are taken over neighbouring pulses
    of one capture.

    Parameters
    ----------
    count
        Number of folds.
    counts_per_photon
        Turns intensities into `photons` per spectrum, which are None without
        it.

    Returns
    -------
    dict or None
        `table`, `recommended` and `by_intensity`; None without two captures
        of every class.
    """
    data = dataset.select(sampling.rows(
        dataset.labels, dataset.groups, sampling.most_for(
            len(dataset.axis))))
    groups = data.groups
    fold, by = folds.assign(data.labels, groups, count)
    if fold is None or groups is None or by != "captures":
        return None
    total = data.spectra.sum(axis=1, dtype=np.float64)
    table = []
    single = _log_odds(data.spectra, data.labels, data, fold)
    for k in STEPS:
        rows = blocks(data.labels, groups, k)
        labels = data.labels[rows[:, 0]]
        number = np.bincount(labels, minlength=len(data.classes))
        if number.min() < _FEWEST * (fold.max() + 1):
            break
        spectra = data.spectra[rows].astype(np.float64).mean(axis=1)
        of_means = _log_odds(spectra, labels, data, fold[rows[:, 0]])
        summed = single[rows].sum(axis=1)
        table.append({
            "k": k, "n": len(rows),
            "photons": _photons(k * float(np.median(total)),
                                counts_per_photon),
            "means": float(np.mean(of_means.argmax(axis=1) == labels)),
            "summed_log_odds": float(np.mean(
                summed.argmax(axis=1) == labels))})
    return {"table": table, "recommended": recommend(table),
            "by_intensity": _by_intensity(
                total, single.argmax(axis=1) == data.labels,
                counts_per_photon)}


def _by_intensity(total: NDArray[np.float64], right: NDArray[np.bool_],
                  counts_per_photon: float | None) -> list[dict[str, Any]]:
    """Accuracy of single pulses in quarters of their intensity."""
    order = np.argsort(total, kind="stable")
    return [{"counts": float(np.median(total[rows])),
             "photons": _photons(float(np.median(total[rows])),
                                 counts_per_photon),
             "n": len(rows), "accuracy": float(right[rows].mean())}
            for rows in np.array_split(order, 4) if len(rows)]


def _photons(counts: float, counts_per_photon: float | None) -> float | None:
    return None if counts_per_photon is None else counts / counts_per_photon


def blocks(labels: NDArray[np.int64], groups: NDArray[np.int64],
           k: int) -> NDArray[np.int64]:
    """Rows (M, k) of neighbouring spectra of one class and capture.

    Parameters
    ----------
    labels, groups : (N,)
        Class indices and capture numbers.
    """
    result = []
    for group in np.unique(groups):
        for c in np.unique(labels[groups == group]):
            rows = np.flatnonzero((groups == group) & (labels == c))
            whole = len(rows) // k * k
            result.append(rows[:whole].reshape(-1, k))
    return np.concatenate(result) if result else np.empty(
        (0, k), np.int64)


def recommend(table: list[dict[str, Any]]) -> int:
    """The smallest sufficient k of a study, or 1."""
    if not table:
        return 1
    best = max(entry["means"] for entry in table)
    return next(int(entry["k"]) for entry in table
                if entry["means"] >= best - TOLERANCE)


def _log_odds(spectra: NDArray[np.number], labels: NDArray[np.int64],
              data: LabelledDataset,
              fold: NDArray[np.int64]) -> NDArray[np.float64]:
    """Out-of-fold log probabilities (N, C), mean over five bins."""
    candidate = candidates.fixed(len(data.axis))
    view = candidate.view
    x = apply_view(view, np.asarray(spectra, np.float64))
    solver = Discriminants(x, labels, len(data.classes), fold[None])
    total = np.zeros((len(labels), len(data.classes)))
    for found in solver.out_of_fold(
            equal_bins(x.shape[1], max(candidate.counts))).values():
        logits = found[0]
        logits = logits - logits.max(axis=1, keepdims=True)
        total += logits - np.log(np.exp(logits).sum(
            axis=1, keepdims=True))
    return total
