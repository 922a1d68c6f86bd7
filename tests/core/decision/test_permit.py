"""The permit: true under all conditions, false without any one of them."""
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.decision import (
    CONDITIONS,
    Alarm,
    ModelStanding,
    PulsePattern,
    Reaction,
    arm,
    disarm,
    reset,
    step,
)
from spectra_classifier.core.trains.accounting import TrainKind

MODEL_FAULTS = [
    ("model", {"verified": False}, "no verified model"),
    ("gate", {"min_intensity": 0.}, "minIntensity is 0"),
    ("gate", {"min_intensity": np.nan}, "minIntensity is nan"),
    ("reactions", {"reactions_confirmed": False}, "not confirmed"),
    ("objection", {"objection": "null test"}, "null test")]

TRAIN_FAULTS = [
    ("fault", {"fault": "the engine failed"}, "the engine failed"),
    ("accounting", {"accounting": "2 of 3"}, "2 of 3"),
    ("trainId", {"train_id": 0, "kind": TrainKind.UNTIMED}, "no time server"),
    ("trainAge", {"train_age": 1001.}, "age is 1001 ms; the limit is 1000"),
    ("trainAge", {"train_age": -1001.}, "age is -1001 ms"),
    ("trainAge", {"train_age": np.nan}, "age is not known"),
    ("latency", {"latency": 500.5}, "latency is 500.5 ms"),
    ("latency", {"latency": np.nan}, "not known"),
    ("coverage", {"coverage": 0.49}, "coverage is 0.49; the limit is 0.5"),
    ("coverage", {"coverage": np.nan}, "not known"),
    ("drift", {"drift": 1.01}, "drift score is 1.01"),
    ("drift", {"drift": -1.01}, "drift score is -1.01"),
    ("drift", {"drift": np.nan}, "not known"),
    ("coverage", {"coverage": np.inf}, "coverage is inf"),
    ("coverage", {"coverage": 1.5}, "coverage is 1.5"),
    *((name, {field: value}, f"is {value}") for name, field in (
        ("latency", "latency"), ("drift", "drift"))
      for value in (np.inf, -np.inf))]


def test_everything_in_order_permits(granted):
    decision = granted().play(0)
    assert (decision.permit, decision.condition) == (True, "")
    assert decision.reason == "all conditions hold"
    assert decision.alarm is Alarm.NONE


def test_nothing_permits_at_the_start(bench):
    tested = bench()
    decision = tested.wait(0)
    assert (decision.permit, decision.condition) == (False, "model")
    assert not tested.play(0).armed


def test_a_model_that_lost_its_standing(granted, good, subtests):
    for name, changes, words in MODEL_FAULTS:
        with subtests.test(changes=changes):
            model = replace(good, **changes)
            for decision in (granted().play(0, model=model),
                             granted().wait(0.01, model=model)):
                assert (decision.permit, decision.condition) == (False, name)
                assert words in decision.reason


def test_a_train_outside_its_limits(granted, subtests):
    for name, changes, words in TRAIN_FAULTS:
        with subtests.test(changes=repr(changes)):
            tested = granted()
            decision = tested.play(0, **changes)
            assert (decision.permit, decision.condition) == (False, name)
            assert words in decision.reason
            assert decision.alarm is not Alarm.NONE
            assert tested.play(0).permit        # and the next good one again


def test_the_limits_themselves_permit(granted, subtests):
    for changes in [
            {"train_age": 1000.}, {"train_age": -1000.}, {"latency": 500.},
            {"coverage": 0.5}, {"drift": 1.}]:
        with subtests.test(changes=changes):
            assert granted().play(0, **changes).permit


def test_train_id_zero_may_be_allowed(granted):
    assert granted(allow_train_id_zero=True).play(
        0, train_id=0, kind=TrainKind.UNTIMED).permit


def test_disarmed(granted):
    tested = granted()
    tested.state = disarm(tested.state)
    decision = tested.play(0)
    assert (decision.condition, decision.armed) == ("armed", False)
    assert decision.reason == "disarmed by an operator"


def test_silence_withdraws(granted):
    tested = granted()
    assert tested.wait(1.).permit
    decision = tested.wait(0.01)
    assert (decision.permit, decision.condition) == (False, "fresh")
    assert decision.reason == "no new train for 1.0 s; the limit is 1 s"


def test_a_time_that_is_not_known_is_silence(granted):
    decision = granted().wait(np.nan)
    assert (decision.permit, decision.condition) == (False, "fresh")


def test_a_fault_between_trains_withdraws(granted):
    decision = granted().wait(0.01, fault="the source is gone")
    assert (decision.condition, decision.reason) == (
        "fault", "the source is gone")


def test_repetition_is_silence(granted):
    """The same train again and again: fresh arrivals, old news."""
    tested = granted(stale_after=1.05)
    decisions = [tested.play(0, train_id=1005, kind=TrainKind.REPEATED)
                 for _ in range(12)]
    assert [d.permit for d in decisions] == [True] * 10 + [False] * 2
    assert decisions[-1].condition == "fresh"
    assert {d.sequence for d in decisions} == {5}


def test_every_required_pattern_has_to_be_decided(granted):
    tested = granted(patterns=(PulsePattern("even", 0, 2),
                               PulsePattern("odd", 1, 2)))
    decision = tested.play(*[np.tile([0, -1], 10)] * 3)
    assert (decision.sample_state, decision.condition) == (0, "decided")
    assert "'odd'" in decision.reason


def test_every_required_pattern_has_to_permit(granted):
    tested = granted(patterns=(PulsePattern("even", 0, 2),
                               PulsePattern("odd", 1, 2)))
    decision = tested.play(*[np.tile([0, 1], 10)] * 3)
    assert (decision.sample_state, decision.condition) == (0, "reaction")
    assert "'b' of pulse pattern 'odd'" in decision.reason


def test_a_pattern_that_is_not_required_does_not_count(granted):
    tested = granted(patterns=(PulsePattern("even", 0, 2),
                               PulsePattern("odd", 1, 2, required=False)))
    assert tested.play(*[np.tile([0, 1], 10)] * 3).permit


@pytest.mark.parametrize(("label", "condition"), [
    (1, "reaction"), (-1, "decided"), (2, "latch")])
def test_only_a_permitting_class_permits(granted, label, condition):
    decision = granted().play(*[label] * 5)
    assert (decision.permit, decision.condition) == (False, condition)


@pytest.mark.parametrize("kind", [TrainKind.REPEATED, TrainKind.LATE])
def test_only_news_grant(granted, kind):
    tested = granted()
    assert not tested.play(0, latency=900.).permit
    decision = tested.play(0, kind=kind)
    assert (decision.permit, decision.condition) == (False, "granted")
    assert tested.wait(0.01).condition == "granted"
    assert tested.play(0).permit


def test_a_lost_permit_comes_back_by_itself_unless_latching(granted):
    tested = granted(latching=True)
    lost = tested.play(0, latency=900.)
    assert lost.condition == "latency"
    decision = tested.play(0)
    assert (decision.permit, decision.condition) == (False, "latch")
    assert decision.alarm is Alarm.ALARM
    assert "at train 1006: the latency is 900 ms" in decision.reason
    assert tested.acknowledge() == ""
    assert tested.play(0).permit


def test_a_refused_permit_latches_nothing(bench):
    tested = bench(latching=True)
    assert tested.play(0, 0, 0).condition == "armed"
    assert tested.arm() == ""
    assert tested.play(0).permit


def test_an_interlock_is_latched_without_latching(granted):
    tested = granted()
    fired = tested.play(2, 2, 2)
    assert (fired.alarm, fired.interlocked) == (Alarm.INTERLOCK, True)
    later = tested.play(*[0] * 9)
    assert (later.sample_state, later.condition) == (0, "latch")
    assert later.interlocked
    assert "sample state 'c'" in later.reason
    assert tested.acknowledge() == ""
    decision = tested.play(0)
    assert decision.permit
    assert not decision.interlocked


def test_a_pattern_that_is_not_required_can_fire(granted):
    tested = granted(patterns=(PulsePattern("even", 0, 2),
                               PulsePattern("odd", 1, 2, required=False)))
    assert tested.play(*[np.tile([0, 2], 10)] * 3).interlocked


def test_the_first_class_that_is_ever_decided_can_fire(bench):
    tested = bench(reactions=(Reaction("a", "interlock"),))
    assert not tested.play(0, 0).interlocked
    assert tested.play(0).interlocked


def test_unknown_fires_only_once_something_was_known(bench):
    tested = bench(reactions=(Reaction("unknown", "interlock"),
                              Reaction("a", permit=True)))
    assert not tested.play(-1, -1, -1, -1).interlocked
    assert not tested.play(0, 0, 0).interlocked
    assert tested.play(-1, -1, -1).interlocked


def test_conditions_have_unique_names():
    names = [condition.name for condition in CONDITIONS]
    assert len(set(names)) == len(names) == 17


TRAINS = st.fixed_dictionaries({}, optional={
    "latency": st.sampled_from([0., 499., 501., np.nan]),
    "train_age": st.sampled_from([-1200., 0., 999., 1200., np.nan]),
    "coverage": st.sampled_from([0., 0.5, 1., np.nan]),
    "drift": st.sampled_from([0., 1., 1.5, np.nan]),
    "accounting": st.sampled_from(["", "does not add up"]),
    "fault": st.sampled_from(["", "broken"]),
    "kind": st.sampled_from(list(TrainKind)),
    "lost": st.integers(0, 6),
    "train_id": st.sampled_from([0, 7]),
    "model": st.builds(
        ModelStanding, verified=st.booleans(),
        min_intensity=st.sampled_from([0., 3.]),
        reactions_confirmed=st.booleans(),
        objection=st.sampled_from(["", "no"]))})

EVENTS = st.one_of(
    st.tuples(st.just("train"), st.integers(-5, 3), TRAINS),
    st.tuples(st.just("train"), st.just(0), st.just({})),
    st.tuples(st.just("wait"), st.sampled_from([0., 0.3, 1.2])),
    st.tuples(st.sampled_from(
        ["arm", "disarm", "acknowledge", "reset", "reconfigure"])))


def _allowed(tested, decision, seen, now):
    """The conditions of the permit, written once more."""
    state, config = tested.state, tested.config
    return (
        state.armed and not state.latch
        and seen.model.verified and seen.model.min_intensity > 0
        and seen.model.reactions_confirmed and not seen.model.objection
        and not seen.fault and not seen.accounting
        and seen.train_id != 0
        and -1000 <= seen.train_age <= 1000 and 0 <= seen.latency <= 500
        and seen.coverage >= 0.5 and 0 <= seen.drift <= 1
        and now - state.fresh <= config.stale_after
        and all(p.state == 0 for p in decision.patterns if p.required))


@settings(deadline=None, max_examples=150)
@given(events=st.lists(EVENTS, max_size=25), latching=st.booleans(),
       warm=st.booleans())
def test_no_way_to_a_permit_without_all_conditions(
        bench, granted, good, events, latching, warm):
    tested = (granted if warm else bench)(latching=latching)
    for event in events:
        was_latched = bool(tested.state.latch)
        decision = None
        if event[0] == "train":
            tested.train_id += 1
            tested.time += 0.1
            seen = tested.observation(event[1], **event[2])
            before = tested.state
            tested.state, decision = step(before, seen, tested.config)
            grew = decision.sequence - before.sequence
            assert grew == int(seen.kind.news)
            if decision.permit and not before.permit:
                assert seen.kind.news
        elif event[0] == "wait":
            before = tested.state
            decision = tested.wait(event[1])
            assert decision.permit <= before.permit
            assert decision.sequence == before.sequence
        elif event[0] == "arm":
            tested.state, _ = arm(tested.state, tested.config, good)
        elif event[0] == "acknowledge":
            tested.acknowledge()
        elif event[0] == "disarm":
            tested.state = disarm(tested.state)
        elif event[0] == "reset":
            tested.state = reset(tested.state)
        else:
            tested.reconfigure(window=11 - tested.config.window)
            assert not tested.state.armed
        if was_latched and event[0] != "acknowledge":
            assert tested.state.latch
        if decision is not None:
            assert decision.permit == (decision.condition == "")
            assert decision.reason
            if decision.permit:
                assert _allowed(tested, decision, tested.state.last,
                                tested.time)
