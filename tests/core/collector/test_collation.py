"""Workers come, go, lose, repeat: order and accounts hold."""
import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.collector.collation import (
    AHEAD,
    REPEATED,
    STRAY,
    TOO_LATE,
)
from spectra_classifier.core.drift import DriftReport
from spectra_classifier.core.trains.accounting import (
    CONFIRMED,
    Tally,
    TrainKind,
)
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
    desk.later(2.)              # until then it may be the first of others
    assert desk.ids == [1, 3]
    assert desk.lost == 0
    assert desk.ledger.skipped == {TOO_LATE: Tally(1, 3)}
    assert desk.collation.book.workers["b"].late == Tally(1, 3)
    assert desk.problem() == ""
    desk.deliver(2, "a")        # and once more: not late, but known
    desk.later(2.)
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
    desk.ledger = type(desk.ledger)()
    desk.collation.reset()
    assert desk.problem() == ""
    desk.later(1.)
    assert desk.ids == [1, 2, 4]
    desk.deliver(2, "b")        # nothing is known of what was before
    desk.deliver(5, "a")
    assert desk.ids[3:] == [2]
    desk.later(1.)
    assert desk.ids[3:] == [2, 5]
    assert desk.lost == 2
    assert desk.problem() == ""


def test_a_reset_forgets_the_order():
    desk = Desk()
    for number in (10**6, 10**6 + 1, 10**6 + 2, 3):
        desk.deliver(number, "a")
    desk.ledger = type(desk.ledger)()
    desk.collation.reset()
    for number in range(4, 10):
        desk.deliver(number, "ab"[number % 2])
        assert desk.problem() == ""
    desk.later(0.3)
    assert desk.ids[-6:] == list(range(4, 10))
    desk.later(2.)
    assert desk.problem() == ""


def test_a_worker_with_other_trains_is_named_and_not_followed():
    desk = Desk()
    for number in range(10, 40):
        desk.deliver(number, "a")
        desk.deliver(number + 10**6, "b")
        desk.later(0.1)
        assert desk.problem() == ""
    assert desk.ids == list(range(10, 40))
    assert desk.collation.objection() == (
        "b sends trains that are not those of the others, 1000039 for "
        "example: connect all workers to the same source")
    desk.collation.book.left("a", desk.now)
    for number in range(40, 50):        # now it is the only one
        desk.deliver(number + 10**6, "b")
    assert desk.ids[-10:] == [10**6 + n for n in range(40, 50)]
    assert desk.collation.objection() == ""


def test_a_worker_that_counts_on_without_news():
    desk = Desk()
    desk.deliver(1, "a", number=7)
    desk.deliver(2, "a", number=7)
    desk.deliver(3, "a", number=8)
    desk.later(1.)
    assert desk.ids == [1, 2, 3]
    assert desk.counted == [True, False, True]
    assert desk.problem() == ""


def test_a_number_of_a_worker_that_is_far_off_is_no_train_missed():
    desk = Desk()
    for train_id, number in enumerate((1, 2, 3, 10**12, 4, 5, 6), 1):
        desk.deliver(train_id, "a", number=number)
    assert desk.collation.book.workers["a"].missed == 0


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
    events, free, again = [], dict.fromkeys("abc", 0.), 0
    for number, (worker, takes, lost, twice, dies) in enumerate(history, 1):
        # a worker delivers in order
        free[worker] = max(free[worker], 0.1 * number) + takes / 3
        if dies:
            events.append((free[worker], "left", worker, number))
        elif not lost:
            events.append((free[worker], "train", worker, number))
            # as many in a row as it takes would be a source that starts anew
            again += twice
            if twice and again < CONFIRMED:
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
    far = max((later - number for number, later in itertools.pairwise(
        [0, *sorted(entered)])), default=0) > AHEAD
    for number, when in desk.out:
        assert when - entered[number] <= PATIENCE + 1e-9 + (
            desk.collation.limits.silence if far else 0)
    # everything that came is out, or came behind a newer one, or is far
    # from the others
    late = sum(desk.ledger.skipped.get(why, Tally()).trains
               for why in (TOO_LATE, REPEATED, STRAY))
    assert len(set(entered) - set(desk.ids)) <= late
    assert far or STRAY not in desk.ledger.skipped


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


WRONG = st.one_of(st.integers(-60, 60), st.integers(-50_000, 50_000),
                  st.integers(1, 2**64 - 1).map(lambda n: n - 10**6))


@settings(deadline=None)
@given(workers=st.integers(1, 3), good=st.lists(
    st.tuples(st.integers(0, 8).map(lambda n: 1 + (n == 0)),
              st.integers(0, 2)), min_size=20, max_size=60),
    wrong=st.dictionaries(st.integers(3, 59), WRONG, max_size=6))
def test_wrong_ids_cost_some_trains_and_no_count(workers, good, wrong):
    """Trains of a source whose ids are wrong now and then: each costs a few
    trains at most, what is lost is counted right, and it goes on."""
    true = [10**6 + sum(step for step, _ in good[:n])
            for n in range(len(good))]
    true += range(true[-1] + 1, true[-1] + 130)     # it is itself again
    sent = list(true)
    for place, ahead in wrong.items():
        if place < len(good) and max(true[place] + ahead, 1) not in true:
            sent[place] = max(true[place] + ahead, 1)
    desk = Desk(workers="abc"[:workers])
    for number, train_id in enumerate(sent):
        worker = good[number][1] if number < len(good) else number
        desk.deliver(train_id, "abc"[worker % workers])
        desk.later(0.1)
    desk.later(3.)
    assert desk.problem() == ""
    count = sum(one != other for one, other in zip(true, sent, strict=True))
    kept = {number for number, _ in desk.out}
    right = {one for one, other in zip(true, sent, strict=True)
             if one == other}
    assert len(right - kept) <= (AHEAD + workers) * count
    assert set(true[-90:]) <= kept
    span = set(range(true[0], true[-1] + 1))
    # an id that is wrong may be that of a train that is lost
    assert len(span - {*sent}) <= desk.lost <= len(span - right)


@settings(deadline=None)
@given(st.lists(st.tuples(
    st.sampled_from("abc"), st.floats(0, 2),
    st.integers(0, 2**64 - 1) | st.integers(0, 300)), max_size=40),
    st.integers(1, 3), st.integers(1, 2**63))
def test_it_always_recovers(before, workers, start):
    """Whatever came from whom: with some trains of a true source at most."""
    desk = Desk(workers="abc")
    for worker, seconds, train_id in before:
        desk.deliver(train_id, worker)
        desk.later(seconds)
        assert desk.problem() == ""
    for number in range(start, start + 60):
        desk.deliver(number, "abc"[number % workers])
        desk.later(0.1)
        assert desk.problem() == ""
    desk.later(3.)
    assert desk.problem() == ""
    assert desk.ids[-40:] == list(range(start + 20, start + 60))


@pytest.mark.parametrize("patience", [0.1, 0.25, 0.3, 0.7])
def test_what_is_due_is_taken_when_it_is_due(patience):
    """Also where the clock and the sum of two times round differently."""
    desk = Desk(workers="ab", patience=patience)
    waited = 0
    for number in range(1, 200):
        # now one that has to wait, now one that is held aside
        desk.deliver(7 + 2 * number + 10**6 * (number % 2), "a")
        if (held := desk.collation.held().trains):
            waited += 1
            desk.now = desk.collation.due()
            desk.take()
            assert desk.collation.held().trains < held
        desk.now += 0.1
    assert waited > 90
