"""The mean mixture of a live train."""
import numpy as np
import pytest

from spectra_classifier.core.model_definition import Baseline, Preprocessing
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.train_mixture import PULSES
from tests.devices.fakes import VALUES, live_model, spectra_of
from tests.live.test_mean_judge import incoming, noisy, rows


def mixture_of(spectra, configuration, trains=1):
    processor = Processor()
    for _ in range(trains):
        outcome = processor(incoming(spectra), configuration)
    return outcome.mixture


def test_the_share_of_a_state_is_found_and_all_pulses_get_their_turn():
    configuration = build(VALUES, live_model())
    mixed = noisy(np.concatenate([spectra_of(0, 90), spectra_of(1, 30)]))
    found = mixture_of(mixed, configuration)
    assert found.pulses == 120
    assert found.fractions == pytest.approx([0.75, 0.25], abs=0.02)
    assert (found.low < found.fractions).all()
    assert (found.fractions < found.high).all()
    long = noisy(np.concatenate([spectra_of(0, 4 * PULSES)]))
    long[1::4] = noisy(spectra_of(1, PULSES))
    shares = [mixture_of(long, configuration, trains).fractions[1]
              for trains in range(1, 5)]
    assert sorted(np.round(shares)) == [0, 0, 0, 1]


def test_it_is_that_of_the_pattern_that_decides():
    mixed = np.repeat(spectra_of(0, 1), 40, axis=0)
    mixed[1::2] = spectra_of(1, 20)
    for first, share in (0, [1, 0]), (1, [0, 1]):
        found = mixture_of(noisy(mixed), build(VALUES | {
            "decision.pulsePatterns": rows(("half", first, 2, 20))},
            live_model()))
        assert found.fractions == pytest.approx(share, abs=0.02)


def test_behind_a_baseline_it_is_not_known():
    behind = live_model(preprocessing=Preprocessing(Baseline("exact")))
    assert mixture_of(noisy(spectra_of(0, 20)), build(VALUES, behind)) is None


def test_without_pulses_it_is_not_known():
    found = mixture_of(noisy(spectra_of(0, 3)), build(VALUES, live_model()))
    assert np.isnan(found.fractions).all()
