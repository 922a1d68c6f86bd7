import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.training.validation import folds


def test_interleaved_captures_leave_cycles_out():
    labels = np.array([0, 1, 0, 1, 0, 1]).repeat(4)
    groups = np.arange(6).repeat(4)
    fold, by = folds.assign(labels, groups, 5)
    assert by == "captures"
    np.testing.assert_array_equal(fold, np.array([0, 0, 1, 1, 2, 2]).repeat(4))


def test_one_capture_per_class_falls_back_to_blocks():
    labels = np.array([0, 1]).repeat(6)
    fold, by = folds.assign(labels, labels, 3)
    assert by == "blocks"
    np.testing.assert_array_equal(fold, [0, 0, 1, 1, 2, 2] * 2)


def test_four_published_curves_make_two_folds():
    fold, by = folds.assign(np.array([0, 1, 1, 0]), None, 5)
    assert by == "blocks"
    np.testing.assert_array_equal(fold, [0, 0, 1, 1])


def test_a_class_with_one_spectrum_cannot_be_validated():
    assert folds.assign(np.array([0, 1, 1]), None, 5) == (None, "")


def test_no_folds_asked_for():
    assert folds.assign(np.array([0, 0, 1, 1]), None, 0) == (None, "")


@given(st.lists(st.integers(0, 2), min_size=12, max_size=60),
       st.integers(2, 6), st.booleans())
def test_no_capture_is_torn_and_every_class_stays_in_training(
        labels, count, grouped):
    labels = np.array([0, 0, 1, 1, 2, 2, *labels])
    groups = np.arange(len(labels)) // 2 if grouped else None
    fold, by = folds.assign(labels, groups, count)
    assert fold is not None
    for number in range(fold.max() + 1):
        assert (fold == number).any()
        assert set(labels[fold != number]) == {0, 1, 2}
    if by == "captures":
        for c, capture in set(zip(labels, groups, strict=True)):
            assert len(set(fold[(groups == capture) & (labels == c)])) == 1


def test_captures_of_a_class_never_fall_into_one_fold():
    labels = np.array([0, 0, 0, 0, 1, 1])
    fold, by = folds.assign(labels, np.array([0, 1, 2, 3, 0, 2]), 5)
    assert by == "captures"
    np.testing.assert_array_equal(fold, [0, 1, 0, 1, 0, 1])
