import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_models import definition, linear_members

from spectra_classifier.core.engine.labels import (
    LARGEST_SQUARE,
    assemble,
    decide,
)
from spectra_classifier.core.model_definition import (
    Calibration,
    Preprocessing,
    Settings,
    UnknownRule,
)
from spectra_classifier.core.spectra import Code, make_train


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


NOT_FINITE = st.sampled_from([np.nan, np.inf, -np.inf])


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2),
                          st.integers(0, 1), NOT_FINITE),
                min_size=1, max_size=6),
       st.sampled_from([(), (0,), (0, 2)]), st.sampled_from([0., None, 1.]))
def test_a_vote_that_is_not_finite_is_no_class(spoilt, selected, limit):
    """Whatever the bin, its weight, and the limit of the confidence."""
    votes = np.concatenate([votes_of(9, 8, 9)] * 5)
    for pulse, b, c, value in spoilt:
        votes[pulse, b, c] = value
    model = definition(weights=[1., 0., 3.])
    label, confidence, scores = decide(
        votes, model, Settings(selected, limit), np.full(5, 0.1))
    bad = ~np.isfinite(votes).all(axis=(1, 2))
    assert (label[bad] == Code.UNKNOWN).all()
    assert not confidence[bad].any() and not scores[bad].any()
    assert (label[~bad] == (Code.UNKNOWN if limit == 1. else 1)).all()
    assert (confidence[~bad] > 0.9).all()


NOT_COMPUTED = [
    ("norms", 1.1 * LARGEST_SQUARE), ("norms", np.nan), ("norms", np.inf),
    *((where, value) for where in ("votes", "residual")
      for value in (np.nan, np.inf, -np.inf))]


def test_what_an_engine_could_not_compute_is_unknown(subtests):
    for where, value in NOT_COMPUTED:
        with subtests.test(where=where, value=value):
            computed = {"norms": np.ones(3),
                        "residual": np.full(3, 0.1, np.float32),
                        "distance": np.full(3, 0.1, np.float32),
                        "votes": np.concatenate([votes_of(9, 8, 9)] * 3)}
            computed[where][1] = value
            result = assemble(
                make_train(1, np.ones((3, 30))), definition(), Settings(),
                np.zeros(3, np.int8), np.ones(3, np.float32), np.arange(3),
                fractions=np.full((3, 2), 0.5, np.float32), **computed)
            assert result.label.tolist() == [1, Code.UNKNOWN, 1]
            assert result.confidence[1] == 0 and np.isnan(result.residual[1])
            assert not result.votes[1].any() and not result.mixture[1].any()


def test_a_spectrum_of_no_area_is_unknown():
    """It was divided by what rounding left of its mean."""
    for kind, expected in ("area", Code.UNKNOWN), ("snv", 1), ("none", 1):
        model = definition(preprocessing=Preprocessing(normalisation=kind))
        result = assemble(
            make_train(1, np.ones((2, 30))), model, Settings(),
            np.zeros(2, np.int8), np.ones(2, np.float32), np.arange(2),
            np.array([30. * 9e7, 30. * 1.1e8]),
            np.concatenate([votes_of(9, 8, 9)] * 2),
            np.full((2, 2), 0.5, np.float32), np.full(2, 0.1, np.float32),
            np.full(2, 0.1, np.float32))
        assert result.label.tolist() == [1, expected]


@given(st.lists(st.floats(width=32), min_size=6, max_size=6),
       st.floats(width=32))
def test_every_class_is_proved(values, residual):
    """Any votes at all: what gets a class has shares, a probability and a
    residual within its limit."""
    model = definition(unknown=UnknownRule(0.3, 0.4))
    label, confidence, scores = decide(
        np.array(values, np.float32).reshape(1, 3, 2), model, Settings(),
        np.array([residual]))
    assert np.isfinite(confidence).all() and np.isfinite(scores).all()
    assert label[0] in (Code.UNKNOWN, 0, 1)
    if label[0] >= 0:
        assert 0.3 <= confidence[0] <= 1
        assert scores[0].sum() == pytest.approx(1, abs=0.02)
        assert scores[0, label[0]] == scores[0].max() > scores[0].min()
        assert residual <= 0.4


@pytest.mark.parametrize("votes", [
    [[5., 3.]] * 3, [[2., -1.]] * 3, [[0., 0.]] * 3])
def test_votes_that_are_no_shares_are_no_class(votes):
    """Of a foreign graph whose output are no probabilities."""
    model = definition(linear_members(((0, 10), (10, 20), (20, 30))))
    label, confidence, _ = decide(np.array([votes], np.float32), model,
                                  Settings())
    assert label[0] == Code.UNKNOWN
    assert confidence[0] == 0


def test_a_limit_that_is_not_a_number_proves_nothing():
    label, _, _ = decide(votes_of(9, 9, 9), definition(),
                         Settings(min_confidence=np.nan))
    assert label[0] == Code.UNKNOWN
