import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from spectra_classifier.core.engine import mixture
from spectra_classifier.core.engine.kernels import mixtures
from spectra_classifier.core.engine.within_class_variation import (
    Comparison,
    Variation,
)


def solve(spectra, references):
    return mixture.solve((spectra ** 2).sum(1), spectra @ references.T,
                         mixture.gram(references))


@given(st.integers(0, 10 ** 6), st.integers(2, 8))
@settings(max_examples=60, deadline=None)
def test_equals_non_negative_least_squares(seed, classes):
    rng = np.random.default_rng(seed)
    references = rng.uniform(0, 1, (classes, 40)) + 0.5
    spectra = rng.normal(size=(30, classes)) @ references + rng.normal(
        scale=0.1, size=(30, 40))
    found, residual = solve(spectra, references)
    for row, spectrum in enumerate(spectra):
        amounts, rest = nnls(references.T, spectrum)
        expected = amounts / amounts.sum() if amounts.sum() else amounts
        assert found[row] == pytest.approx(expected, abs=1e-4)
        assert residual[row] == pytest.approx(
            rest / np.linalg.norm(spectrum), abs=1e-5)


def test_known_mixture_whatever_the_pulse_energy():
    references = np.array([[1., 0, 0, 1], [0, 1, 0, 1]])
    share = np.linspace(0, 1, 11)
    spectra = (1 - share)[:, None] * references[0] + (
        share[:, None] * references[1])
    found, residual = solve(7.5 * spectra, references)
    assert found[:, 1] == pytest.approx(share, abs=1e-6)
    assert residual == pytest.approx(0, abs=1e-4)


def test_what_no_reference_explains_is_residual():
    references = np.array([[1., 0, 0], [0, 1., 0]])
    found, residual = solve(np.array([[0, 0, 5.], [3., 0, 4.], [0, 0, 0]]),
                            references)
    assert found.tolist() == [[0, 0], [1, 0], [0, 0]]
    assert residual[:2] == pytest.approx([1., 0.8])
    assert np.isnan(residual[2])


def test_equal_references_share():
    found, residual = solve(np.ones((1, 4)), np.ones((2, 4)))
    assert found[0].sum() == pytest.approx(1)
    assert residual[0] == pytest.approx(0, abs=1e-4)


def test_no_pulses():
    found, residual = solve(np.zeros((0, 4)), np.eye(2, 4))
    assert found.shape == (0, 2)
    assert residual.shape == (0,)


def compiled(norms, projections, gram):
    pulses = len(norms)
    fractions = np.full(projections.shape, 9., np.float32)
    residual = np.full(pulses, 9., np.float32)
    mixtures.solve(norms, projections, gram, mixture.with_ridge(gram), 0,
                   pulses, fractions, residual)
    return fractions, residual


@given(st.integers(0, 10 ** 6), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_the_kernel_gives_the_same(seed, classes):
    rng = np.random.default_rng(seed)
    references = rng.uniform(0, 1, (classes, 40)) + 0.5
    spectra = rng.normal(size=(30, classes)) @ references + rng.normal(
        scale=0.1, size=(30, 40))
    given_to_both = ((spectra ** 2).sum(1), spectra @ references.T,
                     mixture.gram(references))
    for ours, expected in zip(compiled(*given_to_both),
                              mixture.solve(*given_to_both), strict=True):
        np.testing.assert_allclose(ours, expected, atol=2e-6)


def test_the_kernel_where_there_is_little_to_solve():
    references = np.array([[1., 0, 0], [1., 0, 0], [0, 0, 0]])
    spectra = np.array([[2., 0, 0], [-2., 0, 0], [0, 3., 0], [0, 0, 0],
                        [np.nan, 0, 0]])
    given_to_both = ((spectra ** 2).sum(1), spectra @ references.T,
                     mixture.gram(references))
    fractions, residual = compiled(*given_to_both)
    with np.errstate(invalid="ignore"):
        expected, rest = mixture.solve(*given_to_both)
    np.testing.assert_allclose(fractions.sum(axis=1), expected.sum(axis=1))
    assert fractions[0, :2].sum() == pytest.approx(1)
    np.testing.assert_allclose(residual, rest, atol=1e-4)


def test_the_kernel_leaves_other_pulses_alone():
    gram = np.eye(2)
    fractions, residual = np.full((3, 2), 9., np.float32), np.full(
        3, 9., np.float32)
    mixtures.solve(np.ones(3), np.ones((3, 2)), gram, gram, 1, 2, fractions,
                   residual)
    assert fractions[:, 0].tolist() == [9, .5, 9]
    assert residual.tolist() == [9, 0, 9]


@given(seed=st.integers(0, 10 ** 6), classes=st.integers(1, 4),
       directions=st.integers(1, 3))
@settings(deadline=None)
def test_the_residual_without_a_variation_is_the_same(seed, classes,
                                                      directions):
    """Also of what is nothing but directions, flat, zero or no number."""
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.normal(size=(10, directions)))
    comparison = Comparison(
        rng.uniform(0, 1, (classes, 40)),
        Variation(4, basis.T, rng.choice([0, .3, 1], directions)))
    spectra = rng.uniform(0, 1, (30, 40))
    spectra[0], spectra[1] = 0, 1e6
    spectra[2] = np.repeat(basis[:, 0], 4)
    squares, sums = np.square(spectra).sum(1), comparison.sums(spectra)
    sums[3, -1] = np.nan
    sums[4] = np.nan
    left = np.empty(30, np.float32)

    def solved(norms, projections):
        mixtures.solve(norms, projections, comparison.gram,
                       comparison.solved_with, 0, 30,
                       np.empty((30, classes), np.float32), left)
        return left

    none = np.zeros((30, classes))
    found = np.empty(30, np.float32)
    mixtures.finish(
        squares, np.hstack([none, sums]),
        mixtures.Mixing(np.eye(classes), np.eye(classes), True,
                        comparison.width, comparison.gram,
                        comparison.solved_with, comparison.ignored),
        np.empty((30, classes), np.float32), found)
    with np.errstate(invalid="ignore"):
        expected = comparison.residual(squares, sums, solved)
    assert np.isnan(found[[0, 1, 3, 4]]).all()
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("classes", [9, 20, 64, 127])
def test_many_classes_end_at_the_optimum(classes):
    """Overlapping references, as spectra are; both ways, against scipy."""
    rng = np.random.default_rng(classes)
    x = np.arange(256)
    references = 1 + 20 * np.exp(-((x - rng.uniform(0, 256, (classes, 1)))
                                   / rng.uniform(3, 20, (classes, 1))) ** 2)
    spectra = (rng.uniform(0, 1, (20, classes))
               * (rng.uniform(size=(20, classes)) < .2)) @ references
    spectra += rng.normal(scale=.3, size=spectra.shape)
    given_to_both = ((spectra ** 2).sum(1), spectra @ references.T,
                     mixture.gram(references))
    expected = [nnls(references.T, spectrum)[1] / np.linalg.norm(spectrum)
                for spectrum in spectra]
    for fractions, residual in (mixture.solve(*given_to_both),
                                compiled(*given_to_both)):
        assert residual == pytest.approx(expected, abs=1e-5)
        assert fractions.sum(axis=1) == pytest.approx(1)


def test_a_search_that_is_cut_short_gives_a_residual_that_is_too_large(
        monkeypatch):
    rng = np.random.default_rng(0)
    references = rng.uniform(0, 1, (20, 40)) + 0.5
    spectra = rng.normal(size=(30, 20)) @ references
    _, exact = solve(spectra, references)
    monkeypatch.setattr(mixture, "PIVOTS", 1)
    _, early = solve(spectra, references)
    assert (early >= exact - 1e-6).all()
    assert (early > exact + 1e-3).any()
