"""Averaging k pulses, and the choice among candidates."""
import numpy as np
import pytest

from spectra_classifier.core.preprocessing.views import View
from spectra_classifier.training.checks import averaging_study
from spectra_classifier.training.selection import selection
from spectra_classifier.training.selection.candidates import (
    Candidate,
    candidates,
    fixed,
)
from spectra_classifier.training.validation import sampling


def test_blocks_hold_neighbours_of_one_capture():
    labels = np.repeat([0, 1, 0], [7, 5, 4])
    groups = np.repeat([0, 1, 2], [7, 5, 4])
    rows = averaging_study.blocks(labels, groups, 3)
    assert rows.tolist() == [[0, 1, 2], [3, 4, 5], [7, 8, 9], [12, 13, 14]]
    assert averaging_study.blocks(labels, groups, 9).shape == (0, 9)


def test_the_smallest_sufficient_k_is_recommended():
    table = [{"k": k, "means": a} for k, a in (
        (1, 0.8), (2, 0.9), (5, 0.996), (10, 1.))]
    assert averaging_study.recommend(table) == 5
    assert averaging_study.recommend([]) == 1


def test_a_sample_takes_alike_from_every_capture():
    labels = np.repeat([0, 1, 0, 1], [1000, 1000, 20, 1000])
    groups = np.repeat([0, 1, 2, 3], [1000, 1000, 20, 1000])
    rows = sampling.rows(labels, groups, 320)
    count = np.bincount(groups[rows])
    assert count.tolist() == [100, 100, 20, 100]
    assert (np.diff(rows) > 0).all()
    assert len(sampling.rows(labels, groups, 5000)) == len(labels)


def test_forty_linear_candidates_and_room_for_them():
    names = [c.name for c in candidates(1280)]
    assert len(names) == len(set(names)) == 43
    assert sum("texture" not in name for name in names) == 40
    few = candidates(20)
    assert all(max(c.counts) * 2 <= 20 for c in few)
    assert fixed(1280).name == "slope 15, 5 bins"
    assert fixed(12).view.name == "snv"


def judged(view, loss, bins=1, losses=None):
    losses = np.full(100, loss) if losses is None else np.array(losses)
    return selection.Judged(Candidate(View(view), (bins,), False),
                            ((0, 1),) * bins, (), None, 1., losses.mean(),
                            losses, None, None)


def test_the_best_of_each_view_near_the_best_is_averaged():
    chosen = selection.choose([
        judged("a", 0.10), judged("a", 0.11), judged("b", 0.2),
        judged("c", 0.5), judged("d", 0.9)], 2)
    assert [c.loss for c in chosen] == pytest.approx([0.10, 0.2])
    assert [c.loss for c in selection.choose(
        [judged("a", 0.10), judged("c", 0.5)], 2, margin=1.)
        ] == pytest.approx([0.1, 0.5])


def test_few_spectra_do_not_choose_the_number_of_bins_by_accident():
    noisy = np.tile([0.02, 0.2], 7)
    one, five = judged("a", 0, 1, noisy), judged("a", 0, 5, noisy[::-1] * 0.9)
    assert five.loss < one.loss
    assert selection.choose([five, one], 2) == [one]
    # more spectra, or a clear difference: the best
    many = [judged("a", 0, each.candidate.counts[0], np.tile(each.losses, 2))
            for each in (five, one)]
    assert selection.choose(many, 2) == [many[0]]
    clear = judged("a", 0, 1, noisy[::-1] * 0.9 + 0.1)
    assert selection.choose([five, clear], 2) == [five]


def test_without_a_loss_the_first_is_taken():
    assert len(selection.choose([judged("a", np.nan)], 2)) == 1


def test_log_loss_of_certain_wrong_answers_is_bounded():
    sure = np.array([[[1., 0.], [0., 1.]]])
    assert selection.log_loss(sure, np.array([1, 0])) == pytest.approx(
        -np.log(1e-6))
