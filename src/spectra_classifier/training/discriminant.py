"""Shrinkage discriminants of many bins and folds, each in closed form.

Linear discriminant analysis with the pooled covariance within the classes,
shrunk towards a multiple of the identity by the coefficient of O. Ledoit and
M. Wolf (J. Multivariate Analysis 88, 365, 2004); class priors are uniform.
With fewer spectra than channels the same solution is found among the
combinations of spectra (the dual form, a system of spectra instead of
channels); with more, the scatter of each fold is computed once and all bins
and folds are cut out of it.
"""
import numpy as np

#: smallest shrinkage: keeps exactly collinear channels solvable
_FLOOR = 1e-4


class Discriminants:
    """Discriminants on one feature matrix (N, F) float64, scaled or not.

    `labels` (N,); `folds` (R, N): numbers of the fold of each spectrum in R
    repetitions, or (0, N). Features are centred once over all spectra, which
    does not depend on the labels and is folded into the intercept; so is the
    division by the spread of each feature if `scaled`.
    """

    def __init__(self, features, labels, classes, folds, scaled):
        self._shift = features.mean(axis=0)
        self._x = features - self._shift
        spread = self._x.std(axis=0)
        self._width = (spread + 1e-9 * max(spread.max(), 1e-300) if scaled
                       else np.full(len(spread), max(spread.max(), 1e-300)))
        self._x /= self._width
        self._labels, self._classes, self._folds = labels, classes, folds
        self._scatters = None
        if len(labels) > features.shape[1]:
            self._scatters = self._fold_scatters(slice(None))

    def bin(self, columns, final=True):
        """(`out_of_fold` logits (R, N, C), coef (C, f), intercept (C,)).

        coef and intercept act on the features as given, those of `columns`,
        and come from all spectra; None unless `final`.
        """
        x = self._x[:, columns]
        dual = len(x) <= x.shape[1]
        gram = x @ x.T if dual else None
        scatters = None if dual else self._bin_scatters(columns)
        everything = np.arange(len(x))
        logits = np.empty((len(self._folds), len(x), self._classes))
        for r, fold in enumerate(self._folds):
            for number in range(fold.max() + 1):
                rows = np.flatnonzero(fold != number)
                held = fold == number
                coef, intercept = (
                    self._dual(x, gram, rows) if dual else
                    self._primal(x, scatters[r][-1] - scatters[r][number],
                                 rows))
                logits[r, held] = x[held] @ coef.T + intercept
        if not final:
            return logits, None, None
        coef, intercept = (self._dual(x, gram, everything) if dual else
                           self._primal(x, self._whole(scatters, x),
                                        everything))
        coef = coef / self._width[columns]
        return logits, coef, intercept - coef @ self._shift[columns]

    def _fold_scatters(self, columns):
        """Per repetition: scatter of every fold's spectra, then of all."""
        x = self._x[:, columns]
        result = []
        for fold in self._folds:
            parts = [x[fold == number].T @ x[fold == number]
                     for number in range(fold.max() + 1)]
            result.append([*parts, sum(parts)])
        return result

    def _bin_scatters(self, columns):
        if self._scatters is None:
            return self._fold_scatters(columns)
        return [[part[columns, columns] for part in parts]
                for parts in self._scatters]

    @staticmethod
    def _whole(scatters, x):
        return scatters[0][-1] if scatters else x.T @ x

    def _means(self, x, rows):
        """(class means (C, f), residuals (K, f), labels (K,))."""
        labels = self._labels[rows]
        x = x[rows]
        means = np.stack([
            x[labels == c].mean(axis=0) if (labels == c).any()
            else np.zeros(x.shape[1]) for c in range(self._classes)])
        return means, x - means[labels], labels

    def _primal(self, x, scatter, rows):
        means, rest, labels = self._means(x, rows)
        count, width = rest.shape
        number = np.bincount(labels, minlength=self._classes)
        within = (scatter - (means.T * number) @ means) / count
        share, mean = _shrinkage(
            np.square(rest).sum(axis=1), np.square(within).sum(),
            np.trace(within), count, width)
        within *= 1 - share
        within.flat[::width + 1] += share * mean
        centre = means[number > 0].mean(axis=0)
        coef = np.linalg.solve(within, (means - centre).T).T
        return _finish(coef, means, centre, number)

    def _dual(self, x, gram, rows):
        means, rest, labels = self._means(x, rows)
        count, width = rest.shape
        number = np.bincount(labels, minlength=self._classes)
        share_of = (np.arange(self._classes) == labels[:, None]) / np.maximum(
            number, 1)
        inner = gram[np.ix_(rows, rows)]
        # residual = (1 - one_hot share_of^T) x
        project = np.eye(count) - (share_of[:, labels]).T
        within = project @ inner @ project.T
        norms = np.diag(within)
        share, mean = _shrinkage(
            norms, np.square(within).sum() / count ** 2,
            norms.sum() / count, count, width)
        ridge, slope = share * mean, (1 - share) / count
        system = slope * within
        system.flat[::count + 1] += ridge
        centre = means[number > 0].mean(axis=0)
        offset = means - centre
        # Woodbury: (ridge + slope R'R)^-1 d = (d - slope R' S^-1 R d) / ridge
        combined = np.linalg.solve(system, rest @ offset.T)
        coef = (offset - slope * combined.T @ rest) / ridge
        return _finish(coef, means, centre, number)


def _shrinkage(norms, square, trace, count, width):
    """(share of the identity, mean variance): Ledoit and Wolf.

    `norms` (K,) squared length of each residual; `square` sum of squares and
    `trace` of the empirical covariance.
    """
    mean = trace / width
    if not mean > 0:
        return 1., 1e-12
    distance = square / width - mean ** 2
    spread = (np.square(norms).sum() / count - square) / (count * width)
    share = 1. if distance <= 0 else min(max(spread / distance, _FLOOR), 1.)
    return share, mean


def _finish(coef, means, centre, number):
    """Intercepts, and no chance for a class without spectra."""
    intercept = -0.5 * (coef * (means + centre)).sum(axis=1)
    absent = number == 0
    coef[absent] = 0.
    intercept[absent] = -1e3
    return coef, intercept
