from dataclasses import replace

import pytest

from spectra_classifier.core.decision import (
    DecisionState,
    PulsePattern,
    acknowledge,
    arm,
    disarm,
    reconfigure,
    reset,
)


@pytest.mark.parametrize(("changes", "words"), [
    ({"verified": False}, "no verified model"),
    ({"min_intensity": 0.}, "the gate is off"),
    ({"reactions_confirmed": False}, "not confirmed"),
    ({"objection": "worse than chance"}, "worse than chance")])
def test_arming_is_refused_with_the_reason(bench, good, changes, words):
    tested = bench()
    assert words in tested.arm(replace(good, **changes))
    assert not tested.state.armed


def test_arming_is_refused_while_latched(granted):
    tested = granted()
    tested.play(2, 2, 2)
    tested.state = disarm(tested.state)
    assert "to be acknowledged" in tested.arm()
    assert not tested.state.armed


def test_arming_grants_nothing_by_itself(bench):
    tested = bench()
    tested.play(0, 0, 0)
    assert tested.arm() == ""
    assert tested.state.armed
    assert not tested.state.permit
    assert tested.wait(0.01).condition == "granted"
    assert tested.play(0).permit


def test_a_state_starts_unarmed():
    assert not DecisionState().armed


def test_disarming_latches_nothing(granted):
    tested = granted(latching=True)
    tested.state = disarm(tested.state, "the model was changed")
    assert tested.play(0).reason == "the model was changed"
    assert tested.arm() == ""
    assert tested.play(0).permit


def test_nothing_to_acknowledge(granted):
    tested = granted()
    assert acknowledge(tested.state, tested.config) == (
        tested.state, "nothing is latched")


def test_an_interlock_whose_cause_stands_is_not_acknowledged(granted):
    tested = granted()
    tested.play(2, 2, 2)
    state, refusal = acknowledge(tested.state, tested.config)
    assert "still stands: sample state 'c'" in refusal
    assert state.latch


@pytest.mark.parametrize("labels", [2, -1])
def test_reset_never_clears_a_latch(granted, labels):
    tested = granted(latching=True)
    tested.play(labels, labels, labels)
    assert tested.play(labels).latch
    tested.state = reset(tested.state)
    decision = tested.wait(0.01)
    assert decision.condition == "latch"
    assert decision.sample_state_name == "unknown"


def test_reset_forgets_the_votes_and_latches_nothing(granted):
    tested = granted(latching=True)
    tested.state = reset(tested.state)
    assert tested.play(0).condition == "decided"
    assert tested.play(0, 0).permit


def test_the_same_configuration_changes_nothing(granted):
    tested = granted()
    assert reconfigure(tested.state, tested.config,
                       replace(tested.config)) is tested.state


@pytest.mark.parametrize("changes", [
    {"max_latency": 400.}, {"reactions": ()}, {"latching": True}])
def test_another_configuration_disarms_and_keeps_the_votes(granted, changes):
    tested = granted()
    old = tested.config
    tested.state = reconfigure(tested.state, old,
                               tested.configure(**changes).config)
    decision = tested.play(0)
    assert decision.sample_state == 0
    assert decision.condition == "armed"
    assert "configuration" in decision.reason
    assert not decision.latch


@pytest.mark.parametrize("changes", [
    {"classes": ("a", "b", "c", "d")}, {"window": 6}, {"fraction": 0.7},
    {"patterns": (PulsePattern("x"), PulsePattern("y"))},
    {"min_valid_pulses": 2}, {"min_valid_fraction": 0.3}])
def test_votes_under_other_rules_are_forgotten(granted, changes):
    tested = granted()
    old = tested.config
    tested.state = reconfigure(tested.state, old,
                               tested.configure(**changes).config)
    assert tested.play(0).sample_state_name == "unknown"
    assert len(tested.state.patterns) == len(tested.config.patterns)


def test_a_latch_survives_another_configuration(granted, good):
    tested = granted()
    tested.play(2, 2, 2)
    old = tested.config
    tested.configure(classes=("x", "y"), reactions=())
    tested.state = reconfigure(tested.state, old, tested.config)
    assert tested.state.interlocked
    assert "acknowledged" in arm(tested.state, tested.config, good)[1]
    tested.state, refusal = acknowledge(tested.state, tested.config)
    assert refusal == ""
