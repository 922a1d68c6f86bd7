"""Means of k pulses: the same in every engine, never across patterns."""
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from small_models import definition

from spectra_classifier.core.decision.config import PulsePattern
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.preprocessing import averaging
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.errors import InputError

PUMPED = (PulsePattern("pumped", 0, 2), PulsePattern("unpumped", 1, 2))


def train_of(pulses=14, seed=1):
    random = np.random.default_rng(seed)
    raw = random.integers(5, 200, (pulses, 30)).astype(np.uint16)
    raw[3] = 0                                  # below the gate
    return raw


@pytest.mark.parametrize("engine", [NumpyEngine, FusedEngine])
def test_a_train_of_means_is_the_train_of_its_means(engine):
    model = definition(averaging=3)
    raw = train_of()
    result = engine(model).classify(make_train(7, raw), Settings())
    rows = np.delete(np.arange(14), 3)
    expected = engine(replace(model, averaging=1)).classify(make_train(
        7, np.stack([raw[rows[b]].mean(axis=0) for b in (
            range(3), range(3, 6), range(6, 9), range(9, 13))]).astype(
                np.float32)), Settings())
    place = np.repeat([0, 1, 2, 3], [3, 3, 3, 4])
    assert result.label[3] == Code.LOW_INTENSITY
    assert result.confidence[3] == 0 and np.isnan(result.residual[3])
    for name in "label", "confidence", "scores", "mixture", "residual":
        np.testing.assert_array_equal(getattr(result, name)[rows],
                                      getattr(expected, name)[place])
    np.testing.assert_allclose(result.intensity, raw.mean(axis=1))
    assert result.train_id == 7


def test_pulses_with_laser_are_averaged_with_each_other():
    patterns = (PulsePattern("pumped", kind="with laser"),
                PulsePattern("unpumped", kind="without laser"))
    light = np.array([3, 1, 1, 3, 0, 3, 1, 3, 1, 2], np.uint8)
    eligible = light & 1 == 1
    groups = averaging.blocks(np.arange(10), eligible, 2, patterns, light)
    for mean in range(4):
        assert len(set(light[groups == mean])) == 1
        assert (groups == mean).sum() == 2
    assert groups[~eligible].tolist() == [-1, -1]
    # without the machine nobody knows which pulses belong together
    raw = np.tile(train_of()[:2], (5, 1))
    for engine in NumpyEngine, FusedEngine:
        found = engine(definition(averaging=2)).classify(
            make_train(0, raw), Settings(average_within=patterns))
        assert found.label.tolist() == [Code.UNKNOWN] * 10
        known = engine(definition(averaging=5)).classify(
            make_train(0, raw, light=np.tile([3, 1], 5)),
            Settings(average_within=patterns))
        by_number = engine(definition(averaging=5)).classify(
            make_train(0, raw), Settings(average_within=PUMPED))
        np.testing.assert_array_equal(known.scores, by_number.scores)


def test_pumped_pulses_are_not_mixed_with_others():
    groups = averaging.blocks(np.arange(10), np.ones(10, bool), 2, PUMPED)
    assert groups.tolist() == [0, 2, 0, 2, 1, 3, 1, 3, 1, 3]
    model = definition(averaging=5)
    raw = np.tile(np.array([[10], [150]], np.uint16), (5, 30))
    mixed, apart = (NumpyEngine(model).classify(
        make_train(0, raw), Settings(average_within=patterns))
        for patterns in ((), PUMPED))
    assert len(np.unique(mixed.scores[:, 0])) == 1
    assert len(np.unique(apart.scores[::2, 0])) == 1
    alone = NumpyEngine(replace(model, averaging=1)).classify(
        make_train(0, raw[:2]), Settings())
    np.testing.assert_array_equal(apart.scores[:2], alone.scores)


def test_too_few_pulses_are_unknown(subtests):
    for engine, pulses in product([NumpyEngine, FusedEngine], [0, 1, 4]):
        with subtests.test(engine=engine.__name__, pulses=pulses):
            result = engine(definition(averaging=5)).classify(
                make_train(0, np.tile(np.arange(50, 80, dtype=np.uint16),
                                       (pulses, 1))), Settings())
            assert (result.label == Code.UNKNOWN).all()
            assert result.votes.shape == (pulses, 3, 2)
            assert not result.confidence.any()


def test_averaging_below_one_is_refused():
    with pytest.raises(InputError, match="averaging over 0"):
        definition(averaging=0)


def test_patterns_change_the_hash_of_the_settings():
    assert Settings().hash != Settings(average_within=PUMPED).hash
