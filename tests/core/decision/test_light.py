"""Pulse patterns and beam by what the machine reports about the pulses."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.decision import PulseKind, PulsePattern
from spectra_classifier.core.decision.beam_state import beam_of, presence
from spectra_classifier.core.decision.presence import (
    BEAM,
    NO_BEAM,
    NOTHING_KNOWN,
    SAMPLE_GONE,
)
from spectra_classifier.errors import ConfigurationError

DARK, XRAY, LASER, BOTH = 0, 1, 2, 3
PATTERNS = (PulsePattern("pumped", kind="with laser"),
            PulsePattern("unpumped", kind="without laser"))


def light(*values):
    return np.array(values, np.uint8)


def literal(pattern, numbers, light):
    """Positions of the chosen pulses, one after the other."""
    chosen, count = [], 0
    for position, (number, bits) in enumerate(zip(numbers, light,
                                                  strict=True)):
        fits = {"pulse id": bits in (XRAY, BOTH), "X-ray": bits in (
            XRAY, BOTH), "with laser": bits == BOTH, "without laser":
            bits == XRAY}[pattern.kind]
        if not fits:
            continue
        if pattern.kind != "pulse id":
            number, count = count, count + 1
        ahead = number - pattern.first
        if ahead >= 0 and ahead % pattern.step == 0 and (
                pattern.count == 0 or ahead // pattern.step < pattern.count):
            chosen.append(position)
    return chosen


patterns = st.builds(
    PulsePattern, st.just("p"), st.integers(0, 9), st.integers(1, 4),
    st.integers(0, 5), st.booleans(), st.sampled_from(PulseKind))


@given(patterns, st.lists(st.integers(0, 3), max_size=40),
       st.integers(0, 2**64 - 50))
def test_a_pattern_counts_the_pulses_of_its_kind(pattern, bits, start):
    numbers = [start % 50 + k for k in range(len(bits))]
    chosen = pattern.selects(np.array(numbers, np.uint64), light(*bits))
    assert np.flatnonzero(chosen).tolist() == literal(pattern, numbers, bits)


@given(patterns, st.integers(0, 20))
def test_without_the_machine_only_ids_select(pattern, pulses):
    chosen = pattern.selects(np.arange(pulses))
    if pattern.kind is not PulseKind.NUMBER:
        assert not chosen.any()
    else:
        np.testing.assert_array_equal(chosen, pattern.selects(
            np.arange(pulses), np.full(pulses, BOTH, np.uint8)))


@pytest.mark.parametrize("kind", ["", "laser", None, 1, "With laser"])
def test_another_kind_is_refused(kind):
    with pytest.raises(ConfigurationError, match="kind is"):
        PulsePattern("p", kind=kind)


def test_which_pulses_a_latch_rests_on_includes_the_kind():
    assert len({PulsePattern("p", kind=kind).selection
                for kind in PulseKind}) == len(PulseKind)


def test_each_pattern_is_decided_by_its_own_pulses(bench):
    tested = bench(patterns=PATTERNS)
    tested.arm()
    labels, lit = np.array([0, 1, 2, 2, 0, 1]), light(
        BOTH, XRAY, DARK, LASER, BOTH, XRAY)
    for _ in range(5):
        decision = tested.play(labels, light=lit)
    assert [p.state_name for p in decision.patterns] == ["a", "b"]
    assert [p.eligible for p in decision.patterns] == [2, 2]
    assert decision.transition_pulse == 0
    # the same spectra under another bunch pattern
    for _ in range(5):
        decision = tested.play(labels, light=lit ^ light(2, 2, 0, 0, 2, 2))
    assert [p.state_name for p in decision.patterns] == ["b", "a"]


def test_frames_without_xrays_do_not_keep_a_train_from_voting(bench):
    tested = bench(min_valid_fraction=0.9)
    labels = np.array([0, *[-2] * 9])
    assert not tested.play(labels).patterns[0].voted
    assert tested.play(labels, light=light(XRAY, *[DARK] * 9)
                       ).patterns[0].voted


@pytest.fixture
def permitted(bench):
    """A bench whose permit rests on pulses with and without laser."""
    tested = bench(patterns=PATTERNS)
    tested.arm()
    for _ in range(5):
        decision = tested.play([0] * 4, light=light(*[BOTH, XRAY] * 2))
    assert decision.permit, decision.reason
    return tested


def test_one_train_without_its_pattern_is_not_permitted(permitted):
    decision = permitted.play([0] * 4, light_problem="is missing")
    assert (decision.permit, decision.condition) == (False, "decided")
    assert decision.reason == ("no class is decided for pulse pattern "
                               "'pumped', 'unpumped': is missing")
    assert not any(p.voted for p in decision.patterns)
    # silence and time change nothing
    assert not permitted.wait(0.05).permit
    assert permitted.play([0] * 4, light=light(*[BOTH, XRAY] * 2)).permit


def test_a_pattern_that_stays_away_is_undecided(permitted):
    for _ in range(5):
        decision = permitted.play([0] * 4, light_problem="is missing")
    assert [p.state_name for p in decision.patterns] == ["unknown"] * 2
    decision = permitted.play([0] * 4, light=light(*[BOTH, XRAY] * 2))
    assert (decision.permit, decision.condition) == (False, "decided")


def test_a_machine_that_nothing_rests_on_takes_no_permit(granted):
    tested = granted(patterns=(PulsePattern(), PulsePattern(
        "pumped", required=False, kind="with laser")))
    assert tested.play(0, light_problem="is missing").permit


def test_a_light_of_no_xrays_decides_nothing(permitted):
    for _ in range(5):
        decision = permitted.play([0] * 4, light=light(*[LASER] * 4))
    assert (decision.permit, decision.condition) == (False, "decided")


LOW, GOOD = -2, 0


def test_the_beam_is_judged_on_frames_with_xrays(subtests):
    codes = np.array([GOOD, LOW, LOW, LOW], np.int8)
    closed, there = beam_of(4, 9., 1., False), beam_of(4, 9., 1.)
    for lit, beam, word in (
            ((XRAY, DARK, LASER, DARK), there, BEAM),
            ((XRAY, XRAY, XRAY, DARK), there, SAMPLE_GONE),
            ((DARK, XRAY, DARK, DARK), closed, NO_BEAM),
            ((DARK, LASER, DARK, DARK), None, NO_BEAM),
            ((XRAY, DARK, DARK, DARK), None, NOTHING_KNOWN.word)):
        with subtests.test(light=str(lit), word=word):
            assert presence(codes, beam, 0.6, light(*lit)).word == word
    assert presence(codes[:0], None, 0.6, light()) == NOTHING_KNOWN


def test_energies_go_by_the_number_of_the_xray_pulse():
    index = np.array([-1, 0, -1, 1, 2, 3, 4])
    beam = beam_of(7, [5., 0.5, np.nan, 1.], 2., index=index)
    # behind its last pulse a gas monitor sends 1
    np.testing.assert_array_equal(beam.has_beam,
                                  [-1, 1, -1, 0, -1, -1, -1])
    np.testing.assert_array_equal(
        beam_of(3, 9., 2., index=np.array([0, -1, 1])).has_beam, [1, 1, 1])
