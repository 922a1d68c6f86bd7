"""Workers come, go, lose, repeat: order and accounts hold."""
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.accounting import Tally, TrainKind
from spectra_classifier.core.collector.collation import REPEATED, TOO_LATE
from spectra_classifier.core.drift import DriftReport
from tests.core.collector.workers_at_play import PATIENCE, Desk


def test_two_workers_in_turn():
    desk = Desk()
    for number in range(10, 20):
        desk.deliver(number, "ab"[number % 2])
        desk.later(0.1)
    assert desk.ids == list(range(10, 20))
    # the first one waits for what may come before it, until both have spoken
    assert [when for _, when in desk.out[2:]] == pytest.approx(
        [100. + 0.1 * n for n in range(2, 10)])
    assert desk.problem() == ""


def test_a_lost_train_is_known_when_both_have_passed_it():
    desk = Desk()
    for number in (1, 2, 3):
        desk.deliver(number, "ab"[number % 2])
    desk.deliver(5, "b")
    assert desk.ids[-1] == 3
    desk.deliver(6, "a")        # a delivers in order: 4 is not to come
    assert desk.ids == [1, 2, 3, 5, 6]
    assert desk.lost == 1
    assert desk.problem() == ""


def test_a_worker_that_hangs_holds_up_for_its_time_and_no_longer():
    desk = Desk()
    for number in (1, 2):
        desk.deliver(number, "ab"[number % 2])
    released = {}
    for number in range(4, 40, 2):      # the odd ones are with the other
        desk.deliver(number, "a")
        released[number] = desk.now
        desk.later(0.2)
    waits = [when - released[number] for number, when in desk.out[2:]]
    assert waits[0] == pytest.approx(PATIENCE)
    # silent for a second: not waited for any more
    assert waits[-1] == 0.
    assert desk.problem() == ""


def test_a_worker_that_is_gone_is_not_waited_for():
    desk = Desk()
    for number in (1, 2, 3):
        desk.deliver(number, "ab"[number % 2])
    desk.collation.book.left("b", desk.now)
    desk.deliver(5, "a")
    assert desk.ids[-1] == 5
    assert desk.collation.book.left_within(1., desk.now + 1)
    assert not desk.collation.book.left_within(1., desk.now + 1.1)
    assert desk.lost == 1


def test_what_comes_too_late_is_skipped_and_no_loss():
    desk = Desk()
    desk.deliver(1, "a")
    desk.later(PATIENCE)
    desk.deliver(3, "a")
    desk.later(PATIENCE)
    assert desk.lost == 1
    desk.deliver(2, "b")
    assert desk.ids == [1, 3]
    assert desk.lost == 0
    assert desk.ledger.skipped == {TOO_LATE: Tally(1, 3)}
    assert desk.collation.book.workers["b"].late == Tally(1, 3)
    assert desk.problem() == ""
    desk.deliver(2, "a")        # and once more: not late, but known
    assert desk.ledger.skipped[REPEATED] == Tally(1, 3)
    assert desk.ledger.kinds[TrainKind.REPEATED] == 1
    assert desk.problem() == ""


def test_the_source_starts_anew():
    desk = Desk()
    for number in range(5000, 5010):
        desk.deliver(number, "ab"[number % 2])
    for number in range(1, 30):
        desk.deliver(number, "ab"[number % 2])
        desk.later(0.1)
    assert desk.ids[:10] == list(range(5000, 5010))
    tail = desk.ids[desk.ids.index(1) if 1 in desk.ids else 10:]
    assert tail == sorted(tail)
    assert tail[-1] == 29
    assert desk.problem() == ""
    assert desk.ledger.kinds[TrainKind.RESTART] >= 1


def test_trains_without_an_id_pass():
    desk = Desk()
    for worker in "ab":
        desk.deliver(0, worker)
    assert desk.ids == [0, 0]
    assert desk.ledger.kinds == {TrainKind.UNTIMED: 2}
    assert desk.problem() == ""


def test_the_wrong_sum_is_seen():
    desk = Desk()
    desk.deliver(1, "a")
    desk.deliver(2, "b")
    book = desk.collation.book
    assert desk.problem() == ""
    book.workers["a"].count("received", book.workers["a"].latest)
    assert "the trains of a do not add up: 1 trains" in desk.problem()
    book.workers["a"].count("written", book.workers["a"].latest)
    assert "the workers do not add up" in desk.problem()


def test_the_wrong_span_is_seen():
    desk = Desk()
    for number in (1, 2, 4, 5):
        desk.deliver(number, "ab"[number % 2])
    desk.later(PATIENCE)
    desk.ledger.lost.clear()
    assert "1 to 5 are 5, but 4 came or are lost" in desk.problem()


def test_counting_anew():
    desk = Desk()
    for number in (1, 2, 4):
        desk.deliver(number, "ab"[number % 2])
    desk.ledger = type(desk.ledger)(sequence=desk.ledger.sequence)
    desk.collation.reset()
    assert desk.problem() == ""
    desk.later(1.)
    desk.deliver(3, "b")        # lost before the counts began
    assert desk.ledger.skipped == {REPEATED: Tally(1, 3)}
    desk.deliver(5, "b")
    assert desk.problem() == ""


def test_outputs_that_never_came_are_counted():
    desk = Desk()
    desk.deliver(1, "a", number=11)
    desk.deliver(2, "b", number=3)
    desk.deliver(5, "a", number=14)
    assert desk.collation.book.workers["a"].missed == 2
    assert desk.collation.book.workers["b"].missed == 0
    desk.collation.book.left("a", desk.now)
    desk.collation.book.joined("a", desk.now)
    desk.deliver(6, "a", number=1)      # started anew: nothing is missed
    assert desk.collation.book.workers["a"].missed == 2


def test_workers_must_say_the_same():
    desk = Desk()
    desk.deliver(1, "a")
    desk.deliver(2, "b", model_id="n")
    assert desk.collation.objection() == (
        "a runs model m, b runs n: configure all workers alike")
    desk.deliver(4, "b", config_hash="d")
    assert "a runs configuration c, b runs d" in desk.collation.objection()
    desk.collation.book.left("b", desk.now)
    assert desk.collation.objection() == ""


def test_enough_workers_are_needed():
    desk = Desk(workers=("a", "b"), silence=1.)
    desk.collation.set(type(desk.collation.limits)(workers=2))
    assert desk.collation.objection() == ""
    desk.collation.book.left("b", desk.now)
    assert desk.collation.objection() == (
        "1 of 2 workers deliver; gone or silent: b")


def test_the_worst_of_the_workers_counts():
    desk = Desk()
    book = desk.collation.book
    assert book.gate() == math.inf
    assert math.isnan(book.drift().score)
    desk.deliver(1, "a", gate=7.)
    desk.deliver(2, "b", gate=0., drift=DriftReport(0.9, "", "hot"))
    assert book.gate() == 0
    assert book.drift().reason == "hot"
    desk.deliver(3, "a", drift=DriftReport())
    assert math.isnan(book.drift().score)


@st.composite
def histories(draw):
    """What happens to each of the trains of two or three workers."""
    return draw(st.lists(st.tuples(
        st.sampled_from("abc"),
        # s in the worker; lost on the way; said twice; worker dies with it
        st.floats(0, 0.6), st.booleans(), st.booleans(),
        st.integers(0, 12).map(lambda n: n == 0)), max_size=60))


@given(histories())
def test_any_history_gives_order_and_sums(history):
    """Trains at 10 Hz, any delay, loss, repetition and death."""
    desk = Desk(workers="abc")
    events, free = [], dict.fromkeys("abc", 0.)
    for number, (worker, takes, lost, twice, dies) in enumerate(history, 1):
        # a worker delivers in order
        free[worker] = max(free[worker], 0.1 * number) + takes / 3
        if dies:
            events.append((free[worker], "left", worker, number))
        elif not lost:
            events.append((free[worker], "train", worker, number))
            if twice:
                other = "abc"["abc".index(worker) - 1]
                events.append((free[worker] + takes, "train", other, number))
    entered = {}
    for when, what, worker, number in sorted(events):
        desk.later(100. + when - desk.now)
        if what == "left":
            desk.collation.book.left(worker, desk.now)
        else:
            entered.setdefault(number, desk.now)
            desk.deliver(number, worker)
        assert desk.problem() == ""
    desk.later(10.)
    assert desk.problem() == ""
    assert desk.ids == sorted(set(desk.ids))
    assert len(desk.collation.window) == 0
    for number, when in desk.out:
        assert when - entered[number] <= PATIENCE + 1e-9
    # everything that came is out, or came behind a newer one
    late = desk.ledger.skipped.get(TOO_LATE, Tally()).trains
    assert len(set(entered) - set(desk.ids)) <= late + (
        desk.ledger.kinds.get(TrainKind.REPEATED, 0))


def test_what_a_worker_does_not_know_is_the_worst():
    for order in ("ab", "ba"):
        desk = Desk()
        one, other = order
        desk.deliver(1, one, gate=math.nan, drift=DriftReport(math.nan))
        desk.deliver(2, other)
        book = desk.collation.book
        assert not book.gate() > 0
        assert math.isnan(book.drift().score)
        desk.deliver(3, one, drift=DriftReport(-math.inf))
        assert book.drift().score == -math.inf
