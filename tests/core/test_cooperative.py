import threading

import pytest

from spectra_classifier.core import cooperative


def steps(number):
    for _ in range(number):
        cooperative.yield_to_trains()
    return number


def test_work_waits_between_its_steps():
    waited = []
    assert cooperative.run(lambda: waited.append(1), lambda: steps(3)) == 3
    assert len(waited) == 3


def test_outside_nothing_waits():
    waited = []
    with pytest.raises(ValueError):
        cooperative.run(lambda: waited.append(1), lambda: int("x"))
    steps(2)
    assert not waited


def test_work_within_work_has_its_own_way_to_wait():
    outer, inner = [], []

    def work():
        steps(1)
        cooperative.run(lambda: inner.append(1), lambda: steps(2))
        return steps(1)

    cooperative.run(lambda: outer.append(1), work)
    assert (len(outer), len(inner)) == (2, 2)


def test_other_threads_do_not_wait():
    waited = []

    def work():
        other = threading.Thread(target=steps, args=(5,))
        other.start()
        other.join()

    cooperative.run(lambda: waited.append(1), work)
    assert not waited
