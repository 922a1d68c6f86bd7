"""Checks of the values of a received permit.

Karabo carries any type under any key: the text "false" is true for `bool`,
and NaN is not smaller than a limit. Each value is checked for type and range,
and the name of a wrong one is reported. Pure.
"""
import math
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np

#: characters of a reason
LONGEST_REASON = 1000
#: largest unsigned integer of 64 bits
LARGEST = 2 ** 64 - 1
#: characters of a foreign value or text that are shown
SHOWN = 80


def is_bool(value: object) -> bool:
    """Whether it is a bool of Python or numpy; no number is one."""
    return isinstance(value, bool | np.bool_)


def is_count(value: object) -> bool:
    """Whether it is an integer from 0 to 2**64 - 1; no bool is one."""
    return (isinstance(value, Integral) and not is_bool(value)
            and 0 <= int(value) <= LARGEST)


def is_number(value: object) -> bool:
    """Whether it is a finite real number; no bool is one."""
    if is_bool(value) or not isinstance(value, Real):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:       # an integer beyond every float
        return False


def is_duration(value: object) -> bool:
    """Whether it is a finite number above 0."""
    return (isinstance(value, Real) and is_number(value)
            and float(value) > 0)


def is_reason(value: object) -> bool:
    """Whether it is a text of at most `LONGEST_REASON` characters."""
    return isinstance(value, str) and len(value) <= LONGEST_REASON


CHECKS = {
    "permit": (is_bool, "a bool"),
    "permitSequence": (is_count, "an integer of 64 bits, 0 or more"),
    "permitValidFor": (is_duration, "a finite number of ms above 0"),
    "permitReason": (is_reason,
                     f"a text of at most {LONGEST_REASON} characters"),
    "permitTrainId": (is_count, "an integer of 64 bits, 0 or more")}


def wrong_word(values: Mapping[str, object]) -> str:
    """Return what is wrong with these values of a permit.

    Parameters
    ----------
    values
        Some or all of the keys of `CHECKS` with the received values, of any
        type.

    Returns
    -------
    str
        One sentence for the first wrong value, "" if all are valid.
    """
    for key, value in values.items():
        is_good, expected = CHECKS[key]
        if not is_good(value):
            return (f"{key} is {shown(value)} and not {expected}: it is "
                    "not a valid permit")
    return ""


def shown(value: object) -> str:
    """Return a foreign value as short printable text."""
    try:
        text = repr(value.item() if isinstance(value, np.generic) else value)
    except Exception:       # a foreign type may fail at this, too
        text = f"a {type(value).__name__}"
    return plain(text)


def plain(text: str) -> str:
    """Return a foreign text as one printable line, shortened to `SHOWN`."""
    text = "".join(c if c.isprintable() else " " for c in text[:SHOWN + 1])
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
