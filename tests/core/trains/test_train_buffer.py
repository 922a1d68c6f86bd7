"""What the ring holds, and that it is bounded."""
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.spectra import make_train
from spectra_classifier.core.trains.train_buffer import RecordedTrain, Ring


def recorded(number, time, pulses=3, channels=4):
    train = make_train(number, np.ones((pulses, channels), np.uint16))
    return RecordedTrain(number, pulses, time, None, train=train)


def test_the_oldest_goes_when_it_is_too_old():
    ring = Ring()
    for number in range(30):
        ring.add(recorded(number, number / 10), 100, 1., 10**9)
    assert len(ring) == 10
    assert [t.train_id for t in ring.newest(3)] == [27, 28, 29]


def test_references_are_kept_and_no_copies():
    ring = Ring()
    train = recorded(1, 0.)
    ring.add(train, 9, 10., 10**9)
    kept, = ring.newest(1)
    assert np.shares_memory(kept.train.spectra, train.train.spectra)


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(0, 3000),
       st.floats(0, 3), st.integers(0, 9))
def test_the_memory_is_bounded_and_counted(pulses, nbytes, seconds, most):
    ring = Ring()
    for number, count in enumerate(pulses):
        ring.add(recorded(number, number / 10, count), most, seconds, nbytes)
        assert ring.nbytes <= nbytes
        assert len(ring) <= most
        assert ring.nbytes == sum(t.nbytes for t in ring.newest(len(ring)))


def test_none_is_asked_for():
    ring = Ring()
    ring.add(recorded(1, 0.), 9, 0., 10**9)
    assert len(ring) == 0
    assert ring.newest(5) == ()
    assert ring.nbytes == 0


def test_newest_of_fewer():
    ring = Ring()
    ring.add(recorded(1, 0.), 9, 9., 10**9)
    assert len(ring.newest(5)) == 1
    assert ring.newest(0) == ()


def test_a_train_without_spectra_takes_no_room():
    assert RecordedTrain(1, 5, 0., None).nbytes == 0
