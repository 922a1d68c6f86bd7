"""Two pedestals: found from the data, and taken out of them."""
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.preprocessing.dark import DarkSum, objection
from spectra_classifier.core.preprocessing.memory_cells import (
    CANNOT_TELL,
    CellMeans,
    Darks,
    Leveller,
)
from spectra_classifier.core.preprocessing.raw_frames import (
    Selection,
    prepare,
)
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import HARD
from spectra_classifier.simulation.stream.faults import message
from spectra_classifier.training.fit import train as train_model
from spectra_classifier.training.options import TrainingOptions
from tests.devices.fakes import CHANNELS, definition

FIRST = 2_500_000_000
MODEL = definition(classes=("low", "high"))
RANDOM = np.random.default_rng(5)
# two halves of equal mean: few strips, so that chance would look like a class
HALVES = 20 * RANDOM.standard_normal((2, 2, CHANNELS // 2))
EVEN, ODD = (500 + HALVES - HALVES.mean(axis=2, keepdims=True)).reshape(
    2, CHANNELS).astype(np.float32)
DARKS = Darks.of(np.stack([EVEN, ODD]), CHANNELS)
SETTINGS = Settings(dark=DARKS.mean, cells=DARKS.cells)


def frames(pulses=100, first=0, noise=3., light=0., seed=1):
    """Frames of cells in turn; `first`: 1 where the first one was lost."""
    random = np.random.default_rng(seed)
    energy = random.gamma(4, 0.25, (pulses, 1))
    rows = np.stack([EVEN, ODD])[(np.arange(pulses) + first) % 2]
    return (rows + noise * random.standard_normal(rows.shape)
            + light * energy * MODEL.references[0]).astype(np.float32)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("light", [0., 100.])
def test_one_dark_fits_all_frames_whichever_comes_first(first, light):
    train = make_train(1, frames(first=first, light=light))
    level, settings, remark = Leveller()(train, SETTINGS)
    assert (remark, settings.cells) == ("", None)
    flat = make_train(1, frames(first=first, light=light)
                      - np.stack([EVEN, ODD])[(np.arange(100) + first) % 2]
                      + DARKS.mean)
    np.testing.assert_allclose(level.spectra, flat.spectra, atol=1e-3)
    assert level.verdicts is train.verdicts


NOT_SURE = {
    "one dark is enough": frames()[::2],
    "a single pulse": frames(1),
    "too noisy": frames(6, noise=400.),
    "a source without cells": np.tile(DARKS.mean, (40, 1)) + 3
    * np.random.default_rng(2).standard_normal((40, CHANNELS)),
}


def test_where_the_data_cannot_tell_the_mean_is_used(subtests):
    for name, spectra in NOT_SURE.items():
        with subtests.test(name):
            train = make_train(1, spectra.astype(np.float32))
            same, settings, remark = Leveller()(train, SETTINGS)
            assert same is train
            assert settings.cells is None
            assert remark == CANNOT_TELL


def test_settings_without_cells_are_left_alone():
    train, settings = make_train(1, frames()), Settings(dark=DARKS.mean)
    assert Leveller()(train, settings) == (train, settings, "")


def test_the_settings_stay_the_same_object():
    level = Leveller()
    found = [level(make_train(n, frames(seed=n)), SETTINGS)[1]
             for n in range(3)]
    assert found[0] is found[1] is found[2]
    assert found[0].hash != SETTINGS.hash


def test_saturation_is_judged_on_what_came():
    """The level must not be passed because of what is subtracted."""
    strip = int(np.argmax(DARKS.cells))
    spectra = frames()
    spectra[4, strip] = 4000 + DARKS.cells[strip] / 2
    train, *_ = Leveller()(make_train(1, spectra),
                           replace(SETTINGS, saturation_level=4000.), MODEL)
    assert train.spectra[4, strip] < 4000
    np.testing.assert_array_equal(
        np.flatnonzero(train.verdicts == Code.SATURATED), [4])


@given(st.integers(0, 2**20))
def test_rows_of_a_dark_are_its_mean_and_its_cells(seed):
    rows = np.random.default_rng(seed).normal(500, 30, (2, 9)).astype("f4")
    for given_rows in rows, rows.ravel():
        darks = Darks.of(given_rows, 9)
        np.testing.assert_allclose(darks.rows, rows, atol=1e-3)
    alone = Darks.of(rows[0], 9)
    np.testing.assert_array_equal(alone.rows, rows[0])


@pytest.mark.parametrize("lost", [(), (2,), (0, 3)])
def test_a_dark_is_of_two_rows_whatever_trains_lost(lost):
    total = DarkSum(6, MODEL.references)
    for number in range(6):
        total.add(make_train(number, frames(
            first=int(number in lost), seed=number)))
    dark = total.result()
    # which of the rows is the one of even cells depends on the first train
    rows = dark.darks.rows[::-1] if 0 in lost else dark.darks.rows
    np.testing.assert_allclose(rows, np.stack([EVEN, ODD]), atol=1.5)
    assert objection(dark, MODEL) == ""


def test_a_dark_of_one_kind_has_one_row():
    total = DarkSum(6, MODEL.references)
    random = np.random.default_rng(3)
    for number in range(6):
        # a chip moves as a whole
        total.add(make_train(number, (
            EVEN + 3 * random.standard_normal((100, CHANNELS))
            + 10 * random.standard_normal((100, 1))).astype(np.float32)))
    assert total.result().darks.cells is None
    assert total.result().darks.rows.shape == (CHANNELS,)


def test_few_frames_of_one_kind_make_one_row():
    total = CellMeans(CHANNELS)
    total.add(frames(1).astype(np.float64), np.array([0]))
    assert total.result().cells is None


def test_beam_in_every_second_frame_is_no_dark():
    total = DarkSum(6, MODEL.references)
    for number in range(6):
        spectra = frames(seed=number)
        spectra[::2] += 40 * MODEL.references[0]    # all pulses alike
        total.add(make_train(number, spectra))
    dark = total.result()
    assert "looks like" in objection(dark, MODEL)
    # even where the dark in force holds the same light
    assert "frame to frame" in objection(dark, MODEL, dark.mean)


# accuracy with the simulated detector

#: of one kind of memory cells above the mean, ADU rms
PEDESTALS = 100.
DETECTOR = replace(HARD, cell_pedestal=PEDESTALS)
PULSES = 400


@pytest.fixture(scope="module")
def taught():
    """A detector without the two pedestals, and a model of its spectra."""
    plain = GotthardSource(DETECTOR, "redistribution", 3, FIRST)
    made = train_model(take_captures(plain, captures=2),
                       TrainingOptions(members="linear", seed=1))
    return plain, NumpyEngine(made.definition)


def prepared(source, number, **beam):
    """(truth, train as it was received) of a train."""
    made = source.train(FIRST + number, PULSES, **beam)
    arrays = message(made).arrays
    return made.label, prepare(made.train_id, {
        "data": arrays["adc"], "gain": arrays["gain"],
        "frame_number": arrays["frameNumber"]}, Selection()).train


def accuracy(engine, source, settings):
    """(share of right pulses, their number)"""
    right = total = 0
    level, random = Leveller(), np.random.default_rng(1)
    for number in range(6):
        truth, train = prepared(source, 40 + number,
                                coordinate=random.integers(0, 2, PULSES))
        label = engine.classify(
            *level(train, settings, engine.definition)[:2]).label
        judged = (label >= Code.UNKNOWN) & (truth >= 0)
        right += np.count_nonzero(label[judged] == truth[judged])
        total += np.count_nonzero(judged)
    return right / total, total


def test_a_dark_of_both_cells_is_as_good_as_no_pedestals(taught):
    """Captured from dark trains, and applied to what is received."""
    plain, engine = taught
    real = GotthardSource(DETECTOR, "redistribution", 3, FIRST, receiver=True)
    dead = real.dark == 0
    total = DarkSum(10, engine.definition.references)
    for number in range(10):
        total.add(prepared(real, number, light=False)[1])
    dark = total.result()
    assert objection(dark, engine.definition) == ""
    without, _ = accuracy(engine, plain, Settings(dark=plain.dark, mask=dead))
    both, judged = accuracy(engine, real, Settings(
        dark=dark.mean, mask=dead, cells=dark.darks.cells))
    mean, _ = accuracy(engine, real, Settings(dark=dark.mean, mask=dead))
    error = np.sqrt(without * (1 - without) / judged)
    assert judged > 1500
    assert abs(both - without) < 3 * error, (both, without)
    assert both - mean > 5 * error, (both, mean)
