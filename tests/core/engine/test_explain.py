"""A pulse is explained in numbers and in words."""
import numpy as np
import pytest

from spectra_classifier.core.engine.explain import explain, least_confident
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.engine.texture_distance import Texture
from spectra_classifier.core.engine.within_class_variation import Variation
from spectra_classifier.core.model_definition import (
    Settings,
    UnknownRule,
    ViewMembers,
)
from spectra_classifier.core.preprocessing.views import View, apply_view
from spectra_classifier.core.spectra import Code, make_train
from tests.devices.fakes import CHANNELS, definition, spectra_of

#: two bins that see both halves
MODEL = definition(bins=((8, 24), (4, 28)))


def explained(spectra, settings=None, model=MODEL, pulse=0, verdicts=None):
    settings = settings or Settings()
    train = make_train(7, spectra, verdicts=verdicts)
    result = NumpyEngine(model).classify(train, settings)
    return explain(result, pulse, model, settings)


def test_a_class():
    told = explained(spectra_of(1))
    assert told.label == 1
    assert told.reason.startswith("Pulse 0 of train 7: 'high' with")
    assert "2 of 2 bins vote for it, with 100% of the weight" in told.reason
    np.testing.assert_allclose(told.votes.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(told.share, [0.5, 0.5])
    assert list(told.winner) == [1, 1]


def test_the_bin_that_disagrees_is_named():
    # what shines on the left alone can only say "low"
    model = definition(weights=np.array([1., 3.]))
    told = explained(spectra_of(1), model=model)
    assert told.label == 1
    assert ("Bin 0 (0 to 15 channel) votes for 'low', with 25% of"
            in told.reason)


def test_a_bin_without_a_vote_carries_nothing():
    told = explained(spectra_of(1), Settings(selected_bins=(1,)))
    assert list(told.share) == [0, 1]
    assert "1 of 1 bins" in told.reason


@pytest.mark.parametrize("change, words", [
    ({"unknown": UnknownRule(max_residual=1e-4)}, "no mixture"),
    ({"weights": np.zeros(2)}, "No selected bin has any weight")])
def test_unknown(change, words):
    # not quite what was taught
    spectra = spectra_of(1) + np.arange(CHANNELS, dtype=np.uint16)
    told = explained(spectra, model=definition(**change))
    assert told.label == Code.UNKNOWN
    assert words in told.reason


def test_a_small_limit_is_told_as_it_is():
    model = definition(
        unknown=UnknownRule(max_residual=0.0031), variation=Variation(
            4, np.eye(1, CHANNELS // 4, dtype=np.float32)))
    told = explained(spectra_of(1) + np.arange(CHANNELS, dtype=np.uint16),
                     model=model)
    assert "how spectra of one state vary; at most 0.31%" in told.reason


def test_a_texture_that_was_not_taught():
    view = View("texture", normalise=False, parts=1)
    sample = apply_view(view, spectra_of(1))
    members = ViewMembers(
        (view,), (0, 0), (np.ones((2, 6), np.float32),) * 2,
        np.array([[0, 1], [0, 1]], np.float32),
        Texture(0, np.stack([np.eye(6, dtype=np.float32)] * 2),
                np.stack([3 - sample[0], 4 - sample[0]]).astype(np.float32)))
    model = definition(members=members,
                       unknown=UnknownRule(max_distance=2.))
    told = explained(spectra_of(1), model=model)
    assert told.label == Code.UNKNOWN
    assert ("Its texture lies 7.35 from that of the nearest training state; "
            "at most 2 may be.") in told.reason
    taught = definition(members=members,
                        unknown=UnknownRule(max_distance=8.))
    assert explained(spectra_of(1), model=taught).label == 1


def test_not_sure_enough():
    spectra = np.full((1, CHANNELS), 100, np.uint16)
    spectra[0, 20] = 101
    told = explained(spectra, Settings(min_confidence=0.999))
    assert told.label == Code.UNKNOWN
    assert "1.00 is needed" in told.reason


def test_a_tie():
    dark = np.arange(CHANNELS, dtype=np.float32)
    told = explained((100 + dark)[None], Settings(dark=dark))
    assert told.label == Code.UNKNOWN
    assert "the same score" in told.reason


@pytest.mark.parametrize("spectra, verdict, words", [
    (spectra_of(1, 1, 1), 0, "the gate is 10.0"),
    (spectra_of(1, 1), Code.SATURATED, "saturated"),
    (spectra_of(1, 1), Code.BAD_DATA, "never received"),
    (spectra_of(1, 1), Code.SKIPPED, "not selected")])
def test_without_a_class(spectra, verdict, words):
    told = explained(spectra, verdicts=np.array([verdict], np.int8))
    assert told.label < 0
    assert words in told.reason
    assert not told.votes.any()
    assert list(told.winner) == [-1, -1]


def test_the_level_of_saturation_is_told():
    told = explained(spectra_of(1), Settings(saturation_level=200.))
    assert "the level of 200" in told.reason


def test_the_least_confident_pulse():
    spectra = np.concatenate([spectra_of(1, 3), spectra_of(0, 1)])
    spectra[2, :CHANNELS // 2] = 290        # nearly the same everywhere
    result = NumpyEngine(MODEL).classify(make_train(0, spectra), Settings())
    assert least_confident(result) == 2


def test_a_rejected_pulse_is_no_doubtful_one():
    result = NumpyEngine(MODEL).classify(make_train(
        0, spectra_of(1, 3), verdicts=np.array([Code.BAD_DATA, 0, 0],
                                               np.int8)), Settings())
    assert least_confident(result) > 0


def test_no_pulses():
    result = NumpyEngine(MODEL).classify(
        make_train(0, np.zeros((0, CHANNELS), np.uint16)), Settings())
    with pytest.raises(ValueError, match="without pulses"):
        least_confident(result)
