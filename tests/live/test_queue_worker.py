"""The queue and the thread behind it."""
import threading
from queue import Queue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.live.queue_worker import (
    MAX_SKIPPED,
    QueuedTrain,
    TrainQueue,
    Worker,
)
from spectra_classifier.live.records import Fate, Incoming, Outcome


def train(number, pulses=3):
    return Incoming(number, pulses, 0., arrays={"data": number})


def drain(queue):
    taken = []
    while queue._entries:
        taken.append(unpacked(queue.take()))
    return taken


def unpacked(entry):
    """(train or change, whether it is a train, whether it was skipped)"""
    if isinstance(entry, QueuedTrain):
        return entry.incoming, True, entry.skipped
    return entry.configuration, False, False


def test_first_in_first_out():
    queue = TrainQueue(10)
    for number in range(5):
        queue.put_train(train(number), None)
    assert [item.train_id for item, _, _ in drain(queue)] == list(range(5))
    assert queue.high_water == 5


def test_the_oldest_is_skipped_and_keeps_its_place():
    queue = TrainQueue(2)
    for number in range(5):
        queue.put_train(train(number), None)
    taken = drain(queue)
    assert [item.train_id for item, _, _ in taken] == list(range(5))
    assert [skipped for _, _, skipped in taken] == [True] * 3 + [False] * 2
    assert all(not item.arrays for item, _, skipped in taken if skipped)
    assert queue.high_water == 2


def test_a_change_is_never_skipped_and_keeps_its_place():
    queue = TrainQueue(1)
    queue.put_train(train(0), None)
    queue.put("change")
    queue.put_train(train(1), None)
    queue.put_train(train(2), None)
    order = [item if not is_train else item.train_id
             for item, is_train, _ in drain(queue)]
    assert order == [0, "change", 1, 2]


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 5))
def test_nothing_is_lost_and_the_order_stays(puts, capacity):
    queue = TrainQueue(capacity)
    number, taken, held = 0, [], 0
    for put in puts:
        if put:
            assert queue.put_train(train(number), None) is None
            number += 1
        elif queue._entries:
            taken.append(unpacked(queue.take()))
        held = max(held, len(queue))
    taken += drain(queue)
    assert [item.train_id for item, _, _ in taken] == list(range(number))
    assert held <= capacity


def test_what_is_in_flight_is_counted_until_it_is_settled():
    queue = TrainQueue(2)
    for number in range(4):
        queue.put_train(train(number, pulses=5), None)
    assert queue.in_flight() == (4, 20)
    queue.take()
    assert queue.in_flight() == (4, 20)
    queue.settle()
    assert queue.in_flight() == (3, 15)


def test_behind_a_thread_that_hangs_the_queue_stays_bounded():
    queue = TrainQueue(2)
    overflown = []
    for number in range(MAX_SKIPPED + 10):
        overflown.append(queue.put_train(train(number), None))
    overflown = [t.train_id for t in overflown if t is not None]
    assert overflown == list(range(8))
    assert len(queue._entries) == MAX_SKIPPED + 2


class Bench:
    """A worker whose engine is told when to finish."""

    def __init__(self, capacity=2, process=None, outstanding=100,
                 afterwards=lambda outcome: None):
        self.delivered = Queue()
        self.gate = threading.Semaphore(0)
        self.entered = Queue()
        self.worker = Worker(process or self.process, afterwards,
                             self.delivered.put, capacity, outstanding)
        self.worker.start()

    def process(self, incoming, configuration):
        self.entered.put(incoming.train_id)
        assert self.gate.acquire(timeout=20)
        return Outcome(incoming, configuration, Fate.CLASSIFIED,
                       result=incoming.train_id)

    def next(self):
        return self.delivered.get(timeout=20)


@pytest.fixture
def bench():
    made = []

    def make(**kwargs):
        made.append(Bench(**kwargs))
        return made[-1]
    yield make
    for one in made:
        one.gate.release(1000)
        assert one.worker.stop()


def test_results_come_in_order_with_their_configuration(bench):
    behind = []
    one = bench(capacity=5, afterwards=behind.append)
    one.worker.commit("first")
    one.worker.queue.put_train(train(1), "first")
    one.worker.commit("second")
    one.worker.queue.put_train(train(2), "second")
    one.gate.release(2)
    got = [one.next() for _ in range(4)]
    assert got[0] == "first"
    assert (got[1].result, got[1].configuration) == (1, "first")
    assert got[2] == "second"
    assert (got[3].result, got[3].configuration) == (2, "second")
    assert behind[:3] == got[:3]    # that of the last may be to come


def test_a_slow_engine_skips_the_oldest_in_its_turn(bench):
    one = bench(capacity=2)
    one.worker.queue.put_train(train(0), None)
    assert one.entered.get(timeout=20) == 0      # at work on it
    for number in range(1, 6):
        one.worker.queue.put_train(train(number), None)
    one.gate.release(6)
    got = [one.next() for _ in range(6)]
    assert [g.incoming.train_id for g in got] == list(range(6))
    good, skipped = Fate.CLASSIFIED, Fate.SKIPPED
    assert [g.fate for g in got] == [good, skipped, skipped, skipped,
                                     good, good]


def test_an_engine_that_raises_does_not_end_the_thread(bench):
    def process(incoming, configuration):
        if incoming.train_id == 1:
            raise RuntimeError("broken")
        return Outcome(incoming, configuration, Fate.CLASSIFIED,
                       result=incoming.train_id)
    one = bench(process=process, capacity=5)
    one.worker.queue.put_train(train(1), None)
    one.worker.queue.put_train(train(2), None)
    failed, good = one.next(), one.next()
    assert failed.fate is Fate.SKIPPED
    assert failed.problem == "the engine failed: RuntimeError: broken"
    assert good.result == 2


def test_a_preview_follows_its_train_and_cannot_fail_it(bench, caplog):
    """Also where making it fails, the next train is classified."""
    def preview(outcome):
        if outcome.incoming.train_id == 1:
            raise RuntimeError("broken")
        return f"preview of {outcome.incoming.train_id}"

    one = bench(afterwards=preview, capacity=5)
    for number in (1, 2):
        one.worker.queue.put_train(train(number), None)
    one.gate.release(2)
    assert [one.next().result, one.next().result, one.next()] == [
        1, 2, "preview of 2"]
    assert "failed behind train 1" in caplog.text


def test_a_consumer_that_is_behind_fills_the_queue_and_nothing_else(bench):
    one = bench(capacity=3, outstanding=1)
    one.gate.release(100)
    for number in range(20):
        one.worker.queue.put_train(train(number), None)
    one.next()
    assert one.delivered.empty()
    assert len(one.worker.queue) <= 3
    seen = 1
    while seen < 20:
        one.worker.done()
        one.next()
        seen += 1


def test_stop_ends_the_thread_with_trains_waiting():
    one = Bench(outstanding=1)
    one.gate.release(100)
    for number in range(5):
        one.worker.queue.put_train(train(number), None)
    one.next()
    assert one.worker.alive
    assert one.worker.stop()
    assert not one.worker.alive


def test_idle_is_told_while_the_thread_has_nothing_to_do(bench):
    one = bench(capacity=5)
    assert one.worker.queue.idle.wait(20)
    one.worker.queue.put_train(train(1), None)
    assert not one.worker.queue.idle.is_set()
    assert one.entered.get(timeout=20) == 1
    assert not one.worker.queue.idle.is_set()
    one.gate.release()
    one.next()
    assert one.worker.queue.idle.wait(20)
