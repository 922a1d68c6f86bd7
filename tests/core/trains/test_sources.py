"""One source per input, by its name."""
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.trains.sources import (
    MOST_NAMES,
    OTHERS,
    REPORTED,
    OneSource,
)
from spectra_classifier.errors import InputError

A, B, C = "a:output", "b:output", "c:output"


def test_the_first_one_that_is_heard_is_the_source():
    one = OneSource()
    assert one.admits(B, [A, B], 0.)
    assert not one.admits(A, [A, B], 0.1)
    assert one.admits(B, [A, B], 0.2)
    assert one.refused == {A: 1}
    assert one.fault(0.2).startswith(f"{A} sends as well as {B}")


@given(st.lists(st.sampled_from([A, B, C])))
def test_what_is_required_is_what_would_be_admitted(names):
    asked, required = OneSource(), OneSource()
    for now, name in enumerate(names):
        admitted = asked.admits(name, [A, B], float(now))
        try:
            required.require(name, [A, B], float(now))
            assert admitted
        except InputError as error:
            assert not admitted
            assert str(error) == asked.fault(float(now)) != ""
    assert required.refused == asked.refused


def test_it_is_a_fault_while_the_other_one_sends():
    one = OneSource()
    assert one.admits(A, [A, B], 0.)
    assert one.fault(0.) == ""
    one.admits(B, [A, B], 1.)
    assert one.fault(1. + REPORTED)
    assert one.fault(1.01 + REPORTED) == ""


def test_the_one_that_is_configured_is_the_source():
    one = OneSource()
    assert one.admits(B, [A], 0.)       # A passes it on under its own name
    assert one.admits(B, [A], 0.1)
    assert one.admits(A, [A], 0.2)      # but if A sends itself, A it is
    assert not one.admits(B, [A], 0.3)


def test_the_source_that_is_gone_keeps_its_place():
    one = OneSource()
    assert one.admits(A, [A, B], 0.)
    assert not one.connected(B, [A, B])
    assert not one.admits(B, [A, B], 100.)
    assert one.connected(A, [A, B])
    assert one.admits(A, [A, B], 101.)


def test_a_source_that_was_replaced_is_followed():
    one = OneSource()
    assert one.admits(A, [A], 0.)
    assert one.connected(B, [B])
    assert one.admits(B, [B], 1.)
    other = OneSource()
    assert other.admits(A, [A, B], 0.)
    assert other.admits(B, [B], 1.)     # without a new connection
    assert not other.admits(A, [B], 1.)


def test_names_without_end_are_counted_together():
    one = OneSource()
    assert one.admits(A, [A], 0.)
    for number in range(3 * MOST_NAMES):
        assert not one.admits(f"x{number}", [A], 1.)
    assert len(one.refused) == MOST_NAMES + 1
    assert one.refused[OTHERS] == 2 * MOST_NAMES


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.booleans()),
                max_size=20), st.sets(st.sampled_from([A, B, C])))
def test_never_two_at_a_time(events, configured):
    """Between two connections all admitted trains are of one name, but for
    one change to what is configured."""
    one, names, refused = OneSource(), [], 0
    for name, connects in events:
        if connects:
            one.connected(name, configured)
            names = [one.name] if one.name else []
        elif one.admits(name, configured, 0.):
            assert one.name == name
            if names and names[-1] != name:
                assert names[-1] not in configured and name in configured
            names.append(name)
        else:
            refused += 1
    assert refused == one.refused.total()
