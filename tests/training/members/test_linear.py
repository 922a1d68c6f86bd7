"""Linear members of every kind, and those with a hidden layer."""
from itertools import product

import numpy as np
import pytest

from spectra_classifier.core.engine.labels import softmax
from spectra_classifier.core.spectra import Axis
from spectra_classifier.training.members import linear, mlp, regression
from spectra_classifier.training.members.fitted import Task
from spectra_classifier.training.options import TrainingOptions

KINDS = ("linear", "ridge", "logistic", "mlp")


def task_of(spectra, labels, classes=3, bins=((0, 8), (7, 15))):
    return Task(Axis.channels(15), spectra, spectra.astype(np.float32),
                labels, classes, bins)


def separated(count=120, distance=6., seed=1):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    spectra = random.normal(size=(count, 15)) + 50.
    spectra[:, [2, 9]] += distance * (labels == 1)[:, None]
    spectra[:, [4, 12]] += distance * (labels == 2)[:, None]
    return spectra, labels


def fitted(kind, spectra, labels, **changes):
    method = mlp if kind == "mlp" else linear
    options = TrainingOptions(members=kind, hidden=12)
    return method.fit(task_of(spectra, labels, **changes),
                      np.arange(len(labels)), options, False, lambda loss: 0)


def test_unseen_spectra_are_told_apart(subtests):
    for kind in KINDS:
        with subtests.test(kind=kind):
            found = fitted(kind, *separated())
            spectra, labels = separated(seed=2)
            answer = found.votes(spectra.astype(np.float32)).mean(axis=1)
            assert (answer.argmax(axis=1) == labels).mean() > 0.95
            np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=1e-5)
            assert found.members.kind == ("mlp" if kind == "mlp" else "linear")


def test_dead_channels_and_single_spectra_are_no_obstacle(subtests):
    for kind in KINDS:
        with subtests.test(kind=kind):
            spectra = np.zeros((2, 15))
            spectra[1, [3, 9]] = 1.
            found = fitted(kind, spectra, np.array([0, 1]), classes=2)
            answer = found.votes(spectra.astype(np.float32)).mean(axis=1)
            np.testing.assert_array_equal(answer.argmax(axis=1), [0, 1])
            assert np.isfinite(answer).all()


def test_logistic_regression_is_at_its_optimum():
    spectra, labels = separated(90, 1.)
    x = spectra - spectra.mean(axis=0)
    coef, intercept = regression.logistic(x, labels, 3)
    rest = softmax(x @ coef + intercept) - np.eye(3)[labels]
    np.testing.assert_allclose(x.T @ rest + coef, 0, atol=1e-3)
    np.testing.assert_allclose(rest.sum(axis=0), 0, atol=1e-3)


def test_ridge_regression_chooses_by_leaving_one_out():
    spectra, labels = separated(24, 1.)
    x = spectra - spectra.mean(axis=0)
    coef, intercept = regression.ridge(x, labels, 3)
    target = 2. * np.eye(3)[labels] - 1
    best = np.inf, None
    for penalty in np.geomspace(1e-5, 1e2, 15) * np.square(
            x - x.mean(axis=0)).sum() / len(x) / x.shape[1]:
        error = sum(np.square(target[i] - x[i] @ w - b).sum()
                    for i in range(len(x)) for w, b in [least_squares(
                        np.delete(x, i, 0), np.delete(target, i, 0),
                        penalty * len(x))])
        if error < best[0]:
            best = error, least_squares(x, target, penalty * len(x))
    np.testing.assert_allclose(coef, best[1][0], atol=1e-8)
    np.testing.assert_allclose(intercept, best[1][1], atol=1e-8)


def least_squares(x, target, penalty):
    centre, level = x.mean(axis=0), target.mean(axis=0)
    rest = x - centre
    w = np.linalg.solve(rest.T @ rest + penalty * np.eye(x.shape[1]),
                        rest.T @ (target - level))
    return w, level - centre @ w


def test_folds_are_fitted_without_what_they_judge(subtests):
    for kind, count in product(regression.KINDS, [12, 60]):
        with subtests.test(kind=kind, count=count):
            spectra, labels = separated(count, 2.)
            fold = np.arange(count) // 3 % 2
            logits, coef, intercept = regression.Regressions(
                kind, spectra, labels, 3, fold[None]).solve(
                ((0, 15),), (True,))[(0, 15), True]
            other = labels.copy()
            other[fold == 0] = other[fold == 0][::-1]
            moved = regression.Regressions(
                kind, spectra, other, 3, fold[None]).solve(
                ((0, 15),), (True,))[(0, 15), True][0]
            np.testing.assert_array_equal(moved[0, fold == 0],
                                          logits[0, fold == 0])
            assert (moved[0, fold == 1] != logits[0, fold == 1]).any()
            found = (spectra @ coef.T + intercept).argmax(1)
            assert (found == labels).mean() > 0.8
            assert logits.shape == (1, count, 3)


@pytest.mark.parametrize("kind", regression.KINDS)
def test_a_class_that_a_fold_lacks_has_no_chance_there(kind):
    spectra, labels = separated(9)
    fold = (labels == 2).astype(int)
    logits = regression.Regressions(kind, spectra, labels, 3, fold[None]
                                    ).solve(((0, 15),))[(0, 15), False][0]
    assert (logits[0, labels == 2, 2] < -100).all()
