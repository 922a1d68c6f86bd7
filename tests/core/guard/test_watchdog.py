"""What is renewed for the watchdog of a target."""
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.guard.target_node import (
    INTEGERS,
    SLOT,
    TargetNode,
)
from spectra_classifier.core.guard.watchdog import (
    COUNTER,
    FIXED,
    KINDS,
    TOGGLE,
    Watchdog,
)

BOOL, BYTE = TargetNode("BOOL", True), TargetNode("UINT8", True)

PROBLEMS = [
    (Watchdog(), ""), (Watchdog("a"), ""), (Watchdog("a", COUNTER), ""),
    (Watchdog("a", COUNTER, closed_text="0"), ""),
    (Watchdog("a", FIXED, "OPEN", "CLOSED"), ""),
    (Watchdog("a", FIXED, closed_text="false"), ""),
    (Watchdog(closed_text="0"), "without watchdog.property"),
    (Watchdog("a", TOGGLE, closed_text="false"), "no value that means"),
    (Watchdog("a", TOGGLE, "1"), "for the kind fixed only"),
    (Watchdog("a", COUNTER, "1"), "for the kind fixed only"),
    *((Watchdog("a", COUNTER, closed_text=text), "give an integer")
      for text in ("-1", "1.0", "true", "x", "null", str(2 ** 31), "[0]")),
    (Watchdog("a", FIXED), "needs one that takes it back"),
    (Watchdog("a", FIXED, "[]", "0"), "watchdog.openValue is []"),
    (Watchdog("a", FIXED, "1", "NaN"), "watchdog.closedValue is NaN"),
    (Watchdog("a", FIXED, "true", "1"), "the same to Karabo")]


def test_settings(subtests):
    for watchdog, words in PROBLEMS:
        with subtests.test(watchdog=repr(watchdog)):
            said = watchdog.problem()
            assert words in said
            assert bool(said) == bool(words)


FITTING = [
    (Watchdog("a"), BOOL), (Watchdog("a", COUNTER), BYTE),
    (Watchdog("a"), TargetNode("BOOL", True, (True, False))),
    *((Watchdog("a", COUNTER), TargetNode(kind, True)) for kind in INTEGERS),
    (Watchdog("a", COUNTER), TargetNode("INT8", True, low=-5, high=1)),
    (Watchdog("a", COUNTER, closed_text="0"), BYTE),
    (Watchdog("a", FIXED, "OPEN", "CLOSED"), TargetNode("STRING", True)),
    (Watchdog("a", FIXED, "1", "0"), BYTE)]
MISFITS = [
    (Watchdog("a"), TargetNode("BOOL")), (Watchdog("a"), BYTE),
    (Watchdog("a"), TargetNode(SLOT, True)),
    (Watchdog("a"), TargetNode("BOOL", True, (True,))),
    (Watchdog("a", COUNTER), BOOL),
    (Watchdog("a", COUNTER), TargetNode("DOUBLE", True)),
    (Watchdog("a", COUNTER), TargetNode("UINT8")),
    (Watchdog("a", COUNTER), TargetNode("UINT8", True, (1, 2, 3))),
    (Watchdog("a", COUNTER), TargetNode("UINT8", True, low=3, high=3)),
    (Watchdog("a", COUNTER), TargetNode("INT8", True, high=0)),
    (Watchdog("a", COUNTER, closed_text="0"),
     TargetNode("UINT8", True, high=1)),
    (Watchdog("a", COUNTER, closed_text="0"),
     TargetNode("UINT8", True, low=1)),
    (Watchdog("a", FIXED, "OPEN", "CLOSED"), BYTE),
    (Watchdog("a", FIXED, "1", "0"), TargetNode("UINT8")),
    (Watchdog("a", FIXED, "0.1", "0.100000001"), TargetNode("FLOAT", True))]


def test_what_fits_and_what_does_not(subtests):
    for watchdog, node in FITTING:
        with subtests.test(watchdog=repr(watchdog), node=repr(node)):
            assert watchdog.misfit(node) == ""
    for watchdog, node in MISFITS:
        with subtests.test(watchdog=repr(watchdog), node=repr(node)):
            assert "that can be set at any time" in watchdog.misfit(node)


def test_a_toggle_is_a_change_whatever_was_there():
    watchdog = Watchdog("a")
    assert [watchdog.following(held, BOOL) for held in (
        True, False, None)] == [False, True, True]


def test_a_counter_wraps_at_the_maximum_of_the_schema(subtests):
    limited = TargetNode("UINT8", True, low=10, high=12)
    large = TargetNode("UINT64", True)
    for node, held, following in [
            (BYTE, 0, 1), (BYTE, 254, 255), (BYTE, 255, 0), (BYTE, None, 0),
            (limited, 12, 10), (limited, 0, 10), (limited, 11, 12),
            (large, 2 ** 64 - 2, 2 ** 64 - 1), (large, 2 ** 64 - 1, 0),
            (TargetNode("INT8", True, low=-9), 127, 0),
            (TargetNode("INT8", True, low=-9), -4, 0),
            (TargetNode("UINT32", True), 2 ** 31 - 1, 2 ** 31)]:
        with subtests.test(node=repr(node), held=repr(held)):
            found = Watchdog("a", COUNTER).following(held, node)
            assert found == following
            # Karabo sends an untyped integer of 32 bits only
            assert found.dtype == np.dtype(node.kind.lower())


def test_a_counter_never_writes_its_closed_value():
    watchdog = Watchdog("a", COUNTER, closed_text="2")
    node = TargetNode("UINT8", True, high=3)
    assert watchdog.closed_value == 2
    held, seen = 2, []
    for _ in range(5):
        held = node.held(watchdog.following(held, node))
        seen.append(held)
    assert seen == [3, 0, 1, 3, 0]


NUMBERS = st.none() | st.integers(-300, 2 ** 64)


@given(kind=st.sampled_from(KINDS), node=st.builds(
    TargetNode, st.sampled_from(("BOOL", *INTEGERS)), st.just(True),
    low=st.sampled_from([-np.inf, 0, 3, 200.]),
    high=st.sampled_from([np.inf, 3, 4, 2 ** 40])),
    closed=st.sampled_from(["", "0", "3", "false"]), held=NUMBERS)
def test_what_fits_is_taken_and_is_a_change(kind, node, closed, held):
    watchdog = Watchdog("a", kind, closed_text=closed)
    if watchdog.problem() or watchdog.misfit(node):
        return
    held = node.held(held) if node.takes(held) else None
    following = watchdog.following(held, node)
    assert node.takes(following)
    assert node.held(following) != watchdog.closed_value
    if kind != FIXED:
        assert held is None or node.held(following) != held
