"""One train in the worker thread."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.drift import DriftReference, monitor
from spectra_classifier.core.spectra import Code
from spectra_classifier.live import mean_judge, train_mixture
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.preview import PERIOD, shown_pulse
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.records import Fate, Incoming
from tests.devices.fakes import CHANNELS, VALUES, live_model, spectra_of


def train(index=1, pulses=4, **arrays):
    return Incoming(1, pulses, 0.,
                    arrays={"data": spectra_of(index, pulses)} | arrays)


def configuration(**changes):
    return build(VALUES | changes, live_model())


def test_a_good_train():
    outcome = Processor()(train(), configuration())
    assert outcome.fate is Fate.CLASSIFIED
    assert outcome.coverage == 1
    np.testing.assert_array_equal(outcome.result.label, [1] * 4)


def test_without_a_model_it_is_skipped():
    for none in None, build(VALUES):
        outcome = Processor()(train(), none)
        assert (outcome.fate, outcome.reason) == (Fate.SKIPPED, "no model")


@pytest.mark.parametrize("pulses", [4, 400])
def test_a_slow_engine_begins_with_what_it_has_time_for(pulses):
    """And goes on with the newest trains."""
    now = [0.]
    processor = Processor(lambda: now[0])
    processor.patience = 0.25
    slow = build(VALUES | {"conditions.maxLatency": 500.}, replace(
        live_model(), interim=True, pulse_seconds=0.01))
    codes = processor(train(pulses=pulses), slow).result.label
    assert np.count_nonzero(codes != Code.SKIPPED) == min(pulses, 25)
    now[0] = 0.6
    outcome = processor(train(pulses=pulses), slow)
    assert (outcome.fate, outcome.reason) == (Fate.SKIPPED, "late")
    fast = processor(train(pulses=pulses), configuration())
    assert fast.fate is Fate.CLASSIFIED


def test_what_the_handler_found_wrong_is_rejected():
    incoming = Incoming(1, 4, 0., problem="odd")
    outcome = Processor()(incoming, configuration())
    assert (outcome.fate, outcome.problem) == (Fate.REJECTED, "odd")


def test_a_model_that_has_changed_since_the_handler():
    """The queue may hold trains of an axis that no longer fits."""
    wide = Incoming(1, 2, 0., arrays={
        "data": np.ones((2, CHANNELS + 1), np.uint16)})
    outcome = Processor()(wide, configuration())
    assert outcome.fate is Fate.REJECTED
    assert f"{CHANNELS + 1} channels" in outcome.problem


def test_the_mask_of_the_train_adds_to_ours():
    mask = np.zeros(CHANNELS, np.uint8)
    mask[0] = 1
    spoiled = spectra_of(1).astype(np.float32)
    spoiled[:, [0, 5]] = np.nan
    own = configuration(**{"source.maskPath": "data.mask",
                           "source.maskedStrips": (5,)})
    outcome = Processor()(train(data=spoiled, mask=mask), own)
    np.testing.assert_array_equal(outcome.result.label, [1] * 4)
    only_theirs = configuration(**{"source.maskPath": "data.mask"})
    outcome = Processor()(train(data=spoiled, mask=mask), only_theirs)
    assert (outcome.result.label == Code.BAD_DATA).all()


def test_all_strips_masked():
    mask = np.ones(CHANNELS, np.uint8)
    outcome = Processor()(train(mask=mask),
                          configuration(**{"source.maskPath": "data.mask"}))
    assert outcome.fate is Fate.REJECTED
    assert "every strip is masked" in outcome.problem


@pytest.mark.parametrize("selection, coverage", [
    ("", 1.), ("0:2", 1.), ("99:", 1.)])
def test_pulses_that_were_not_asked_for_do_not_lower_the_coverage(
        selection, coverage):
    outcome = Processor()(train(),
                          configuration(**{
                               "source.pulseSelection": selection}))
    assert outcome.coverage == coverage


def test_a_train_without_pulses_is_covered():
    assert Processor()(train(pulses=0), configuration()).coverage == 1


def test_a_preview_now_and_then():
    now = [0.]
    process = Processor(lambda: now[0])
    own = configuration()
    preview = process.afterwards(process(train(), own))
    assert preview.label == 1
    np.testing.assert_array_equal(preview.raw, spectra_of(1)[0])
    np.testing.assert_allclose(preview.spectrum.mean(), 1, 1e-5)
    np.testing.assert_allclose(preview.votes.sum(axis=1), 1, 1e-5)
    assert process.afterwards(process(train(), own)) is None
    now[0] += PERIOD
    assert process.afterwards(process(train(), own)) is not None
    now[0] += PERIOD
    assert process.afterwards(process(train(), None)) is None  # not classified


def test_a_preview_of_what_is_not_a_number():
    spoiled = np.full((1, CHANNELS), np.nan, np.float32)
    process = Processor()
    preview = process.afterwards(process(train(data=spoiled), configuration()))
    assert preview.label == Code.BAD_DATA
    assert not preview.votes.any()


SHOWN = [
    ([0, 1, 0], 1, 1), ([-2, -2, 1], 0, 2), ([1, -2, -2], 1, 0),
    ([-2, -2], 1, 1), ([0], 7, 0)]


def test_which_pulse_is_shown(subtests):
    for labels, wanted, shown in SHOWN:
        with subtests.test(labels=labels, wanted=wanted):
            assert shown_pulse(np.array(labels, np.int8), wanted) == shown


def test_what_a_change_needs_is_made_before_its_first_train():
    """By the first train, nothing is left to be built."""
    process = Processor()
    process(train(), configuration())
    changed = build(VALUES | {"minConfidence": 0.1}, live_model(
        drift=DriftReference(spectra_of(0, 2).astype(np.float32), 100.)))
    assert process.afterwards(changed) is None
    with pytest.MonkeyPatch.context() as patch:
        for built in (monitor.DriftMonitor, mean_judge.TrainMean,
                      train_mixture.MeanMixer):
            patch.setattr(built, "__init__", None)
        outcome = process(train(), changed)
    assert np.isfinite(outcome.drift.score)
    assert outcome.mixture is not None
