"""From which residual on a spectrum counts as unknown: from training alone.
"""
import numpy as np

from ..core import mixture

#: how far above the training residuals the limit lies, in units of the
#: distance from their median to their 95th percentile
REACH = 4.
RULE = ("out-of-fold residual on training spectra: median plus "
        f"{REACH:g} times the distance to the 95th percentile, at least the "
        "largest")


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
    middle, high = np.quantile(values, [0.5, 0.95])
    return float(min(max(middle + REACH * (high - middle), values.max()),
                     1.))
