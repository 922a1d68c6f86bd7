import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import pointwise_members

from spectra_classifier.core.engine.kernels import intervals
from spectra_classifier.core.engine.thresholds.compile import compile_members
from spectra_classifier.core.engine.thresholds.kernel_layouts import (
    as_intervals,
    as_words,
)
from spectra_classifier.core.model_definition import PointwiseMembers

# a first call compiles, on a busy machine for a minute


def bins_of(channels):
    """Three bins: short, longer than a run, overlapping up to the end."""
    return ((0, 5), (3, channels - 7), (channels - 20, channels))


def counted(rows, layout, chosen=None, classes=2):
    chosen = np.arange(len(rows)) if chosen is None else chosen
    votes = np.full((len(chosen), 3, classes), -1, np.float32)
    intervals.count(rows, chosen, 0, len(chosen), layout, votes)
    return votes


def expected(table, y):
    """The same counts from the slow table."""
    votes = np.zeros((len(y), len(table.bins), table.classes))
    for b, (start, stop) in enumerate(table.bins):
        winner = table.classify(b, y[:, start:stop])
        for c in range(table.classes):
            votes[:, b, c] = (winner == c).sum(axis=1)
    return votes


def at_the_steps(table, channels, rng, rows=12):
    """Intensities around the steps, (rows, channels) float32."""
    y = rng.normal(0, 60, (rows, channels)).astype(np.float32)
    place = table.channel + np.array(table.bins)[table.bin, 0]
    for row, side in ((0, -np.inf), (1, 0), (2, np.inf)):
        y[row, place] = np.nextafter(table.value, np.float32(side))
    y[3, place] = table.value
    return y


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 5), st.integers(0, 10 ** 6), st.integers(32, 90))
def test_intervals_count_what_the_table_says(classes, seed, channels):
    rng = np.random.default_rng(seed)
    model = pointwise_members(3, classes, 12, seed, 50.)
    table = compile_members(model, np.arange(float(channels)),
                            bins_of(channels))
    y = at_the_steps(table, channels, rng)
    layout = as_intervals(table, channels)
    np.testing.assert_array_equal(counted(y, layout, None, classes),
                                  expected(table, y))


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 5), st.integers(0, 10 ** 6), st.integers(32, 90),
       st.booleans())
def test_words_count_the_same_as_their_intensities(classes, seed, channels,
                                                   whole):
    rng = np.random.default_rng(seed)
    model = pointwise_members(3, classes, 12, seed, 50.)
    table = compile_members(model, np.arange(float(channels)),
                            bins_of(channels))
    dark = rng.uniform(0, 300, channels).astype(np.float32)
    dark = np.round(dark) if whole else dark
    near = np.round(at_the_steps(table, channels, rng) + dark)
    raw = np.clip(near + rng.integers(-1, 2, near.shape), 0,
                  65535).astype(np.uint16)
    raw[0], raw[1] = 0, 65535
    words = as_words(as_intervals(table, channels), dark)
    np.testing.assert_array_equal(
        counted(raw, words, None, classes),
        expected(table, raw.astype(np.float32) - dark))


def test_every_word_may_belong_to_a_class():
    """A class that holds for all 65536 words, and one that holds for none."""
    model = PointwiseMembers(*(np.array([a], np.float32) for a in (
        [[0.], [1.]], [70000.], [[0., 1.]], [0., -.5])))
    channels = 40
    table = compile_members(model, np.arange(float(channels)),
                            ((0, channels),))
    layout = as_intervals(table, channels)
    raw = np.array([[0] * channels, [65535] * channels], np.uint16)
    for dark, votes in ((0., 40), (2e5, 0)):
        words = as_words(layout, np.full(channels, dark, np.float32))
        assert (counted(raw, words)[:, 0, 1] == votes).all()


def test_chosen_rows_in_groups_of_any_length(subtests):
    channels = 50
    model = pointwise_members(3, 2, 12, 3, 50.)
    table = compile_members(model, np.arange(float(channels)),
                            bins_of(channels))
    y = at_the_steps(table, channels, np.random.default_rng(1))
    layout = as_intervals(table, channels)
    for count in [0, 1, 3, 4, 5]:
        with subtests.test(count=count):
            chosen = np.array([7, 2, 2, 11, 0])[:count]
            np.testing.assert_array_equal(counted(y, layout, chosen),
                                          expected(table, y[chosen]))
    # no index is checked, so none may point behind the array
    assert (layout.channel + intervals.RUN <= channels).all()
