"""Properties and slots of a driven device, and the values that they take.

Pure. A value is compared as the property holds it: Karabo takes `1`, `true`
and the text "1" for the same in one property and not in another.
"""
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from .permit_message import is_bool, is_number, shown

#: characters of a value given as JSON or text
LONGEST_VALUE = 200
#: integers that Karabo sends without an explicit type
SMALLEST_INTEGER, LARGEST_INTEGER = -2 ** 31, 2 ** 31 - 1
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

    @property
    def description(self) -> str:
        """What it is, for a refusal."""
        if self.kind in (SLOT, OTHER_NODE):
            return f"a {self.kind.lower()}"
        return "".join((
            f"a property of type {self.kind}",
            f" with the options {', '.join(map(shown, self.options))}"
            if self.options else "",
            f" from {self.low:g}" if self.low > -np.inf else "",
            f" up to {self.high:g}" if self.high < np.inf else "",
            "" if self.writable else " that cannot be set at any time"))

    def held(self, value: object) -> Value | None:
        """Return the value as this property holds it, None if it cannot."""
        if self.kind == "BOOL":
            return bool(value) if is_bool(value) else None
        if self.kind == "STRING":
            return value if isinstance(value, str) else None
        number = _number(value)
        if number is None:
            return None
        if self.kind in INTEGERS:
            limits = np.iinfo(self.kind.lower())
            return (int(number) if number == int(number)
                    and limits.min <= number <= limits.max else None)
        if self.kind in FLOATS:
            with np.errstate(over="ignore"):
                held = float(np.float32(number) if self.kind == "FLOAT"
                             else number)
            return held if is_number(held) else None
        return None

    def takes(self, value: object) -> bool:
        """Whether it has the type, options and limits for this value."""
        held = self.held(value)
        if held is None or (self.options and held not in self.options):
            return False
        return isinstance(held, str) or self.low <= held <= self.high


def parsed(text: str) -> Any:
    """Return a value given as JSON, or the text itself where it is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def problem_of_value(text: str) -> str:
    """Return why no property can be given this value, else ""."""
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


def same(one: Value, other: Value) -> bool:
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


def _number(value: object) -> int | float | None:
    """A finite real number of Python or numpy; None for anything else."""
    found = value.item() if isinstance(value, np.generic) else value
    return (found if is_number(value) and isinstance(found, int | float)
            else None)
