from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.engine.fused_preprocessing import subtract
from spectra_classifier.core.model_definition import Baseline, Preprocessing
from spectra_classifier.core.preprocessing import baseline as rules
from spectra_classifier.core.preprocessing.baseline import asls, knot_step_for
from spectra_classifier.core.preprocessing.preprocess import preprocess
from spectra_classifier.errors import ConfigurationError, InputError
from spectra_classifier.simulation.published_ramp import ramp

# a first call compiles, on a busy machine for a minute


def reference(spectra, baseline):
    """`subtract` in float64."""
    return preprocess(spectra, Preprocessing(baseline))


def published(y, lam, p, iterations):
    """The published iteration with dense matrices."""
    second = np.diff(np.eye(len(y)), 2, axis=0)
    weight = np.ones(len(y))
    for _ in range(iterations):
        z = np.linalg.solve(np.diag(weight) + lam * second.T @ second,
                            weight * y)
        weight = np.where(y > z, p, np.where(y < z, 1 - p, 0))
    return z


def curves(count, channels, seed=0, noise=5., width=4.):
    """Peaks on a smooth background of some 500 counts, (count, channels)."""
    rng = np.random.default_rng(seed)
    x = np.arange(channels)
    y = np.full((count, channels), 500.) + 150 * np.cos(x / channels * 4)
    for row in y:
        for _ in range(5):
            place = (x - rng.uniform(0, channels)) / (
                width * rng.uniform(.5, 2))
            row += rng.uniform(20, 2000) / (1 + place ** 2)
    return y + rng.normal(0, noise, y.shape)


@pytest.mark.parametrize("lam", [1., 1e3, 1e6])
def test_exact_is_the_published_method(lam):
    spectra = curves(4, 90)
    expected = [published(y, lam, .002, 10) for y in spectra]
    assert asls(spectra, Baseline("exact", lam)) == pytest.approx(
        np.array(expected), abs=1e-3)


def test_step_1_is_the_exact_problem():
    spectra = curves(3, 60)
    assert (asls(spectra, Baseline("reduced", 1e5, knot_step=1))
            == asls(spectra, Baseline("exact", 1e5))).all()


def test_mode_none_has_no_baseline():
    assert not asls(np.ones((2, 9)), Baseline("none")).any()


def test_knot_steps_follow_the_length():
    assert [knot_step_for(lam) for lam in (
        1, 255, 256, 4095, 4096, 65536, 1e5, 1e6, 2 ** 20, 1e9)] == [
        1, 1, 2, 2, 4, 8, 8, 8, 16, 16]


@pytest.mark.parametrize(("lam", "step", "words"), [
    (1e3, 8, "every 2 channels"), (1e5, 16, "17.8 channels long"),
    (1e9, 5, "use one of 1, 2, 4, 8, 16")])
def test_coarse_knots_are_refused(lam, step, words):
    with pytest.raises(ConfigurationError, match=words):
        asls(curves(1, 90), Baseline("reduced", lam, knot_step=step))
    with pytest.raises(ConfigurationError, match=words):
        subtract(curves(1, 90), Baseline("reduced", lam, knot_step=step))


def test_lam_and_length():
    assert rules.lam_for_length(10) == pytest.approx(1e4)
    assert rules.length_of(1e4) == pytest.approx(10)
    assert rules.rescale_lam(1e5, 4023, 1280) == pytest.approx(1025, rel=1e-3)
    with pytest.raises(ConfigurationError, match="-3"):
        rules.lam_for_length(-3)


@pytest.mark.parametrize("shape", [(3,), (2, 2), (1, 2, 30)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(InputError, match="at least 3 channels"):
        asls(np.ones(shape), Baseline("exact"))


def test_straight_lines_are_their_own_baseline(subtests):
    lines = np.array([np.zeros(70), np.full(70, 700.), np.arange(70.)])
    for minus, mode in product([reference, subtract], ["exact", "reduced"]):
        with subtests.test(minus=minus.__name__, mode=mode):
            assert minus(lines, Baseline(mode)) == pytest.approx(
                np.zeros((3, 70)), abs=1e-3)


def test_a_bad_spectrum_spoils_no_other(subtests):
    for minus, mode in product([reference, subtract], ["exact", "reduced"]):
        with subtests.test(minus=minus.__name__, mode=mode):
            spectra = curves(5, 80).astype(np.float32)
            good = minus(spectra, Baseline(mode))
            spectra[2, 11] = np.nan
            spectra[3, 12] = np.inf
            result = minus(spectra, Baseline(mode))
            assert np.isnan(result[2:4]).all()
            assert result[[0, 1, 4]] == pytest.approx(good[[0, 1, 4]],
                                                      abs=1e-4)


@pytest.mark.parametrize(("iterations", "most"), [
    (1, .05), (2, 1.5), (3, 1.5), (10, .05)])
def test_kernels_give_the_reference(iterations, most, subtests):
    """float32 errs by a thousandth of the last correction: large only
    while the weights have not settled."""
    spectra = curves(40, 1281).astype(np.float32)
    for mode, lam in product(("exact", "reduced"), (1e3, 1e5, 1e7, 1e9)):
        baseline = Baseline(mode, lam, iterations=iterations,
                            knot_step=knot_step_for(lam))
        with subtests.test(mode=mode, lam=lam):
            assert subtract(spectra, baseline) == pytest.approx(
                reference(spectra, baseline),
                abs=most if mode == "reduced" else .02)


@pytest.mark.parametrize("lam", [1e3, 1e4, 1e5])
def test_ten_staged_solves_come_as_far_as_ten_plain_ones(lam):
    spectra = curves(40, 1281, noise=5.)
    step = knot_step_for(lam)
    limit = asls(spectra, Baseline("reduced", lam, .002, 60, step))
    staged = asls(spectra, Baseline("reduced", lam, .002, 10, step)) - limit
    exact = asls(spectra, Baseline("exact", lam, .002, 60))
    plain = asls(spectra, Baseline("exact", lam, .002, 10)) - exact
    assert np.abs(staged).mean() <= 1.1 * np.abs(plain).mean() + .001


@pytest.mark.parametrize("step, iterations, expected", [
    (2, 10, ((8, 6), (4, 2), (2, 2))),
    (8, 10, ((32, 6), (16, 2), (8, 2))),
    (16, 10, ((32, 8), (16, 2))),
    (4, 2, ((8, 1), (4, 1))),
    (4, 1, ((4, 1),))])
def test_stages(step, iterations, expected):
    assert rules.stages(Baseline(
        "reduced", iterations=iterations, knot_step=step)) == expected


def test_the_exact_baseline_has_one_stage():
    assert rules.stages(Baseline("exact")) == ((1, 10),)


@given(st.sampled_from(rules.KNOT_STEPS), st.integers(1, 100))
def test_every_solve_is_in_a_stage(step, iterations):
    stages = rules.stages(Baseline("reduced", iterations=iterations,
                                   knot_step=step))
    assert sum(solves for _, solves in stages) == iterations
    assert all(solves >= 1 for _, solves in stages)
    steps = [each for each, _ in stages]
    assert steps == [step << k for k in reversed(range(len(steps)))]


def test_any_number_of_spectra(subtests):
    spectra = curves(65, 90).astype(np.uint16)
    every = subtract(spectra, Baseline("reduced", 1e5))
    for count in [0, 1, 31, 32, 33, 65]:
        with subtests.test(count=count):
            assert subtract(spectra[:count], Baseline("reduced", 1e5)) == (
                pytest.approx(every[:count], abs=0))


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64,
                                   np.int32])
def test_any_type(dtype):
    spectra = curves(3, 90).round().astype(dtype)
    assert subtract(spectra, Baseline("exact")) == pytest.approx(
        spectra - asls(spectra, Baseline("exact")), abs=.02)


def test_any_number_of_channels(subtests):
    for channels, lam in product(
            [3, 4, 15, 16, 17, 31, 33, 129, 4023], [1e3, 1e5, 1e7]):
        with subtests.test(channels=channels, lam=lam):
            baseline = Baseline("reduced", lam, knot_step=knot_step_for(lam))
            spectra = curves(2, channels).astype(np.float32)
            assert subtract(spectra, baseline) == pytest.approx(
                reference(spectra, baseline), abs=.05)


@pytest.mark.parametrize(("lam", "p"), [
    (1e3, 1e-3), (1e3, 5e-2), (1e5, 1e-3), (1e5, 1e-2), (1e5, 5e-2),
    (1e7, 1e-3), (1e7, 5e-2), (1e9, 1e-2), (1e9, 5e-2)])
def test_the_reduced_error_is_bounded_by_the_bending(lam, p):
    """A line between knots h apart misses a curve by h^2 / 8 of its second
    derivative; the reduced baseline by at most four times that."""
    step = knot_step_for(lam)
    length = rules.length_of(lam)
    for noise, width in ((1., length / 4), (20., length), (5., 2 * length)):
        spectra = curves(2, 1280, int(lam), noise, width)
        solves = 40 if p > .001 else 120     # until the weights settle
        exact = asls(spectra, Baseline("exact", lam, p, solves))
        reduced = asls(spectra, Baseline("reduced", lam, p, solves, step))
        bending = np.abs(np.diff(exact, 2, axis=1)).max(axis=1)
        error = np.abs(reduced - exact).max(axis=1)
        assert (error < 4 * step ** 2 / 8 * bending + .01).all()


def test_the_reduced_error_on_the_published_ramp():
    """lam 1e5 at 4023 points: below a tenth of the noise (6 counts)."""
    _, spectra = ramp.curves(numbers=np.arange(0, 349, 25))
    spectra = 100 * spectra
    exact = asls(spectra, Baseline("exact", 1e5))
    reduced = asls(spectra, Baseline("reduced", 1e5, knot_step=8))
    inside = slice(20, -60)     # the noise is larger at the ends
    assert np.abs(reduced - exact)[:, inside].max() < .6


@settings(max_examples=25, deadline=None)
@given(st.floats(-1000, 1000), st.floats(-5, 5), st.integers(0, 99),
       st.sampled_from(["exact", "reduced"]))
def test_adding_a_line_moves_the_baseline_by_it(level, slope, seed, mode):
    spectra = curves(1, 100, seed)
    line = level + slope * np.arange(100)
    baseline = Baseline(mode, 1e5, iterations=25)
    assert asls(spectra + line, baseline) == pytest.approx(
        asls(spectra, baseline) + line, abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.floats(.01, 100), st.integers(0, 99),
       st.sampled_from(["exact", "reduced"]))
def test_scaling_a_spectrum_scales_its_baseline(factor, seed, mode):
    spectra = curves(1, 100, seed)
    baseline = Baseline(mode, 1e5)
    assert asls(factor * spectra, baseline) == pytest.approx(
        factor * asls(spectra, baseline), rel=1e-5, abs=1e-5)


def test_the_input_is_left_alone():
    spectra = curves(2, 100)
    before = spectra.copy()
    asls(spectra, Baseline("exact"))
    subtract(spectra, Baseline("reduced"))
    assert (spectra == before).all()
