"""How a guard drives a device, and checks that the settings can close it.

Settings that cannot close the device are rejected before anything is opened:
first from the settings alone, then against the properties of the device.
Pure.
"""
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .permit_message import plain, shown
from .target_node import (
    SLOT,
    TargetNode,
    Value,
    parsed,
    problem_of_value,
    same,
)
from .watchdog import SETTABLE, Watchdog

DEVICE_ID = re.compile(r"[A-Za-z0-9_/-]+")
PATH = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)
#: in place of a property or slot that the device does not have
MISSING = TargetNode("")


@dataclass(frozen=True)
class Drive:
    """How a device is opened, closed, held and read back, as configured.

    Either `open_slot` and `close_slot`, or `key` with its two values, or the
    renewal of `watchdog` alone. Names are empty where nothing is configured.

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
    watchdog
        Property that is renewed while the device is to be open.
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
    watchdog: Watchdog = field(default_factory=Watchdog)

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
        return tuple(name for _, name, _ in self._parts if name)

    @property
    def _parts(self) -> tuple[
            tuple[str, str, Callable[[TargetNode], str]], ...]:
        """Setting, name, and what it has to be ("" where it is that)."""
        return (
            ("target.openSlot", self.open_slot, _misfit_of_slot),
            ("target.closeSlot", self.close_slot, _misfit_of_slot),
            ("target.holdSlot", self.hold_slot, _misfit_of_slot),
            ("target.property", self.key, self._misfit_of_key),
            ("target.confirmProperty", self.confirm_key,
             self._misfit_of_confirm),
            ("watchdog.property", self.watchdog.key, self.watchdog.misfit))

    def problem(self, own_id: str, classifier_id: str) -> str:
        """Return why these settings can work with no device, else ""."""
        if not self.device:
            return "targetDevice is empty: name the device to be driven"
        if not DEVICE_ID.fullmatch(self.device):
            return (f"targetDevice {shown(self.device)} is not a device id: "
                    "letters, digits, / _ - only")
        for whose, other in (("this guard", own_id),
                             ("the classifier", classifier_id)):
            if self.device == other:
                return (f"targetDevice {self.device} is {whose} itself: name "
                        "the shutter or interlock")
        return (self._problem_of_ways() or self._problem_of_names()
                or self._problem_of_values() or self.watchdog.problem())

    def _problem_of_ways(self) -> str:
        if bool(self.open_slot) != bool(self.close_slot):
            return ("target.openSlot and target.closeSlot go together: give "
                    "both or none")
        if bool(self.open_slot) == bool(self.key) and (
                self.open_slot or not self.watchdog.key):
            return ("give either target.openSlot and target.closeSlot, or "
                    "target.property, or watchdog.property alone: there must "
                    "be one way to drive the target")
        if self.open_slot and self.open_slot == self.close_slot:
            return ("target.openSlot and target.closeSlot are both "
                    f"{self.open_slot}: nothing would close the target")
        if self.hold_slot and self.hold_slot in (self.open_slot,
                                                 self.close_slot):
            return (f"target.holdSlot is {self.hold_slot}, as target.openSlot "
                    "or target.closeSlot is: name a slot that only holds, or "
                    "none")
        if self.watchdog.key and self.watchdog.key in (self.key,
                                                       self.confirm_key):
            return (f"watchdog.property is {self.watchdog.key}, as "
                    "target.property or target.confirmProperty is: what is "
                    "renewed shows nothing else")
        if not self.confirm_key and self.confirm_text != "true":
            return ("target.confirmOpenValue is given without "
                    "target.confirmProperty: name the property, or leave "
                    "both at their defaults")
        return ""

    def _problem_of_names(self) -> str:
        for name in self.names:
            if not PATH.fullmatch(name):
                return (f"{shown(name)} is not the name of a slot or "
                        "property: letters, digits and _ only, dots between "
                        "nodes")
        return ""

    def _problem_of_values(self) -> str:
        values = {}
        if self.key:
            values = {"target.openValue": self.open_text,
                      "target.closedValue": self.closed_text}
        if self.confirm_key:
            values["target.confirmOpenValue"] = self.confirm_text
        for name, text in values.items():
            if why := problem_of_value(text):
                return f"{name} is {plain(text)}: {why}"
        if self.key and same(self.open_value, self.closed_value):
            return (f"target.openValue {plain(self.open_text)} and "
                    f"target.closedValue {plain(self.closed_text)} are the "
                    "same to Karabo: nothing would close the target")
        if self.confirm_key and not self.confirm_text:
            return ("target.confirmProperty is given without "
                    "target.confirmOpenValue")
        if (self.key and self.confirm_key == self.key
                and not same(self.confirm_value, self.open_value)):
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
        for setting, name, misfit in self._parts:
            node = nodes.get(name, MISSING)
            if name and (expected := misfit(node)):
                return (f"{self.device} has no {name}" if node is MISSING
                        else f"{name} of {self.device} is {node.description}"
                        ) + f": {setting} has to be {expected}"
        return ""

    def _misfit_of_key(self, node: TargetNode) -> str:
        opening, closing = self.open_value, self.closed_value
        if not (node.writable and node.takes(opening)
                and node.takes(closing)):
            return (f"a property {SETTABLE}, to {shown(opening)} and to "
                    f"{shown(closing)}")
        if node.held(opening) == node.held(closing):
            return (f"a property that can tell {shown(opening)} from "
                    f"{shown(closing)}")
        return ""

    def _misfit_of_confirm(self, node: TargetNode) -> str:
        value = self.confirm_value
        return ("" if node.takes(value)
                else f"a property that can be {shown(value)}")

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
        found = node.held(found)
        if found is None:
            return None
        if found == node.held(self.confirm_value):
            return True
        if self.confirm == self.key:
            return False if found == node.held(self.closed_value) else None
        return False


def _misfit_of_slot(node: TargetNode) -> str:
    return "" if node.kind == SLOT else "a slot"
