"""Running numbers."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.devices.statistics import (
    RATE_TIME,
    WINDOW,
    Drift,
    Latencies,
    Rate,
)


def test_latencies_forget_what_is_long_ago():
    latencies = Latencies()
    assert latencies.percentiles() == (0, 0)
    for value in [1000.] * 50 + [10.] * WINDOW:
        latencies.add(value)
    assert latencies.percentiles() == (10, 10)
    for _ in range(WINDOW // 50):
        latencies.add(80.)
    assert latencies.percentiles() == (10, 80)


def test_the_rate_of_regular_events():
    rate = Rate()
    assert rate.value(0) == 0
    for number in range(300):
        rate.add(number / 10)
    assert rate.value(29.9) == pytest.approx(10)
    assert rate.value(29.9 + RATE_TIME + 1) == 0


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20))
def test_the_drift_score_stays_between_what_was_seen(residuals):
    drift = Drift()
    for value in residuals:
        drift.add(np.array([value, np.nan], np.float32), 0.5)
    low, high = min(residuals) / 0.5, max(residuals) / 0.5
    assert low - 1e-9 <= drift.score <= high + 1e-9


def test_no_limit_or_no_pulse_is_no_drift():
    drift = Drift()
    drift.add(np.array([0.9]), np.inf)
    drift.add(np.array([np.nan]), 0.5)
    drift.add(np.array([]), 0.5)
    assert drift.score == 0
    drift.add(np.array([0.5]), 0.5)
    assert drift.score == 1
