import numpy as np
import pytest

from spectra_classifier.core.model_definition import Baseline
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.training.options import TrainingOptions

WRONG_OPTIONS = [
    ({"members": "forest"}, "forest.*auto, texture"),
    ({"noise": "pink"}, "pink.*zero-mean, published"),
    ({"input_scaling": "log"}, "log.*none, published, standardised"),
    ({"bins": 0}, "bins 0: at least 1"),
    ({"epochs": 0}, "epochs 0"),
    ({"folds": -1}, "folds -1"),
    ({"copies": -1}, "copies -1"),
    ({"learning_rate": 0}, "learning rate 0"),
    ({"baseline": "best"}, "baseline mode 'best'"),
    ({"normalisation": "max"}, "normalisation 'max'"),
    ({"p": 2}, "p 2"),
    ({"lam": -1e5}, "lam -100000.0: expected more than 0"),
    ({"baseline_length": -1.}, "baseline length -1.0"),
    ({"averaging": -1}, "averaging -1"),
    ({"counts_per_photon": 0}, "counts per photon 0"),
]


def test_a_wrong_option_is_named(subtests):
    for change, pattern in WRONG_OPTIONS:
        with (subtests.test(change=change),
              pytest.raises(ConfigurationError, match=pattern)):
            TrainingOptions(**change)


def test_published_settings():
    options = TrainingOptions.published()
    assert options.preprocessing().baseline == Baseline(
        "exact", 1e5, 0.002, 10, 1)
    assert options.preprocessing().normalisation == "none"
    assert (options.bins, options.hidden, options.epochs) == (15, 150, 700)
    assert (options.learning_rate, options.weight_decay) == (8e-3, 2e-5)
    assert (options.noise, options.noise_width) == ("published", 1 / 12)


def knot_step(**changes):
    return TrainingOptions(baseline="reduced",
                           **changes).preprocessing().baseline.knot_step


def test_the_knot_step_follows_lam():
    assert knot_step(lam=1e5) == 8
    assert knot_step(lam=1e3) == 2
    assert knot_step(lam=1e5, knot_step=4) == 4


def test_a_length_means_the_same_on_any_axis():
    options = TrainingOptions(baseline="reduced", baseline_length=.07)
    coarse, fine = (options.on_axis(Axis(np.linspace(9, 25, points),
                                         "two_theta", "deg"))
                    for points in (1280, 4023))
    assert fine.lam == pytest.approx((.07 / (16 / 4022)) ** 4)
    assert fine.lam / coarse.lam == pytest.approx((4022 / 1279) ** 4)
    assert fine.preprocessing().baseline.knot_step == 8
    assert coarse.preprocessing().baseline.knot_step == 2
    assert TrainingOptions(lam=7.).on_axis(Axis.channels(9)).lam == 7
