"""Bunch patterns against a literal reading of the bits of the table.

Sources, read on 2026-11-29:

- the bits: page 10 of the timing system specification, version 2.2, as
  European-XFEL/euxfel_bunch_pattern 0.6 gives them (destination in bits 18 to
  21, deflection to SASE 3 in bit 27, lasers in bits 4 to 16);
- which pulses are of a branch, that places are counted from 0, that a laser
  is listed from place 0 on and belongs to the first X-ray pulse
  (`bunch_table_offset`): European-XFEL/EXtra at 21a663d,
  src/extra/components/pulses.py, `XrayPulses`, `OpticalLaserPulses`,
  `PumpProbePulses`;
- the lists of the decoder: the same, `TimeserverPulses._get_pulse_ids`.
"""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.spectra import LASER, XRAY
from spectra_classifier.core.trains.bunch_pattern import (
    BRANCHES,
    LASERS,
    LONGEST,
    NO_LASER,
    FrameRule,
    Frames,
    assign,
    from_decoder,
    from_table,
)
from spectra_classifier.errors import InputError

#: dumps by the number in bits 18 to 21
TO_SASE_2, TO_SASE_1_OR_3 = 2, 4
BIT_OF = {"LP_LAS1": 8, "LP_SASE2": 9, "LP_SPB": 10, "LP_FXE": 11,
          "LP_SQS": 12, "LP_SCS": 13, "LP_LAS2": 15}
entries = st.one_of(
    st.integers(0, 2**32 - 1),
    st.builds(lambda dump, soft, laser, charge: dump << 18 | soft << 27
              | laser << 4 | charge, st.sampled_from([0, 2, 4, 8]),
              st.integers(0, 1), st.integers(0, 2**13 - 1),
              st.integers(0, 15)))
tables = st.lists(entries, min_size=1, max_size=80)
branches, lasers = st.sampled_from(sorted(BRANCHES)), st.sampled_from(
    sorted(LASERS))


def literal(table, branch, laser):
    """Places of the X-ray and of the laser pulses, entry by entry."""
    xray, lit = [], []
    for place, entry in enumerate(table):
        dump, soft = entry >> 18 & 0xf, entry >> 27 & 1
        if {"SA1": dump == TO_SASE_1_OR_3 and not soft,
                "SA2": dump == TO_SASE_2,
                "SA3": dump == TO_SASE_1_OR_3 and bool(soft)}[branch]:
            xray.append(place)
        if laser != NO_LASER and entry >> BIT_OF[laser] & 1:
            lit.append(place)
    return xray, lit


def literal_frames(xray, lit, frames, rule):
    """(number of the X-ray pulse, laser) of each frame; None if they
    contradict each other."""
    places = (xray if rule.frames is Frames.PULSE else
              [rule.first + k * rule.step for k in range(frames)])
    if len(places) != frames or not set(xray) <= set(places):
        return None
    moved = {place + xray[0] + rule.laser_offset for place in lit
             } if xray else set()
    return [(xray.index(place) if place in xray else -1, place in moved)
            for place in places]


@given(tables, branches, lasers)
def test_pulses_of_a_table(table, branch, laser):
    found = from_table(np.array(table, np.uint32), branch, laser)
    assert (found.xray.tolist(), found.laser.tolist()) == literal(
        table, branch, laser)


@given(tables, branches, lasers)
def test_the_type_of_the_table_changes_nothing(table, branch, laser):
    for same in (np.array(table, np.uint32).view(np.int32),
                 np.array(table, np.uint64), np.array(table, ">u4")):
        found = from_table(same, branch, laser)
        assert (found.xray.tolist(), found.laser.tolist()) == literal(
            table, branch, laser)


@given(tables, branches, lasers, st.integers(0, 9))
def test_a_decoder_lists_what_is_in_the_table(table, branch, laser, padding):
    xray, lit = literal(table, branch, laser)
    fill = np.zeros(padding, np.int32)      # behind the count
    found = from_decoder(np.r_[np.array(xray, np.int32), fill], len(xray),
                         np.r_[np.array(lit, np.int32), fill], len(lit))
    table = from_table(np.array(table, np.uint32), branch, laser)
    np.testing.assert_array_equal(found.xray, table.xray)
    np.testing.assert_array_equal(found.laser, table.laser)


rules = st.builds(FrameRule, st.sampled_from(Frames), st.integers(0, 12),
                  st.integers(1, 4), st.integers(-10, 10))


@given(tables, branches, lasers, st.integers(0, 90), rules, st.booleans())
def test_frames_get_the_pulses_of_their_places(table, branch, laser, frames,
                                               rule, fitting):
    xray, lit = literal(table, branch, laser)
    if fitting:     # else most of them contradict each other
        frames = len(xray) if rule.frames is Frames.PULSE else frames
        rule = FrameRule(rule.frames, 0, 1, rule.laser_offset)
    expected = literal_frames(xray, lit, frames, rule)
    pattern = from_table(np.array(table, np.uint32), branch, laser)
    if expected is None:
        with pytest.raises(InputError, match="X-ray pulses"):
            assign(pattern, frames, rule)
        return
    found = assign(pattern, frames, rule)
    assert found.index.tolist() == [number for number, _ in expected]
    assert found.light.tolist() == [
        XRAY * (number >= 0) + LASER * laser for number, laser in expected]


def test_every_second_pulse_with_laser():
    table = np.zeros(2700, np.uint32)
    table[100:500:4] = TO_SASE_1_OR_3 << 18
    table[0:400:8] |= 1 << BIT_OF["LP_SPB"]     # listed from place 0 on
    pattern = from_table(table, "SA1", "LP_SPB")
    assert pattern.pumped(0).tolist() == [True, False] * 50
    assert pattern.pumped(4).tolist() == [False, True] * 50
    assert pattern.pumped(2).sum() == 0
    assert pattern.sentence(0) == (
        "100 X-ray pulses at bunch places 100 to 496, every 4; 50 of them "
        "with laser")
    assert from_table(table, "SA3", "LP_SPB").sentence(0) == "no X-ray pulse"


def test_what_is_no_table_is_refused(subtests):
    for table in (
            [], np.zeros((2, 3), np.uint32), np.zeros(LONGEST + 1, np.uint32),
            np.zeros(5, np.float32), np.zeros(5, np.uint16), np.array(["a"]),
            np.array(7, np.uint32), np.zeros(5, bool), [np.nan],
            np.array([2**32], np.uint64), None):
        with (subtests.test(table=repr(table)),
              pytest.raises(InputError, match="a table of type")):
            from_table(table, "SA1", NO_LASER)


def test_a_list_that_is_none_is_refused(subtests):
    for places, count in (
            ([3, 2, 1], 3), ([1, 1], 2), ([-1, 2], 2), ([1, LONGEST], 2),
            ([1, 2], 3), ([1, 2], -1), ([1, 2], 1.), ([1., 2.], 2),
            ([1, 2], [1]), (5, 1), ([1, 2], True), ([1, 2], None), ("ab", 1),
            ([[1, 2]], 1)):
        with (subtests.test(places=repr(places), count=repr(count)),
              pytest.raises(InputError)):
            from_decoder(places, count)


def test_no_frame_and_no_pulse_are_no_contradiction():
    empty = from_decoder([], 0)
    for frames in Frames:
        assert not len(assign(empty, 0, FrameRule(frames)).light)
    assert assign(empty, 3, FrameRule()).light.tolist() == [0, 0, 0]
