"""A property that a guard renews for as long as the permit holds.

Its consumer, a PLC for example, has a watchdog: it switches off when the
property does not change, or is not written, within a time of its own.
Stopping is therefore enough to close, whatever has ended the guard. Pure.
"""
from dataclasses import dataclass
from typing import Any

import numpy as np

from .permit_message import is_count, plain, shown
from .target_node import (
    INTEGERS,
    TargetNode,
    Value,
    parsed,
    problem_of_value,
    same,
)

#: a bool that changes with each renewal, an integer that counts them, a value
#: that is written again
TOGGLE, COUNTER, FIXED = KINDS = ("toggle", "counter", "fixed")
SETTABLE = "that can be set at any time"


@dataclass(frozen=True)
class Watchdog:
    """What is written, as configured.

    Attributes
    ----------
    key
        Property that is renewed, "" for none.
    kind
        One of `KINDS`.
    open_text
        Value of a fixed one, as JSON or plain text.
    closed_text
        What is written when the permit is lost; "" for nothing, then the
        watchdog of the consumer runs out.
    """
    key: str = ""
    kind: str = TOGGLE
    open_text: str = "true"
    closed_text: str = ""

    @property
    def closed_value(self) -> Value | None:
        """What is written when the permit is lost, None for nothing."""
        return (parsed(self.closed_text) if self.key and self.closed_text
                else None)

    def problem(self) -> str:
        """Return why these settings can work with no device, else ""."""
        if not self.key:
            return ("" if not self.closed_text else
                    "watchdog.closedValue is given without "
                    "watchdog.property")
        if self.kind != FIXED and self.open_text != "true":
            return (f"watchdog.openValue is for the kind {FIXED} only: "
                    "leave it at its default")
        if self.kind == TOGGLE and self.closed_text:
            # it would be one more change, and so one more renewal
            return ("watchdog.closedValue is given for a toggle, which has "
                    "no value that means closed: leave it empty")
        if self.kind == COUNTER and self.closed_text and not (
                is_count(self.closed_value)
                and not problem_of_value(self.closed_text)):
            return (f"watchdog.closedValue is {plain(self.closed_text)}: "
                    "give an integer from 0 on, of 31 bits, which is left "
                    "out when counting, or nothing")
        return self._problem_of_fixed() if self.kind == FIXED else ""

    def _problem_of_fixed(self) -> str:
        if not self.closed_text:
            return ("watchdog.closedValue is empty: a fixed value needs one "
                    "that takes it back")
        for name, text in (("open", self.open_text),
                           ("closed", self.closed_text)):
            if why := problem_of_value(text):
                return f"watchdog.{name}Value is {plain(text)}: {why}"
        if same(parsed(self.open_text), parsed(self.closed_text)):
            return (f"watchdog.openValue {plain(self.open_text)} and "
                    f"watchdog.closedValue {plain(self.closed_text)} are the "
                    "same to Karabo: nothing would close the target")
        return ""

    def misfit(self, node: TargetNode) -> str:
        """Return what the property has to be; "" where it is that."""
        if self.kind == TOGGLE:
            return "" if node.writable and node.kind == "BOOL" and (
                node.takes(True) and node.takes(False)
                ) else f"a property of type BOOL {SETTABLE}"
        if self.kind == COUNTER:
            closed = self.closed_value
            left = (closed,) if closed is not None else ()
            return "" if (
                node.writable and node.kind in INTEGERS and not node.options
                and all(map(node.takes, left)) and _steps(node) > len(left)
                ) else (
                f"an integer {SETTABLE}, without options and with at least "
                "two values from 0 on" + "".join(
                    f" besides {value}, which it takes, too"
                    for value in left))
        opening, closing = parsed(self.open_text), parsed(self.closed_text)
        return "" if (node.writable and node.takes(opening)
                      and node.takes(closing)
                      and node.held(opening) != node.held(closing)
                      ) else (
            f"a property {SETTABLE}, to {shown(opening)} and to "
            f"{shown(closing)}")

    def following(self, held: Value | None, node: TargetNode) -> Any:
        """Return what the next renewal writes.

        Parameters
        ----------
        held
            What the property holds, None where it is not known.
        node
            Description of the property, which fits.

        Returns
        -------
        bool, int, float, str or numpy integer
            A counter has the type of its property and goes on at the lowest
            number after the highest.
        """
        if self.kind == FIXED:
            return parsed(self.open_text)
        if self.kind == TOGGLE:
            return held is not True
        number = _next(held, node)
        if number == self.closed_value:
            number = _next(number, node)
        # beyond 32 bits Karabo sends integers with their type only
        made: type = np.dtype(node.kind.lower()).type
        return made(number)


def _bounds(node: TargetNode) -> tuple[int, int]:
    """What a counter counts from and to, within type and limits."""
    limits = np.iinfo(node.kind.lower())
    # no float before the limits of the type: it has no room for 64 bits
    return (int(max(0, limits.min, node.low)),
            int(min(limits.max, node.high)))


def _steps(node: TargetNode) -> int:
    low, high = _bounds(node)
    return high - low


def _next(number: object, node: TargetNode) -> int:
    low, high = _bounds(node)
    if isinstance(number, int) and low <= number < high:
        return number + 1
    return low
