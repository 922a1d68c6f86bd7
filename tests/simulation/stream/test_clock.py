"""Trains at equal distances, and no burst after a stall."""
import pytest

from spectra_classifier.simulation.stream.clock import TrainClock


def test_trains_are_due_at_equal_distances():
    clock = TrainClock(10, 100.)
    assert [clock.due(tick) for tick in range(3)] == pytest.approx(
        [100, 100.1, 100.2])
    assert clock.wait(3, 100.1) == pytest.approx(0.2)


def test_a_short_delay_is_made_up_for():
    clock = TrainClock(10, 0.)
    assert clock.wait(1, 0.19) == 0
    assert clock.late == 0
    assert clock.wait(2, 0.19) == pytest.approx(0.01)


def test_a_stall_moves_the_schedule_and_is_counted():
    clock = TrainClock(10, 0.)
    assert clock.wait(1, 1.1) == 0
    assert clock.late == 1
    assert clock.wait(2, 1.1) == pytest.approx(0.1)
    assert clock.wait(3, 1.2) == pytest.approx(0.1)
    assert clock.late == 1
