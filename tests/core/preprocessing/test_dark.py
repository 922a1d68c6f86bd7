"""A dark is taken, doubted and watched."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.preprocessing.dark import (
    FRAMES,
    MIN_FRAMES,
    DarkSum,
    misfit,
    objection,
    offset,
)
from spectra_classifier.core.preprocessing.memory_cells import Darks
from spectra_classifier.core.spectra import Code, make_train
from tests.devices.fakes import CHANNELS, definition

MODEL = definition(classes=("low", "high"))
RANDOM = np.random.default_rng(3)
PEDESTAL = (500 + 20 * RANDOM.standard_normal(CHANNELS)).astype(np.float32)


def frames(pulses, light=0., common=0., seed=1, pedestal=PEDESTAL):
    """(pulses, CHANNELS) float32: pedestal, noise, perhaps light of class 0.
    """
    random = np.random.default_rng(seed)
    spectra = pedestal + 3 * random.standard_normal((pulses, CHANNELS))
    spectra += common * random.standard_normal((pulses, 1))
    energy = random.gamma(4, 0.25, (pulses, 1))
    return (spectra + light * energy * MODEL.references[0]).astype("f4")


def dark_of(trains=5, pulses=100, **kwargs):
    total = DarkSum(trains, MODEL.references)
    for number in range(trains):
        total.add(make_train(number, frames(pulses, seed=number, **kwargs)))
    assert total.complete
    return total.result()


def test_it_is_the_mean_of_the_frames():
    dark = dark_of()
    assert (dark.frames, dark.trains, dark.train_id) == (500, 5, 4)
    np.testing.assert_allclose(dark.mean, PEDESTAL, atol=0.8)


def test_a_long_train_is_thinned_evenly():
    total = DarkSum(1, MODEL.references)
    total.add(make_train(0, frames(1000)))
    assert FRAMES / 2 <= total.frames <= FRAMES


def test_frames_that_never_came_are_left_out():
    spectra = frames(60)
    spectra[0] = np.nan
    verdicts = np.zeros(60, np.int8)
    verdicts[1], verdicts[2] = Code.BAD_DATA, Code.SATURATED
    total = DarkSum(1, MODEL.references)
    total.add(make_train(0, spectra, verdicts=verdicts))
    assert total.frames == 57


def test_too_few_frames_are_refused():
    total = DarkSum(1, MODEL.references)
    total.add(make_train(0, frames(MIN_FRAMES - 1)))
    with pytest.raises(ValueError, match=f"needs {MIN_FRAMES}"):
        total.result()


@pytest.mark.parametrize("common", [0., 5.])
@pytest.mark.parametrize("before", [None, PEDESTAL])
def test_a_dark_without_light_is_taken(common, before):
    # noise that all strips share is no light
    dark = dark_of(trains=20, common=common)
    assert objection(dark, MODEL, before) == ""


@pytest.mark.parametrize("before", [None, PEDESTAL])
def test_light_is_seen(before):
    reason = objection(dark_of(light=5.), MODEL, before)
    assert "'low'" in reason and "is the shutter closed?" in reason


def test_steady_light_is_seen_by_its_shape():
    steady = PEDESTAL + 40 * MODEL.references[1]
    dark = dark_of(pedestal=steady)
    assert "looks like 'high'" in objection(dark, MODEL, PEDESTAL)


def test_flat_light_is_seen_by_its_level():
    dark = dark_of(pedestal=PEDESTAL + 2 * MODEL.min_intensity)
    assert "more than the gate" in objection(dark, MODEL, PEDESTAL)


def offset_of(dark_error, blanks=10):
    """`offset` for a dark that is too high by so much."""
    lit = frames(30, light=60.)
    train = make_train(0, np.concatenate([lit, frames(blanks, seed=2)]))
    settings = Settings(dark=PEDESTAL + np.float32(dark_error))
    result = NumpyEngine(MODEL).classify(train, settings)
    return offset(train, result, MODEL, settings), settings


@pytest.mark.parametrize("error, says", [
    (0., ""), (-8., "above"), (3., ""), (80., "below")])
def test_a_dark_that_does_not_fit_is_noticed(error, says):
    value, settings = offset_of(error)
    assert says in misfit(value, MODEL, settings)
    assert bool(misfit(value, MODEL, settings)) == bool(says)


def test_without_a_dark_nothing_is_known():
    train = make_train(0, frames(10))
    result = NumpyEngine(MODEL).classify(train, Settings())
    value = offset(train, result, MODEL, Settings())
    assert np.isnan(value)
    assert misfit(value, MODEL, Settings()) == ""


NOTHING = np.full(CHANNELS, np.nan)


@pytest.mark.parametrize("spoilt", [
    {"light": NOTHING[:2]}, {"darks": Darks(NOTHING)},
    {"darks": Darks(np.tile(NOTHING, (2, 1)))}, {"coupling": NOTHING}],
    ids=["light", "dark", "two darks", "coupling"])
def test_what_is_not_known_speaks_against_a_dark(spoilt):
    dark = dark_of()
    assert objection(dark, MODEL, PEDESTAL) == ""
    assert objection(replace(dark, **spoilt), MODEL, PEDESTAL)


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e30])
def test_frames_with_an_absurd_value_are_left_out(odd):
    total = DarkSum(1, MODEL.references)
    taken = frames(100)
    taken[7, 3] = odd
    total.add(make_train(0, taken))
    assert total.frames == 99
    assert np.isfinite(total.result().mean).all()
