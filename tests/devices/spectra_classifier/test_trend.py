"""The picture of the last minutes."""
import math

import numpy as np

from spectra_classifier.colours import class_colour, rgb
from spectra_classifier.core.spectra import Code
from spectra_classifier.devices.spectra_classifier.pictures.trend import (
    OPACITY,
    Limits,
    trend,
)
from spectra_classifier.live.train_history import HistoryView, Moment

SIZE = 600, 264


def past(fractions=(1., 0.), dim=0.):
    rows = tuple(Moment(float(number), np.array(fractions, np.float32), 0.,
                        dim, np.array([1., 0.]), 0.99, 0.01)
                 for number in range(60))
    return HistoryView(("a", "b"), rows, ())


def test_trains_without_beam_have_a_colour_of_their_own():
    def area(view):
        colour = rgb(class_colour(Code.LOW_INTENSITY))
        shown = trend(view, Limits(), *SIZE).astype(float)
        mixed = OPACITY * colour + (1 - OPACITY) * 255
        return (np.abs(shown - mixed) < 1).all(axis=2).sum()

    assert max(area(past()), area(past(dim=0.05))) < 50     # of letters
    whole = area(past((0., 0.), 1.))
    assert whole > 10_000
    assert 0.4 < area(past((0., 0.), 0.5)) / whole < 0.6


def test_limits_are_dashed_lines_inside_the_range():
    without = trend(past(), Limits(), *SIZE)
    changed = (trend(past(), Limits(0.5, 0.2), *SIZE) != without).any(axis=2)
    lines = np.flatnonzero(changed.any(axis=1))
    assert 0 < len(lines) < 10
    share = changed[lines].any(axis=0).mean()
    assert 0.1 < share < 0.6        # of the width, dash by dash
    for limits in Limits(math.nan, math.inf), Limits(-1., 7.):
        np.testing.assert_array_equal(trend(past(), limits, *SIZE), without)
