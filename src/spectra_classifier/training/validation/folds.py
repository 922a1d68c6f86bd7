"""Assignment of spectra to folds: whole captures, or blocks in time."""
import numpy as np
from numpy.typing import NDArray


def assign(labels: NDArray[np.int64], groups: NDArray[np.int64] | None,
           folds: int) -> tuple[NDArray[np.int64] | None, str]:
    """Fold of every spectrum, for a validation on left-out data.

    A capture is what one class has under one number. Captures of one class
    are assigned in turn, so that interleaved captures A B A B leave whole
    cycles out. Without captures, or with a single one of some class, the
    spectra of a class are cut into contiguous blocks: neighbours are
    correlated and must not validate each other.

    Parameters
    ----------
    labels : (N,)
        Class indices.
    groups : (N,) or None
        Capture numbers.
    folds
        Number of folds at most.

    Returns
    -------
    fold : (N,) or None
        Fold numbers; None where a class has a single spectrum or `folds` is
        below 2.
    by
        "captures" or "blocks"; "" where `fold` is None.
    """
    labels = np.asarray(labels)
    classes = np.unique(labels)
    if groups is not None:
        captures = [np.unique(groups[labels == c]) for c in classes]
        fewest = min(map(len, captures))
        if min(fewest, folds) >= 2:
            return _by_captures(labels, groups, captures,
                                min(fewest, folds)), "captures"
    fewest = min(int(np.count_nonzero(labels == c)) for c in classes)
    count = min(fewest, folds)
    if count < 2:
        return None, ""
    fold = np.empty(len(labels), np.int64)
    for c in classes:
        rows = np.flatnonzero(labels == c)
        fold[rows] = np.arange(len(rows)) * count // len(rows)
    return fold, "blocks"


def _by_captures(labels: NDArray[np.int64], groups: NDArray[np.int64],
                 captures: list[NDArray[np.int64]],
                 count: int) -> NDArray[np.int64]:
    fold = np.empty(len(labels), np.int64)
    for c, numbers in zip(np.unique(labels), captures, strict=True):
        own = labels == c
        fold[own] = np.searchsorted(numbers, groups[own]) % count
    return fold


def shuffled(labels: NDArray[np.int64], folds: int, repetitions: int,
             seed: int) -> NDArray[np.int64]:
    """Folds at random, every class spread over all folds.

    For choosing among candidates where no captures are known; an accuracy
    from such folds is optimistic where neighbours are correlated.

    Parameters
    ----------
    labels : (N,)
        Class indices.

    Returns
    -------
    (repetitions, N)
        Fold numbers.
    """
    random = np.random.default_rng(seed)
    labels = np.asarray(labels)
    result = np.empty((repetitions, len(labels)), np.int64)
    for fold in result:
        first = int(random.integers(folds))
        for c in np.unique(labels):
            rows = random.permutation(np.flatnonzero(labels == c))
            fold[rows] = (np.arange(len(rows)) + first) % folds
            first += len(rows)
    return result
