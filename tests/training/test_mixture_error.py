"""What the fractions of a mixture owe to the captures of the training."""
import numpy as np
import pytest

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions

CHANNELS, EACH, CAPTURES = 120, 30, 6
PLACE = np.arange(CHANNELS)
STATES = 5 + np.stack([20 * np.exp(-0.5 * ((PLACE - centre) / 6) ** 2)
                       for centre in (40, 80)])


def found(drift=0., strength=0., captures=CAPTURES, grouped=True, seed=4):
    """The error of captures that are that far on the way to the other
    state, and that different in strength."""
    random = np.random.default_rng(seed)
    capture = np.repeat(np.arange(2 * captures), EACH)
    labels = capture % 2
    share = labels + drift * random.normal(size=2 * captures)[capture]
    spectra = (STATES[0] + share[:, None] * (STATES[1] - STATES[0])) * np.exp(
        strength * random.normal(size=2 * captures))[capture][:, None]
    data = Dataset(Axis.channels(CHANNELS), (
        spectra + 0.5 * random.normal(size=spectra.shape)).astype(np.float32),
        labels, ("a", "b"), capture if grouped else None)
    return train(data, TrainingOptions(members="linear", normalisation="snv")
                 ).definition.mixture_error


def test_drift_and_strength_are_found():
    still, moved, stronger = found(), found(0.1), found(strength=0.3)
    assert max(still.errors) < 0.01 and max(still.strengths) < 0.01
    assert moved.errors == pytest.approx((0.1, 0.1), rel=0.5)
    assert stronger.strengths == pytest.approx(
        (0.3 / CAPTURES ** 0.5,) * 2, rel=0.5)
    assert max(stronger.errors) < 0.02
    assert still.freedom == 2 * CAPTURES - 2


def test_few_captures_do_not_exaggerate_how_strengths_differ():
    """Of two captures each lies twice as far from the other as from both."""
    square = np.mean([np.square(found(strength=0.1, captures=2, seed=seed
                                      ).strengths) for seed in range(30)])
    assert square == pytest.approx(0.1 ** 2 / 2, rel=0.4)


def test_without_captures_it_is_not_known():
    assert found(grouped=False) is None
    assert found(captures=1) is None
    assert found(captures=2).freedom == 2
