"""Linear members, one per bin of the preprocessed spectrum, in closed form.

`linear`: shrinkage discriminant (see `discriminant`); `ridge` and `logistic`:
see `regression`. Every channel is divided by its spread over the training
spectra; classes count alike.
"""
import numpy as np

from ...core.engine.reference_members import linear_votes
from ...core.model_definition import LinearMembers
from . import augment
from .discriminant import Discriminants
from .fitted import Fitted
from .regression import Regressions


def steps(options, in_fold):
    """Number of progress steps of one `fit`."""
    return 1


def fit(task, rows, options, in_fold, tick):
    """A `Fitted` ensemble from the spectra `rows` of a `Task`."""
    spectra, labels = augment.taught(task, rows, options)
    solved = solver(options.members, spectra.astype(np.float64), labels,
                    task.classes, np.empty((0, len(labels)), int)).solve(
                        task.bins, (True,))
    parts = [solved[part, True] for part in task.bins]
    members = LinearMembers(
        tuple(coef.astype(np.float32) for _, coef, _ in parts),
        np.array([intercept for _, _, intercept in parts], np.float32))

    def votes(spectra):
        return linear_votes(members, task.bins, spectra)

    fitted = Fitted.on_training(members, votes, spectra, labels)
    tick(float(fitted.loss.mean()))
    return fitted


def solver(kind, features, labels, classes, folds):
    """`Discriminants` or `Regressions` on one feature matrix."""
    if kind in ("ridge", "logistic"):
        return Regressions(kind, features, labels, classes, folds)
    return Discriminants(features, labels, classes, folds)
