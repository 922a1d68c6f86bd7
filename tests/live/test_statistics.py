"""Running numbers."""
import pytest

from spectra_classifier.live.statistics import (
    RATE_TIME,
    WINDOW,
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
