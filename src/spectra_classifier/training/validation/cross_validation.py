"""Cross-validation of every bin, and of their vote."""
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.bins import published_weights, separability
from ...core.engine.labels import scores as vote_scores
from ..members.fitted import Members, Method, Task, Tick
from ..options import TrainingOptions
from . import folds, statistics


@dataclass(frozen=True, eq=False)
class Validation:
    """Out-of-fold results; NaN and None where not known.

    Attributes
    ----------
    by
        "captures", "blocks", or "" where no spectrum could be left out.
    folds
        Number of folds.
    bin_accuracy : (B,)
        Share of spectra that the vote of a bin alone gets right, classes
        counting alike.
    point_accuracy : (B,)
        Mean share of the votes of a bin that is right, classes counting
        alike.
    scores : (N, C)
        Scores of the vote of all bins.
    predicted : (N,)
        Class indices, -1 where undecided.
    by_fold : (K, B)
        Accuracy of every bin in every fold.
    members, held : (K,)
        Members fitted without the spectra `held`, those of the last fold.
    """
    by: str
    folds: int
    bin_accuracy: NDArray[np.float64]
    point_accuracy: NDArray[np.float64]
    scores: NDArray[np.float64] | None = None
    predicted: NDArray[np.int64] | None = None
    by_fold: NDArray[np.float64] | None = None
    members: Members | None = None
    held: NDArray[np.int64] | None = None

    @property
    def known(self) -> bool:
        """Whether any spectrum could be left out."""
        return bool(self.by)


def cross_validate(task: Task, groups: NDArray[np.int64] | None,
                   options: TrainingOptions, method: Method,
                   tick: Tick) -> Validation:
    """A `Validation` of the members that `method` fits.

    Parameters
    ----------
    groups : (N,) or None
        Capture numbers.
    """
    bins = len(task.bins)
    fold, by = folds.assign(task.labels, groups, options.folds)
    if fold is None:
        unknown = np.full(bins, np.nan)
        return Validation("", 0, unknown, unknown)
    votes = np.empty((len(task.labels), bins, task.classes), np.float32)
    scores = np.empty((len(task.labels), task.classes))
    count = int(fold.max()) + 1
    for number in range(count):
        held = fold == number
        fitted = method.fit(task, np.flatnonzero(~held), options, True, tick)
        votes[held] = fitted.votes(task.spectra[held])
        weights = published_weights(fitted.accuracy, task.classes)
        scores[held] = vote_scores(votes[held], weights,
                                   fitted.members.mass(task.bins))
    best = scores.max(axis=1, keepdims=True)
    tie = np.count_nonzero(scores == best, axis=1) > 1
    return Validation(
        by, count, *bin_skill(votes, task.labels, task.classes), scores,
        np.where(tie, -1, scores.argmax(axis=1)),
        fold_skill(votes, task.labels, task.classes, fold),
        fitted.members, np.flatnonzero(held))


def fold_skill(votes: NDArray[np.float32], labels: NDArray[np.int64],
               classes: int, fold: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of spectra that each bin gets right in every fold.

    Parameters
    ----------
    votes : (N, B, C)
        Votes on left-out spectra.
    labels, fold : (N,)
        Class indices and fold numbers.

    Returns
    -------
    (K, B)
        Classes count alike; one that a fold lacks does not count there.
    """
    right = _right(votes, labels, classes)
    return np.stack([
        np.mean([right[rows & (labels == c)].mean(axis=0)
                 for c in np.unique(labels[rows])], axis=0)
        for rows in (fold == number for number in range(fold.max() + 1))])


def bin_skill(votes: NDArray[np.float32], labels: NDArray[np.int64],
              classes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of the spectra and of the votes that each bin gets right.

    Parameters
    ----------
    votes : (N, B, C)
        Votes on left-out spectra.
    labels : (N,)
        Class indices.

    Returns
    -------
    spectra, votes : (B,)
        Classes count alike.
    """
    truth = np.arange(classes) == labels[:, None]
    share = (votes / np.maximum(votes.sum(axis=2, keepdims=True), 1e-30)
             * truth[:, None]).sum(axis=2)
    right = _right(votes, labels, classes)
    spectra, points = (
        np.mean([value[labels == c].mean(axis=0) for c in range(classes)],
                axis=0) for value in (right, share))
    return spectra, points


def _right(votes: NDArray[np.float32], labels: NDArray[np.int64],
           classes: int) -> NDArray[np.float64]:
    """(N, B); a tie counts as chance."""
    truth = np.arange(classes) == labels[:, None]
    first = votes == votes.max(axis=2, keepdims=True)
    return (first * truth[:, None]).sum(axis=2) / first.sum(axis=2)


def skill(validation: Validation, classes: int) -> NDArray[np.float64]:
    """Separability (B,) of a `Validation`."""
    return separability(validation.bin_accuracy, classes)


def summary(validation: Validation, labels: NDArray[np.int64],
            capture: NDArray[np.int64] | None) -> dict[str, Any]:
    """The `Validation` in plain JSON values, for report and manifest.

    `capture` (N,): capture of each spectrum, of one class each.
    """
    predicted = validation.predicted
    if not validation.known or predicted is None:
        return {"known": False, "reason": "a class has fewer than 2 spectra, "
                "or validation was switched off"}
    right = predicted == labels
    capture = capture if validation.by == "captures" else None
    interval, number, of = statistics.interval(right, capture)
    return {
        "known": True, "folds": validation.folds, "by": validation.by,
        "accuracy": float(right.mean()), "n": len(right),
        "interval": interval, "interval_n": number, "interval_over": of,
        "undecided": int(np.count_nonzero(predicted < 0)),
        **statistics.recalls(right, labels, int(labels.max()) + 1),
        "confusion": _confusion(labels, predicted),
        "point_accuracy": [float(a) for a in validation.point_accuracy]}


def _confusion(labels: NDArray[np.int64],
               predicted: NDArray[np.int64]) -> list[list[int]]:
    """Rows: labelled class; columns: predicted class; undecided not counted.
    """
    classes = int(labels.max()) + 1
    table = np.zeros((classes, classes), int)
    given = predicted >= 0
    np.add.at(table, (labels[given], predicted[given]), 1)
    return table.tolist()
