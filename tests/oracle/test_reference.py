"""The specification is independent, and says no where it has to."""
import ast
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.decision import (
    DecisionConfig,
    ModelStanding,
    Observation,
    PulseKind,
    PulsePattern,
)
from spectra_classifier.core.decision.mean_verdict import (
    NOT_JUDGED,
    MeanVerdict,
)
from spectra_classifier.core.decision.state import NO_VOTE
from spectra_classifier.core.decision.voting import ballots
from spectra_lab import reference_decision
from spectra_lab.reference_decision import (
    Mind,
    Pattern,
    Rules,
    broken,
    needed,
    vote,
)
from tests.oracle.reference_lease import Heard, may_believe, may_open

HERE = Path(__file__).parent
#: what the specification may use beside itself
ALLOWED = {"base64", "collections", "dataclasses", "itertools", "json",
           "math", "numpy", "onnx", "typing"}
RULES = Rules(window=3, fraction=0.6, min_pulses=2, min_fraction=0.5,
              max_latency=500., max_age=1000., stale_after=1.,
              permits=frozenset({0}), interlocks=frozenset(),
              patterns=(Pattern("all", 0, 1, 0),))
GOOD = {"armed": True, "model": True, "age": 20., "latency": 5.,
        "coverage": 1., "drift": True, "adds_up": True, "latched": False,
        "alone": True, "train_id": 7, "states": {"all": 0}, "rules": RULES}


SPECIFICATION = [
    *sorted(HERE.glob("reference_*.py")), Path(reference_decision.__file__)]


def test_it_shares_no_code_with_the_package(subtests):
    for path in SPECIFICATION:
        with subtests.test(path=path.name):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom):
                    assert node.level == 0
                    assert node.module.partition(".")[0] in ALLOWED
                elif isinstance(node, ast.Import):
                    for one in node.names:
                        assert one.name.partition(".")[0] in ALLOWED


def test_only_the_adapter_knows_the_package():
    for path in HERE.glob("*.py"):
        if path.name == "adapter.py" or path.name.startswith("test_"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, "module", "") or ""] + [
                    one.name for one in node.names]
                assert not any("spectra_classifier" in one for one in names)


def test_a_permit_may_be_true():
    assert broken(**GOOD) == []


def test_a_train_without_its_light_is_only_permitted_by_ids():
    for kind in PulseKind:
        rules = replace(RULES, patterns=(Pattern("all", 0, 1, 0, True,
                                                 kind.value),))
        assert broken(**GOOD | {"rules": rules}) == []
        assert broken(**GOOD | {"rules": rules, "lit": False}) == (
            ["light of all"] if kind.by_machine else [])


PULSES = st.lists(st.tuples(st.integers(-5, 2), st.booleans(), st.booleans(),
                            st.integers(0, 40)), max_size=20)


@given(PULSES, st.booleans(), st.booleans(), st.integers(0, 4),
       st.integers(1, 3), st.integers(0, 4), st.sampled_from(PulseKind),
       st.floats(0.51, 1), st.integers(1, 4), st.floats(0, 1),
       st.sampled_from([NOT_JUDGED, 0., 1., 1.01, math.nan, math.inf, -0.1]))
def test_votes_are_those_of_the_specification(
        pulses, lit, numbered, first, step, count, kind, fraction, least,
        share, score):
    codes = [code for code, *_ in pulses]
    light = [(xrays, laser) for _, xrays, laser, _ in pulses]
    numbers = [number for *_, number in pulses]
    rules = replace(RULES, fraction=fraction, min_pulses=least,
                    min_fraction=share)
    expected = vote(codes, numbers if numbered else None,
                    Pattern("p", first, step, count, True, kind.value),
                    rules, light if lit else None,
                    not (score == NOT_JUDGED or 0 <= score <= 1))
    config = DecisionConfig(
        ("a", "b", "c"), (PulsePattern("p", first, step, count, True, kind),),
        fraction=fraction, min_valid_pulses=least, min_valid_fraction=share)
    [ballot] = ballots(Observation(
        1, np.array(codes, np.int8), 0., ModelStanding(),
        pulse_numbers=np.array(numbers, np.uint64) if numbered else None,
        light=np.array([xrays + 2 * laser for xrays, laser in light],
                       np.uint8) if lit else None,
        means=MeanVerdict(rest=score)), config)
    assert ballot.slot.vote == (NO_VOTE if expected is None else expected)


BROKEN = [
    ("armed", [False]), ("model", [False]), ("drift", [False]),
    ("adds_up", [False]), ("latched", [True]), ("alone", [False]),
    ("train_id", [0]), ("states", [{"all": -1}, {"all": 1}]),
    ("age", [1001., -1001., math.nan, math.inf]),
    ("latency", [501., math.nan]), ("coverage", [math.nan, -1.])]


def test_each_condition_is_needed(subtests):
    for key, values in BROKEN:
        with subtests.test(key=key):
            for value in values:
                assert broken(**GOOD | {key: value})


VOTES = [
    ((0, 0, 0, 1), 0), ((0, 0, 1, 1), -1), ((-1, -1, 0, 0), -1),
    ((0, -4, -4, -4), None), ((0, 0, -2, -2), 0), ((), None),
    ((0, 0, 0, -5, -5, -5), 0), ((-5, -5), None)]


def test_how_a_train_votes(subtests):
    for codes, choice in VOTES:
        with subtests.test(codes=codes):
            assert vote(codes, None, RULES.patterns[0], RULES) == choice


def test_a_class_is_entered_late_and_left_at_once():
    mind, seen = Mind([]), []
    for choice in (0, 0, None, None, 0, 0, 1, 1, -1, -1):
        mind.hear(choice, 0., RULES)
        seen.append(mind.state)
    assert needed(RULES) == 2
    assert seen == [-1, 0, 0, 0, 0, 0, 0, 1, 1, -1]


def test_lost_trains_are_no_votes():
    mind = Mind([0, 0, 0], 0)
    mind.lose(2, RULES)
    mind.hear(1, 0., RULES)
    assert mind.state == -1


def words(*sequences, permit=True, valid=400., start=0., step=0.1):
    return [Heard(start + step * number, "word", "c:output", permit, sequence,
                  valid) for number, sequence in enumerate(sequences)]


def test_an_advance_in_time_is_believed_for_its_time():
    history = words(1, 2)
    assert may_believe(history, 0.5, "c:output", 1000.)
    assert not may_believe(history, 0.51, "c:output", 1000.)
    assert not may_believe(history, 0.3, "c:output", 150.)
    assert not may_believe(history, 0.1, "d:output", 1000.)
    assert not may_believe(history, 0.1, "", 1000.)
    assert not may_open(history, 0.1, "c:output", 1000., False, False)
    assert not may_open(history, 0.1, "c:output", 1000., True, True)


NOT_BELIEVED = [
    [], words(1), words(1, 1), words(2, 1), words(1, 2, permit=False),
    words(1, 2, step=0.5), words(1, 2, permit="false"),
    words(1, 2, permit=np.array([True])), words(1, 2, permit=1),
    words(1., 2.), words("1", "2"), words(1, 2, valid=math.nan),
    words(1, 2, valid=math.inf), words(1, 2, valid="400"),
    words(1, 2, valid=-1.), words(True, 2),
    [*words(1, 2), Heard(0.1, "end")]]


def test_what_is_not_believed(subtests):
    for history in NOT_BELIEVED:
        with subtests.test(history=repr(history)):
            assert not may_believe(history, 0.1 + 0.4 * (len(history) < 2),
                                   "c:output", 1000.)
