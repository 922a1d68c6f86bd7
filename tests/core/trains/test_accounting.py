from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.trains.accounting import (
    CONFIRMED,
    GAPS,
    LONGEST_GAP,
    NEAR,
    Ledger,
    Tally,
    TrainKind,
    total,
)

COUNTS = {"classified": 5, "unknown": 2, "low_intensity": 1, "saturated": 1,
          "bad_data": 2, "skipped": 1}


def arrive(*ids, ledger=None, **changes):
    """(ledger, arrivals) after trains of one pulse each."""
    ledger, arrivals = ledger or Ledger(), []
    for train_id in ids:
        ledger, arrival = ledger.arrive(train_id, 1, **changes)
        arrivals.append(arrival)
    return ledger, arrivals


def kinds(arrivals):
    return [arrival.kind for arrival in arrivals]


START = 1, 2, 3, 4, 5


TRAIN_IDS = [
    ([7], "new", 0), ([7, 8], "new", 0), ([7, 10], "new", 2),
    ([7, 7 + NEAR], "new", NEAR - 1), ([7, 8 + NEAR], "stray", 0),
    ([*START, 1000, 1001], "stray", 0), ([*START, 1000, 1001, 1002], "new",
                                         994),
    ([*START, 1000, 1001, 1003], "new", 995),
    ([*START, 1000, 5, 1001, 1002], "stray", 0),
    ([*START, 1000, 6, 1001, 1002], "stray", 0),
    # one train is no sequence to which something could be missing
    ([7, 1000, 1001, 1002], "jump", 0), ([7, 1000, 1001, 1004], "jump", 2),
    ([*START, *[LONGEST_GAP + n for n in (5, 6, 7)]], "new",
     LONGEST_GAP - 1),
    ([*START, *[LONGEST_GAP + n for n in (6, 7, 8)]], "jump", 0),
    ([7, 7], "repeated", 0), ([7, 8, 7], "repeated", 0),
    ([7, 9, 8], "late", 0), ([7, 9, 8, 8], "repeated", 0),
    ([5000, 5000 - NEAR], "repeated", 0), ([5000, 4999 - NEAR], "stray", 0),
    ([5000, 1, 2], "stray", 0), ([5000, 1, 2, 3], "restart", 0),
    ([5000, 1, 1, 2, 2, 3], "restart", 0),
    # the newest is never news twice, whatever agrees with it
    ([*START, 3, 4, 5], "repeated", 0), ([*START, 3, 4, 5, 6], "new", 0),
    ([5, 1, 3, 5], "repeated", 0), ([*START, 2, 3, 4], "restart", 0),
    ([0], "untimed", 0), ([7, 0], "untimed", 0), ([7, 0, 8], "new", 0),
    ([2**64 - 1], "new", 0), ([*START, 2**64 - 1], "stray", 0),
    ([*START, *[2**64 - 1] * 9], "stray", 0)]


def test_what_a_train_id_says(subtests):
    for ids, kind, lost in TRAIN_IDS:
        with subtests.test(ids=repr(ids)):
            _, arrivals = arrive(*ids)
            assert arrivals[-1] == (TrainKind(kind), lost)


def test_which_kinds_are_news_and_which_break():
    assert {k for k in TrainKind if not k.news} == {
        "repeated", "late", "stray"}
    assert {k for k in TrainKind if k.breaks} == {"jump", "restart"}


def test_a_late_train_was_not_lost():
    ledger, _ = arrive(7, 10)
    assert ledger.lost == {"unexplained": 2}
    ledger, _ = arrive(8, ledger=ledger)
    assert ledger.lost == {"unexplained": 1}
    assert ledger.kinds == {"new": 2, "late": 1}


AHEAD = [
    2, 50, NEAR, NEAR + 1, 1001, 5000, LONGEST_GAP - 1, LONGEST_GAP + 1,
    2**40, -50, -NEAR - 1, -5000]


def test_wrong_ids_in_a_row_cost_two_trains_and_are_no_loss(subtests):
    """The trains go on where they were, the wrong ones are missing."""
    for ahead, wrong in product(AHEAD, [1, 2, 3, 4]):
        with subtests.test(ahead=ahead, wrong=wrong):
            before, after = range(6000, 6010), range(6010 + wrong, 6140)
            ledger, arrivals = arrive(
                *before, *[6010 + n + ahead for n in range(wrong)], *after)
            arrivals = arrivals[-len(after):]
            assert sum(not one.kind.news for one in arrivals) <= CONFIRMED - 1
            came = {6010 + n + ahead for n in range(wrong)} | {*before, *after}
            assert sum(ledger.lost.values()) == len(
                set(range(6000, 6140)) - came)


def test_a_gap_after_a_reconnection_has_a_cause():
    ledger, _ = arrive(6, 7, 8)
    ledger, _ = arrive(18, ledger=ledger, reconnected=True)
    ledger, _ = arrive(20, ledger=ledger)
    assert ledger.lost == {"disconnected": 9, "unexplained": 1}
    ledger, _ = arrive(1000, ledger=ledger, reconnected=True)
    ledger, _ = arrive(1001, 1002, ledger=ledger)
    assert ledger.lost == {"disconnected": 9 + 979, "unexplained": 1}


def test_a_sender_that_starts_anew_is_found_by_its_order():
    old = list(range(100, 120))
    _, arrivals = arrive(*old, *range(100, 100 + CONFIRMED + 2))
    assert kinds(arrivals[len(old):]) == (
        ["repeated"] * (CONFIRMED - 1) + ["restart", "new", "new"])


def test_one_wrong_id_after_a_reconnection_is_not_believed_either():
    ledger, _ = arrive(100, 101, 102)
    ledger, arrivals = arrive(50, ledger=ledger, reconnected=True)
    assert kinds(arrivals) == ["repeated"]
    ledger, arrivals = arrive(103, ledger=ledger)
    assert arrivals == [(TrainKind.NEW, 0)]


def test_every_train_sent_twice_is_no_restart():
    _, arrivals = arrive(*[i for i in range(1, 30) for _ in range(2)])
    assert Counter(kinds(arrivals)) == {"new": 29, "repeated": 29}


def test_one_train_sent_again_and_again_is_no_restart():
    for again in 8, 9:
        _, arrivals = arrive(8, 9, *[again] * 3 * CONFIRMED)
        assert set(kinds(arrivals[2:])) == {"repeated"}


def test_what_is_missing_is_counted_once_when_a_wrong_id_ends_disorder():
    # 24 comes early, 21 and 22 late; with them 2 is taken for a restart
    ledger, _ = arrive(*range(3, 20), 24, 21, 22, 2, *range(24, 40))
    assert ledger.lost == {"unexplained": 2}    # 20 and 23


def test_what_is_remembered_of_gaps_is_bounded():
    ledger, _ = arrive(*range(1, 20 * GAPS, 10))
    assert len(ledger.sequence.gaps) == GAPS


def test_a_late_train_after_the_counts_were_reset():
    """Its gap, and the cause of it, are forgotten."""
    arrive(7, 10, reconnected=True)
    ledger, arrivals = arrive(8, 9, 11, 10, ledger=Ledger(Tally(2, 2)))
    assert kinds(arrivals) == ["new", "new", "new", "late"]
    assert sum(ledger.lost.values()) == 0


def test_what_came_before_its_time_is_not_lost_and_has_no_vote():
    ledger, arrivals = arrive(*range(1, 9), 2, 3, 4, 9)
    assert kinds(arrivals[-3:]) == ["repeated", "restart", "new"]
    assert arrivals[-1].lost == 4
    assert sum(ledger.lost.values()) == 0


WRONG = st.one_of(
    st.integers(-200, 200), st.integers(-50_000, 50_000),
    st.integers(1, 2**64 - 1).map(lambda n: n - 10**6))


@given(good=st.lists(st.integers(1, 3), min_size=10, max_size=60),
       wrong=st.lists(st.tuples(st.integers(3, 59), WRONG), max_size=12))
def test_wrong_ids_cost_some_trains_and_no_count(good, wrong):
    """The oracle is a set: what is lost are the ids that never came."""
    true = [10**6 + sum(good[:n]) for n in range(len(good))]
    tail = range(true[-1] + 1, true[-1] + 300)  # the sequence is itself again
    span = set(range(true[0], tail[-1] + 1))
    sent = list(true)
    for place, ahead in wrong:
        # a wrong id is one that no train has, and that is not missing either
        if place < len(sent) and max(true[place] + ahead, 1) not in span:
            sent[place] = max(true[place] + ahead, 1)
    ledger, arrivals = arrive(*sent, *tail)
    k = sum(one != other for one, other in zip(true, sent, strict=True))
    kept = sum(arrival.kind.news for arrival, one, other in zip(
        arrivals, [*sent, *tail], [*true, *tail], strict=True)
        if one == other)
    assert len(true) - k + len(tail) - kept <= (CONFIRMED - 1) * k
    assert all(arrival == (TrainKind.NEW, 0) for arrival in arrivals[-90:])
    assert sum(ledger.lost.values()) == len(span - {*sent, *tail})


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 400),
                max_size=40), st.integers(1, 2**63))
def test_it_always_recovers(before, start):
    """Whatever came: with the third train of a true sequence at most.

    With the fourth where the third is the newest that has been counted.
    """
    ledger, _ = arrive(*before)
    third = start + CONFIRMED - 1
    known = ledger.sequence.newest == third
    ledger, arrivals = arrive(*range(start, start + 8), ledger=ledger)
    assert [arrival.kind.news for arrival in arrivals[CONFIRMED - 1:]] == [
        not known, *[True] * (8 - CONFIRMED)]
    assert kinds(arrivals[CONFIRMED:]) == ["new"] * (8 - CONFIRMED)
    assert all(count >= 0 for count in ledger.lost.values())


def test_one_train_of_each_fate():
    ledger, _ = Ledger().arrive(1, 10)
    ledger, _ = ledger.arrive(2, 9)
    ledger, _ = ledger.arrive(3, 7)
    assert ledger.identity(Tally(3, 26)) == ""
    ledger = ledger.classify(COUNTS, "degraded")
    assert ledger.identity(Tally(2, 16), Tally(1, 10)) == ""
    ledger = ledger.write(10)
    ledger = ledger.reject(9, "wrong rank").skip(7, "queue full")
    assert ledger.identity() == ""
    assert ledger.received == (3, 26)
    assert ledger.classified == (1, 5)
    assert ledger.rejected == {
        "low_intensity": (0, 1), "saturated": (0, 1), "bad_data": (0, 2),
        "wrong rank": (1, 9)}
    assert ledger.skipped == {"degraded": (0, 1), "queue full": (1, 7)}
    assert total(ledger.rejected) == (1, 13)


def test_what_a_receiver_did_not_take_is_not_written():
    ledger, _ = Ledger().arrive(1, 10)
    ledger = ledger.classify(COUNTS).write(10, blocked=True)
    assert ledger.identity() == ""
    assert (ledger.written, ledger.blocked) == ((0, 0), (1, 10))
    assert "1 written + 1 blocked" in ledger.write(10).identity()


def test_counts_without_unknown_counted_twice():
    """Unknown pulses are among the classified ones already."""
    ledger = Ledger().classify(COUNTS)
    assert ledger.classified.pulses == 5
    assert ledger.returned.pulses == 10


COUNTED_ONCE = [
    (lambda x: x.arrive(9, 3)[0], "trains do not add up: 2 received"),
    (lambda x: x.reject(0, "r"), "1 classified + 1 rejected"),
    (lambda x: x.skip(0, "r"), "1 skipped"),
    (lambda x: x.classify(dict.fromkeys(COUNTS, 0)), "2 classified"),
    (lambda x: x.write(0), "1 returned by the engine, but 2 written")]


def test_a_train_that_is_counted_once_only_is_found(subtests):
    ledger, _ = Ledger().arrive(1, 10)
    ledger = ledger.classify(COUNTS).write(10)
    assert ledger.identity() == ""
    for change, words in COUNTED_ONCE:
        with subtests.test(words=words):
            assert words in change(ledger).identity()


@pytest.mark.parametrize(("received", "written", "words"), [
    (11, 10, "pulses do not add up: 11 received"),
    (10, 9, "10 returned by the engine, but 9 written")])
def test_a_pulse_that_is_missing_is_found(received, written, words):
    ledger, _ = Ledger().arrive(1, received)
    assert words in ledger.classify(COUNTS).write(written).identity()


FATES = st.one_of(
    st.tuples(st.just("reject"), st.sampled_from(["rank", "key"])),
    st.tuples(st.just("skip"), st.sampled_from(["full", "model"])),
    st.tuples(st.just("classify"), st.tuples(*[st.integers(0, 3)] * 5)))


@given(trains=st.lists(st.tuples(
    st.integers(0, 40), st.integers(0, 15), FATES), max_size=40),
    in_flight=st.integers(0, 5))
def test_counts_add_up_for_any_stream(trains, in_flight):
    """Fates are played behind the arrivals, as through a queue."""
    ledger, queue = Ledger(), []

    def play(pulses, fate, detail):
        if fate != "classify":
            return getattr(ledger, fate)(pulses, detail)
        shares = [pulses]
        for part in detail[:4]:
            part = min(part, shares[0])
            shares[0] -= part
            shares.append(part)
        counts = dict(zip(("classified", "low_intensity", "saturated",
                           "bad_data", "skipped"), shares, strict=True))
        return ledger.classify(counts).write(pulses)

    for train_id, pulses, fate in trains:
        ledger, _ = ledger.arrive(train_id, pulses)
        queue.append((pulses, *fate))
        if len(queue) > in_flight:
            ledger = play(*queue.pop(0))
        flight = Tally(len(queue), sum(pulses for pulses, *_ in queue))
        assert ledger.identity(flight) == ""
        assert (ledger.identity() == "") == (flight == (0, 0))
    assert sum(ledger.kinds.values()) == ledger.received.trains == len(trains)


def test_pulses_that_there_was_no_time_for_have_a_reason_of_their_own():
    ledger, _ = Ledger().arrive(1, 5)
    counts = {"classified": 2, "low_intensity": 0, "saturated": 0,
              "bad_data": 0, "skipped": 3}
    ledger = ledger.classify(counts, "not selected", degraded=2)
    assert ledger.skipped == {"degraded": Tally(0, 2),
                              "not selected": Tally(0, 1)}
    assert ledger.identity(in_output=Tally(1, 5)) == ""
