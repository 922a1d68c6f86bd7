"""Compiled preprocessing against the float64 reference."""
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.engine.fused_preprocessing import (
    FusedPreprocessing,
)
from spectra_classifier.core.model_definition import Baseline, Preprocessing
from spectra_classifier.core.preprocessing.preprocess import preprocess


@given(channels=st.integers(3, 70), pulses=st.integers(1, 40),
       kind=st.sampled_from(["none", "area", "snv"]),
       mode=st.sampled_from(["none", "exact"]),
       level=st.sampled_from([0., 100., 1e5]),
       seed=st.integers(0, 2**32 - 1))
def test_it_is_the_reference_for_every_number_of_channels(
        channels, pulses, kind, mode, level, seed):
    wanted = Preprocessing(Baseline(mode, lam=10.), kind)
    spectra = np.random.default_rng(seed).uniform(
        level, level + 50, (pulses, channels)).astype(np.float32)
    fused = FusedPreprocessing(wanted, channels)
    found = fused.spectra(spectra, np.arange(pulses), fused.run())
    expected = preprocess(spectra, wanted)
    # of a value, and of an area that may be small against its parts, float32
    # loses a millionth of the largest
    counts = preprocess(spectra, Preprocessing(wanted.baseline))
    largest = np.abs(counts).max(axis=1, keepdims=True)
    scale = {"none": level + 50, "snv": 1 + np.abs(expected),
             "area": (1 + np.abs(expected)) * (1 + largest / np.maximum(
                 np.abs(counts.mean(axis=1, keepdims=True)), 1e-9))}[kind]
    assert (np.abs(found - expected) <= 1e-6 * scale).all()


def test_an_area_of_nothing_becomes_zero():
    wanted = Preprocessing(Baseline("none"), "area")
    spectra = np.array([[0] * 19, [-1] * 19, [5] * 19], np.float32)
    fused = FusedPreprocessing(wanted, 19)
    found = fused.spectra(spectra, np.arange(3), fused.run())
    np.testing.assert_array_equal(found, preprocess(spectra, wanted))


def test_what_kernels_work_in_begins_on_a_line_of_the_cache():
    fused = FusedPreprocessing(Preprocessing(Baseline("reduced")), 100)
    scratch = fused.borrow()
    arrays = [each for each in (*scratch, *scratch.sums)
              if isinstance(each, np.ndarray) and each.size]
    assert len(arrays) > 10
    assert not any(each.ctypes.data % 64 for each in arrays)
