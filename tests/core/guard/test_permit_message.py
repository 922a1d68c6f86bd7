"""Values that come in under the keys of a permit, of any type."""
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.guard.permit_message import (
    CHECKS,
    LARGEST,
    LONGEST_REASON,
    SHOWN,
    plain,
    shown,
    wrong_word,
)

GOOD = {"permit": True, "permitSequence": 7, "permitValidFor": 500.,
        "permitReason": "all conditions hold", "permitTrainId": 12}
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(),
    st.binary(), st.complex_numbers(), st.lists(st.booleans(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from([
        "true", "false", "1", 10 ** 400, np.bool_(True), np.uint64(5),
        np.float32("nan"), np.float64(500), np.array([True]), np.array(1),
        LARGEST, LARGEST + 1, -1, 1., object(), type]))


def test_a_good_word():
    assert wrong_word(GOOD) == ""
    assert wrong_word({"permit": np.bool_(False),
                       "permitSequence": np.uint64(LARGEST),
                       "permitValidFor": np.float32(200),
                       "permitReason": "", "permitTrainId": np.int64(0)}) == ""
    assert wrong_word(GOOD | {"permitValidFor": 500}) == ""


WRONG = [
    *(("permit", value) for value in (
        "false", "true", "", 1, 0, 1., None, [True], [], math.nan,
        np.array([True]), np.int64(1), {"permit": True})),
    *((key, value) for key in ("permitSequence", "permitTrainId")
      for value in ("7", 7., math.nan, math.inf, True, np.bool_(True), -1,
                    LARGEST + 1, 10 ** 400, [7], np.array([7]), None)),
    *(("permitValidFor", value) for value in (
        0, -1., math.nan, math.inf, -math.inf, 10 ** 400, "500", True, [500.],
        np.array([500.]), None, 500j)),
    *(("permitReason", value) for value in (
        None, b"x", 5, ["x"], "x" * (LONGEST_REASON + 1)))]


def test_a_wrong_value_is_named(subtests):
    for key, value in WRONG:
        with subtests.test(key=key, value=repr(value)):
            said = wrong_word(GOOD | {key: value})
            assert said.startswith(f"{key} is ")
            assert "it is not a valid permit" in said
            assert len(said) < 4 * SHOWN


@given(st.fixed_dictionaries(dict.fromkeys(CHECKS, ANYTHING)))
def test_anything_is_judged_and_nothing_is_raised(values):
    if wrong_word(values) == "":
        assert isinstance(values["permit"], bool | np.bool_)
        for key in "permitSequence", "permitTrainId":
            assert isinstance(values[key], int | np.integer)
            assert not isinstance(values[key], bool)
            assert 0 <= values[key] <= LARGEST
        assert isinstance(values["permitValidFor"],
                          int | float | np.floating | np.integer)
        assert 0 < values["permitValidFor"] < math.inf
        assert isinstance(values["permitReason"], str)


@given(st.text(), ANYTHING)
def test_what_is_shown_is_one_short_line(text, value):
    for line in plain(text), shown(value):
        assert len(line) <= SHOWN + 3
        assert line.isprintable()
        line.encode()


def test_a_value_that_cannot_even_be_shown():
    class Odd:
        def __repr__(self):
            raise RuntimeError

    assert shown(Odd()) == "a Odd"
