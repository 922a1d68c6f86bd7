import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.decision import PulsePattern
from spectra_classifier.core.decision.state import REMEMBERED
from spectra_classifier.core.spectra import Code
from spectra_classifier.core.trains.accounting import TrainKind


def mixed(a=0, b=0, unknown=0, low=0, skipped=0):
    return np.repeat([0, 1, Code.UNKNOWN, Code.LOW_INTENSITY, Code.SKIPPED],
                     [a, b, unknown, low, skipped])


VOTES = [
    (dict(a=60, b=40), "a"),
    (dict(a=59, b=41), "unknown"),
    (dict(a=60, unknown=40), "a"),            # unknown is eligible
    (dict(a=59, unknown=41), "unknown"),
    (dict(a=6, low=50), "a"),                 # rejected is not eligible
    (dict(a=6, low=50, skipped=200), "a"),    # skipped is not looked at
    (dict(a=5, low=50), "unknown"),           # a tenth must be eligible
    (dict(a=3), "a"), (dict(a=2), "unknown"),    # at least 3 pulses
    ({}, "unknown"), (dict(skipped=9), "unknown"),
    (dict(a=5, low=45), "a")]                 # exactly a tenth


def test_one_train_in_a_window_of_one(bench, subtests):
    for pulses, state in VOTES:
        with subtests.test(pulses=pulses):
            decision = bench(window=1, min_valid_pulses=3).play(
                mixed(**pulses))
            assert decision.sample_state_name == state


def test_a_class_that_there_is_not_is_unknown(bench):
    for label in 77, 3:
        decision = bench(window=1, min_valid_pulses=3).play(
            np.full(9, label))
        assert decision.sample_state_name == "unknown"


def test_fractions_are_over_eligible_pulses(bench):
    decision = bench().play(mixed(a=3, b=4, unknown=1, low=90, skipped=7))
    assert decision.class_fractions == (3 / 8, 4 / 8, 0)
    assert decision.unknown_fraction == 1 / 8
    assert decision.patterns[0].eligible == 8


def test_confidence_is_the_mean_over_pulses_of_the_state(bench):
    tested = bench(window=1)
    decision = tested.play(mixed(a=3, b=1), confidence=np.array(
        [0.8, 0.9, 1., 0.1]))
    assert decision.confidence == pytest.approx(0.9)


def test_unknown_has_no_confidence(bench):
    decision = bench(window=1).play(mixed(a=1, b=1), confidence=np.ones(2))
    assert (decision.sample_state, decision.confidence) == (-1, 0.)
    assert bench().wait(0).confidence == 0.


def test_m_of_n(bench):
    """3 of 5 decide, whatever is between."""
    tested = bench()
    names = [tested.play(labels).sample_state_name
             for labels in (0, -1, 0, -1, 0)]
    assert names == ["unknown"] * 4 + ["a"]


def test_hysteresis_holds_a_class_longer_than_it_needs_to_enter(granted):
    tested, none = granted(), mixed(low=9)
    names = [tested.play(none).sample_state_name for _ in range(4)]
    assert names == ["a", "a", "a", "unknown"]     # 4, 3, 2, then 1 vote


def test_unknown_takes_over_with_a_majority(granted):
    tested = granted()
    assert [tested.play(-1).sample_state_name for _ in range(3)
            ] == ["a", "a", "unknown"]


@pytest.mark.parametrize(("lost", "state"), [(3, "a"), (4, "unknown"),
                                             (30_000, "unknown")])
def test_lost_trains_are_no_votes(granted, lost, state):
    """4, then 3 of 5 votes are pushed out; one comes with the train."""
    tested = granted()
    tested.train_id += lost
    decision = tested.play(mixed(low=9) if lost == 4 else 0, lost=lost)
    if lost == 3:
        assert decision.permit
    assert decision.sample_state_name == state


@pytest.mark.parametrize("kind", [TrainKind.REPEATED, TrainKind.LATE])
def test_repeated_and_late_trains_do_not_vote(bench, kind):
    tested = bench(window=3)
    assert tested.play(0, 0, 0).sample_state == 0
    decision = tested.play(1, 1, 1, 1, kind=kind)
    assert (decision.sample_state, decision.sequence) == (0, 3)
    assert decision.train_id == 1003


@pytest.mark.parametrize("kind", [TrainKind.JUMP, TrainKind.RESTART])
def test_a_broken_thread_forgets_the_votes(granted, kind):
    decision = granted().play(0, kind=kind)
    assert not decision.permit
    assert decision.sample_state_name == "unknown"


def test_leaving_is_at_once_entering_after_the_dwell(granted):
    tested = granted()
    tested.configure(min_dwell=0.25)
    names = [tested.play(1).sample_state_name for _ in range(7)]
    assert names == ["a", "a", "unknown", "unknown", "unknown", "b", "b"]


def test_a_candidate_that_wavers_starts_its_dwell_anew(bench):
    tested = bench(window=1, min_dwell=0.15)
    names = [tested.play(labels).sample_state_name
             for labels in (0, 0, -1, 0, 0, 0)]
    assert names == ["unknown"] * 5 + ["a"]


def test_transition_train_and_pulse(granted):
    tested = granted()
    first = np.repeat([0, 1], [6, 14])
    tested.play(0)
    decision = tested.play(first, 1, 1)
    assert decision.changed
    assert decision.sample_state_name == "b"
    assert decision.previous_state_name == "a"
    assert decision.transition_train == decision.train_id - 2
    assert decision.decided_train == decision.train_id
    assert decision.transition_pulse == 6
    assert not tested.play(1).changed


def test_the_transition_is_the_first_vote_behind_the_last_of_the_old(granted):
    decision = granted().play(1, 0, 1, -1, 1)
    assert decision.sample_state_name == "b"
    assert decision.transition_train == decision.train_id - 2


def test_the_class_before_is_remembered_over_unknown(granted):
    tested = granted()
    gone = tested.play(-1, -1, -1)
    assert gone.sample_state_name == "unknown"
    assert gone.previous_state_name == "a"
    assert gone.transition_train == gone.train_id - 2
    assert gone.transition_pulse == -1
    assert tested.play(1, 1, 1).previous_state_name == "a"


def test_a_class_may_end_with_a_train_that_was_lost(granted):
    tested = granted()
    tested.train_id += 4
    decision = tested.play(mixed(low=9), lost=4)
    assert decision.sample_state_name == "unknown"
    assert decision.transition_train == 1006


def test_half_of_a_sharp_change_is_in_the_train_of_the_transition(granted):
    sharp = granted().play(0, 1, 1, 1)
    assert (sharp.transition_earliest == sharp.transition_latest
            == sharp.transition_train == sharp.train_id - 2)


def test_half_of_a_change_over_unknown_is_anywhere_between(granted):
    slow = granted().play(0, -1, -1, 1, 1, 1)
    assert slow.transition_latest == slow.transition_train == (
        slow.train_id - 2)
    assert slow.transition_earliest == slow.train_id - 4
    # longer than what is remembered, and with trains that were lost
    tested = granted()
    last = tested.play(0).train_id
    tested.play(*[-1] * (2 * REMEMBERED))
    tested.train_id += 7
    tested.play(1, lost=7)
    late = tested.play(1, 1)
    assert (late.transition_earliest, late.transition_latest) == (
        last + 1, late.train_id - 2)


def test_a_class_that_came_back_was_away_since_its_last_vote(granted):
    tested = granted()
    last = tested.play(0).train_id
    tested.play(-1, -1, -1, -1)
    back = tested.play(0, 0, 0)
    assert (back.transition_earliest, back.transition_latest) == (
        last + 1, back.train_id - 2)


def test_a_change_back_is_looked_for_behind_the_last_one(granted):
    tested = granted()
    first = tested.play(1, 1, 1)
    back = tested.play(1, 0, 0, 0)
    assert (first.sample_state_name, back.sample_state_name) == ("b", "a")
    assert (back.transition_earliest, back.transition_latest) == (
        (back.train_id - 2,) * 2)


def test_the_first_class_has_no_half(bench):
    first = bench().play(0, 0, 0)
    assert first.transition_earliest == first.transition_latest == 0


@given(st.integers(1, 40), st.integers(1, 9), st.sets(st.integers(0, 60)),
       st.floats(0, 0.5), st.integers(1, 8))
def test_half_of_a_change_is_within_the_interval(
        granted, start, length, lost, dwell, window):
    """A rising share of the pulses of each train shows the other class."""
    tested = granted(window=window).configure(min_dwell=dwell)
    gap, crossed = 0, None
    for number in range(120):
        share = np.clip((number - start) / length, 0, 1)
        if crossed is None and share >= 0.5:
            crossed = tested.train_id + 1 + gap
        if number in lost:
            gap += 1
            continue
        ones = round(20 * float(share))
        tested.train_id += gap
        decision = tested.play(np.repeat([0, 1], [20 - ones, ones]), lost=gap)
        gap = 0
        if decision.sample_state_name == "b":
            break
    assert (decision.transition_earliest <= crossed
            <= decision.transition_latest)
    # a lost train can take the votes that a candidate needs: it counts anew
    old = max((n for n in range(start + 1) if n not in lost), default=-1)
    anew = max((n for n in lost if n < number), default=0) - old
    assert decision.transition_latest - decision.transition_earliest <= max(
        length + len(lost), anew)


def test_the_onset_is_a_pulse_number(bench):
    numbers = np.arange(100, 120)
    tested = bench(window=1, patterns=(PulsePattern("p", 100),))
    decision = tested.play(np.repeat([0, 1], [8, 12]), pulse_numbers=numbers)
    assert decision.transition_pulse == 108


@given(onset=st.integers(0, 40), noise=st.sets(st.integers(0, 99),
                                              max_size=4))
def test_the_onset_stands_noise(bench, onset, noise):
    """A few wrong pulses move it by no more than their own number."""
    holds = np.arange(100) >= onset
    holds[list(noise)] ^= True
    tested = bench(window=1, fraction=0.51)
    decision = tested.play(np.where(holds, 1, 0))
    assert decision.sample_state_name == "b"
    assert abs(decision.transition_pulse - onset) <= 2 * len(noise)


def test_dwell_counts_from_the_change(granted):
    tested = granted()
    begun = tested.play(1, 1, 1)
    assert begun.dwell == 0
    assert tested.play(1, 1).dwell == pytest.approx(0.2)
    assert tested.wait(0.3).dwell == pytest.approx(0.5)


def test_patterns_are_decided_apart(bench):
    tested = bench(patterns=(
        PulsePattern("odd", 1, 2, required=False),
        PulsePattern("pumped", 0, 2), PulsePattern("late", 500)))
    decision = tested.play(*[np.arange(20) % 2] * 3)
    assert [p.state_name for p in decision.patterns] == [
        "b", "a", "unknown"]
    assert [p.eligible for p in decision.patterns] == [10, 10, 0]
    assert [p.voted for p in decision.patterns] == [True, True, False]
    # the sample state is that of the first pattern that is required
    assert decision.sample_state_name == "a"
    assert decision.class_fractions == (1., 0., 0.)
