"""Ridge and logistic regression of many bins and folds.

Counterpart of `discriminant.Discriminants` with the same interface. The
solution is a combination of the spectra, so every bin is transformed once
into its principal coordinates, of which there are no more than spectra,
and all folds are fitted there. Classes count alike however many spectra they
have. Meant for few spectra: the time grows with their third power.
"""
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ...core.engine.labels import softmax
from ..validation.statistics import class_weights
from .discriminant import ROUNDING, Key, Solution

KINDS = ("ridge", "logistic")
#: penalties that ridge regression chooses from, in mean squares of a feature
_PENALTIES = np.geomspace(1e-5, 1e2, 15)
#: inverse penalty of logistic regression, of features with spread 1
_STRENGTH = 1.
_STEPS = 150
# principal coordinates below that share of the largest are rounding
_SMALLEST = 1e-10
type _Linear = tuple[NDArray[np.float64], NDArray[np.float64]]


class Regressions:
    """Regressions of one kind on one feature matrix.

    Features are divided by their common spread, or each by its own where
    asked for.

    Parameters
    ----------
    kind
        "ridge": least squares on one-against-rest targets of -1 and 1, the
        penalty chosen by leaving single training spectra out in closed form;
        "logistic": multinomial cross entropy with a fixed penalty.
    features : (N, F)
        All features of all spectra.
    labels : (N,)
        Class indices.
    classes
        Number of classes.
    folds : (R, N)
        Fold of each spectrum in R repetitions, or (0, N).
    rounding
        As for `Discriminants`.
    """

    def __init__(self, kind: str, features: NDArray[np.float64],
                 labels: NDArray[np.int64], classes: int,
                 folds: NDArray[np.int64],
                 rounding: float | None = None) -> None:
        self._fit = {"ridge": ridge, "logistic": logistic}[kind]
        self._shift = features.mean(axis=0)
        self._x = features - self._shift
        self._rounding = (ROUNDING * float(np.abs(features).max())
                          if rounding is None else rounding)
        self._labels, self._classes, self._folds = labels, classes, folds

    def solve(self, bins: Iterable[tuple[int, int]],
              scalings: tuple[bool, ...] = (False,)) -> dict[Key, Solution]:
        """Fit every range of columns; see `Discriminants.solve`."""
        return {(part, scaled): self._bin(slice(*part), scaled)
                for part in bins for scaled in scalings}

    def _bin(self, columns: slice, scaled: bool) -> Solution:
        x = self._x[:, columns]
        spread = x.std(axis=0)
        common = max(np.sqrt(np.square(spread).mean()), 1e-300)
        # what spreads by no more than rounding tells nothing
        width = np.where(spread > self._rounding,
                         spread if scaled else common, np.inf)
        coordinates, axes = _principal(x / width)
        logits = np.zeros((*self._folds.shape, self._classes))
        for r, fold in enumerate(self._folds):
            for number in range(fold.max() + 1):
                rest, held = fold != number, fold == number
                coef, intercept = self._some(coordinates, rest)
                logits[r, held] = coordinates[held] @ coef + intercept
        coef, intercept = self._some(coordinates, slice(None))
        coef = (axes @ coef).T / width
        return logits, coef, intercept - coef @ self._shift[columns]

    def _some(self, coordinates: NDArray[np.float64],
              rows: NDArray[np.bool_] | slice) -> _Linear:
        """(coef (r, C), intercept (C,)); an absent class gets no probability.
        """
        labels = self._labels[rows]
        present = np.unique(labels)
        known = np.searchsorted(present, labels)
        coef = np.zeros((coordinates.shape[1], self._classes))
        intercept = np.full(self._classes, -1e3)
        coef[:, present], intercept[present] = self._fit(
            coordinates[rows], known, len(present))
        return coef, intercept


def ridge(x: NDArray[np.float64], labels: NDArray[np.int64],
          classes: int) -> _Linear:
    """Least squares on targets -1 and 1.

    The penalty has the least squared error of spectra left out one by one
    (the residual over 1 - leverage).

    Parameters
    ----------
    x : (N, f)
        Features.
    labels : (N,)
        Class indices.

    Returns
    -------
    coef : (f, C)
    intercept : (C,)
    """
    weight = class_weights(labels) / len(labels)
    root = np.sqrt(weight)[:, None]
    target = 2. * (labels[:, None] == np.arange(classes)) - 1
    centre, level = weight @ x, weight @ target
    rest = root * (target - level)
    left, size, right = np.linalg.svd(root * (x - centre),
                                      full_matrices=False)
    power, turned = np.square(size), left.T @ rest
    least = np.inf
    best = np.zeros((x.shape[1], classes))
    for penalty in _PENALTIES * max(power.sum() / max(x.shape[1], 1), 1e-300):
        keep = power / (power + penalty)
        leverage = np.square(left) @ keep + weight
        error = np.square((rest - left @ (keep[:, None] * turned))
                          / np.maximum(1 - leverage, 1e-6)[:, None]).sum()
        if error < least:
            least = error
            best = right.T @ ((size / (power + penalty))[:, None] * turned)
    return best, level - centre @ best


def logistic(x: NDArray[np.float64], labels: NDArray[np.int64],
             classes: int) -> _Linear:
    """Penalised multinomial regression.

    Newton steps with the bound of D. Boehning (Ann. Inst. Stat. Math. 44,
    197, 1992) in place of the second derivative, so that one factorisation
    serves all steps and none overshoots; accelerated.

    Parameters
    ----------
    x : (N, f)
        Features.
    labels : (N,)
        Class indices.

    Returns
    -------
    coef : (f, C)
    intercept : (C,)
    """
    weight = class_weights(labels)
    design = np.column_stack([x, np.ones(len(x))])
    penalty = np.full(design.shape[1], 1 / _STRENGTH)
    penalty[-1] = 1e-6
    bound = 0.5 * (design.T * weight) @ design + np.diag(penalty)
    inverse = np.linalg.inv(bound)
    truth = labels[:, None] == np.arange(classes)
    now = ahead = np.zeros((design.shape[1], classes))
    for step in range(_STEPS):
        slope = design.T @ (weight[:, None] * (softmax(design @ ahead)
                                               - truth))
        following = ahead - inverse @ (slope + penalty[:, None] * ahead)
        ahead = following + step / (step + 3) * (following - now)
        now = following
    return now[:-1], now[-1]


def _principal(x: NDArray[np.float64]) -> _Linear:
    """(coordinates (N, r), axes (f, r)): x = coordinates @ axes.T."""
    if len(x) > x.shape[1]:
        return x, np.eye(x.shape[1])
    power, left = np.linalg.eigh(x @ x.T)
    kept = power > _SMALLEST * max(power.max(), 1e-300)
    size = np.sqrt(power[kept])
    left = left[:, kept]
    return left * size, x.T @ (left / size)
