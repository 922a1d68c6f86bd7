"""Every pattern keeps its share, every pulse gets its turn."""
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.decision import PulsePattern
from spectra_classifier.core.trains.load_shedding import kinds, left_out

PATTERNS = st.lists(st.builds(
    PulsePattern, name=st.just("p"), first=st.integers(0, 20),
    step=st.integers(1, 7), count=st.integers(0, 40)), max_size=4)
SHARES = st.floats(0.02, 1.)
PULSES = st.integers(0, 200)


def everything(pulses):
    return np.arange(pulses), np.ones(pulses, bool)


@given(PULSES, PATTERNS, SHARES, st.integers(0, 10**9))
def test_every_pattern_keeps_its_share_in_every_train(
        pulses, patterns, share, turn):
    numbers, eligible = everything(pulses)
    kept = ~left_out(numbers, eligible, patterns, share, turn)
    for pattern in (*patterns, PulsePattern()):
        mine = pattern.selects(numbers)
        if mine.any():
            assert kept[mine].any()
            assert kept[mine].mean() >= share - 1e-6


@given(PULSES, PATTERNS, SHARES, st.integers(0, 1000))
def test_every_pulse_gets_its_turn(pulses, patterns, share, first):
    numbers, eligible = everything(pulses)
    seen = np.zeros(pulses, bool)
    for turn in range(first, first + math.ceil(1 / share)):
        seen |= ~left_out(numbers, eligible, patterns, share, turn)
    assert seen.all()


@given(st.integers(1, 200), SHARES, st.integers(0, 1000))
def test_no_more_is_kept_than_asked_for(pulses, share, turn):
    kept = ~left_out(*everything(pulses), (), share, turn)
    assert kept.sum() <= share * pulses + 1


@given(PULSES, SHARES, st.integers(0, 1000), st.integers(0, 2**32))
def test_pulses_that_are_out_already_neither_count_nor_come_back(
        pulses, share, turn, seed):
    eligible = np.random.default_rng(seed).random(pulses) < 0.5
    out = left_out(np.arange(pulses), eligible, (), share, turn)
    assert not out[~eligible].any()
    if eligible.any():
        assert (eligible & ~out).sum() >= share * eligible.sum() - 1e-6


def test_what_is_kept_lies_evenly():
    kept = ~left_out(*everything(1000), (), 0.25, 3)
    assert set(np.diff(np.flatnonzero(kept))) == {4}


def test_nothing_is_left_out_of_a_whole_train():
    assert not left_out(*everything(10), (), 1., 5).any()


def test_pumped_and_unpumped_are_both_there_whatever_the_turn(subtests):
    """An even share of alternating pulses must not drop one kind."""
    for turn in range(4):
        with subtests.test(turn=turn):
            pumped, unpumped = PulsePattern("a", 0, 2), PulsePattern("b", 1, 2)
            numbers, eligible = everything(100)
            kept = ~left_out(numbers, eligible, (pumped, unpumped), 0.5, turn)
            assert kept[::2].sum() == kept[1::2].sum() == 25


def test_overlapping_patterns_make_kinds():
    patterns = PulsePattern("a", 0, 2), PulsePattern("b", 0, 3)
    kind = kinds(np.arange(6), patterns)
    assert kind[2] == kind[4]
    assert kind[1] == kind[5]
    assert len(set(kind)) == 4
