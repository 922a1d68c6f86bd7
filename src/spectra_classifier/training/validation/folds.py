"""Which spectra validate which: whole captures, or blocks in time."""
import numpy as np


def assign(labels, groups, folds):
    """(fold (N,) of every spectrum, "captures" or "blocks"); or (None, "").

    Captures of one class are dealt out in turn, so that interleaved captures
    A B A B leave whole cycles out. Without captures, or with a single one of
    some class, the spectra of a class are cut into contiguous blocks:
    neighbours are alike and must not validate each other. None where a class
    has a single spectrum or `folds` is below 2.
    """
    labels = np.asarray(labels)
    classes = np.unique(labels)
    if groups is not None:
        captures = [np.unique(groups[labels == c]) for c in classes]
        fewest = min(map(len, captures))
        if min(fewest, folds) >= 2:
            return _by_captures(labels, groups, captures,
                                min(fewest, folds)), "captures"
    fewest = min(np.count_nonzero(labels == c) for c in classes)
    count = min(fewest, folds)
    if count < 2:
        return None, ""
    fold = np.empty(len(labels), int)
    for c in classes:
        rows = np.flatnonzero(labels == c)
        fold[rows] = np.arange(len(rows)) * count // len(rows)
    return fold, "blocks"


def _by_captures(labels, groups, captures, count):
    place = {}
    for numbers in captures:
        for rank, number in enumerate(numbers):
            place.setdefault(number, rank % count)
    return np.array([place[number] for number in groups])


def shuffled(labels, folds, repetitions, seed):
    """(repetitions, N) folds at random, every class spread over all folds.

    For choosing among candidates where no captures are known; what such
    folds say of the accuracy is optimistic where neighbours are alike.
    """
    random = np.random.default_rng(seed)
    labels = np.asarray(labels)
    result = np.empty((repetitions, len(labels)), int)
    for fold in result:
        first = random.integers(folds)
        for c in np.unique(labels):
            rows = random.permutation(np.flatnonzero(labels == c))
            fold[rows] = (np.arange(len(rows)) + first) % folds
            first += len(rows)
    return result
