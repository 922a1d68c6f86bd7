"""What a shutter device has answered, and for how long it counts.

A property that is not renewed says nothing about its device: Karabo goes on
showing the last value of one that is dead. So it is asked again and again,
and only an answer that is young enough counts.
"""
import math
from dataclasses import dataclass
from typing import Any

from ..guard.permit_message import SHOWN, is_bool, is_number

#: states of a shutter device -> whether it is open
STATES = {"OPENED": True, "CLOSED": False}


@dataclass(frozen=True)
class ShutterReading:
    """The last answer; by default there is none.

    Attributes
    ----------
    value
        As received: a bool, a number (0: closed) or a state.
    asked
        Monotonic seconds at which the question was sent.
    problem
        Why there is no value, "" where there is one.
    """
    value: Any = None
    asked: float = -math.inf
    problem: str = "it has not answered yet"

    def is_open(self, now: float, max_age: float) -> tuple[bool | None, str]:
        """Return whether it is open, and why that is not known.

        Parameters
        ----------
        now
            Monotonic seconds.
        max_age
            Seconds for which an answer counts.
        """
        if self.problem:
            return None, self.problem
        age = now - self.asked
        if not 0 <= age <= max_age:
            return None, f"its last answer is {age:.1f} s old"
        found = opened(self.value)
        if found is None:
            return None, (f"it reports {self.value!s:.{SHOWN}}, expected a "
                          "bool, a number, or one of " + ", ".join(STATES))
        return found, ""


def opened(value: object) -> bool | None:
    """Return whether a value means open; None where it means nothing."""
    if isinstance(value, str):
        return STATES.get(value)
    if is_bool(value) or is_number(value):
        return bool(value)
    return None
