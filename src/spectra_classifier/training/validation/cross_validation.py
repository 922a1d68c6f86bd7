"""Cross-validation: what every bin, and their vote, is worth on the unseen."""
from dataclasses import dataclass

import numpy as np

from ...core.bins import published_weights, separability
from ...core.engine import ensemble
from . import folds, statistics


@dataclass(frozen=True, eq=False)
class Validation:
    """Out-of-fold results.

    `by` "captures", "blocks" or "" where nothing could be left out;
    `bin_accuracy` (B,): share of spectra that a bin's own vote gets right,
    `point_accuracy` (B,): mean share of a bin's votes that is right, classes
    counting alike in both; `scores` (N, C), `predicted` (N,), -1 where
    undecided; `members` that have not learnt the spectra `held` (K,), the
    last fold. NaN and None where not known.
    """
    by: str
    folds: int
    bin_accuracy: np.ndarray
    point_accuracy: np.ndarray
    scores: np.ndarray = None
    predicted: np.ndarray = None
    by_fold: np.ndarray = None
    members: object = None
    held: np.ndarray = None

    @property
    def known(self):
        return bool(self.by)


def cross_validate(task, groups, options, method, tick):
    """A `Validation` of a `fitted.Task` with the method's `fit`."""
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
        scores[held] = ensemble.scores(votes[held], weights,
                                       fitted.members.mass(task.bins))
    best = scores.max(axis=1, keepdims=True)
    tie = np.count_nonzero(scores == best, axis=1) > 1
    return Validation(
        by, count, *bin_skill(votes, task.labels, task.classes), scores,
        np.where(tie, -1, scores.argmax(axis=1)),
        fold_skill(votes, task.labels, task.classes, fold),
        fitted.members, np.flatnonzero(held))


def fold_skill(votes, labels, classes, fold):
    """`bin_skill` of the spectra right (K, B) in every fold of `fold` (N,);
    a class that a fold lacks does not count there."""
    right = _right(votes, labels, classes)
    return np.stack([
        np.mean([right[rows & (labels == c)].mean(axis=0)
                 for c in np.unique(labels[rows])], axis=0)
        for rows in (fold == number for number in range(fold.max() + 1))])


def bin_skill(votes, labels, classes):
    """(spectra right, votes right), each (B,), of votes (N, B, C)."""
    truth = np.arange(classes) == labels[:, None]
    share = (votes / np.maximum(votes.sum(axis=2, keepdims=True), 1e-30)
             * truth[:, None]).sum(axis=2)
    right = _right(votes, labels, classes)
    return tuple(np.mean([value[labels == c].mean(axis=0)
                          for c in range(classes)], axis=0)
                 for value in (right, share))


def _right(votes, labels, classes):
    """(N, B); a shared first place is no answer: it counts as chance."""
    truth = np.arange(classes) == labels[:, None]
    first = votes == votes.max(axis=2, keepdims=True)
    return (first * truth[:, None]).sum(axis=2) / first.sum(axis=2)


def skill(validation, classes):
    """Separability (B,) of a `Validation`."""
    return separability(validation.bin_accuracy, classes)


def summary(validation, labels, groups):
    """The `Validation` in plain JSON values, for report and manifest."""
    if not validation.known:
        return {"known": False, "reason": "a class has fewer than 2 spectra, "
                "or validation was switched off"}
    right = validation.predicted == labels
    groups = groups if validation.by == "captures" else None
    interval, number, of = statistics.interval(right, groups)
    return {
        "known": True, "folds": validation.folds, "by": validation.by,
        "accuracy": float(right.mean()), "n": len(right),
        "interval": interval, "interval_n": number, "interval_over": of,
        "undecided": int(np.count_nonzero(validation.predicted < 0)),
        "confusion": _confusion(labels, validation.predicted),
        "point_accuracy": [float(a) for a in validation.point_accuracy]}


def _confusion(labels, predicted):
    """Rows: labelled class; columns: class given; undecided have none."""
    classes = int(labels.max()) + 1
    table = np.zeros((classes, classes), int)
    given = predicted >= 0
    np.add.at(table, (labels[given], predicted[given]), 1)
    return table.tolist()
