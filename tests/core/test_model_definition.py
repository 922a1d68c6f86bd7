import numpy as np
import pytest
from small_models import definition, pointwise_members

from spectra_classifier.core.model_definition import (
    Baseline,
    Calibration,
    Preprocessing,
    Settings,
)
from spectra_classifier.errors import ConfigurationError, InputError

CONSTANTS = [
    (lambda: Baseline("spline"), "'spline'"),
    (lambda: Baseline(lam=0), "lam 0"), (lambda: Baseline(p=1), "p 1"),
    (lambda: Preprocessing(normalisation="max"), "'max'"),
    (lambda: Calibration(0), "temperature 0"),
    (lambda: Calibration(np.nan), "temperature nan")]


def test_constants_are_checked(subtests):
    for make, words in CONSTANTS:
        with subtests.test(words=words):
            with pytest.raises(ConfigurationError) as error:
                make()
            assert words in str(error.value)


MODELS = [
    ({"weights": [1, 2]}, "2 weights for 3 bins"),
    ({"weights": [1, np.nan, 1]}, "finite"), ({"weights": [1, -1, 1]}, "neg"),
    ({"classes": ("a",)}, "at least two"),
    ({"classes": ("a", "a")}, "name of its own"),
    ({"bins": ((0, 10), (10, 20), (20, 31))}, "20 ... 31"),
    ({"references": np.full((2, 30), np.nan)}, "class reference"),
    ({"min_intensity": np.nan}, "minimum intensity nan"),
    ({"saturation_level": np.nan}, "saturation level nan")]


def test_model_is_checked(subtests):
    for changes, words in MODELS:
        with subtests.test(words=words):
            with pytest.raises(InputError) as error:
                definition(**changes)
            assert words in str(error.value)


def test_calibration_status_needs_enough_spectra():
    assert Calibration(samples=49).status == "uncalibrated"
    assert Calibration(samples=50).status == "calibrated"


MISFITS = [
    (Settings(selected_bins=(3,)), "bin 3"),
    (Settings(selected_bins=(-1,)), "bin -1"),
    (Settings(selected_bins=(1, 1)), "twice"),
    (Settings(min_confidence=1.5), "1.5"),
    (Settings(dark=np.zeros(4)), "dark of shape (4,)"),
    (Settings(cells=np.zeros(4)), "cells of shape (4,)"),
    (Settings(mask=np.ones(30, bool)), "every strip")]


def test_settings_are_checked_against_the_model(subtests):
    for settings, words in MISFITS:
        with subtests.test(words=words):
            with pytest.raises(ConfigurationError) as error:
                settings.validate(definition())
            assert words in str(error.value)


def test_every_setting_changes_the_hash():
    dark = np.zeros(30)
    settings = [
        Settings(), Settings(selected_bins=(1,)), Settings(min_confidence=.5),
        Settings(min_intensity=.5), Settings(saturation_level=.5),
        Settings(dark=dark), Settings(dark=dark + 1),
        Settings(mask=dark > 0), Settings(mask=dark == 0),
        Settings(dark=dark, cells=dark), Settings(dark=dark, cells=dark + 1)]
    assert len({s.hash for s in settings}) == len(settings)
    assert Settings(dark=dark).hash == Settings(dark=dark.copy()).hash


NOT_FINITE = [
    (Settings(min_intensity=np.nan), "min_intensity is NaN"),
    (Settings(saturation_level=np.nan), "saturation_level is NaN"),
    (Settings(min_confidence=np.nan), "nan"),
    *((Settings(cells=np.r_[np.zeros(29), odd]), "the dark holds")
      for odd in (np.nan, 1e30)),
    *((Settings(dark=np.r_[np.zeros(29), odd]), "the dark holds")
      for odd in (np.nan, np.inf, 1e16, -1e300))]


def test_settings_that_are_not_finite_are_refused(subtests):
    for settings, words in NOT_FINITE:
        with (subtests.test(settings=repr(settings)),
              pytest.raises(ConfigurationError, match=words)):
            settings.validate(definition())


def test_members_that_are_not_finite_are_refused(subtests):
    for kind in ["w1", "b1", "w2", "b2"]:
        with subtests.test(kind=kind):
            members = pointwise_members()
            getattr(members, kind)[0] = np.nan
            with pytest.raises(InputError, match=f"{kind} of the members"):
                definition(members)


@pytest.mark.parametrize("changes, words", [
    ({"min_valid_share": np.nan}, "min_valid_share is nan"),
    ({"min_valid_share": 1.1}, "min_valid_share is 1.1"),
    ({"untaught": (3, 30)}, "untaught strip 30")])
def test_the_strips_that_a_model_needs_are_checked(changes, words):
    with pytest.raises(InputError, match=words):
        definition(**changes)
