"""Limits of the mean of a train come from blocks of training spectra."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.engine.mean_spectrum import (
    MeanScore,
    interleaved,
)
from spectra_classifier.core.spectra import Axis
from spectra_classifier.training.checks import drift_reference
from spectra_classifier.training.labelled import labelled
from spectra_classifier.training.selection import mean_limits, novelty_limits
from tests.core.small_models import definition, linear_members

CHANNELS, PHOTONS = 320, 1500
PLACE = np.arange(CHANNELS)
LEVEL = 0.05


def peak(centre, width=9.):
    return np.exp(-0.5 * ((PLACE - centre) / width) ** 2)


STATES = 0.05 + np.stack([peak(60) + peak(150), peak(60) + peak(240)])


def drawn(states, random, drift=0.05):
    """Pulses of 2000 photons, under a drift of their capture."""
    slope = drift * random.normal() * (PLACE / CHANNELS - 0.5)
    clean = states * (1 + slope)
    clean *= PHOTONS / clean.sum(axis=1, keepdims=True)
    return random.poisson(clean).astype(np.float32)


def captures(random, number=8, size=60):
    spectra = [drawn(STATES[[capture % 2] * size], random)
               for capture in range(number)]
    labels = np.repeat(np.arange(number) % 2, size)
    return labelled(Dataset(
        Axis(PLACE), np.concatenate(spectra), labels, ("a", "b"),
        np.repeat(np.arange(number), size)))


@pytest.fixture(scope="module")
def taught():
    """(data, definition) of a model."""
    data = captures(np.random.default_rng(0))
    return data, with_rule(data)


def with_rule(data):
    """A model of these data; its members play no part."""
    bins = (0, 160), (160, CHANNELS)
    model = definition(linear_members(bins), CHANNELS, bins=bins)
    model = replace(model, drift=drift_reference.reference(data, model))
    return replace(model, mean_rule=mean_limits.found(
        data, model, LEVEL).rule)


def judged(model, spectra):
    """Residual of the mean in units of the limit."""
    return MeanScore(model.drift.spectra, model.mean_rule)(
        interleaved(spectra))


def test_single_pulses_hide_what_the_mean_shows(taught):
    _, model = taught
    random = np.random.default_rng(1)
    strange = STATES[0] + 0.2 * peak(200, 4)
    false = [judged(model, drawn(STATES[[each % 2] * 200], random)) > 1
             for each in range(100)]
    found = [judged(model, drawn(strange[None].repeat(200, 0),
                                      random)) > 1 for _ in range(20)]
    assert np.mean(false) <= LEVEL
    assert np.mean(found) == 1


def test_the_rule_holds_for_means_of_more_pulses(taught):
    """Also of a mixture, of which nothing was taught."""
    _, model = taught
    random = np.random.default_rng(2)
    shares = random.uniform(size=(40, 1))
    for pulses in model.mean_rule.pulses, 40, 400:
        false = [judged(model, drawn((
            share * STATES[0] + (1 - share) * STATES[1])[None].repeat(
                pulses, 0), random)) > 1 for share in shares]
        assert np.mean(false) <= 2 * LEVEL


def test_what_drift_tolerates_is_not_foreign(taught):
    data, model = taught
    shift = model.drift.limits.shift
    moved = [np.interp(PLACE - way * shift, PLACE, each)
             for each in STATES for way in (-1, 1)]
    random = np.random.default_rng(3)
    for mean in moved:
        assert judged(model, drawn(mean[None].repeat(400, 0), random,
                                        0.)) <= 1.1
    far = replace(model, drift=replace(model.drift, limits=replace(
        model.drift.limits, shift=7.)))
    assert mean_limits.found(data, far, LEVEL).rule.max_residual > (
        model.mean_rule.max_residual)


def test_chips_do_not_hide_a_line():
    """Offsets of parts of the detector, as large as they come."""
    def offsets(spectra, random):
        return spectra + np.repeat(random.normal(
            0, 12, (len(spectra), 20)), CHANNELS // 20, axis=1)

    random = np.random.default_rng(6)
    data = captures(random)
    data = replace(data, spectra=offsets(data.spectra, random).astype(
        np.float32))
    model = with_rule(data)
    strange = (STATES[0] + 0.35 * peak(200, 2))[None].repeat(200, 0)
    scores = [judged(model, offsets(drawn(mean, random), random))
              for mean in (STATES[[0] * 200], STATES[[1] * 200], strange)]
    assert max(scores[:2]) < 1 < scores[2]
    whole = replace(model, mean_rule=replace(model.mean_rule, lines=None))
    assert judged(whole, offsets(drawn(strange, random), random)) < 1


def test_damaged_blocks_do_not_widen_the_limit():
    random = np.random.default_rng(4)
    data = captures(random)
    plain, _ = limit_of(data)
    data.spectra[::97, 200] += 40 * PHOTONS / CHANNELS
    trimmed, figures = limit_of(data)
    assert figures["trimmed"] > 0
    assert trimmed < 1.5 * plain


def limit_of(data):
    found = mean_limits.found(data, with_rule(data), LEVEL)
    return found.figures["of_blocks"], found.figures


def test_nothing_is_claimed_from_few(taught):
    data, model = taught
    few = data.select(np.arange(len(data)) % 60 < 15)
    for some, level in ((few, LEVEL), (data, 0.)):
        found = mean_limits.found(some, model, level)
        assert found.rule is None
        assert "the mean of a train is not judged" in found.figures["words"]
    # two looks at 60 blocks of a class have no level below 2 / 61
    found = mean_limits.found(data, model, 0.01)
    assert 2 / 61 <= found.rule.level <= 2 / 50
    assert drift_reference.reference(data, model) is not None
    assert mean_limits.found(data, replace(
        model, drift=None, mean_rule=None), LEVEL).rule is None


def test_two_looks_exceed_their_limits_as_often_as_is_claimed():
    """By new blocks, mean over trainings; one look of n claims 1 / (n + 1)."""
    random, n, again = np.random.default_rng(5), 60, 2000
    labels = np.zeros(n, int)
    exceeded = []
    for _ in range(300):
        most = novelty_limits.limits(random.normal(size=(2, n)) + 5, labels,
                                     0.01)
        exceeded.append((random.normal(size=(again, 2)) + 5 > most).any(
            axis=1).mean())
    error = np.std(exceeded) / len(exceeded) ** 0.5
    assert 1.5 / (n + 1) < np.mean(exceeded) < 2 / (n + 1) + 3 * error
