"""What a consumer of the permit may believe: the contract, written once more.

It is written from the contract in ``docs/permit.md`` and shares no code with
the package (a test proves it).  It keeps the whole history and looks back,
where the package keeps a state and goes forward: the two can hardly be wrong
in the same way.

Everything here is a *necessary* condition: where :func:`may_open` says no, an
open target is a defect.  A guard that says no more often is not.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Heard:
    """Something that reached the consumer, at its own monotonic time (s)."""

    at: float
    kind: str               # "word", "end" (of the connection) or an order
    source: str = ""        # the output that sent the word, "device:output"
    permit: Any = None
    sequence: Any = None
    valid_for: Any = None   # ms


def is_word(heard: Heard, believed: str) -> bool:
    """Only the named output is heard, and only values of the right types."""
    return (heard.kind == "word" and bool(believed)
            and heard.source == believed
            and isinstance(heard.permit, bool | np.bool_)
            and isinstance(heard.sequence, int | np.integer)
            and not isinstance(heard.sequence, bool) and heard.sequence >= 0
            and isinstance(heard.valid_for, int | float | np.number)
            and not isinstance(heard.valid_for, bool)
            and math.isfinite(heard.valid_for) and heard.valid_for > 0)


def may_believe(history: list[Heard], now: float, believed: str,
                longest: float) -> bool:
    """Whether "yes" may be believed at the time `now`.

    The last thing heard of the believed output must be a word *true* that is
    young enough and whose number advanced from the word before it, which was
    itself young enough when this one came: after silence the first word is a
    starting point only.

    Parameters
    ----------
    history : list of Heard
        In the order of arrival.
    now : float
        The consumer's monotonic clock, s.
    believed : str
        The one output to believe, "device:output"; empty believes nobody.
    longest : float
        The consumer's own limit, ms.

    Returns
    -------
    bool
        False where the contract forbids to act on *true*.
    """
    mine = [heard for heard in history if heard.kind == "end" or (
        heard.kind == "word" and heard.source == believed)]
    # a number that is repeated renews nothing, and takes nothing away
    mine = [heard for number, heard in enumerate(mine) if not (
        number and is_word(heard, believed) and heard.permit
        and is_word(mine[number - 1], believed)
        and heard.sequence == mine[number - 1].sequence)]
    if len(mine) < 2 or not all(is_word(heard, believed)
                                for heard in mine[-2:]):
        return False
    first, last = mine[-2:]
    return (last.permit and last.sequence > first.sequence
            and last.at - first.at <= lifetime(first, longest)
            and now - last.at <= lifetime(last, longest))


def lifetime(word: Heard, longest: float) -> float:
    """How long this word may be believed, in s, but for rounding."""
    return min(word.valid_for, longest) / 1e3 + 1e-6


def may_open(history: list[Heard], now: float, believed: str, longest: float,
             enabled: bool, latched: bool) -> bool:
    """Whether the target may be open: a person enabled it, no latch holds."""
    return (enabled and not latched
            and may_believe(history, now, believed, longest))
