"""Training spectra that are there more than once."""
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: largest difference of the marks of equal spectra: their rounding
_EQUAL = 1e-6


def warnings(marks: NDArray[np.float32], labels: NDArray[np.int64],
             groups: NDArray[np.int64] | None, numbers: NDArray[np.int64],
             classes: Sequence[str]) -> list[str]:
    """Sentences about equal spectra, at most one of each kind.

    Parameters
    ----------
    marks : (N, k)
        From `core.evaluation.taught_spectra`; equal up to unit and offset is
        equal.
    labels, numbers : (N,)
        Class index and number of every spectrum.
    groups : (N,) or None
        Capture numbers.
    """
    copy = _equal_ones(marks)
    found = []
    pair = _differing(copy, labels)
    if pair is not None:
        first, second = pair
        found.append(
            f"spectra {numbers[first]} and {numbers[second]} are equal, and "
            f"one is labelled {classes[labels[first]]!r}, the other "
            f"{classes[labels[second]]!r}: correct the labels")
    apart = np.arange(len(labels)) if groups is None else groups
    pair = _differing(copy, apart)
    if pair is not None:
        first, second = pair
        number = len(copy) - len(np.unique(copy))
        found.append(
            f"{number} spectra are copies of others, such as {numbers[second]}"
            f" of {numbers[first]}"
            + ("" if groups is None else " in another capture")
            + ": left-out spectra are then not unseen, and the accuracy is "
            "too high")
    return found


def _equal_ones(marks: NDArray[np.float32]) -> NDArray[np.int64]:
    """(N,) the same number for equal spectra."""
    order = np.lexsort(marks.T[::-1])
    step = np.abs(np.diff(marks[order].astype(np.float64), axis=0))
    new = np.concatenate([[0], ~(step <= _EQUAL).all(axis=1)])
    number = np.empty(len(marks), np.int64)
    number[order] = np.cumsum(new)
    return number


def _differing(copy: NDArray[np.int64],
               values: NDArray[np.int64]) -> tuple[int, int] | None:
    """Two rows with equal spectra and different values, or None."""
    order = np.lexsort((values, copy))
    found = np.flatnonzero((np.diff(copy[order]) == 0)
                           & (np.diff(values[order]) != 0))
    if not len(found):
        return None
    first, second = sorted(order[found[0]:found[0] + 2].tolist())
    return first, second
