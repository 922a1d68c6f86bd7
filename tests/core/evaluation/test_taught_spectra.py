"""Spectra are known again in other forms, and only those."""
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.evaluation.taught_spectra import (
    NEAR,
    SAME,
    distances,
    marks,
)


def spectra_of(seed, count, channels, noise):
    """Counts of one state: a peak, and noise of its share."""
    random = np.random.default_rng(seed)
    peak = 1000 * np.exp(-((np.linspace(-5, 5, channels)) ** 2))
    return np.rint(500 + peak + noise * peak.std() * random.standard_normal(
        (count, channels))).clip(0, 65535)


#: forms of the same numbers
FORMS = {
    "uint16": lambda y: y.astype(np.uint16),
    "int32": lambda y: y.astype(np.int32),
    "float32": lambda y: y.astype(np.float32),
    "float64": lambda y: y,
    "big-endian": lambda y: y.astype(">f4"),
    "other unit": lambda y: y * 1.602e-19,
    "offset": lambda y: y + 1000,
    "six digits": lambda y: np.char.mod("%.6g", y / 7).astype(float)}


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(0, 60),
       st.integers(20, 1500), st.floats(0.02, 1),
       st.sampled_from(sorted(FORMS)))
def test_taught_spectra_are_named_in_any_form_and_order(
        seed, taught, others, channels, noise, form):
    every = spectra_of(seed, taught + others, channels, noise)
    order = np.random.default_rng(seed).permutation(len(every))
    apart = distances(marks(FORMS[form](every)[order]), marks(every[:taught]))
    np.testing.assert_array_equal(apart <= SAME, order < taught)
    assert np.isinf(apart[order >= taught]).all()


def test_a_rounded_copy_is_near():
    every = spectra_of(0, 20, 300, 0.05) * 9.7
    rounded = np.rint(every)
    apart = distances(marks(rounded), marks(every))
    assert (apart <= NEAR).all() and (apart > SAME).any()


def test_a_dark_may_still_be_in_the_spectra():
    every = spectra_of(1, 20, 300, 0.05)
    dark = np.linspace(10, 90, 300).astype(np.float32)
    raw = (every + dark).astype(np.float32)
    taught = marks(every)
    assert np.isinf(distances(marks(raw), taught)).all()
    assert (distances(marks(raw, dark), taught) <= SAME).all()


def test_spectra_without_structure_are_like_none():
    flat = np.ones((3, 50))
    assert np.isinf(distances(marks(flat), marks(flat))).all()


def test_many_equal_spectra_are_compared_in_bounded_memory():
    same = np.repeat(marks(spectra_of(2, 1, 64, 0.05)), 3000, axis=0)
    assert (distances(same, same) == 0).all()


def test_marks_do_not_change():
    """They are in the files of models."""
    np.testing.assert_allclose(
        marks(np.arange(12.)[None] ** 2)[0],
        [0.47367963, 0.24660641, 0.5713455, 1.191524, -0.678778, 1.1597826],
        rtol=1e-5)
