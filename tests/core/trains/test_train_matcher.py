"""Streams joined by train id: every train comes out once, whatever comes."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.trains import train_matcher
from spectra_classifier.core.trains.train_matcher import Patience, TrainMatcher

NAMES = "follower", "context"
PATIENCE = Patience(wait=0.3, trains=3, parts=4, keep=1., silence=2.)


def joiner(*names, **changes):
    """A `TrainMatcher` whose partners were there just now, at 0 s."""
    made = TrainMatcher(names or ("follower",), Patience(**{
        "wait": 0.3, "trains": 5, **changes}))
    for name in names or ("follower",):
        made.part(name, 1, "old", 0.)
    return made


def brief(joined):
    return [(one.item, one.parts, one.missing) for one in joined]


def test_part_behind_its_train():
    join = joiner()
    assert join.lead(7, "lead 7", 0.1) == []
    [out] = join.part("follower", 7, "part 7", 0.2)
    assert brief([out]) == [("lead 7", {"follower": "part 7"}, {})]
    assert out.waited == pytest.approx(0.1)


def test_part_before_its_train():
    join = joiner()
    assert join.part("follower", 7, "part 7", 0.1) == []
    assert brief(join.lead(7, "lead 7", 0.2)) == [
        ("lead 7", {"follower": "part 7"}, {})]
    assert join.held("follower") == 1       # the old one


def test_order_is_kept_while_the_first_one_waits():
    join = joiner("follower", "context")
    join.lead(7, "a", 0.1)
    join.lead(8, "b", 0.2)
    assert join.part("follower", 7, "f7", 0.21) == []
    assert join.part("follower", 8, "f8", 0.22) == []
    # the context of 8 shows that there is none of 7
    assert brief(join.part("context", 8, "c8", 0.23)) == [
        ("a", {"follower": "f7"}, {"context": train_matcher.PASSED}),
        ("b", {"follower": "f8", "context": "c8"}, {})]


@pytest.mark.parametrize(("happens", "reason"), [
    (lambda join: join.part("follower", 8, "f8", 0.2), train_matcher.PASSED),
    (lambda join: join.refresh(0.41), train_matcher.LATE),
    (lambda join: join.release(0.2), train_matcher.RELEASED)])
def test_reasons_of_a_missing_part(happens, reason):
    join = joiner()
    assert join.lead(7, "a", 0.1) == []
    assert brief(happens(join)) == [("a", {}, {"follower": reason})]
    assert join.missing["follower"] == {reason: 1}


def test_only_so_many_wait():
    join = joiner(trains=2)
    assert join.lead(7, "a", 0.1) + join.lead(8, "b", 0.1) == []
    assert brief(join.lead(9, "c", 0.1)) == [
        ("a", {}, {"follower": train_matcher.CROWDED})]
    assert join.items == ["b", "c"]


def test_nobody_waits_for_a_silent_stream_or_without_an_id():
    join = joiner()
    assert brief(join.lead(7, "a", 2.1)) == [
        ("a", {}, {"follower": train_matcher.SILENT})]
    assert brief(join.lead(0, "b", 0.1)) == [
        ("b", {}, {"follower": train_matcher.UNTIMED})]


def test_a_train_of_no_use_keeps_its_place():
    join = joiner()
    join.lead(7, "a", 0.1)
    assert join.lead(8, "odd", 0.1, wanted=False) == []
    assert [one.item for one in join.part("follower", 7, "f", 0.1)] == [
        "a", "odd"]


def test_too_late_repeated_and_unclaimed_parts():
    join = TrainMatcher(("follower",), Patience(parts=2, keep=1.))
    join.part("follower", 6, "f6", 0.)
    join.part("follower", 6, "f6 again", 0.)
    join.lead(7, "a", 0.)
    join.refresh(1.)
    join.part("follower", 7, "f7", 1.)
    join.part("follower", 5, "f5", 1.)
    join.refresh(3.)
    assert join.dropped("follower") == {
        train_matcher.REPEATED: 1,
        train_matcher.TOO_LATE: 1,
        train_matcher.UNCLAIMED: 2,
    }


def test_ids_that_start_anew_find_each_other_again():
    join = joiner()
    for train_id in (1000, 1001, 5, 6, 7):
        join.part("follower", train_id, train_id, 0.1)
        [out] = join.lead(train_id, train_id, 0.1)
        assert out.parts == {"follower": train_id}


def test_parts_of_the_past_are_forgotten():
    join = joiner()
    join.part("follower", 7, "of the past", 0.1)
    join.forget("follower")
    assert join.lead(7, "a", 0.2) == []
    assert join.held("follower") == 0


IDS = st.integers(0, 12)
EVENTS = st.lists(st.one_of(
    st.tuples(st.just("lead"), IDS),
    st.tuples(st.sampled_from(NAMES), IDS),
    st.tuples(st.just("pass"), st.floats(0, 3)),
    st.tuples(st.just("forget"), st.sampled_from(NAMES))), max_size=60)


def played(events):
    """(joiner, [MatchedTrain], item numbers led, most kept) of any events."""
    join, now, out, led = TrainMatcher(NAMES, PATIENCE), 0., [], []
    for kind, value in events:
        if kind == "lead":
            led.append((len(led), value))
            out += join.lead(value, led[-1], now)
        elif kind in NAMES:
            out += join.part(kind, value, (kind, value), now)
        elif kind == "forget":
            join.forget(value)
        else:
            now += value
            out += join.refresh(now)
        assert join.identity() == ""
        assert len(join.items) <= PATIENCE.trains
        assert all(join.held(name) <= PATIENCE.parts for name in NAMES)
        assert join.deadline is None or join.deadline > now
    return join, out, led, now


@given(EVENTS)
def test_every_train_comes_out_once_in_order(events):
    join, out, led, now = played(events)
    out += join.release(now)
    assert [one.item for one in out] == led
    assert join.items == []
    for one in out:
        assert set(one.parts) | set(one.missing) == set(NAMES)
        assert not set(one.parts) & set(one.missing)
        for name, part in one.parts.items():
            assert part == (name, one.item[1]) and one.item[1] != 0
        assert one.waited >= 0
    assert join.complete == sum(not one.missing for one in out)
    for name in NAMES:
        lacking = sum(name in one.missing for one in out)
        assert join.missing[name].total() == lacking
    assert join.identity() == ""


@given(st.permutations([(name, number) for number in (1, 2, 3)
                        for name in ("lead", *NAMES)]))
def test_any_interleaving_in_stream_order_is_whole(events):
    # each stream in its own order, the streams in any order to each other
    numbers = dict.fromkeys(("lead", *NAMES), 0)
    ordered = []
    for name, _ in events:
        numbers[name] += 1
        ordered.append((name, numbers[name]))
    join, out = TrainMatcher(NAMES, PATIENCE), []
    for name in NAMES:
        join.part(name, 13, "of the past", 0.)
        join.forget(name)
    for name, number in ordered:
        out += (join.lead(number, number, 0.1) if name == "lead" else
                join.part(name, number, number, 0.1))
    assert [one.item for one in out] == [1, 2, 3]
    assert all(not one.missing for one in out)


def test_one_part_with_a_wrong_id_does_not_end_the_waiting():
    join = joiner()
    assert join.lead(7, "a", 0.1) == []
    assert join.part("follower", 36_007, "wrong", 0.11) == []
    assert brief(join.part("follower", 7, "f7", 0.12)) == [
        ("a", {"follower": "f7"}, {})]


@given(st.dictionaries(
    st.tuples(st.sampled_from(["lead", *NAMES]), st.integers(3, 90)),
    st.integers(-2**62, 2**62) | st.integers(-150, 150), max_size=5))
def test_a_wrong_id_costs_some_trains_and_it_goes_on(wrong):
    """100 trains at 10 Hz, of which some parts have a wrong id."""
    join, out = TrainMatcher(NAMES, PATIENCE), []
    for number in range(100):
        for name in ("lead", *NAMES):
            train_id = max(2**63 + number + wrong.get((name, number), 0), 1)
            now = number / 10
            out += (join.lead(train_id, number, now) if name == "lead" else
                    join.part(name, train_id, number, now))
    out += join.refresh(11.)
    assert [one.item for one in out] == list(range(100))
    assert join.identity() == ""
    lacking = [one.item for one in out if one.missing]
    assert len(lacking) <= (PATIENCE.trains + 2) * len(wrong) + 1
    assert not set(lacking) & {98, 99}
    for one in out:     # and nothing goes with a part of another train
        for name, part in one.parts.items():
            assert part == one.item or (name, part) in wrong or (
                "lead", one.item) in wrong
