"""How a guard drives a device, and checks that the settings can close it.

Settings that cannot close the device are rejected before anything is opened:
first from the settings alone, then against the properties of the device.
Pure.
"""
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .permit_message import is_bool, is_number, plain, shown

#: characters of a value given as JSON or text
LONGEST_VALUE = 200
#: integers that Karabo sends without an explicit type
SMALLEST_INTEGER, LARGEST_INTEGER = -2 ** 31, 2 ** 31 - 1
DEVICE_ID = re.compile(r"[A-Za-z0-9_/-]+")
PATH = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)
SLOT, OTHER_NODE = "SLOT", "NODE"
FLOATS = ("FLOAT", "DOUBLE")
INTEGERS = ("INT8", "INT16", "INT32", "INT64",
            "UINT8", "UINT16", "UINT32", "UINT64")

#: what a property of a driven device may hold
type Value = bool | int | float | str


@dataclass(frozen=True)
class TargetNode:
    """A property or slot of the driven device.

    Attributes
    ----------
    kind
        Karabo's name of the type of a property, `SLOT`, or `OTHER_NODE`.
    writable
        Whether it can be set at any time.
    options
        The only allowed values, empty for any.
    low, high
        Inclusive limits.
    """
    kind: str
    writable: bool = False
    options: tuple[Value, ...] = ()
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True)
class Drive:
    """How a device is opened, closed, held and read back, as configured.

    Either `open_slot` and `close_slot`, or `key` with its two values. Names
    are empty where nothing is configured.

    Attributes
    ----------
    device
        Device id.
    hold_slot
        Called to keep the device open.
    key
        Property that is set.
    open_text, closed_text
        Values of `key`, as JSON or plain text.
    confirm_key, confirm_text
        Property that shows the state, and its value when open.
    """
    device: str
    open_slot: str = ""
    close_slot: str = ""
    hold_slot: str = ""
    key: str = ""
    open_text: str = "true"
    closed_text: str = "false"
    confirm_key: str = ""
    confirm_text: str = "true"

    @property
    def open_value(self) -> Value:
        """Value of `key` that opens."""
        return parsed(self.open_text)

    @property
    def closed_value(self) -> Value:
        """Value of `key` that closes."""
        return parsed(self.closed_text)

    @property
    def confirm(self) -> str:
        """Property that shows whether the device is open, "" for none."""
        return self.confirm_key or self.key

    @property
    def confirm_value(self) -> Value:
        """Value of `confirm` when the device is open."""
        return parsed(self.confirm_text if self.confirm_key
                      else self.open_text)

    @property
    def names(self) -> tuple[str, ...]:
        """All properties and slots that the device must have."""
        return tuple(name for name in (
            self.open_slot, self.close_slot, self.hold_slot, self.key,
            self.confirm_key) if name)

    def problem(self, own_id: str, classifier_id: str) -> str:
        """Return why these settings can work with no device, else ""."""
        if not self.device:
            return "targetDevice is empty: name the device to be driven"
        if not DEVICE_ID.fullmatch(self.device):
            return (f"targetDevice {shown(self.device)} is no device id: "
                    "letters, digits, / _ - only")
        for whose, other in (("this guard", own_id),
                             ("the classifier", classifier_id)):
            if self.device == other:
                return (f"targetDevice {self.device} is {whose} itself: name "
                        "the shutter or interlock")
        return (self._problem_of_ways() or self._problem_of_names()
                or self._problem_of_values())

    def _problem_of_ways(self) -> str:
        if bool(self.open_slot) != bool(self.close_slot):
            return ("target.openSlot and target.closeSlot go together: give "
                    "both or none")
        if bool(self.open_slot) == bool(self.key):
            return ("give either target.openSlot and target.closeSlot, or "
                    "target.property: there must be one way to drive the "
                    "target")
        if self.open_slot and self.open_slot == self.close_slot:
            return ("target.openSlot and target.closeSlot are both "
                    f"{self.open_slot}: nothing would close the target")
        if self.hold_slot and self.hold_slot in (self.open_slot,
                                                 self.close_slot):
            return (f"target.holdSlot is {self.hold_slot}, as target.openSlot "
                    "or target.closeSlot is: name a slot that only holds, or "
                    "none")
        if not self.confirm_key and self.confirm_text != "true":
            return ("target.confirmOpenValue is given without "
                    "target.confirmProperty: name the property, or leave "
                    "both at their defaults")
        return ""

    def _problem_of_names(self) -> str:
        for name in self.names:
            if not PATH.fullmatch(name):
                return (f"{shown(name)} is no name of a slot or property: "
                        "letters, digits and _ only, dots between nodes")
        return ""

    def _problem_of_values(self) -> str:
        values = {}
        if self.key:
            values = {"target.openValue": self.open_text,
                      "target.closedValue": self.closed_text}
        if self.confirm_key:
            values["target.confirmOpenValue"] = self.confirm_text
        for name, text in values.items():
            if why := _problem_of_value(text):
                return f"{name} is {plain(text)}: {why}"
        if self.key and _same(self.open_value, self.closed_value):
            return (f"target.openValue {plain(self.open_text)} and "
                    f"target.closedValue {plain(self.closed_text)} are the "
                    "same to Karabo: nothing would close the target")
        if self.confirm_key and not self.confirm_text:
            return ("target.confirmProperty is given without "
                    "target.confirmOpenValue")
        if (self.key and self.confirm_key == self.key
                and not _same(self.confirm_value, self.open_value)):
            return ("target.confirmProperty is target.property, but "
                    f"target.confirmOpenValue {plain(self.confirm_text)} is "
                    f"not target.openValue {plain(self.open_text)}: leave "
                    "target.confirmProperty empty")
        return ""

    def misfit(self, nodes: Mapping[str, TargetNode]) -> str:
        """Return why a device with these nodes cannot be driven; "" if it can.

        Parameters
        ----------
        nodes
            Those of `names` that the device has.
        """
        for name in self.names:
            if name not in nodes:
                return f"{self.device} has no {name}"
        for name in (self.open_slot, self.close_slot, self.hold_slot):
            if name and nodes[name].kind != SLOT:
                return f"{name} of {self.device} is no slot"
        if self.key and (why := self._misfit_of_key(nodes[self.key])):
            return f"{self.key} of {self.device} {why}"
        if self.confirm_key and (why := _misfit_of_value(
                self.confirm_value, nodes[self.confirm_key])):
            return f"{self.confirm_key} of {self.device} {why}"
        return ""

    def _misfit_of_key(self, node: TargetNode) -> str:
        if not node.writable:
            return "cannot be set"
        for value in self.open_value, self.closed_value:
            if why := _misfit_of_value(value, node):
                return why
        if _as(node, self.open_value) == _as(node, self.closed_value):
            return "cannot tell target.openValue from target.closedValue"
        return ""

    def reading(self, found: object, node: TargetNode) -> bool | None:
        """Return the state that the device shows.

        Parameters
        ----------
        found
            Value of `confirm`, of any type.
        node
            Description of that property.

        Returns
        -------
        bool or None
            True for open, False for closed, None for neither: a value of
            another type, NaN, or a third value of the property that is set.
        """
        found = _as(node, found)
        if found is None:
            return None
        if found == _as(node, self.confirm_value):
            return True
        if self.confirm == self.key:
            return False if found == _as(node, self.closed_value) else None
        return False


def parsed(text: str) -> Any:
    """Return a value given as JSON, or the text itself where it is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _problem_of_value(text: str) -> str:
    """Why a target cannot be given this value, or ""."""
    if len(text) > LONGEST_VALUE:
        return f"longer than {LONGEST_VALUE} characters"
    value = parsed(text)
    if isinstance(value, str):
        return "" if value.isprintable() else "no printable text"
    if is_bool(value):
        return ""
    if not is_number(value):
        return "give true, false, a finite number or a text"
    if isinstance(value, int) and not (
            SMALLEST_INTEGER <= value <= LARGEST_INTEGER):
        return "an integer beyond 32 bits"
    return ""


def _same(one: Value, other: Value) -> bool:
    """Whether a property may take two values for the same one."""
    if one == other:            # 1, 1.0 and true, too
        return True
    return _common(one) == _common(other)


def _common(value: Value) -> float | str:
    # a text is converted where the property is a number or a bool
    try:
        return float(value)
    except ValueError:
        text = str(value).strip()
        return {"true": 1., "false": 0.}.get(text.lower(), text)


def _misfit_of_value(value: object, node: TargetNode) -> str:
    converted = _as(node, value)
    if converted is None:
        return f"({node.kind}) does not take {shown(value)}"
    if node.options and converted not in node.options:
        return f"takes only {', '.join(map(shown, node.options))}"
    if not isinstance(converted, str) and not (
            node.low <= converted <= node.high):
        return f"does not take {shown(value)}: it is outside its limits"
    return ""


def _as(node: TargetNode, value: object) -> Value | None:
    """The value as a property of that type holds it; None for no value."""
    if node.kind == "BOOL":
        return bool(value) if is_bool(value) else None
    if node.kind == "STRING":
        return value if isinstance(value, str) else None
    number = _number(value)
    if number is None:
        return None
    if node.kind in INTEGERS:
        limits = np.iinfo(node.kind.lower())
        return (int(number) if number == int(number)
                and limits.min <= number <= limits.max else None)
    if node.kind in FLOATS:
        with np.errstate(over="ignore"):
            held = float(np.float32(number) if node.kind == "FLOAT"
                         else number)
        return held if is_number(held) else None
    return None


def _number(value: object) -> int | float | None:
    """A finite real number of Python or numpy; None for anything else."""
    found = value.item() if isinstance(value, np.generic) else value
    return (found if is_number(value) and isinstance(found, int | float)
            else None)
