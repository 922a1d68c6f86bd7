"""Textures that were not taught are unknown, at the level asked for."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.preprocessing.texture import features
from spectra_classifier.core.spectra import Axis, Code, make_train
from spectra_classifier.training.labelled import LabelledDataset
from spectra_classifier.training.options import TrainingOptions
from spectra_classifier.training.selection import (
    auto_fit,
    novelty_limits,
    textures,
)

CHANNELS = 320
WIDTHS = 3., 8.


def shots(count, width, random):
    """Spiky spectra (count, CHANNELS) whose spikes have that width."""
    place = np.fft.fftfreq(CHANNELS)
    shape = np.exp(-np.square(np.pi * width * place))
    field = np.fft.ifft(shape * np.fft.fft(
        random.normal(size=(2, count, CHANNELS)), axis=-1), axis=-1).real
    power = np.square(field).sum(axis=0)
    return (power / power.mean(axis=1, keepdims=True)).astype(np.float32)


def taught(count, random):
    """Shots (2 count, CHANNELS) of both widths, and their labels."""
    return (np.concatenate([shots(count, width, random)
                            for width in WIDTHS]),
            np.repeat([0, 1], count))


def fit(spectra, labels, **options):
    return auto_fit.fit(LabelledDataset(
        Axis.channels(CHANNELS), spectra, labels, ("narrow", "wide"), None,
        np.arange(len(labels))), TrainingOptions(
            members="texture", gate=False, **options))


def unknown(definition, spectra):
    label = FusedEngine(definition).classify(
        make_train(0, spectra), Settings(min_intensity=-np.inf)).label
    return (label == Code.UNKNOWN).mean()


def test_textures_that_were_not_taught_are_unknown():
    random = np.random.default_rng(0)
    definition, found = fit(*taught(200, random))
    fresh, _ = taught(300, random)
    assert unknown(definition, fresh) <= 0.03
    for strange in (random.permuted(fresh, axis=1), shots(200, 0.5, random),
                    shots(200, 40., random)):
        assert unknown(definition, strange) > 0.9
    figures = found.rule.figures(np.arange(400))
    assert figures["max_distance"] == definition.unknown.max_distance
    without = replace(
        definition, members=replace(definition.members, texture=None),
        unknown=replace(definition.unknown, max_distance=np.inf))
    assert unknown(without, random.permuted(fresh, axis=1)) < 0.5


def test_the_model_of_left_out_spectra_has_its_own_textures():
    definition, found = fit(*taught(60, np.random.default_rng(1)))
    left_out, held = auto_fit.left_out(definition, found)
    assert len(held) and left_out.texture.view == definition.texture.view
    assert (left_out.texture.coef != definition.texture.coef).any()


def test_the_level_is_that_of_both_limits_together():
    """Mean over trainings."""
    random, shares = np.random.default_rng(2), []
    for _ in range(4):
        definition, _ = fit(*taught(100, random), unknown_level=0.05)
        shares.append(unknown(definition, taught(400, random)[0]))
    assert 0.01 < np.mean(shares) < 0.08


def test_two_limits_claim_twice_what_one_can_have():
    definition, found = fit(*taught(60, np.random.default_rng(7)))
    assert found.rule.claimed == definition.unknown.level == pytest.approx(
        2 / 61)


@pytest.mark.parametrize("count, level", [(12, 0.01), (38, 0.01),
                                          (100, 0.)])
def test_no_limit_without_enough_spectra_or_where_none_is_wanted(count,
                                                                 level):
    definition, found = fit(*taught(count, np.random.default_rng(3)),
                            unknown_level=level)
    assert definition.texture is None
    assert definition.unknown.max_distance == np.inf
    assert found.rule.figures(np.arange(2 * count))["max_distance"] is None
    told = " ".join(found.rule.warnings(np.arange(2 * count)))
    assert ("by its texture: that needs 39 spectra" in told) == (count == 38)
    assert ("not enough spectra" in told) == (count == 12)


def test_a_few_damaged_spectra_do_not_widen_the_limit():
    random = np.random.default_rng(4)
    spectra, labels = taught(200, random)
    bad = spectra.copy()
    bad[[3, 220], 100] += 60
    clean, found = (novelty_limits.rule(
        some, labels, None, 0.02, seen=(0, features(some, 1)))
        for some in (spectra, bad))
    assert found.max_distance < 1.3 * clean.max_distance


def test_dim_pulses_of_taught_states_are_no_strangers():
    """Noise has a texture of its own, and some are nearly noise."""
    random = np.random.default_rng(6)

    def seen(count):
        spectra, labels = taught(count, random)
        energy = random.gamma(2., 30 / 2, (len(spectra), 1))
        return random.poisson(energy * spectra).astype(np.float32), labels

    definition, found = fit(*seen(200))
    assert not len(found.rule.trimmed)
    assert unknown(definition, seen(500)[0]) <= 0.04


def test_the_distance_is_that_of_mahalanobis():
    random = np.random.default_rng(5)
    known = random.normal(size=(4000, 3)) @ random.normal(size=(3, 3))
    texture = textures.fitted(known, np.zeros(4000, int), 0)
    step = (known[:50] - known.mean(axis=0)) / known.std(axis=0, ddof=1)
    metric = np.linalg.inv(np.corrcoef(known.T)
                           + textures.RIDGE * np.eye(3))
    np.testing.assert_allclose(
        texture.distance(known[:50]),
        np.sqrt(np.einsum("ij,jk,ik->i", step, metric, step)), rtol=0.1)
