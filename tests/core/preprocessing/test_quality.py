import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import definition

from spectra_classifier.core.engine.kernels import rows as row_kernels
from spectra_classifier.core.model_definition import Settings, ViewMembers
from spectra_classifier.core.preprocessing.quality import (
    assess,
    too_few_strips,
    valid_share,
)
from spectra_classifier.core.preprocessing.views import View
from spectra_classifier.core.spectra import Code, make_train

MODEL = definition(channels=30, min_intensity=10., saturation_level=1000.)


def spectrum(level=100., **at):
    values = np.full(30, level, np.float32)
    values[::2] += 0.5      # all equal is no measurement
    values[1::2] -= 0.5
    for channel, value in at.items():
        values[int(channel[1:])] = value
    return values


VERDICTS = [
    (spectrum(), 0), (spectrum(9.9), Code.LOW_INTENSITY),
    (spectrum(0), Code.LOW_INTENSITY), (spectrum(-50), Code.LOW_INTENSITY),
    (spectrum(10.), 0), (spectrum(c7=1000.), Code.SATURATED),
    (spectrum(c7=999.), 0), (spectrum(c7=np.nan), Code.BAD_DATA),
    (spectrum(c7=np.inf), Code.BAD_DATA),
    (spectrum(c7=-np.inf), Code.BAD_DATA),
    (spectrum(c7=1.1e15), Code.BAD_DATA), (spectrum(c7=-1.1e15),
                                           Code.BAD_DATA),
    (spectrum(1., c7=1000.), Code.SATURATED),
    (np.full(30, 100.), Code.BAD_DATA),
    (np.full(30, 5.), Code.LOW_INTENSITY),
    (np.full(30, 1000.), Code.SATURATED)]


def test_verdicts(subtests):
    for values, code in VERDICTS:
        with subtests.test(values=values[6:8].tolist()):
            verdicts, _ = assess(make_train(1, values[None]), MODEL,
                                 Settings())
            assert verdicts[0] == code


def test_what_the_source_settled_stays():
    verdicts, _ = assess(
        make_train(1, np.stack([spectrum(np.nan)] * 3),
                   verdicts=[Code.SKIPPED, Code.SATURATED, 0]),
        MODEL, Settings())
    assert verdicts.tolist() == [Code.SKIPPED, Code.SATURATED, Code.BAD_DATA]


def test_masked_strips_do_not_count():
    mask = np.arange(30) == 7
    dark = np.where(mask, 1e6, 20.)
    for bad in np.nan, 5000., -1e9:
        verdicts, intensity = assess(
            make_train(1, spectrum(c7=bad)[None]), MODEL,
            Settings(mask=mask, dark=dark))
        assert verdicts[0] == 0
        assert intensity[0] == pytest.approx(80., abs=0.02)


def test_dark_and_operator_limits():
    train = make_train(1, np.tile(np.array([99, 101], np.uint16),
                                  (1, 15)))

    def code(**settings):
        return assess(train, MODEL, Settings(**settings))[0][0]

    assert code(dark=np.full(30, 95.)) == Code.LOW_INTENSITY
    assert code(min_intensity=101.) == Code.LOW_INTENSITY
    assert code(saturation_level=100.) == Code.SATURATED


def test_no_pulses():
    verdicts, intensity = assess(make_train(1, np.zeros((0, 30))), MODEL,
                                 Settings())
    assert verdicts.shape == intensity.shape == (0,)


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False),
                min_size=1, max_size=100))
@settings(max_examples=100, deadline=None)
def test_the_kernel_finds_the_largest_value_whatever_its_sign(values):
    raw = np.array([values], np.float32)
    mean, highest, farthest = np.empty((3, 1))
    row_kernels.assess_floats(raw, 0, 1, np.array([0]),
                              np.array([len(values)]), mean, highest,
                              farthest)
    assert highest[0] == raw.max()
    assert farthest[0] == np.abs(raw).max()
    assert mean[0] == pytest.approx(raw.mean(dtype=np.float64), rel=1e-9,
                                    abs=1e-9 * np.abs(raw).max())


@given(st.one_of(
    st.floats(-2.**49, 2.**49, width=32).map(np.float32),
    st.integers(0, 2**16 - 1).map(np.uint16)), st.integers(1, 5000))
def test_the_mean_of_equal_values_is_exact(value, channels):
    """By this a spectrum of one value is recognised, in every engine."""
    raw = np.full((1, channels), value)
    mean, highest, farthest = np.empty((3, 1))
    scan = (row_kernels.assess_words if raw.dtype == np.uint16
            else row_kernels.assess_floats)
    scan(raw, 0, 1, np.array([0]), np.array([channels]), mean, highest,
         farthest)
    assert mean[0] == highest[0] == raw.mean(axis=1, dtype=np.float64)[0]


def test_the_kernel_tells_what_is_not_finite(subtests):
    for bad in [np.nan, -np.nan, np.inf, -np.inf]:
        with subtests.test(bad=bad):
            raw = np.full((1, 70), 5., np.float32)
            raw[0, 33] = bad
            mean, highest, farthest = np.empty((3, 1))
            row_kernels.assess_floats(raw, 0, 1, np.array([0, 40]),
                                      np.array([35, 70]), mean, highest,
                                      farthest)
            assert not np.isfinite(mean[0]) and not np.isfinite(farthest[0])


def test_limits_that_are_no_numbers_let_nothing_through():
    train = make_train(1, spectrum()[None])
    for setting, code in (("min_intensity", Code.LOW_INTENSITY),
                          ("saturation_level", Code.SATURATED)):
        verdicts, _ = assess(train, MODEL, Settings(**{setting: np.nan}))
        assert verdicts[0] == code
    verdicts, intensity = assess(train, MODEL, Settings(
        dark=spectrum(c7=np.nan)))
    assert verdicts[0] == Code.BAD_DATA
    assert np.isnan(intensity[0])


def test_strips_count_by_what_rests_on_them():
    model = definition(weights=[0., 1., 3.], min_valid_share=0.75)
    first, last = np.arange(30) < 10, np.arange(30) >= 20
    for mask, selected, share in (
            (first, (), 1.), (last, (), 0.25), (last, (1,), 1.),
            (~last, (2,), 1.), (~last, (), 0.75),
            # no selected bin has any weight: all strips count alike
            (first, (0,), 2 / 3)):
        settings = Settings(selected, mask=mask)
        assert valid_share(model, settings) == pytest.approx(share)
        verdicts, _ = assess(make_train(1, spectrum()[None]), model, settings)
        assert (verdicts[0] == Code.BAD_DATA) == (share < 0.75)
        assert bool(too_few_strips(model, settings)) == (share < 0.75)


def test_strips_that_training_never_saw_do_not_count():
    model = definition(weights=[1., 1., 1.], min_valid_share=1.,
                       untaught=tuple(range(10)))
    assert not too_few_strips(model, Settings(mask=np.arange(30) < 10))
    assert "95.0%" in too_few_strips(model, Settings(
        mask=np.arange(30) < 11))


def test_a_texture_needs_the_whole_spectrum():
    members = ViewMembers(
        (View("raw"), View("texture 1", normalise=False, parts=1)), (0, 1),
        (np.zeros((2, 15), np.float32), np.zeros((2, 6), np.float32)),
        np.zeros((2, 2), np.float32))
    model = definition(members, bins=((0, 15), (0, 15)), weights=[1., 1.])
    assert valid_share(model, Settings(mask=np.arange(30) >= 15)) == (
        pytest.approx(0.75))


def test_nothing_is_left():
    settings = Settings(mask=np.ones(30, bool), dark=np.zeros(30))
    verdicts, intensity = assess(make_train(1, spectrum()[None]), MODEL,
                                 settings)
    assert verdicts[0] == Code.BAD_DATA
    assert np.isnan(intensity[0])
    assert too_few_strips(MODEL, settings) == "every strip is masked"
