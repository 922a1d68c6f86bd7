"""The published ramp as a source."""
import numpy as np

from spectra_classifier.simulation.published_ramp import ramp
from spectra_classifier.simulation.published_ramp.curve_source import (
    BOUNDARY,
    CurveSource,
)


def test_curves_come_in_order_and_again():
    source = CurveSource(noise=0., first_train=10)
    _, expected = ramp.curves(noise=0)
    for train_id, curve in ((10, 0), (10 + 128, 128), (10 + 349, 0)):
        train = source.train(train_id, 2)
        assert train.adc.dtype == np.float32
        assert train.gain is None
        for spectrum in train.adc:
            np.testing.assert_allclose(spectrum, expected[curve], rtol=1e-6)


def test_pulses_have_noise_of_their_own_and_it_is_reproducible():
    one = CurveSource(seed=5).train(30, 3)
    two = CurveSource(seed=5).train(30, 3)
    np.testing.assert_array_equal(one.adc, two.adc)
    assert not np.array_equal(one.adc[0], one.adc[1])


def test_the_truth_changes_at_the_boundary():
    source = CurveSource(points=50, first_train=7)
    trains = [source.train(7 + index, 1) for index in range(2 * 349)]
    labels = np.array([train.label[0] for train in trains])
    fraction = np.array([train.fraction[0] for train in trains])
    np.testing.assert_array_equal(labels, fraction >= 0.5)
    changes = np.flatnonzero(np.diff(labels)) + 1
    assert changes.tolist() == [BOUNDARY, 349, 349 + BOUNDARY]
    for index, train in enumerate(trains[:500]):
        nearest = changes[np.abs(changes - index).argmin()]
        assert train.distance == abs(nearest - index)
        assert trains[train.transition - 7].distance == 0
