"""Shrinkage discriminants: both forms are the textbook solution."""
from itertools import product

import numpy as np
import pytest

from spectra_classifier.training.members.discriminant import Discriminants


def spectra_of(count, width, classes=3, seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centre = random.normal(size=(classes, width)) * 0.7
    return centre[labels] + random.normal(size=(count, width)) + 5., labels


def textbook(x, labels, classes):
    """(coef, intercept) with the shrinkage of scikit-learn's `ledoit_wolf`,
    classes with equal priors, written out in full."""
    covariance = pytest.importorskip("sklearn.covariance")
    means = np.stack([x[labels == c].mean(axis=0) for c in range(classes)])
    within, _ = covariance.ledoit_wolf(x - means[labels],
                                       assume_centered=True)
    coef = np.linalg.solve(within, means.T).T
    return coef, -0.5 * (coef * means).sum(axis=1)


def probabilities(x, coef, intercept):
    logits = x @ coef.T + intercept
    logits -= logits.max(axis=1, keepdims=True)
    share = np.exp(logits)
    return share / share.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("count, width", [(42, 90), (201, 30)])
def test_dual_and_primal_are_the_textbook_solution(count, width):
    x, labels = spectra_of(count, width)
    solver = Discriminants(x, labels, 3, np.empty((0, count), int))
    (_, coef, intercept), = solver.solve(((0, width),)).values()
    np.testing.assert_allclose(
        probabilities(x, coef, intercept),
        probabilities(x, *textbook(x, labels, 3)), atol=1e-6)


def test_out_of_fold_logits_are_those_of_a_fit_without_the_fold(subtests):
    for (count, width), scaled in product(
            [(36, 80), (240, 24)], [False, True]):
        with subtests.test(count=count, scaled=scaled):
            x, labels = spectra_of(count, width)
            fold = np.arange(count) // 3 % 4
            part = (2, width - 5)
            solver = Discriminants(x, labels, 3, fold[None])
            logits = solver.solve((part,), (scaled,))[part, scaled][0][0]
            assert np.isfinite(logits).all()
            rest = fold != 1
            # the scaling is that of all spectra, so it is applied beforehand
            width_of = x.std(axis=0) if scaled else np.ones(width)
            y = (x / width_of)[:, slice(*part)]
            alone = Discriminants(y[rest], labels[rest], 3,
                                  np.empty((0, rest.sum()), int))
            (_, coef, intercept), = alone.solve(((0, y.shape[1]),)).values()
            expected = y[~rest] @ coef.T + intercept
            difference = logits[~rest] - expected
            difference -= difference[:, :1]           # a common offset is free
            np.testing.assert_allclose(difference, 0, atol=1e-3)


def test_bins_only_see_their_columns():
    x, labels = spectra_of(60, 40, 2)
    solver = Discriminants(x, labels, 2, np.empty((0, 60), int))
    _, coef, intercept = solver.solve(((10, 20),))[(10, 20), False]
    other = Discriminants(x[:, 10:20], labels, 2, np.empty((0, 60), int))
    _, same, offset = other.solve(((0, 10),))[(0, 10), False]
    np.testing.assert_allclose(
        probabilities(x[:, 10:20], coef, intercept),
        probabilities(x[:, 10:20], same, offset), atol=1e-9)


def test_a_class_missing_in_a_fold_gets_no_votes_there():
    x, labels = spectra_of(30, 20, 2)
    labels[:] = 0
    labels[:3] = 1
    fold = (np.arange(30) >= 3).astype(int)
    solver = Discriminants(x, labels, 2, fold[None])
    logits = solver.solve(((0, 20),))[(0, 20), False][0][0]
    assert (logits[:3].argmax(axis=1) == 0).all()


def test_constant_channels_and_equal_spectra_stay_finite():
    x, labels = spectra_of(20, 30, 2)
    x[:, 4] = 7.
    x[:10] = x[0]
    for scaled in False, True:
        solver = Discriminants(x, labels, 2, np.empty((0, 20), int))
        _, coef, intercept = solver.solve(((0, 30),), (scaled,))[
            (0, 30), scaled]
        assert np.isfinite(coef).all() and np.isfinite(intercept).all()


@pytest.mark.parametrize("many", [40, 400])     # dual and primal form
def test_a_class_of_few_spectra_is_given_as_often_as_one_of_many(many):
    """Its mean is known badly; without a correction 0.8 and 0.9 apart."""
    random = np.random.default_rng(0)
    width, few, spectra = 150, 8, []
    apart = np.zeros(width)
    apart[:20] = 0.45
    for _ in range(8):
        labels = np.repeat([0, 1], [many, few])
        x = random.normal(size=(many + few, width)) + np.outer(labels, apart)
        (_, coef, intercept), = Discriminants(
            x, labels, 2, np.empty((0, len(x)), int)).solve(
                ((0, width),)).values()
        truth = np.repeat([0, 1], 500)
        test = random.normal(size=(1000, width)) + np.outer(truth, apart)
        right = (test @ coef.T + intercept).argmax(axis=1) == truth
        spectra.append([right[truth == c].mean() for c in range(2)])
    often, rarely = np.mean(spectra, axis=0)
    assert abs(often - rarely) < 0.1


@pytest.mark.parametrize("many, few", [(40, 8), (400, 8)])
def test_a_narrow_class_of_few_spectra_is_not_given_too_often(many, few):
    """Its mean is known well; by the spread of all classes 0.1 and 1.0."""
    random = np.random.default_rng(0)
    width, found = 150, []
    apart = np.zeros(width)
    apart[:20] = 0.45
    spread = np.array([1., 0.5])

    def draw(labels):
        noise = random.normal(size=(len(labels), width))
        return noise * spread[labels][:, None] + np.outer(labels, apart)

    for _ in range(8):
        labels, truth = np.repeat([0, 1], [many, few]), np.repeat([0, 1], 500)
        x = draw(labels)
        (_, coef, intercept), = Discriminants(
            x, labels, 2, np.empty((0, len(x)), int)).solve(
                ((0, width),)).values()
        right = (draw(truth) @ coef.T + intercept).argmax(axis=1) == truth
        found.append([right[truth == c].mean() for c in range(2)])
    assert np.mean(found, axis=0).min() > 0.5


def test_of_two_spectra_the_spread_is_not_known():
    """Nothing is corrected for it: the textbook, and not with five."""
    x, labels = spectra_of(60, 90, 2)
    for few, equal in (2, True), (4, True), (5, False):
        rows = np.concatenate([np.flatnonzero(labels == 0),
                               np.flatnonzero(labels == 1)[:few]])
        solver = Discriminants(x[rows], labels[rows], 2,
                               np.empty((0, len(rows)), int))
        (_, coef, intercept), = solver.solve(((0, 90),)).values()
        same = np.allclose(
            probabilities(x, coef, intercept),
            probabilities(x, *textbook(x[rows], labels[rows], 2)), atol=1e-3)
        assert same == equal
