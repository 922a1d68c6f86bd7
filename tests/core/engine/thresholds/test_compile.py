import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import pointwise_members

from spectra_classifier.core.engine.kernels import members as kernels
from spectra_classifier.core.engine.kernels.options import LANES
from spectra_classifier.core.engine.reference_members import logits
from spectra_classifier.core.engine.thresholds.compile import compile_members
from spectra_classifier.core.engine.thresholds.exact_winner import ExactNetwork
from spectra_classifier.core.engine.thresholds.kernel_layouts import as_steps
from spectra_classifier.core.model_definition import PointwiseMembers
from spectra_classifier.errors import ConfigurationError

# a first call compiles, on a busy machine for a minute


def members(w1, b1, w2, b2):
    """One bin from plain lists."""
    return PointwiseMembers(*(np.array([a], np.float32)
                              for a in (w1, b1, w2, b2)))


def intensities(table, channels, seed=0):
    """Every step and its neighbours, and values of all sizes: (P, n)."""
    rng = np.random.default_rng(seed)
    y = rng.normal(0, 1, (40, channels)) * np.exp(
        rng.uniform(-12, 12, (40, channels)))
    rows = [y.astype(np.float32)]
    most = max(np.bincount(table.channel, minlength=1).max(), 1)
    edge = np.zeros((5 * most, channels), np.float32)
    place = np.zeros(channels, int)
    for channel, value in zip(table.channel, table.value, strict=True):
        down = np.nextafter(value, np.float32(-np.inf))
        up = np.nextafter(value, np.float32(np.inf))
        edge[place[channel]:place[channel] + 5, channel] = [
            value, down, up, np.nextafter(down, np.float32(-np.inf)),
            np.nextafter(up, np.float32(np.inf))]
        place[channel] += 5
    return np.concatenate([*rows, edge])


def disagreements(model, x):
    bins = ((0, len(x)),)
    table = compile_members(model, x, bins)
    y = intensities(table, len(x))
    expected = logits(model, 0, x, y).argmax(-1)
    wrong = np.argwhere(table.classify(0, y) != expected)
    # float64 itself errs where two logits are equal but for rounding
    exact = ExactNetwork(model, 0)
    return [(r, i) for r, i in wrong
            if exact.winner(float(x[i]), float(y[r, i]))
            != table.classify(0, y)[r, i]]


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 8), st.integers(1, 40), st.integers(0, 10 ** 6),
       st.sampled_from([.01, 1., 100.]))
def test_the_table_is_the_network(classes, hidden, seed, scale):
    model = pointwise_members(1, classes, hidden, seed, scale)
    assert not disagreements(model, np.linspace(9., 26., 12))


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 4), st.integers(1, 12), st.integers(0, 10 ** 6))
def test_coarse_weights_make_ties_and_still_agree(classes, hidden, seed):
    """Weights of -1, 0 and 1: dead units, equal knots, equal logits."""
    rng = np.random.default_rng(seed)

    def array(*shape):
        return rng.integers(-1, 2, (1, *shape)).astype(np.float32)

    model = PointwiseMembers(array(2, hidden), array(hidden),
                             array(hidden, classes), array(classes))
    assert not disagreements(model, np.arange(5.))


def sawtooth(hidden):
    """A class change at every half between 0 and `hidden`."""
    slopes = np.where(np.arange(hidden) % 2 == 0, 2., -2.)
    slopes[0] = 1.
    return members([[0.] * hidden, [1.] * hidden],
                   -np.arange(hidden, dtype=float),
                   np.stack([np.zeros(hidden), slopes], 1), [0., -.5])


def test_the_longest_possible_table():
    model = sawtooth(150)
    table = compile_members(model, np.zeros(1), ((0, 1),))
    assert len(table.value) == 150
    assert table.value[:3] == pytest.approx([.5, 1.5, 2.5], abs=1e-6)
    assert not disagreements(model, np.zeros(1))


def test_a_tie_goes_to_the_first_class():
    """d(y) = y: class 1 above 0 only; the step is the next float."""
    model = members([[0., 0.], [1., -1.]], [0., 0.],
                    [[0., 1.], [0., -1.]], [0., 0.])
    table = compile_members(model, np.zeros(1), ((0, 1),))
    assert table.value.tolist() == [np.nextafter(np.float32(0),
                                                 np.float32(1))]


def test_a_touch_is_a_class_of_one_point():
    """d(y) = |y - 1| is 0 at y = 1 alone."""
    model = members([[0., 0.], [1., -1.]], [-1., 1.],
                    [[0., 1.], [0., 1.]], [0., 0.])
    table = compile_members(model, np.zeros(1), ((0, 1),))
    y = np.array([[.5], [1.], [1.5]], np.float32)
    assert table.classify(0, y).ravel().tolist() == [1, 0, 1]


def test_equal_logits_everywhere_are_class_0():
    model = members(np.ones((2, 30)), np.ones(30), np.ones((30, 3)),
                    np.ones(3))
    table = compile_members(model, np.arange(4.), ((0, 4),))
    assert not len(table.value)
    assert not np.concatenate(table.lowest).any()


def test_a_network_blind_to_intensity():
    model = members(np.array([[1.], [0.]]), [0.], [[0., 1.]], [.5, 0.])
    table = compile_members(model, np.array([.25, 1.]), ((0, 2),))
    assert not len(table.value)
    assert table.lowest[0].tolist() == [0, 1]


def test_nan_weights_are_refused():
    model = pointwise_members(1)
    model.w2[0, 0, 0] = np.nan
    with pytest.raises(ConfigurationError, match="w2"):
        compile_members(model, np.arange(5.), ((0, 5),))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10 ** 6))
def test_counting_steps_counts_classes(classes, seed):
    channels, bins = 23, ((0, 9), (5, 12), (12, 23))
    model = pointwise_members(3, classes, 10, seed)
    table = compile_members(model, np.arange(float(channels)), bins)
    rng = np.random.default_rng(seed)
    y = rng.normal(0, 3, (LANES, channels)).astype(np.float32)
    votes = np.zeros((LANES, 3, classes), np.float32)
    kernels.count_all(np.ascontiguousarray(y.T).ravel(), as_steps(table),
                      np.zeros(LANES, np.int32), LANES, 0, votes)
    for b, (start, stop) in enumerate(bins):
        winner = table.classify(b, y[:, start:stop])
        for c in range(classes):
            assert (votes[:, b, c] == (winner == c).sum(axis=1)).all()


def test_unused_class_counts_nothing():
    model = members([[0.], [1.]], [0.], [[0., 1., -9.]], [0., -1., -9.])
    table = compile_members(model, np.zeros(3), ((0, 3),))
    assert set(table.after) == {1}
    assert as_steps(table).stop[0, 2] == as_steps(table).start[0, 2]
