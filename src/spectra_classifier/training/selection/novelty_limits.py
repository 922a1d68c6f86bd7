"""Limit of the residual of an unknown spectrum, from training alone."""
import numpy as np
from numpy.typing import NDArray

from ...core.engine import mixture
from ...core.engine.within_class_variation import Comparison, Variation, pool

#: means of channels per spectrum, about; fewer hide less noise and more
#: shifts, more the reverse
MEANS = 80
#: directions of variation at most, and per degree of freedom that the
#: training spectra leave after their class means
MOST, SHARE = 12, 0.75
#: spectra by which directions are found: more do not turn them
_ENOUGH = 400
#: spectra in all up to which every single one is left out in turn
_SINGLY = 60
#: the limit lies so far above the 90th percentile of the training residuals
REACH = 1.4
#: share of training spectra that stay below the limit, where there are so
#: many that the largest residual means more than the 90th percentile
KEPT, MANY = 0.995, 50
RULE = (f"{REACH:g} times the 90th percentile of the out-of-fold residuals "
        f"of the training spectra; from {MANY} on above {KEPT:.1%} of them")


def variation(spectra: NDArray[np.float32],
              labels: NDArray[np.int64]) -> Variation | None:
    """The `Variation` of preprocessed spectra (N, n) within their classes.

    None where no class has two spectra, or all of a class are equal.
    """
    width = max(spectra.shape[1] // MEANS, 1)
    rows = np.unique(np.linspace(0, len(labels) - 1, min(
        len(labels), _ENOUGH)).astype(int))
    labels = np.asarray(labels)[rows]
    shape = pool(np.asarray(spectra)[rows], width)
    length = np.linalg.norm(shape, axis=1, keepdims=True)
    shape = np.divide(shape, length, out=np.zeros_like(shape),
                      where=length > 0)
    classes = np.unique(labels)
    for c in classes:
        shape[labels == c] -= shape[labels == c].mean(axis=0)
    freedom = len(labels) - len(classes)
    _, size, directions = np.linalg.svd(shape, full_matrices=False)
    count = _above_noise(np.square(size[:freedom]), shape.shape[1])
    if not count:
        return None
    return Variation(width, directions[:count].astype(np.float32))


def _above_noise(variance: NDArray[np.float64], dimensions: int) -> int:
    """How many of the variances, largest first, are more than noise.

    One at least, or 0 where nothing varies. The largest variance of noise
    exceeds its mean by the edge of V. A. Marchenko, L. A. Pastur, Math. USSR
    Sb. 1, 457, 1967.
    """
    freedom = len(variance)
    if not freedom or not variance[0] > 1e-14:
        return 0
    edge = (1 + np.sqrt(freedom / dimensions)) ** 2
    most = max(min(MOST, int(SHARE * freedom)), 1)
    for count in range(1, most):
        later = variance[count + 1:].mean() if count + 1 < freedom else 0.
        if variance[count] <= edge * later:
            return count
    return most


def compared(spectra: NDArray[np.float32], labels: NDArray[np.int64],
             classes: int, known: Variation) -> Comparison:
    """The `Comparison` of class means and a `Variation`."""
    return Comparison(np.stack([spectra[labels == c].mean(axis=0)
                                for c in range(classes)]), known)


def residuals(spectra: NDArray[np.float32], labels: NDArray[np.int64],
              classes: int, fold: NDArray[np.int64],
              by: str) -> NDArray[np.float64]:
    """Out-of-fold residual of preprocessed spectra (N, n).

    Parameters
    ----------
    fold : (N,)
        Fold numbers.
    by
        "captures" or "blocks": a few spectra without captures are left out
        one by one.

    Returns
    -------
    (N,)
        Means and variation are those of the other folds; NaN where a class
        is missing there or nothing varies.
    """
    result = np.full(len(labels), np.nan)
    if by != "captures" and len(labels) <= _SINGLY:
        fold = np.arange(len(labels), dtype=np.int64)
    for number in range(fold.max() + 1):
        rest, held = fold != number, fold == number
        if len(np.unique(labels[rest])) < classes:
            continue
        known = variation(spectra[rest], labels[rest])
        if known is not None:
            result[held] = measure(spectra[held], compared(
                spectra[rest], labels[rest], classes, known))
    return result


def measure(spectra: NDArray[np.float32],
            comparison: Comparison) -> NDArray[np.float32]:
    """Residual (N,) of preprocessed spectra (N, n) under a `Comparison`."""
    def residual(norms: NDArray[np.float64],
                 projections: NDArray[np.float64]) -> NDArray[np.float32]:
        return mixture.solve(norms, projections, comparison.gram)[1]

    exact = spectra.astype(np.float64)
    return comparison.residual(np.square(exact).sum(axis=1),
                               comparison.sums(exact), residual)


def limit(values: NDArray[np.float64]) -> float:
    """Largest residual of a trained state; Inf where not known.

    `values` (N,) residuals of training spectra; NaN are ignored.
    """
    values = values[np.isfinite(values)]
    if len(values) < 4:
        return np.inf
    found = REACH * np.quantile(values, 0.9)
    if len(values) >= MANY:
        found = max(found, np.quantile(values, KEPT))
    return float(min(found, 1.))
