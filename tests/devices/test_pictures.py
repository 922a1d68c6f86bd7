"""Pictures show what they are given; every one of them can be empty."""
import struct
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.colours import (
    CLASSES,
    label_colours,
    rgb,
)
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.devices.common.drawing.canvas import (
    SIGNATURE,
    Canvas,
    png,
    raster,
)
from spectra_classifier.devices.common.drawing.plot import (
    Plot,
    class_entries,
    in_line,
    limits,
    ticks,
)
from spectra_classifier.devices.spectra_classifier.pictures.pulse_map import (
    pulse_map,
)
from spectra_classifier.devices.spectra_classifier.pictures.renderer import (
    DRAW,
)
from spectra_classifier.devices.spectra_classifier.pictures.spectrum import (
    shown_pair,
)
from spectra_classifier.devices.spectra_classifier.properties.screens import (
    CHANNELS,
)
from spectra_classifier.live.preview import (
    ENOUGH,
    LEAST_CONFIDENT,
    ClassMeans,
    Previewer,
)
from spectra_classifier.live.train_history import (
    MAP_TRAINS,
    TRAINS,
    TrainHistory,
)
from tests.devices.fakes import live_model, spectra_of

NAMES = tuple("abcdefgh")


def count_of(picture, colour):
    return int((picture == rgb(colour)).all(axis=2).sum())


def told(classes=("low", "high"), trains=40):
    """(past, preview, configuration) after trains of all classes in turn."""
    model = live_model(classes=classes, references=np.linspace(
        1, 2, 32 * len(classes), dtype=np.float32).reshape(len(classes), 32))
    configuration = SimpleNamespace(model=model, settings=Settings())
    train_history, preview = TrainHistory(), None
    previewer = Previewer(iter(range(1000)).__next__)
    for number in range(trains):
        train = make_train(number, spectra_of(number % 2, 12))
        result = NumpyEngine(model.definition).classify(train, Settings())
        preview = previewer(train, result, Settings(), configuration)
        share = np.bincount(result.label.clip(0), minlength=len(classes)) / 12
        train_history.add(number / 10, result, SimpleNamespace(
            class_fractions=share, unknown_fraction=0., confidence=0.9),
            classes)
    return train_history.moments(), preview, configuration


@pytest.mark.parametrize("classes", [2, 3, 8])
def test_every_picture_with_two_to_eight_classes(classes, subtests):
    past, preview, configuration = told(NAMES[:classes])
    for channel in CHANNELS:
        with subtests.test(channel=channel):
            pictures = DRAW[channel](past, preview, (0, 1), configuration)
            assert pictures
            for picture in pictures.values():
                assert picture.dtype == np.uint8
                # every class has its colour somewhere
                if channel != "overview":
                    assert all(count_of(picture, colour)
                               for colour in CLASSES[:classes])


@given(st.lists(st.text(st.characters(codec="ascii", categories=["L"]),
                        min_size=1, max_size=60), min_size=1, max_size=8))
@settings(max_examples=50)
def test_a_legend_ends_within_its_picture(names):
    canvas = Canvas(300, 20)
    end = in_line(canvas, 10, 2, class_entries(tuple(names)))
    first = raster(names[0]).shape[1]
    assert end <= canvas.width + 20         # the distance to a further entry
    if first < 200:
        assert count_of(canvas.picture(), CLASSES[0])
    elif first > 300:
        assert raster("...").shape[1] == end - 10


def test_every_picture_without_data(subtests):
    for channel in CHANNELS:
        with subtests.test(channel=channel):
            model = live_model()
            configuration = SimpleNamespace(model=model, settings=Settings())
            pictures = DRAW[channel](TrainHistory().moments(), None, (0, 1),
                                     configuration)
            assert all(picture.min() < 255 for picture in pictures.values())


def test_without_a_model_there_are_no_bins():
    assert DRAW["bins"](None, None, None, None) == {}
    assert DRAW["bins"](None, None, None,
                               SimpleNamespace(model=None)) == {}


def test_the_map_has_trains_as_rows():
    labels = np.zeros((4, 10), np.int8)
    labels[2:, 5:] = 1
    labels[0, 0] = Code.SATURATED
    past = SimpleNamespace(label_map=lambda: labels, classes=("a", "b"),
                           trains=[(n, row) for n, row in enumerate(labels)])
    rows = pulse_map(past, 600, 400)[40:180]    # between legend and profile
    first, second = (np.argwhere((rows == rgb(c)).all(axis=2))
                     for c in CLASSES[:2])
    # class b lies in the lower right quarter
    assert second[:, 0].min() > first[:, 0].min() + 50
    assert second[:, 1].min() > 250


def test_more_pulses_than_pixels_mix_their_colours():
    labels = np.zeros((2, 2000), np.int8)
    labels[:, 1::2] = 1
    past = SimpleNamespace(label_map=lambda: labels, classes=("a", "b"),
                           trains=[(0, labels[0]), (1, labels[1])])
    picture = pulse_map(past, 400, 300)[40:60, 100:380].astype(float)
    mixed = (rgb(CLASSES[0]) + rgb(CLASSES[1])) / 2
    np.testing.assert_allclose(picture.mean(axis=(0, 1)), mixed, atol=4)


def test_a_curve_goes_through_its_points():
    canvas = Canvas(100, 100)
    plot = Plot(canvas, 0, 0, 100, 100, (0, 100), (0, 100))
    plot.curve(np.arange(101.), np.arange(101.), "#000000", 2.)
    picture = canvas.picture()[..., 0]
    for x in 10, 50, 90:
        drawn = np.flatnonzero(picture[:, x] < 128)
        assert abs(drawn.mean() - (100 - x)) <= 1
    assert picture[10, 10] == 255


def test_a_gap_in_a_curve_stays_a_gap():
    canvas = Canvas(100, 50)
    values = np.full(101, 5.)
    values[40:60] = np.nan
    Plot(canvas, 0, 0, 100, 50, (0, 100), (0, 10)).curve(
        np.arange(101.), values, "#000000")
    drawn = (canvas.picture() < 200).any(axis=(0, 2))
    assert drawn[:38].all() and drawn[62:].all()
    assert not drawn[42:58].any()


def test_what_lies_outside_is_cut_off():
    canvas = Canvas(20, 20)
    canvas.text(-30, -4, "cut off at every side, and to the right")
    canvas.box(15, 15, 40, 40, "#000000")
    assert canvas.picture().shape == (20, 20, 3)


TICKS = [(0, 1, "0.0", "1.0"), (9.5, 25.5, "10", "25"), (-30, 0, "-30", "0")]


def test_ticks_are_round(subtests):
    for low, high, first, last in TICKS:
        with subtests.test(low=low, high=high):
            found = [text for _, text in ticks(low, high, 5)]
            assert (found[0], found[-1]) == (first, last)


def test_limits_of_nothing():
    assert limits(np.array([np.nan])) == (0., 1.)
    assert limits(np.array([2., 2.])) < (2., 3.)


def test_letters():
    assert raster("").shape[1] == 0
    assert raster("iiii").shape[1] < raster("wwww").shape[1]
    np.testing.assert_array_equal(raster("\u03bc"), raster("?"))


def test_a_png_can_be_read_back():
    pixels = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    data = png(pixels)
    assert data.startswith(SIGNATURE)
    assert struct.unpack(">II", data[16:24]) == (7, 5)
    start = data.index(b"IDAT") + 4
    lines = np.frombuffer(zlib.decompress(data[start:]), np.uint8)
    np.testing.assert_array_equal(
        lines.reshape(5, 22)[:, 1:].reshape(5, 7, 3), pixels)


def test_labels_have_the_colours_of_their_class():
    colours = label_colours(np.array([0, 7, 8, Code.UNKNOWN, Code.SKIPPED]))
    assert (colours[0] == rgb(CLASSES[0])).all()
    assert (colours[1] == rgb(CLASSES[7])).all()
    assert (colours[2] == colours[0]).all()
    assert len({tuple(c) for c in colours[[0, 1, 3, 4]].tolist()}) == 4


PAIRS = [(-1, -1, (0, 1)), (2, 0, (0, 2)), (1, 1, (0, 1)), (5, 0, (0, 1))]


def test_which_two_classes_are_compared(subtests):
    for state, previous, pair in PAIRS:
        with subtests.test(state=state, previous=previous):
            assert shown_pair(3, state, previous) == pair


def test_the_past_is_bounded_and_of_one_set_of_classes():
    train_history = TrainHistory()
    result = SimpleNamespace(
        train_id=1, label=np.zeros(2, np.int8),
        mixture=np.full((2, 2), 0.5), residual=np.array([0.1, np.nan]))
    decision = SimpleNamespace(class_fractions=(1., 0.), confidence=1.,
                               unknown_fraction=0.)
    for number in range(TRAINS + 5):
        train_history.add(number, result, decision, ("a", "b"))
    past = train_history.moments()
    assert len(past.rows) == TRAINS
    assert past.label_map().shape == (MAP_TRAINS, 2)
    series = past.series()
    assert series["seconds"][-1] == 0
    np.testing.assert_allclose(series["residual"], 0.1)
    train_history.add(0, result, decision, ("a", "c"))
    assert len(train_history.moments().rows) == 1


def test_the_mean_of_a_class_needs_enough_of_it():
    means = ClassMeans(2, 3)
    spectra = np.ones((ENOUGH, 3), np.float32)
    means.add(spectra, np.array([0] * (ENOUGH - 1) + [1]))
    mean, error = means.values()
    assert np.isnan(mean).all()
    means.add(spectra, np.zeros(ENOUGH, int))
    mean, error = means.values()
    np.testing.assert_allclose(mean[0], 1)
    np.testing.assert_allclose(error[0], 0, atol=1e-3)
    assert np.isnan(mean[1]).all()


def test_the_most_doubtful_pulse_can_be_chosen():
    model = live_model(bins=((8, 24), (4, 28)))
    spectra = spectra_of(1, 5)
    spectra[3, :16] = 299
    train = make_train(1, spectra)
    result = NumpyEngine(model.definition).classify(train, Settings())
    previewer = Previewer(lambda: 1.)
    previewer.choice = LEAST_CONFIDENT
    preview = previewer(train, result, Settings(),
                        SimpleNamespace(model=model))
    assert preview.pulse == 3
