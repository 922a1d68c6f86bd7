"""Hysteresis, delay, latching, acknowledging; and every combination."""
from dataclasses import replace
from itertools import combinations

import pytest

from spectra_classifier.core.decision import CONDITIONS, Alarm, reset, step
from spectra_classifier.core.decision.alarms import DELAYED, NAMES, check_names
from spectra_classifier.core.decision.permit_conditions import View
from spectra_classifier.errors import ConfigurationError

#: how each condition that a train can break is broken by it: changes of the
#: observation, and of the model it names
BREAKS = {
    "model": ({}, {"verified": False}),
    "gate": ({}, {"min_intensity": 0.}),
    "reactions": ({}, {"reactions_confirmed": False}),
    "objection": ({}, {"objection": "no null test"}),
    "fault": ({"fault": "broken"}, {}),
    "accounting": ({"accounting": "does not add up"}, {}),
    "trainId": ({"train_id": 0}, {}),
    "trainAge": ({"train_age": 5000.}, {}),
    "latency": ({"latency": 5000.}, {}),
    "coverage": ({"coverage": 0.1}, {}),
    "drift": ({"drift": 2., "drift_reason": "bin 8 shifted"}, {})}


def table(decision):
    return {state.name: (state.active, state.acknowledged)
            for state in decision.alarms}


def test_every_combination_of_broken_conditions(granted, good):
    """2048 cases: the permit, its reason, and exactly the alarms."""
    bench = granted()
    before = bench.state
    order = [condition.name for condition in CONDITIONS]
    by_name = {condition.name: condition for condition in CONDITIONS}
    cases = 0
    for count in range(len(BREAKS) + 1):
        for broken in combinations(BREAKS, count):
            changes, model = {}, {}
            for name in broken:
                changes |= BREAKS[name][0]
                model |= BREAKS[name][1]
            seen = bench.observation(**{"model": replace(good, **model)}
                                     | changes)
            state, decision = step(before, seen, bench.config)
            assert decision.permit == (not broken)
            first = min(broken, key=order.index, default="")
            assert decision.condition == first
            view = View(state, bench.config, seen.time, seen.model,
                        seen.fault, seen, True)
            loud = {name: by_name[name].severity(view) for name in broken}
            assert {a.name: a.severity for a in decision.alarms} == {
                name: severity for name, severity in loud.items()
                if severity is not Alarm.NONE}
            assert state.broken == {name for name in broken
                                    if by_name[name].limit}
            cases += 1
    assert cases == 2 ** len(BREAKS)


def test_a_limit_that_was_broken_holds_again_only_well_inside(
        granted, subtests):
    for name, limit, inside, well_inside in [
            ("drift", 1., 0.95, 0.89), ("latency", 500., 460., 440.),
            ("train_age", 1000., -920., 880.), ("coverage", 0.5, 0.52, 0.56)]:
        with subtests.test(name=name):
            bench = granted()
            assert bench.play(0, **{name: inside}).permit
            outside = limit * (0.9 if name == "coverage" else 1.1)
            assert not bench.play(0, **{name: outside}).permit
            decision = bench.play(0, **{name: inside})
            assert not decision.permit
            assert "again, but not well inside" in decision.reason
            assert bench.play(0, **{name: well_inside}).permit
            assert bench.play(0, **{name: inside}).permit


def test_a_tick_keeps_what_is_broken_and_a_reset_forgets_it(granted):
    bench = granted()
    bench.play(0, drift=2.)
    assert bench.wait(0.1).condition == "drift"
    assert bench.state.broken == {"drift"}
    assert reset(bench.state).broken == frozenset()


def test_the_reason_of_the_drift_is_told(granted):
    decision = granted().play(0, drift=2., drift_reason="bin 8 shifted")
    assert decision.reason == (
        "the drift score is 2; the limit is 1: bin 8 shifted")


def test_the_permit_never_waits_for_the_delay_of_its_alarm(granted):
    bench = granted(alarm_delay=0.25)
    for expected in [], [], [], ["drift"]:
        decision = bench.play(0, drift=2.)
        assert not decision.permit
        assert [alarm.name for alarm in decision.alarms] == expected
    state, = decision.alarms
    assert state.since == pytest.approx(bench.time - 0.3)
    assert state.train_id == bench.train_id - 3


def test_a_cause_that_goes_within_the_delay_was_no_alarm(granted):
    bench = granted(alarm_delay=0.25, latched_alarms=("drift",))
    for _ in range(5):
        assert not bench.play(0, drift=2.).alarms
        assert not bench.play(0).alarms


def test_only_limits_and_losses_wait(granted):
    limits = {"trainAge", "latency", "coverage", "drift"}
    others = {"loss", "degraded", "noBeam", "sampleGone", "foreign"}
    assert limits | others == DELAYED
    assert granted(alarm_delay=9.).play(0, fault="x").alarm is Alarm.ALARM


def test_an_alarm_goes_with_its_cause_unless_it_is_latched(granted):
    bench = granted(latched_alarms=("latency",))
    bench.play(0, latency=900., train_age=3000.)
    decision = bench.play(0)
    assert table(decision) == {"latency": (False, False)}
    assert decision.alarm is Alarm.WARN
    assert decision.permit      # what is latched here is the alarm alone
    assert bench.acknowledge() == ""
    assert bench.play(0).alarms == ()


def test_what_is_acknowledged_stays_while_its_cause_stands(granted):
    bench = granted(latched_alarms=("fault",))
    bench.play(0, fault="broken")
    bench.acknowledge()
    assert table(bench.play(0, fault="broken")) == {"fault": (True, True)}
    assert bench.play(0).alarms == ()
    assert table(bench.play(0, fault="again")) == {"fault": (True, False)}


def test_a_latched_one_that_comes_again_is_the_same(granted):
    bench = granted(latched_alarms=("fault",))
    first, = bench.play(0, fault="broken").alarms
    bench.play(0)
    again, = bench.play(0, fault="broken").alarms
    assert (again.since, again.active, again.acknowledged) == (
        first.since, True, False)


def test_getting_worse_undoes_an_acknowledgement(granted):
    bench = granted()
    bench.play(0)
    bench.state = bench.state.__class__(**vars(bench.state) | {
        "armed": False})
    bench.wait(2)
    bench.acknowledge()
    assert table(bench.wait(0.1)) == {"fresh": (True, True)}
    bench.arm()
    decision = bench.wait(0.1)
    assert decision.alarm is Alarm.ALARM
    assert table(decision) == {"fresh": (True, False)}


def test_nothing_to_acknowledge_is_said(granted):
    bench = granted()
    assert bench.acknowledge() == "nothing is latched"


def test_a_standing_interlock_keeps_its_latch_alone(granted):
    bench = granted(latched_alarms=("fault",))
    bench.play(*[2] * 5, fault="broken")
    bench.play(2)
    assert "is still present" in bench.acknowledge()
    assert "fault" not in table(bench.play(2))
    assert bench.state.latch


def test_names_are_checked():
    check_names(NAMES)
    with pytest.raises(ConfigurationError, match="'speed'"):
        check_names(["speed"])
