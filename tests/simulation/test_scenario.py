"""States differ in shape, never in brightness."""
from itertools import pairwise, product

import numpy as np
import pytest

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.simulation.published_ramp import ramp
from spectra_classifier.simulation.scenario import MARGIN, SCENARIOS, scenario


def test_every_state_has_the_same_intensity(subtests):
    for name, channels in product(SCENARIOS, [1280, 640]):
        with subtests.test(name=name, channels=channels):
            one = scenario(name, channels)
            inside = one.density[:, MARGIN:-MARGIN]
            assert inside.shape == (len(one.classes), channels)
            np.testing.assert_allclose(inside.sum(axis=1), 1)
            assert (one.density > 0).all()
            assert len(one.axis) == channels


def test_the_states_differ(subtests):
    for name in SCENARIOS:
        with subtests.test(name=name):
            density = scenario(name).density[:, MARGIN:-MARGIN]
            for one, other in pairwise(density):
                assert 0.05 < np.abs(one - other).sum() / 2 < 0.9


@pytest.mark.parametrize("name", ["redistribution", "shift"])
def test_the_changes_cancel_within_broad_regions(name):
    density = scenario(name).density[:, MARGIN:-MARGIN]
    sums = np.array([[state[start:stop].sum()
                      for start, stop in equal_bins(1280, 15)]
                     for state in density])
    assert np.abs(sums[0] / sums[1] - 1).max() < 0.06


def test_the_ramp_states_are_curves_of_the_ramp():
    density = scenario("ramp").density[:, MARGIN:-MARGIN]
    _, curves = ramp.curves(1280, [80, 260], noise=0)
    middle = slice(60, 1200)        # without the edges of that detector
    expected = curves[:, middle] / curves[:, middle].sum(
        axis=1, keepdims=True)
    found = density[:, middle] / density[:, middle].sum(
        axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_an_unknown_scenario_is_refused():
    with pytest.raises(ConfigurationError, match="redistribution"):
        scenario("sunrise")
