import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_models import definition

from spectra_classifier.core.definition import (
    Calibration,
    Settings,
    UnknownRule,
)
from spectra_classifier.core.ensemble import decide
from spectra_classifier.core.spectra import Code


def votes_of(*counts):
    """One spectrum; class-1 points of each bin of ten."""
    ones = np.array(counts, np.float32)
    return np.stack([10 - ones, ones], axis=-1)[None]


def test_weighted_vote_over_points():
    model = definition(weights=[1., 0., 3.])
    label, confidence, scores = decide(votes_of(8, 0, 6), model, Settings())
    assert scores[0] == pytest.approx([(2 + 12) / 40, (8 + 18) / 40])
    assert label[0] == 1
    odds = np.exp((scores[0, 1] - scores[0, 0]) / 0.25)
    assert confidence[0] == pytest.approx(odds / (1 + odds))


def test_all_weights_zero_is_no_decision():
    label, confidence, scores = decide(
        votes_of(0, 0, 0), definition(weights=[0, 0, 0]), Settings())
    assert label[0] == Code.UNKNOWN
    assert confidence[0] == 0
    assert (scores == 0).all()


def test_selecting_only_a_bin_without_weight_is_no_decision():
    model = definition(weights=[1, 0, 1])
    label, _, _ = decide(votes_of(10, 10, 10), model,
                         Settings(selected_bins=(1,)))
    assert label[0] == Code.UNKNOWN


def test_a_tie_is_unknown():
    label, _, _ = decide(votes_of(5, 5, 5), definition(), Settings())
    assert label[0] == Code.UNKNOWN


def test_selected_bins_decide_alone():
    votes = votes_of(10, 0, 0)
    model = definition(weights=[1., 1., 1.])
    assert decide(votes, model, Settings())[0][0] == 0
    assert decide(votes, model, Settings(selected_bins=(0,)))[0][0] == 1


@pytest.mark.parametrize("settings, label", [
    (Settings(), Code.UNKNOWN), (Settings(min_confidence=0.), 1),
    (Settings(min_confidence=0.999), Code.UNKNOWN)])
def test_the_operator_overrides_the_confidence_limit(settings, label):
    model = definition(unknown=UnknownRule(min_confidence=0.999),
                       calibration=Calibration(0.5))
    assert decide(votes_of(9, 9, 9), model, settings)[0][0] == label


@pytest.mark.parametrize("residual, label", [
    (0.1, 1), (0.4, Code.UNKNOWN), (np.nan, Code.UNKNOWN)])
def test_a_large_or_undefined_residual_is_unknown(residual, label):
    model = definition(unknown=UnknownRule(max_residual=0.3))
    assert decide(votes_of(9, 9, 9), model, Settings(),
                  np.array([residual]))[0][0] == label


@given(st.lists(st.tuples(*[st.integers(0, 10)] * 3), max_size=20))
def test_scores_are_shares(counts):
    votes = (np.concatenate([votes_of(*c) for c in counts]) if counts
             else np.zeros((0, 3, 2), np.float32))
    label, confidence, scores = decide(votes, definition(), Settings())
    assert label.shape == confidence.shape == (len(counts),)
    assert scores.sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert ((confidence >= 0.5 - 1e-6) & (confidence <= 1)).all()
