import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import definition, linear_members

from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Code, make_train

MODEL = definition()
ENGINE = NumpyEngine(MODEL)


def train_of(pulses, seed=0, verdicts=None):
    spectra = np.random.default_rng(seed).normal(5, 2, (pulses, 30))
    return make_train(4, spectra.astype(np.float32), verdicts=verdicts)


@given(st.integers(0, 40), st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_every_pulse_is_accounted_for(pulses, seed):
    rng = np.random.default_rng(seed)
    verdicts = rng.choice([0, -5, -4, -3], pulses)
    result = ENGINE.classify(train_of(pulses, seed, verdicts), Settings())
    counts = result.counts()
    unknown = counts.pop("unknown")
    assert sum(counts.values()) == result.pulses == pulses
    assert unknown <= counts["classified"]
    assert (result.label[verdicts < 0] == verdicts[verdicts < 0]).all()


@given(st.permutations(range(12)))
@settings(deadline=None, max_examples=20)
def test_the_order_of_pulses_does_not_matter(order):
    train = train_of(12)
    shuffled = make_train(4, train.spectra[list(order)])
    assert (ENGINE.classify(shuffled, Settings()).label
            == ENGINE.classify(train, Settings()).label[list(order)]).all()


def test_a_rejected_pulse_has_no_scores():
    result = ENGINE.classify(train_of(2, verdicts=[Code.BAD_DATA, 0]),
                             Settings())
    assert result.label[0] == Code.BAD_DATA
    assert result.confidence[0] == 0
    assert (result.scores[0] == 0).all()
    assert (result.mixture[0] == 0).all()
    assert np.isnan(result.residual[0])
    assert result.scores[1].sum() == pytest.approx(1)


def test_results_name_model_and_settings():
    settings_ = Settings(selected_bins=(1,))
    result = ENGINE.classify(train_of(1), settings_)
    assert result.train_id == 4
    assert (result.model_id, result.config_hash) == ("test-model",
                                                     settings_.hash)


def test_the_engine_does_not_change_its_input():
    train = train_of(5)
    before = train.spectra.copy()
    ENGINE.classify(train, Settings(dark=np.ones(30)))
    assert (train.spectra == before).all()


def test_linear_members_run():
    model = definition(members=linear_members(MODEL.bins))
    result = NumpyEngine(model).classify(train_of(5), Settings())
    assert (result.label >= 0).all()
    assert result.votes.sum(axis=2) == pytest.approx(1, abs=1e-6)
