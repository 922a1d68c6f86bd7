"""From which residual on a spectrum counts as unknown: from training alone.
"""
import numpy as np

from ..core import mixture

#: the limit lies so far above the 95th percentile of the training residuals
REACH = 1.25
#: over the square of the number of spectra: how much further with few
FEW = 8.
#: share of training spectra that stay below the limit at least
KEPT = 0.995
RULE = (f"{REACH:g} times the 95th percentile of the out-of-fold residuals "
        f"of the training spectra, and above {KEPT:.1%} of them")


def residuals(spectra, labels, classes, fold):
    """Out-of-fold residual (N,) of preprocessed spectra (N, n).

    The references of a spectrum are the class means of the other folds; NaN
    where a class is missing there.
    """
    result = np.full(len(labels), np.nan)
    for number in range(fold.max() + 1):
        rest, held = fold != number, fold == number
        if len(np.unique(labels[rest])) < classes:
            continue
        means = np.stack([spectra[rest & (labels == c)].mean(axis=0)
                          for c in range(classes)])
        result[held] = measure(spectra[held], means)[1]
    return result


def measure(spectra, references):
    """(mixture (N, C), residual (N,)) of spectra on references (C, n)."""
    references = np.asarray(references, np.float64)
    spectra = np.asarray(spectra, np.float64)
    return mixture.solve(np.square(spectra).sum(axis=1),
                         spectra @ references.T, mixture.gram(references))


def limit(values):
    """The largest residual that is still of a taught state; inf if unknown.
    """
    values = values[np.isfinite(values)]
    if len(values) < 4:
        return np.inf
    high, kept = np.quantile(values, [0.95, KEPT])
    reach = REACH + FEW / len(values) ** 2
    return float(min(max(reach * high, kept), 1.))
