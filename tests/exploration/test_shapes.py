"""What drift does to a spectrum is no shape."""
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.exploration import shapes

X = np.arange(200.)


def lines(places, widths):
    return np.exp(-0.5 * ((X - np.asarray(places)[:, None])
                          / np.asarray(widths)[:, None]) ** 2).sum(axis=0)


@given(st.floats(0.3, 3), st.floats(-5, 5), st.floats(-2, 2),
       st.floats(-0.8, 0.8), st.integers(0, 2 ** 32 - 1))
def test_pedestal_gain_slope_and_a_moved_axis_are_removed(
        gain, pedestal, slope, shift, seed):
    random = np.random.default_rng(seed)
    places, widths = random.uniform(20, 180, 5), random.uniform(6, 12, 5)
    still, moved = (lines(places + move, widths) for move in (0, shift))
    drifted = gain * moved + pedestal + slope * X / 200
    shape, removed = shapes.shapes(np.stack([still] * 20 + [drifted]))
    change = np.linalg.norm(shape[-1] - shape[0])
    assert change < 0.03
    assert np.linalg.norm(removed[-1] - removed[0]) > 0.8 * change - 1e-6


def test_a_line_that_moves_alone_is_a_shape():
    one = lines([50, 100, 150], [5, 5, 5])
    other = lines([50, 104, 150], [5, 5, 5])
    shape, _ = shapes.shapes(np.stack([one] * 10 + [other] * 10))
    assert np.linalg.norm(shape[-1] - shape[0]) > 0.2


def test_what_has_no_structure_has_no_shape_and_is_not_dim():
    for flat in (np.zeros((6, 50)), np.full((6, 50), 7.)):
        shape, removed = shapes.shapes(flat)
        assert not shape.any() and not removed.any()
        assert shapes.bright(flat).all()


def test_a_pedestal_does_not_make_a_spectrum_bright():
    spectra = np.stack([lines([60, 140], [5, 5])] * 9 + [np.full(200, 3.)])
    assert shapes.bright(spectra).tolist() == [True] * 9 + [False]
