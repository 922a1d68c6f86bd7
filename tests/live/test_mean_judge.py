"""The mean of every pulse pattern of a live train is judged."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.decision.mean_verdict import NOT_JUDGED, MeanCode
from spectra_classifier.core.drift import DriftReference
from spectra_classifier.core.engine.mean_spectrum import MeanRule
from spectra_classifier.core.engine.train_mean import PULSES
from spectra_classifier.core.engine.within_class_variation import Variation
from spectra_classifier.live import mean_judge
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.mean_judge import AT_ONCE, MeanJudge
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.records import Incoming
from tests.devices.fakes import (
    CHANNELS,
    VALUES,
    definition,
    live_model,
    spectra_of,
)

SLOPE = np.linspace(-1, 1, CHANNELS)[None]
RULE = MeanRule(Variation(1, (SLOPE / np.linalg.norm(SLOPE)).astype(
    np.float32)), 4, 0.2, 0.05, 0.01)
REFERENCES = definition().references
DRIFT = DriftReference(REFERENCES / REFERENCES.mean(axis=1, keepdims=True),
                       100.)
#: a comb that neither class has; every pulse of it gets a class
COMB = 100 + 60 * (np.arange(CHANNELS) % 2)


def configured(rule=RULE, **changes):
    return build(VALUES | changes, live_model(drift=DRIFT, mean_rule=rule))


def incoming(spectra):
    return Incoming(1, len(spectra), 0., arrays={
        "data": np.asarray(spectra, np.uint16)})


def rows(*patterns):
    return tuple({"name": name, "first": first, "step": step, "count": count,
                  "required": True, "kind": "pulse id"}
                 for name, first, step, count in patterns)


def means_of(spectra, configuration):
    outcome = Processor()(incoming(spectra), configuration)
    assert (outcome.result.label >= 0).all()
    return outcome.means


def noisy(spectra, seed=0):
    return np.random.default_rng(seed).poisson(spectra)


def comb(pulses):
    return spectra_of(0, pulses) * COMB // 100


def test_a_train_of_taught_states_or_their_mixture_is_taught():
    mixed = np.concatenate([spectra_of(0, 20), spectra_of(1, 9)])
    for spectra in spectra_of(0, 20), spectra_of(1, 20), mixed, mixed // 2:
        means = means_of(noisy(spectra), configured())
        assert means.code is MeanCode.TAUGHT
        assert 0 <= means.worst < 0.5


def test_a_foreign_mean_is_found_though_every_pulse_has_a_class():
    means = means_of(noisy(comb(20)), configured())
    assert means.code is MeanCode.FOREIGN
    assert means.worst > 1


def test_dark_and_mask_are_applied_first():
    spectra = noisy(comb(20))
    taught = configured(**{
        "dark.spectrum": tuple(map(float, (comb(1) - spectra_of(0, 1))[0]))})
    assert means_of(spectra, taught).code is MeanCode.TAUGHT
    spiked = spectra_of(0, 20)
    spiked[:, 5] += 3000
    assert means_of(spiked, configured()).code is MeanCode.FOREIGN
    masked = configured(**{"source.maskedStrips": (5,)})
    assert means_of(spiked, masked).code is MeanCode.TAUGHT


def test_each_pulse_pattern_has_its_own_mean():
    spectra = spectra_of(0, 20)
    spectra[1::2] = comb(10)
    configuration = configured(**{"decision.pulsePatterns": rows(
        ("even", 0, 2, 0), ("odd", 1, 2, 0), ("few", 0, 2, 3))})
    means = means_of(spectra, configuration)
    even, odd, few = configuration.decision.patterns
    assert not means.foreign(even)
    assert means.foreign(odd)
    assert means.score(few) == NOT_JUDGED
    # pulses of a pattern that is no more are judged by the worst
    assert means.foreign(replace(even, first=7))


def test_only_pulses_with_a_class_or_unknown_enter():
    spectra = np.concatenate([spectra_of(0, 10), comb(10) // 100])
    outcome = Processor()(incoming(spectra), configured())
    assert (outcome.result.label[10:] < -1).all()
    assert outcome.means.code is MeanCode.TAUGHT


def test_what_cannot_be_judged_is_foreign(monkeypatch):
    noise = np.random.default_rng(1).integers(20, 400, (20, CHANNELS))
    outcome = Processor()(incoming(noise), configured())
    assert (outcome.result.label >= -1).all()
    assert np.isnan(outcome.means.worst)
    assert outcome.means.code is MeanCode.FOREIGN

    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(
        "spectra_classifier.core.engine.train_mean.interleaved", broken)
    assert means_of(spectra_of(0, 20),
                    configured()).code is MeanCode.FOREIGN


@pytest.mark.parametrize("rule, pulses", [(None, 20), (RULE, 3)])
def test_without_limits_or_pulses_nothing_is_judged(rule, pulses):
    means = means_of(comb(pulses), configured(rule))
    assert means.code is MeanCode.NOT_JUDGED


def test_patterns_are_judged_in_turns_and_keep_what_was_found():
    """A train costs no more for many patterns; each has its turn."""
    count = 3 * AT_ONCE
    configuration = configured(**{"decision.pulsePatterns": rows(*(
        (f"p{each}", each, count, 0) for each in range(count)))})
    process = Processor()
    foreign = []
    for _ in range(4):
        means = process(incoming(comb(8 * count)), configuration).means
        foreign.append(sum(map(means.foreign,
                               configuration.decision.patterns)))
    assert foreign[2:] == [count] * 2
    # another configuration knows nothing of it
    means = process(incoming(spectra_of(0, 20)), configured()).means
    assert means.code is MeanCode.TAUGHT


def test_pulses_are_taken_from_the_whole_train():
    """Where there are more than are looked at."""
    spectra = spectra_of(0, 4 * PULSES)
    spectra[-PULSES:] = comb(PULSES)
    assert means_of(spectra, configured()).worst > means_of(
        spectra_of(0, PULSES), configured()).worst + 0.3


def test_no_other_model_judges_where_one_cannot_be_made(monkeypatch):
    judge, one, two = MeanJudge(), configured(), configured(minConfidence=0.1)
    judge.begin(one)
    with monkeypatch.context() as patch:
        patch.setattr(mean_judge, "TrainMean", None)
        for _ in range(2):
            with pytest.raises(TypeError):
                judge.begin(two)
    score = judge._score
    judge.begin(two)
    assert judge._score is not score
