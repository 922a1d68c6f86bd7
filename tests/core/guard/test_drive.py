"""Settings with which a target could not be closed."""
import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.guard.drive import Drive
from spectra_classifier.core.guard.target_node import (
    INTEGERS,
    OTHER_NODE,
    SLOT,
    TargetNode,
    parsed,
)
from spectra_classifier.core.guard.watchdog import Watchdog

SLOTS = {"open_slot": "open", "close_slot": "close"}
KEY = {"key": "position"}
BOOL = TargetNode("BOOL", writable=True)


def problem(**changes):
    return Drive(**{"device": "a/shutter/1"} | changes).problem(
        "a/guard/1", "a/classifier/1")


WORKING = [
    SLOTS, SLOTS | {"hold_slot": "hold", "confirm_key": "isOpen"}, KEY,
    KEY | {"open_text": "OUT", "closed_text": "IN"},
    KEY | {"open_text": '"OUT"', "closed_text": ""},
    KEY | {"open_text": "1", "closed_text": "0"},
    KEY | {"open_text": "-2.5", "closed_text": "1e3"},
    KEY | {"confirm_key": "node.isOpen", "confirm_text": "OPENED"},
    KEY | {"confirm_key": "position"},
    {"open_slot": "node.open", "close_slot": "node.close"},
    {"watchdog": Watchdog("node.beat")},
    {"watchdog": Watchdog("beat"), "confirm_key": "isOpen"},
    SLOTS | {"watchdog": Watchdog("beat")},
    KEY | {"watchdog": Watchdog("beat")}]


def test_settings_that_can_work(subtests):
    for changes in WORKING:
        with subtests.test(changes=changes):
            assert problem(**changes) == ""


NOT_CLOSING = [
    ({"device": ""}, "targetDevice is empty"),
    ({}, "one way to drive"), (SLOTS | KEY, "one way to drive"),
    ({"open_slot": "open"}, "give both or none"),
    ({"close_slot": "close"}, "give both or none"),
    ({"open_slot": "open", "close_slot": "open"}, "both open"),
    (SLOTS | {"hold_slot": "open"}, "holdSlot is open"),
    (SLOTS | {"hold_slot": "close"}, "holdSlot is close"),
    (SLOTS | {"confirm_text": "OPEN"}, "without target.confirmProperty"),
    (SLOTS | {"confirm_key": "isOpen", "confirm_text": ""},
     "without target.confirmOpenValue"),
    (KEY | {"confirm_key": "position", "confirm_text": "OUT"},
     "leave target.confirmProperty empty"),
    (SLOTS | {"device": "a/guard/1"}, "this guard itself"),
    (SLOTS | {"device": "a/classifier/1"}, "the classifier itself"),
    *((SLOTS | {"device": name}, "not a device id") for name in (
        "*", "a b", " a/b", "a:output", "a/b\n", "ä", "a.open", "#", "\0")),
    *((SLOTS | {"close_slot": name}, "not the name of a slot") for name in (
        "*", "clo se", "close\n", "close.", ".close", "schließen", "a..b",
        "9", "\ud800", "x" * 9 + "\0")),
    *((KEY | {"open_text": text, "closed_text": other}, "the same to Karabo")
      for text, other in (
        ("true", "true"), ("true", "1"), ("1", "1.0"), ("true", '"true"'),
        ("0", "false"), ("OUT", '"OUT"'), ("1", '"1"'), ("1", '" 1.0"'),
        ("1e2", "100"), ("True", "true"), ("-0.0", "0"), ("", '""'))),
    *((KEY | {"open_text": text}, "openValue is") for text in (
        '{"a": 1}', "[]", "[1]", "null", "NaN", "Infinity", "1e999",
        "9" * 5000, "[" * 5000, str(2 ** 31), str(-10 ** 20), '"\\u0000"',
        '"\\ud800"', '"a\\nb"', "x" * 201)),
    (KEY | {"closed_text": "[1]"}, "closedValue is [1]"),
    (SLOTS | {"confirm_key": "isOpen", "confirm_text": "{}"},
     "confirmOpenValue is {}"),
    (SLOTS | KEY | {"watchdog": Watchdog("beat")}, "one way to drive"),
    (KEY | {"watchdog": Watchdog("position")}, "is renewed shows nothing"),
    ({"watchdog": Watchdog("a"), "confirm_key": "a"}, "shows nothing else"),
    ({"watchdog": Watchdog("be at")}, "not the name of a slot"),
    ({"watchdog": Watchdog("beat", closed_text="1")}, "for a toggle")]


def test_settings_that_cannot_close_are_named(subtests):
    for changes, words in NOT_CLOSING:
        with subtests.test(changes=repr(changes)):
            said = problem(**changes)
            assert words in said
            assert len(said) < 400


@given(st.lists(st.text(max_size=20) | st.sampled_from(
    ["open", "close", "true"]), min_size=9, max_size=9))
def test_any_texts_are_judged(texts):
    said = Drive(*texts).problem("a/guard/1", "a/classifier/1")
    assert isinstance(said, str)


def test_a_property_that_fits(subtests):
    for kind, open_text, closed_text in [
            ("BOOL", "true", "false"), ("BOOL", "false", "true"),
            ("INT32", "1", "0"), ("UINT8", "255", "0"), ("INT8", "1.0", "2"),
            ("DOUBLE", "0.5", "-1"), ("FLOAT", "0.1", "0.2"),
            ("STRING", "OUT", "IN"), ("STRING", '"1"', "2x")]:
        with subtests.test(kind=kind, open_text=open_text):
            drive = Drive("t", key="position", open_text=open_text,
                          closed_text=closed_text)
            node = TargetNode(kind, writable=True)
            assert drive.misfit({"position": node}) == ""


TO = "target.property has to be a property that can be set at any time, to "
MISFITS = [
    (TargetNode("BOOL"), "true", "false",
     f"a property of type BOOL that cannot be set at any time: {TO}True and"),
    (BOOL, '"yes"', "false", f"a property of type BOOL: {TO}'yes' and to"),
    (BOOL, "true", "off", "to True and to 'off'"),
    (BOOL, "1", "0", "to 1 and to 0"),
    (TargetNode("INT32", True), "true", "0", "of type INT32: "),
    (TargetNode("INT32", True), "0.5", "0", "to 0.5"),
    (TargetNode("UINT8", True), "256", "0", "to 256"),
    (TargetNode("UINT8", True), "1", "-1", "to -1"),
    (TargetNode("FLOAT", True), "0.1", "0.100000001",
     "has to be a property that can tell 0.1 from 0.100000001"),
    (TargetNode("FLOAT", True), "1e300", "0", "to 1e+300"),
    (TargetNode("DOUBLE", True), "OUT", "0", "to 'OUT'"),
    (TargetNode("STRING", True), "1", "OUT", "to 1 and to 'OUT'"),
    (TargetNode("STRING", True, ("IN", "OUT")), "OUT", "CLOSED",
     "of type STRING with the options 'IN', 'OUT': "),
    (TargetNode("DOUBLE", True, low=0., high=5.), "2", "-1",
     "of type DOUBLE from 0 up to 5: "),
    (TargetNode(OTHER_NODE, True), "true", "false", "is a node: "),
    (TargetNode("VECTOR_BOOL", True), "true", "false", "type VECTOR_BOOL: "),
    (TargetNode(SLOT, True), "true", "false", "is a slot: ")]


def test_a_property_that_does_not_fit(subtests):
    for node, open_text, closed_text, words in MISFITS:
        with subtests.test(node=repr(node), open_text=open_text):
            drive = Drive("t", key="position", open_text=open_text,
                          closed_text=closed_text)
            said = drive.misfit({"position": node})
            assert said.startswith("position of t is a ")
            assert words in said


def test_what_the_target_does_not_have():
    drive = Drive("t", hold_slot="hold", confirm_key="isOpen",
                  watchdog=Watchdog("beat"), **SLOTS)
    nodes = {"open": TargetNode(SLOT), "close": TargetNode(SLOT),
             "hold": TargetNode(SLOT), "isOpen": TargetNode("BOOL"),
             "beat": BOOL}
    assert drive.misfit(nodes) == ""
    for name, expected in {
            "open": "target.openSlot has to be a slot",
            "close": "target.closeSlot has to be a slot",
            "hold": "target.holdSlot has to be a slot",
            "isOpen": "target.confirmProperty has to be a property that can "
                      "be True",
            "beat": "watchdog.property has to be a property of type BOOL "
                    "that can be set at any time"}.items():
        rest = {key: nodes[key] for key in nodes if key != name}
        assert drive.misfit(rest) == f"t has no {name}: {expected}"
        assert drive.misfit(nodes | {name: TargetNode("INT32")}) == (
            f"{name} of t is a property of type INT32 that cannot be set at "
            f"any time: {expected}")


READINGS = [
    ("BOOL", "true", True, True), ("BOOL", "true", np.bool_(True), True),
    ("BOOL", "true", False, False), ("BOOL", "false", False, True),
    ("BOOL", "true", 1, None), ("BOOL", "true", "true", None),
    ("BOOL", "true", None, None), ("BOOL", "true", [True], None),
    ("INT32", "1", np.int32(1), True), ("INT32", "1", 0, False),
    ("INT32", "1", True, None), ("INT32", "1", math.nan, None),
    ("FLOAT", "0.1", np.float32(0.1), True),
    ("DOUBLE", "0.1", math.nan, None), ("DOUBLE", "0.1", math.inf, None),
    ("DOUBLE", "0.1", 0.2, False), ("STRING", "OPENED", "OPENED", True),
    ("STRING", "OPENED", "CLOSED", False), ("STRING", "OPENED", b"x", None)]


def test_what_a_target_says_of_itself(subtests):
    for kind, text, found, is_open in READINGS:
        with subtests.test(kind=kind, text=text, found=repr(found)):
            drive = Drive("t", confirm_key="isOpen", confirm_text=text,
                          **SLOTS)
            assert drive.reading(found, TargetNode(kind)) is is_open


def test_a_third_value_of_what_is_set_is_neither(subtests):
    drive = Drive("t", key="position", open_text="OUT", closed_text="IN")
    for found, is_open in [
            ("OUT", True), ("IN", False), ("MOVING", None), ("", None)]:
        with subtests.test(found=found):
            assert drive.reading(found, TargetNode("STRING", True)) is is_open


VALUES = st.one_of(st.booleans(), st.integers(-300, 300),
                   st.floats(allow_nan=True), st.text(max_size=5), st.none())


@given(one=VALUES, other=VALUES, kind=st.sampled_from(
    ["BOOL", "STRING", "FLOAT", "DOUBLE", *INTEGERS]))
def test_what_fits_is_told_apart_by_the_property(one, other, kind):
    """Accepted settings: what is read back after each says which it was."""
    drive = Drive("t", key="position", open_text=json.dumps(one),
                  closed_text=json.dumps(other))
    node = TargetNode(kind, writable=True)
    if drive.problem("g", "c") or drive.misfit({"position": node}):
        return
    holds = {"BOOL": np.bool_, "STRING": str, "FLOAT": np.float32,
             "DOUBLE": np.float64}.get(kind) or np.dtype(kind.lower()).type
    assert drive.reading(holds(parsed(drive.open_text)), node) is True
    assert drive.reading(holds(parsed(drive.closed_text)), node) is False
