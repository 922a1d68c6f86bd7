"""Shrinkage discriminants of many bins and folds, each in closed form.

Linear discriminant analysis with the pooled covariance within the classes,
shrunk towards a multiple of the identity by the coefficient of O. Ledoit and
M. Wolf (J. Multivariate Analysis 88, 365, 2004); class priors are uniform.
With fewer spectra than channels the same solution is found among the
combinations of spectra (the dual form, a system of spectra instead of
channels); with more, the scatter of each fold is computed once and all bins
and folds are cut out of it.

The mean of n spectra lies off its class by an error that makes m'C^-1 m too
large by tr(C^-1 S) / n, S the true covariance of the class: with many channels
the class of fewer spectra would hardly be given. Half of it is added to each
intercept (compare J. Friedman, J. Am. Stat. Assoc. 84, 165, 1989).
"""
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..validation.statistics import FEW

#: smallest shrinkage: keeps exactly collinear channels solvable
_FLOOR = 1e-4
#: rounding of a float32, a few times, as a share of it: spectra of a class may
#: be equal, and what is left of them then must not be learnt
ROUNDING = 5e-6
#: spectra of a class by which its spread is measured, at most
_PROBED = 64
#: range of columns, and whether they are scaled
type Key = tuple[tuple[int, int], bool]
#: out-of-fold logits (R, N, C), coefficients (C, f), intercepts (C,)
type Solution = tuple[NDArray[np.float64], NDArray[np.float64],
                      NDArray[np.float64]]
type _Linear = tuple[NDArray[np.float64], NDArray[np.float64]]


class Discriminants:
    """Discriminants on one feature matrix.

    Features are centred once over all spectra, which does not depend on the
    labels and is folded into the intercept; so is the division by the spread
    of each feature where it is asked for.

    Parameters
    ----------
    features : (N, F)
        All features of all spectra.
    labels : (N,)
        Class indices.
    classes
        Number of classes.
    folds : (R, N)
        Fold of each spectrum in R repetitions, or (0, N).
    rounding
        Of a feature in float32; by default a share of the largest one.
    """

    def __init__(self, features: NDArray[np.float64],
                 labels: NDArray[np.int64], classes: int,
                 folds: NDArray[np.int64],
                 rounding: float | None = None) -> None:
        self._shift = features.mean(axis=0)
        x = features - self._shift
        spread = x.std(axis=0)
        largest = spread.max() or 1.    # all spectra are equal
        self._x = x / largest
        self._unit = largest
        if rounding is None:
            rounding = ROUNDING * float(np.abs(features).max())
        self._rounding = rounding / float(largest)
        # what spreads by no more than rounding tells nothing
        spread = spread / largest
        self._width = np.where(spread > self._rounding, spread, np.inf)
        self._labels, self._classes, self._folds = labels, classes, folds
        self._scatters = [self._fold_scatters(fold) for fold in folds] if (
            len(labels) > features.shape[1]) else None

    def out_of_fold(self, bins: Iterable[tuple[int, int]],
                    scalings: tuple[bool, ...] = (False,),
                    ) -> dict[Key, NDArray[np.float64]]:
        """Logits (R, N, C) of left-out spectra, {(columns, scaled): logits}.

        See `solve`.
        """
        return self._out_of_fold(tuple(bins), scalings, {})

    def solve(self, bins: Iterable[tuple[int, int]],
              scalings: tuple[bool, ...] = (False,)) -> dict[Key, Solution]:
        """Fit every range of columns, in every fold and to all spectra.

        Parameters
        ----------
        bins
            (start, stop) of columns.
        scalings
            Whether features are divided by their spread; may hold both.

        Returns
        -------
        dict
            {(columns, scaled): (logits, coef, intercept)}: logits (R, N, C)
            of left-out spectra; coef (C, f) and intercept (C,) of a fit to
            all spectra, to apply to the features as given.
        """
        bins = tuple(bins)
        grams: dict[Key, NDArray[np.float64]] = {}
        logits = self._out_of_fold(bins, scalings, grams)
        solved = self._fit(np.arange(len(self._x)), bins, scalings, grams,
                           None)
        return {key: (logits[key], *self._unfold(key[0], *solved[key]))
                for key in logits}

    def _out_of_fold(self, bins: tuple[tuple[int, int], ...],
                     scalings: tuple[bool, ...],
                     grams: dict[Key, NDArray[np.float64]],
                     ) -> dict[Key, NDArray[np.float64]]:
        logits: dict[Key, NDArray[np.float64]] = {
            (part, scaled): np.empty((*self._folds.shape, self._classes))
            for part in bins for scaled in scalings}
        for r, fold in enumerate(self._folds):
            for number in range(fold.max() + 1):
                rows = np.flatnonzero(fold != number)
                held = np.flatnonzero(fold == number)
                solved = self._fit(rows, bins, scalings, grams, (r, number))
                for key, (coef, intercept) in solved.items():
                    logits[key][r, held] = (
                        self._x[held, slice(*key[0])] @ coef.T + intercept)
        return logits

    def _unfold(self, part: tuple[int, int], coef: NDArray[np.float64],
                intercept: NDArray[np.float64]) -> _Linear:
        coef = coef / self._unit
        return coef, intercept - coef @ self._shift[slice(*part)]

    def _fit(self, rows: NDArray[np.int64], bins: tuple[tuple[int, int], ...],
             scalings: tuple[bool, ...], grams: dict[Key, NDArray[np.float64]],
             which: tuple[int, int] | None) -> dict[Key, _Linear]:
        """{(columns, scaled): (coef, intercept)} from the spectra `rows`."""
        sample = _Sample(self._x[rows], self._labels[rows], self._classes,
                         self._rounding)
        result: dict[Key, _Linear] = {}
        for part in bins:
            columns = slice(*part)
            wide = part[1] - part[0] >= len(self._x)
            if not wide:
                scatter = self._scatter(columns, rows, which)
            for scaled in scalings:
                width = (self._width[columns] if scaled
                         else np.ones(part[1] - part[0]))
                if wide:
                    key = part, scaled
                    if key not in grams:
                        x = self._x[:, columns] / width
                        grams[key] = x @ x.T
                    gram = grams[key][np.ix_(rows, rows)]
                    result[key] = sample.dual(columns, width, gram)
                else:
                    result[part, scaled] = sample.primal(columns, width,
                                                         scatter)
        return result

    def _fold_scatters(self,
                       fold: NDArray[np.int64]) -> list[NDArray[np.float64]]:
        """Scatter of the spectra of every fold, and the sum of them."""
        parts = [self._x[fold == number].T @ self._x[fold == number]
                 for number in range(fold.max() + 1)]
        return [*parts, sum(parts)]

    def _scatter(self, columns: slice, rows: NDArray[np.int64],
                 which: tuple[int, int] | None) -> NDArray[np.float64]:
        if not self._scatters:
            x = self._x[rows, columns]
            return x.T @ x
        repetition, number = which or (0, None)
        parts = self._scatters[repetition]
        whole = parts[-1][columns, columns]
        return whole if number is None else (
            whole - parts[number][columns, columns])


class _Sample:
    """The spectra of one fit: class means and residuals.

    `rounding`: standard deviation that every feature has at least.
    """

    def __init__(self, x: NDArray[np.float64], labels: NDArray[np.int64],
                 classes: int, rounding: float) -> None:
        self._rounding = rounding
        self._labels, self._x = labels, x
        self._number = np.bincount(labels, minlength=classes)
        self._share = (np.arange(classes) == labels[:, None]) / np.maximum(
            self._number, 1)
        self._means = self._share.T @ x
        self._rest = x - self._means[labels]
        self._square = np.square(self._rest)
        #: rows by which the spread of each class is measured
        self._probes = _probes(labels, self._number)

    def primal(self, columns: slice, width: NDArray[np.float64],
               scatter: NDArray[np.float64]) -> _Linear:
        means, centre = self._centred(columns, width)
        count = len(self._x)
        within = scatter / np.outer(width, width)
        within = (within - (means.T * self._number) @ means) / count
        share, mean = _shrinkage(
            self._square[:, columns] @ (1 / width ** 2),
            np.square(within).sum(), np.trace(within), count, len(width),
            self._least(width))
        within *= 1 - share
        within.flat[::len(width) + 1] += share * mean
        rest = self._rest[self._probes, columns] / width
        solved = np.asarray(np.linalg.solve(within, np.hstack(
            [(means - centre).T, rest.T])).T, np.float64)
        inside = (rest * solved[len(means):]).sum(axis=1)
        return self._finish(solved[:len(means)], means, centre, width,
                            self._excess(inside, share))

    def dual(self, columns: slice, width: NDArray[np.float64],
             gram: NDArray[np.float64]) -> _Linear:
        means, centre = self._centred(columns, width)
        count = len(self._x)
        # gram of the residuals: class means taken out of rows and columns
        rows = (self._share.T @ gram)[self._labels]
        within = gram - rows
        within -= (within @ self._share)[:, self._labels]
        norms = np.diag(within).copy()
        share, mean = _shrinkage(
            norms, np.square(within).sum() / count ** 2,
            norms.sum() / count, count, len(width), self._least(width))
        ridge, slope = share * mean, (1 - share) / count
        probed = within[:, self._probes]
        within *= slope
        within.flat[::count + 1] += ridge
        rest = self._rest[:, columns] / width
        offset = means - centre
        # Woodbury: (ridge + slope R'R)^-1 d = (d - slope R' S^-1 R d) / ridge
        solved = np.asarray(np.linalg.solve(within, np.hstack(
            [rest @ offset.T, probed])), np.float64)
        coef = (offset - slope * solved[:, :len(means)].T @ rest) / ridge
        # R C^-1 R' = (ridge + slope R R')^-1 R R'
        inside = solved[self._probes, len(means):].diagonal()
        return self._finish(coef, means, centre, width,
                            self._excess(inside, share))

    def _excess(self, inside: NDArray[np.float64],
                shrunk: float) -> NDArray[np.float64]:
        """tr(C^-1 S_c) / n_c (C,), of spectra that had no part in C.

        The mean squared distance of a spectrum from its class, as if each had
        been left out (J. Sherman, W. Morrison, Ann. Math. Stat. 21, 124,
        1950).

        Parameters
        ----------
        inside : (K,)
            r'C^-1 r of the residuals of `_probes`.
        """
        if not len(inside):
            return np.zeros(len(self._number))
        count, probed = len(self._labels), self._labels[self._probes]
        left_out = inside / np.maximum(1 - (1 - shrunk) * inside / count, 1e-3)
        known = np.bincount(probed, minlength=len(self._number))
        excess = np.bincount(probed, left_out, len(known)) / np.maximum(
            known * (self._number - 1), 1)
        return np.asarray(excess, np.float64)

    def _least(self, width: NDArray[np.float64]) -> float:
        """Mean variance of features that rounding alone gives."""
        return float(np.square(self._rounding / width).mean())

    def _centred(self, columns: slice, width: NDArray[np.float64]) -> _Linear:
        means = self._means[:, columns] / width
        return means, means[self._number > 0].mean(axis=0)

    def _finish(self, coef: NDArray[np.float64], means: NDArray[np.float64],
                centre: NDArray[np.float64],
                width: NDArray[np.float64],
                excess: NDArray[np.float64]) -> _Linear:
        """Undo the scaling of features; an absent class gets no probability.
        """
        intercept = (excess - (coef * (means + centre)).sum(axis=1)) / 2
        absent = self._number == 0
        coef[absent] = 0.
        intercept[absent] = -1e3
        return coef / width, intercept


def _probes(labels: NDArray[np.int64],
            number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Some rows of each class; none where nothing is to be corrected.

    Means of equal numbers of spectra have equal errors, and where a class has
    fewer than `FEW`, its spread is not known.
    """
    present = number[number > 0]
    if len(set(present)) == 1 or present.min() < FEW:
        return np.zeros(0, np.int64)
    return np.concatenate([
        np.flatnonzero(labels == c)[::-(-count // _PROBED)]
        for c, count in enumerate(number) if count])


def _shrinkage(norms: NDArray[np.float64], square: float, trace: float,
               count: int, width: int, least: float) -> tuple[float, float]:
    """(share of the identity, mean variance): Ledoit and Wolf.

    `norms` (K,) squared length of each residual; `square` sum of squares and
    `trace` of the empirical covariance; `least` mean variance by rounding.
    """
    mean = trace / width
    if not mean > least:
        return 1., max(least, 1e-12)
    distance = square / width - mean ** 2
    spread = (np.square(norms).sum() / count - square) / (count * width)
    share = 1. if distance <= 0 else min(max(spread / distance, _FLOOR), 1.)
    return share, mean
