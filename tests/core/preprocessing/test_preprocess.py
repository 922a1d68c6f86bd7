import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spectra_classifier.core.model_definition import Baseline, Preprocessing
from spectra_classifier.core.preprocessing.baseline import asls
from spectra_classifier.core.preprocessing.preprocess import (
    correct,
    normalise,
    preprocess,
)

SPECTRA = arrays(np.float64, (3, 8), elements=st.floats(1, 1e4))


def test_dark_does_not_wrap_around():
    raw = np.array([[3, 10]], np.uint16)
    assert correct(raw, dark=[5., 5.]).tolist() == [[-2., 5.]]


def test_masked_strips_are_bridged():
    raw = np.array([[9, 1, 50, 60, 4, 99]], np.uint16)
    mask = np.array([True, False, True, True, False, True])
    assert correct(raw, mask=mask)[0] == pytest.approx([1, 1, 2, 3, 4, 4])


@example(0x7f800001)
@given(st.integers(0, 2**32 - 1))
def test_any_bits_of_a_masked_strip_are_taken_without_a_word(bits):
    raw = np.ones((1, 3), np.float32)
    raw.view(np.uint32)[0, 1] = bits        # a signalling NaN as well
    mask = np.array([False, True, False])
    assert correct(raw, mask=mask).tolist() == [[1, 1, 1]]


@given(SPECTRA, st.floats(0.1, 10))
def test_area_ignores_the_pulse_energy(spectra, energy):
    assert normalise(energy * spectra, "area") == pytest.approx(
        normalise(spectra, "area"))


@given(arrays(np.float64, (3, 8), elements=st.floats(1, 1e4), unique=True),
       st.floats(0.5, 2), st.floats(-10, 10))
def test_snv_ignores_offset_and_energy(spectra, energy, offset):
    assert normalise(energy * spectra + offset, "snv") == pytest.approx(
        normalise(spectra, "snv"), abs=1e-5)


@pytest.mark.parametrize("kind", ["area", "snv"])
def test_a_spectrum_without_shape_becomes_zero(kind):
    assert (normalise(np.zeros((1, 5)), kind) == 0).all()


def test_order_is_dark_mask_baseline_normalisation():
    rng = np.random.default_rng(0)
    raw = rng.integers(100, 200, (2, 60)).astype(np.uint16)
    dark, mask = rng.uniform(0, 9, 60), np.arange(60) == 7
    spec = Baseline("exact", lam=10.)
    expected = correct(raw, dark, mask)
    expected = expected - asls(expected, spec)
    expected = expected / expected.mean(axis=1, keepdims=True)
    result = preprocess(raw, Preprocessing(spec, "area"), dark, mask)
    assert result.dtype == np.float32
    assert result == pytest.approx(expected, rel=1e-5, abs=1e-6)
