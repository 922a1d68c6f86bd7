import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.decision import (
    Alarm,
    DecisionConfig,
    PulsePattern,
    Reaction,
    worst,
)
from spectra_classifier.errors import ConfigurationError

CONFIG = DecisionConfig(classes=("a", "b"))


OUTSIDE = [
    ("window", 0), ("window", 601), ("fraction", 0.5), ("fraction", 1.01),
    ("min_valid_pulses", 0), ("min_valid_fraction", -0.1),
    ("min_valid_fraction", 1.1), ("min_dwell", -1.), ("stale_after", 0.),
    ("stale_after", math.inf), ("max_latency", 0.), ("max_latency", math.nan),
    ("max_train_age", 0.), ("max_train_age", math.inf),
    ("min_coverage", 0.), ("min_coverage", 1.1), ("max_drift", 0.),
    ("max_drift", math.inf), ("permit_valid_for", 0.),
    ("permit_valid_for", 10_001.)]


def test_a_value_outside_its_limits_is_named(subtests):
    for field, value in OUTSIDE:
        with (subtests.test(field=field, value=value),
              pytest.raises(ConfigurationError, match=f"{field} is {value}")):
            replace(CONFIG, **{field: value})


CONTRADICTIONS = [
    ({"classes": ("a", "a")}, "class 'a' is given twice"),
    ({"classes": ("a", "unknown")}, "named 'unknown'"),
    ({"patterns": ()}, "no pulse pattern is required"),
    ({"patterns": (PulsePattern(required=False),)}, "depend on no pulse"),
    ({"patterns": (PulsePattern("p"), PulsePattern("p"))}, "'p' is given"),
    ({"reactions": (Reaction("x"),)}, "reaction to 'x': the classes are a"),
    ({"reactions": (Reaction("a"), Reaction("a", "warn"))}, "given twice")]


def test_contradictions_are_refused(subtests):
    for changes, message in CONTRADICTIONS:
        with (subtests.test(changes=repr(changes)),
              pytest.raises(ConfigurationError, match=message)):
            replace(CONFIG, **changes)


@pytest.mark.parametrize(("values", "message"), [
    (("a", "loud"), "alarm 'loud', use one of none, warn"),
    (("unknown", "none", True), "cannot be permitted"),
    (("a", "interlock", True), "choose one")])
def test_impossible_reactions_are_refused(values, message):
    with pytest.raises(ConfigurationError, match=message):
        Reaction(*values)


def test_impossible_patterns_are_refused(subtests):
    for field, value in [
            ("name", " "), ("first", -1), ("step", 0), ("count", -1)]:
        with (subtests.test(field=field),
              pytest.raises(ConfigurationError, match="pulse pattern")):
            PulsePattern(**{"name": "p", field: value})


def test_a_class_without_a_row_neither_permits_nor_alarms():
    reaction = CONFIG.reaction(1)
    assert (reaction.sample_class, reaction.permit) == ("b", False)
    assert reaction.alarm is Alarm.NONE


def test_unknown_may_have_an_alarm():
    config = replace(CONFIG, reactions=(Reaction("unknown", "alarm"),))
    assert config.reaction(-1).alarm is Alarm.ALARM


def test_votes_needed_and_to_hold(subtests):
    for window, fraction, needed, hold in [
            (1, 1., 1, 1), (5, 0.6, 3, 2), (10, 0.6, 6, 3), (10, 0.61, 7, 4),
            (3, 0.51, 2, 1), (20, 0.55, 11, 6)]:
        with subtests.test(window=window, fraction=fraction):
            config = replace(CONFIG, window=window, fraction=fraction)
            assert (config.votes_needed, config.votes_to_hold) == (
                needed, hold)


def test_every_field_changes_the_hash():
    changes = {
        "classes": ("a", "c"), "patterns": (PulsePattern("p"),),
        "reactions": (Reaction("a", permit=True),), "window": 6,
        "fraction": 0.7, "min_valid_pulses": 2, "min_valid_fraction": 0.2,
        "min_dwell": 1., "stale_after": 2., "max_latency": 1.,
        "max_train_age": 1., "min_coverage": 0.6, "max_drift": 2.,
        "latching": True, "permit_valid_for": 400.,
        "allow_train_id_zero": True, "limit_hysteresis": 0.2,
        "alarm_delay": 1., "latched_alarms": ("drift",)}
    assert set(changes) == set(CONFIG.__dataclass_fields__)
    hashes = {replace(CONFIG, **{name: value}).hash
              for name, value in changes.items()}
    assert len(hashes | {CONFIG.hash}) == len(changes) + 1
    assert DecisionConfig(classes=["a", "b"]).hash == CONFIG.hash


@given(first=st.integers(0, 20), step=st.integers(1, 7),
       count=st.integers(0, 9), pulses=st.integers(0, 60))
def test_a_pattern_selects_what_its_words_say(first, step, count, pulses):
    numbers = list(range(first, pulses, step))
    expected = numbers[:count] if count else numbers
    chosen = PulsePattern("p", first, step, count).selects(np.arange(pulses))
    assert np.flatnonzero(chosen).tolist() == expected


def test_a_pattern_goes_by_number_not_by_position():
    chosen = PulsePattern("p", 10, 2).selects(np.array([8, 10, 11, 12]))
    assert chosen.tolist() == [False, True, False, True]


def test_worst_of_alarms():
    assert worst([]) is Alarm.NONE
    assert worst([Alarm.WARN, Alarm.INTERLOCK, Alarm.ALARM]
                 ) is Alarm.INTERLOCK
