"""Linear members, one per bin of the preprocessed spectrum, in closed form.

`linear`: shrinkage discriminant (see `discriminant`); `ridge` and `logistic`:
see `regression`. Every channel is divided by its spread over the training
spectra; classes count alike.
"""
import numpy as np
from numpy.typing import NDArray

from ...core.engine.reference_members import linear_votes
from ...core.model_definition import LinearMembers
from ..options import TrainingOptions
from . import augment
from .discriminant import Discriminants
from .fitted import Fitted, Task, Tick
from .regression import Regressions

#: both have the same interface
type Solver = Discriminants | Regressions


def steps(options: TrainingOptions, in_fold: bool) -> int:
    """Number of progress steps of one `fit`."""
    return 1


def fit(task: Task, rows: NDArray[np.int64], options: TrainingOptions,
        in_fold: bool, tick: Tick) -> Fitted:
    """Members fitted to the spectra `rows` of a task."""
    spectra, labels = augment.with_variants(task, rows, options)
    solved = solver(options.members, spectra.astype(np.float64), labels,
                    task.classes, np.empty((0, len(labels)), np.int64)).solve(
                        task.bins, (True,))
    parts = [solved[part, True] for part in task.bins]
    members = LinearMembers(
        tuple(coef.astype(np.float32) for _, coef, _ in parts),
        np.array([intercept for _, _, intercept in parts], np.float32))

    def votes(spectra: NDArray[np.float32]) -> NDArray[np.float32]:
        return linear_votes(members, task.bins, spectra)

    fitted = Fitted.on_training(members, votes, spectra, labels)
    tick(float(fitted.loss.mean()))
    return fitted


def solver(kind: str, features: NDArray[np.float64], labels: NDArray[np.int64],
           classes: int, folds: NDArray[np.int64],
           rounding: float | None = None) -> Solver:
    """The solver of one kind of linear members on one feature matrix.

    Parameters
    ----------
    kind
        "ridge", "logistic", or else a discriminant.
    features : (N, F)
        All features of all spectra.
    labels : (N,)
        Class indices.
    folds : (R, N)
        Fold numbers in R repetitions, or (0, N).
    rounding
        Of a feature in float32; by default a share of the largest one.
    """
    if kind in ("ridge", "logistic"):
        return Regressions(kind, features, labels, classes, folds, rounding)
    return Discriminants(features, labels, classes, folds, rounding)
