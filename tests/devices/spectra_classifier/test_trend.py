"""The picture of the last minutes."""
import math

import numpy as np

from spectra_classifier.devices.spectra_classifier.pictures.trend import (
    Limits,
    trend,
)
from spectra_classifier.live.train_history import HistoryView, Moment

SIZE = 600, 264


def past():
    rows = tuple(Moment(float(number), np.array([1., 0.], np.float32), 0.,
                        0., np.array([1., 0.]), 0.99, 0.01)
                 for number in range(60))
    return HistoryView(("a", "b"), rows, ())


def test_limits_are_dashed_lines_inside_the_range():
    without = trend(past(), Limits(), *SIZE)
    changed = (trend(past(), Limits(0.5, 0.2), *SIZE) != without).any(axis=2)
    lines = np.flatnonzero(changed.any(axis=1))
    assert 0 < len(lines) < 10
    share = changed[lines].any(axis=0).mean()
    assert 0.1 < share < 0.6        # of the width, dash by dash
    for limits in Limits(math.nan, math.inf), Limits(-1., 7.):
        np.testing.assert_array_equal(trend(past(), limits, *SIZE), without)
