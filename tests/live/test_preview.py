"""What the screens show of a class."""
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.live.preview import SAMPLE, ClassMeans

CHANNELS = 5
A, B = np.zeros(CHANNELS, np.float32), np.ones(CHANNELS, np.float32)


def sample(spectrum, wrong=0):
    """A sample of one state, `wrong` of its pulses called the other one."""
    state = int(spectrum[0])
    labels = np.full(SAMPLE, state, np.int8)
    labels[:wrong] = 1 - state
    return np.tile(spectrum, (SAMPLE, 1)), labels


@given(st.integers(0, 1), st.integers(1, 40), st.integers(1, 40))
def test_a_few_wrong_labels_do_not_take_the_place_of_the_right_ones(
        wrong, first, second):
    means = ClassMeans(2, CHANNELS)
    for spectrum, times in ((A, 40), (B, first), (A, second), (B, 40)):
        for _ in range(times):
            means.add(*sample(spectrum, wrong))
    (low, high), _ = means.values()
    # 40 samples of the other state, 3 % of each called this one
    assert low[0] < 0.25 and high[0] > 0.75


def test_the_mean_follows_the_class():
    means = ClassMeans(1, CHANNELS)
    for _ in range(30):
        means.add(np.tile(A, (SAMPLE, 1)), np.zeros(SAMPLE, np.int8))
    for _ in range(30):
        means.add(np.tile(B, (SAMPLE, 1)), np.zeros(SAMPLE, np.int8))
    (mean,), (error,) = means.values()
    assert mean[0] > 0.9
    assert 0 < error[0] < 0.1
