"""A pulse pattern whose mean is like no taught state votes unknown."""
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.decision import Alarm, PulsePattern
from spectra_classifier.core.decision.mean_verdict import (
    NOT_JUDGED,
    MeanCode,
    MeanVerdict,
    read,
)

ALL, ODD = PulsePattern("all"), PulsePattern("odd", 1, 2)
SCORES = st.sampled_from([NOT_JUDGED, 0., 0.5, 1., math.nextafter(1, 2), 7.,
                          math.inf, -math.inf, math.nan, -0.5, -2.])


@given(st.dictionaries(st.sampled_from([ALL.selection, ODD.selection]),
                       SCORES), SCORES)
def test_what_is_not_a_score_within_the_limit_is_foreign(scores, rest):
    means = MeanVerdict(scores, rest)
    for pattern in ALL, ODD:
        score = scores.get(pattern.selection, rest)
        assert means.foreign(pattern) == (
            score not in (NOT_JUDGED, 0., 0.5, 1.))
    # the one number that leaves the device hides no foreign mean above 0
    if any(score > 1 or math.isnan(score) for score in (
            *scores.values(), rest)):
        assert means.code is MeanCode.FOREIGN


@given(SCORES, st.integers(-1, 4))
def test_what_another_device_states_has_to_agree(score, code):
    stated = read(score, code)
    assert stated.foreign(ODD) == (
        code == MeanCode.FOREIGN or stated.code != code
        or MeanVerdict(rest=score).code != code)
    if code not in (MeanCode.TAUGHT, MeanCode.NOT_JUDGED):
        assert stated.foreign(ALL)


def test_a_foreign_mean_takes_class_and_permit(granted):
    bench = granted()
    foreign = MeanVerdict({ALL.selection: 2.345}, 2.345)
    assert bench.play(0, means=foreign).sample_state == 0
    decision = bench.play(*[0] * 4, means=foreign)
    assert decision.sample_state_name == "unknown"
    assert not decision.permit
    assert decision.reason == (
        "no class is decided for pulse pattern 'all': the mean of pulse "
        "pattern 'all' is like no taught state (2.35 times the limit)")
    alarm, = (each for each in decision.alarms if each.name == "foreign")
    assert alarm.severity is Alarm.WARN
    assert bench.play(*[0] * 5).permit


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_what_cannot_be_compared_is_foreign(granted, score):
    decision = granted().play(*[0] * 5, means=MeanVerdict(rest=score))
    assert not decision.permit
    assert decision.sample_state_name == "unknown"


def test_each_pattern_is_judged_by_itself(granted):
    bench = granted(patterns=(ALL, ODD))
    means = MeanVerdict({ALL.selection: 0.2, ODD.selection: math.nan},
                        math.nan)
    decision = bench.play(*[0] * 5, means=means)
    assert [each.state_name for each in decision.patterns] == [
        "a", "unknown"]
    assert not decision.permit
    assert "'odd' is like no taught state (it cannot be compared)" in (
        decision.reason)


def test_an_interlock_is_not_released_by_a_foreign_mean(granted):
    bench = granted()
    assert bench.play(*[2] * 5).interlocked
    bench.play(*[0] * 9, means=MeanVerdict(rest=2.))
    assert bench.acknowledge()
    bench.play(*[0] * 9)
    assert bench.acknowledge() == ""
