"""The ramp has the peaks that were published."""
import numpy as np
import pytest

from spectra_classifier.errors import ConfigurationError
from spectra_classifier.simulation.published_ramp import ramp
from spectra_classifier.simulation.published_ramp.tracks import TRACKS


def test_axis_is_the_published_one():
    x = ramp.axis()
    assert len(x) == 4023
    assert (x[0], x[-1]) == (ramp.FIRST, ramp.LAST)


def test_curves_come_as_asked():
    x, spectra = ramp.curves(points=1280, numbers=[80, 120.5])
    assert x.shape == (1280,)
    assert spectra.shape == (2, 1280)
    assert spectra.dtype == np.float64
    assert len(ramp.curves()[1]) == 349


def test_equal_arguments_give_equal_numbers():
    one, two = (ramp.curves(500, [3, 4], seed=7)[1] for _ in range(2))
    other = ramp.curves(500, [3, 4], seed=8)[1]
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


PEAKS = [
    (128, 11.24, 45.6), (80, 13.03, 15.3), (0, 18.36, 15.2),
    (260, 13.84, 16.1)]


def test_peaks_stand_where_they_were_read(subtests):
    for curve, position, height in PEAKS:
        with subtests.test(curve=curve):
            x, (spectrum,) = ramp.curves(numbers=[curve], noise=0)
            near = np.abs(x - position) < 0.1
            above = spectrum - ramp.background(x)
            top = np.flatnonzero(near)[above[near].argmax()]
            assert x[top] == pytest.approx(position, abs=0.03)
            assert above[top] == pytest.approx(height, rel=0.1)


def test_positions_move_linearly_between_anchors():
    position, height, _, _ = TRACKS["E"].at(10)
    assert position == pytest.approx(18.36 + 0.01 / 6)
    assert height == pytest.approx(14.3)


def test_noise_has_the_published_size():
    x, noisy = ramp.curves(numbers=np.full(400, 80.), seed=1)
    _, (clean,) = ramp.curves(numbers=[80], noise=0)
    spread = (noisy - clean).std(axis=0)
    quiet = (x > 12) & (x < 17)
    assert spread[quiet].mean() == pytest.approx(0.06, rel=0.02)
    assert spread[np.abs(x - 25.4).argmin()] == pytest.approx(0.6, rel=0.15)


def test_a_hot_pixel_comes_now_and_then():
    x, noisy = ramp.curves(numbers=np.full(400, 80.), seed=1)
    column = noisy[:, np.abs(x - 17.56).argmin()]
    hot = np.count_nonzero(column > np.median(column) + 0.8)
    assert 8 <= hot <= 35


def test_detector_edges_rise():
    x = ramp.axis()
    under = ramp.background(x)
    assert under[0] == pytest.approx(4.05 + 1.5, abs=0.05)
    assert under[-1] == pytest.approx(5.0 + 6, abs=0.05)


def test_curves_outside_the_ramp_are_refused():
    with pytest.raises(ConfigurationError, match="0 to 348"):
        ramp.curves(numbers=[349])
