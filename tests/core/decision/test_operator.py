from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.decision import (
    DecisionState,
    PulsePattern,
    Reaction,
    disarm,
    latched,
    reconfigure,
    reset,
)


def test_arming_is_refused_with_the_reason(bench, good, subtests):
    for changes, words in [
            ({"verified": False}, "no verified model"),
            ({"min_intensity": 0.}, "the gate is off"),
            ({"reactions_confirmed": False}, "not confirmed"),
            ({"objection": "worse than chance"}, "worse than chance")]:
        with subtests.test(changes=changes):
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
    before = tested.state
    assert tested.acknowledge() == "nothing is latched"
    assert tested.state is before


def test_an_interlock_whose_cause_stands_is_not_acknowledged(granted):
    tested = granted()
    tested.play(2, 2, 2)
    assert "is still present: sample state 'c'" in tested.acknowledge()
    assert tested.state.latch


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
    tested = granted().reconfigure("h")
    assert reconfigure(tested.state, tested.config, "h") is tested.state


CHANGES = [
    {"max_latency": 400.}, {"reactions": ()}, {"latching": True},
    {"classes": ("a", "b", "c", "d")}, {"window": 6}, {"fraction": 0.7},
    {"patterns": (PulsePattern("x"), PulsePattern("y"))},
    {"min_valid_pulses": 2}, {"min_valid_fraction": 0.3}, {}]


def test_votes_count_under_their_own_configuration_alone(granted, subtests):
    """Whatever has changed, also outside of the decision."""
    for changes in CHANGES:
        with subtests.test(changes=repr(changes)):
            tested = granted()
            tested.reconfigure("another", **changes)
            assert len(tested.state.patterns) == len(tested.config.patterns)
            decision = tested.play(0)
            assert decision.sample_state_name == "unknown"
            assert decision.condition == "armed"
            assert "configuration" in decision.reason
            assert not decision.latch


def test_what_was_never_armed_keeps_its_reason(bench):
    tested = bench().reconfigure("another")
    assert tested.play(0).reason == DecisionState().unarmed_because


def test_without_a_reason_it_stays_armed_and_decides_again(granted):
    tested = granted()
    tested.state = reconfigure(tested.state, tested.config, "more", "")
    assert tested.play(0).condition == "decided"
    assert tested.play(0, 0).permit


@pytest.mark.parametrize("window", [1, 5])
def test_labels_of_another_configuration_do_not_vote(granted, window):
    tested = granted(window=window).reconfigure("new")
    assert tested.arm() == ""
    before = tested.state
    decision = tested.play(*[0] * 9, basis="old")
    assert not decision.permit
    assert decision.sample_state_name == "unknown"
    assert tested.state.sequence == before.sequence
    assert tested.state.fresh == before.fresh
    assert tested.play(*[0] * window).permit


def latch(tested):
    """Fire the interlock, and let its cause stand."""
    assert tested.play(2, 2, 2).interlocked
    return tested


HIDING = {
    "reset": lambda tested: reset(tested.state),
    "configuration": lambda tested: tested.reconfigure(max_drift=2.).state,
    "reactions": lambda tested: tested.reconfigure(reactions=(
        Reaction("a", permit=True), Reaction("c", "interlock"))).state,
    "names": lambda tested: tested.reconfigure(
        patterns=(PulsePattern("renamed"),)).state,
    "pulses": lambda tested: tested.reconfigure(
        patterns=(PulsePattern("all", first=0, count=1),)).state,
    "model": lambda tested: tested.reconfigure(
        "another", classes=("a", "c", "b")).state,
    "disarm": lambda tested: disarm(tested.state),
    "silence": lambda tested: (tested.wait(60.), tested.state)[1],
}


def test_a_cause_that_is_not_seen_any_more_is_not_gone(granted, subtests):
    for how in HIDING:
        with subtests.test(how=how):
            tested = latch(granted())
            tested.state = HIDING[how](tested)
            assert "cause" in tested.acknowledge()
            tested.play(*[-2] * 9)          # nothing to be seen is no proof
            assert "not proved gone" in tested.acknowledge()
            assert tested.state.interlocked
            tested.play(*[0] * 5)
            assert tested.acknowledge() == ""
            assert not tested.state.interlocked


def test_other_pulses_prove_nothing(granted):
    tested = latch(granted(patterns=(PulsePattern("even", 0, 2),)))
    tested.reconfigure(patterns=(PulsePattern("even", 1, 2),))
    tested.play(*[np.tile([2, 0], 10)] * 5)
    assert "is still present" in tested.acknowledge()
    tested.play(*[0] * 5)
    assert tested.acknowledge() == ""


def test_every_pattern_that_fired_is_a_cause(granted):
    tested = granted(patterns=(PulsePattern("even", 0, 2),
                               PulsePattern("odd", 1, 2)))
    tested.play(*[np.tile([2, 0], 10)] * 5)
    tested.play(*[2] * 5)
    tested.play(*[np.tile([0, 2], 10)] * 5)
    assert "'odd'" in tested.acknowledge()
    tested.play(*[0] * 5)
    assert tested.acknowledge() == ""


def test_a_class_that_is_no_interlock_proves_it_and_silence_does_not(granted):
    tested = latch(granted())
    tested.play(*[1] * 5)           # it does not permit, but it is decided
    state = tested.state
    tested.wait(2.)
    assert "no new train for" in tested.acknowledge()
    tested.state = state
    tested.time -= 2.
    assert tested.acknowledge() == ""


def test_a_lost_permit_is_released_when_everything_holds_again(
        granted, subtests):
    for label, changes in [
            (0, {"latency": 900.}), (0, {"fault": "broken"}),
            (0, {"drift": float("nan")}), (1, {}), (-1, {})]:
        with subtests.test(label=label, changes=changes):
            tested = granted(latching=True)
            tested.play(*[label] * 5, **changes)
            tested.reconfigure(latching=False)
            refusal = tested.acknowledge()
            assert "not proved gone" in refusal
            tested.play(*[label] * 5, **changes)
            assert "not proved gone" in tested.acknowledge()
            tested.play(*[0] * 5)
            assert tested.acknowledge() == ""
            assert not tested.state.latch
            assert not tested.play(0).permit        # armed by a person alone


@pytest.mark.parametrize("known", [
    {"patterns": (PulsePattern("even", 0, 2),)}, {"lost": True}, {}])
def test_a_latch_comes_back_with_a_start(bench, known):
    tested = bench()
    tested.state = latched(tested.state, "as it was", **known)
    assert "to be acknowledged: as it was" in tested.arm()
    tested.reconfigure("started")
    assert tested.play(2).latch == "as it was"
    assert "not proved gone" in tested.acknowledge()
    tested.play(*[2] * 5)
    assert tested.acknowledge()
    tested.play(*[0] * 5)
    assert tested.acknowledge() == ""


STEPS = st.lists(st.one_of(
    st.tuples(st.just("train"), st.sampled_from([0, 0, 1, 2, 2, -1, -2])),
    st.tuples(st.just("stray"), st.sampled_from([0, 2])),
    st.tuples(st.just("wait"), st.sampled_from([0.3, 1.2])),
    st.tuples(st.just("configuration"), st.sampled_from("pqr")),
    st.tuples(st.just("patterns"), st.sampled_from(
        [(PulsePattern("all"),), (PulsePattern("other"),),
         (PulsePattern("even", 0, 2), PulsePattern("odd", 1, 2))])),
    st.tuples(st.sampled_from(["arm", "disarm", "reset", "acknowledge"]),
              st.none())), max_size=40)


@settings(deadline=None, max_examples=300)
@given(steps=STEPS, window=st.sampled_from([1, 3]), latching=st.booleans())
def test_no_sequence_hides_a_cause_or_counts_old_votes(
        granted, good, steps, window, latching):
    """Votes are those of the present configuration, and an interlock is
    released only behind a whole decision for a class without one."""
    tested = granted(window=window, latching=latching).reconfigure("p")
    tested.arm()
    made, since_cause = {}, []
    for what, how in steps:
        before = tested.state
        decision = None
        if what in ("train", "stray"):
            basis = tested.state.basis if what == "train" else "stray"
            decision = tested.play(how, basis=basis)
            made[tested.train_id] = basis
            if what == "train":
                since_cause.append(how)
        elif what == "wait":
            decision = tested.wait(how)
        elif what == "configuration":
            tested.reconfigure(how)
        elif what == "patterns":
            tested.reconfigure(f"{how}", patterns=how)
        elif what == "arm":
            tested.arm()
        elif what == "disarm":
            tested.state = disarm(tested.state)
        elif what == "reset":
            tested.state = reset(tested.state)
        else:
            tested.acknowledge()
        if tested.state.basis != before.basis or what == "reset":
            since_cause = []
        if before.interlocked and not tested.state.interlocked:
            assert what == "acknowledge"
            last = since_cause[-window:]
            assert sum(label in (0, 1) for label in last) >= (
                tested.config.votes_to_hold)
            assert tested.time - tested.state.fresh <= 1.
        for pattern in tested.state.patterns:
            assert all(made[slot.train_id] == tested.state.basis
                       for slot in pattern.slots)
        if decision is not None and decision.permit:
            assert len(since_cause) >= tested.config.votes_needed
