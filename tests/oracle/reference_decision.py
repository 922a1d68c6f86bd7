"""When a permit may be true: the conditions of the design, written once more.

Written from the design and ``docs/permit.md`` before the code of the package
was read; it shares no code with it (a test proves it).  It keeps what was
sent and looks back over it, where the package keeps counters and goes forward.

Two kinds of statements: :func:`vote` and :func:`state_votes` are exact;
:func:`broken` lists the *necessary* conditions of a permit that are not
fulfilled.  NaN fulfils nothing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNKNOWN, LOW, SATURATED, BAD, SKIPPED = -1, -2, -3, -4, -5
NOBODY = None       # this train does not vote


@dataclass(frozen=True)
class Pattern:
    name: str
    first: int
    step: int
    count: int          # 0: all the others
    required: bool = True


@dataclass(frozen=True)
class Rules:
    """What an operator set, as it was asked for (not as it was applied)."""

    window: int                     # trains
    fraction: float                 # of the window that has to agree
    min_pulses: int
    min_fraction: float
    max_latency: float              # ms
    max_age: float                  # ms
    stale_after: float              # s
    permits: frozenset[int]         # classes whose reaction permits
    interlocks: frozenset[int]      # classes whose reaction latches
    patterns: tuple[Pattern, ...]
    min_coverage: float = 0.
    id_zero_allowed: bool = False


@dataclass(frozen=True)
class Train:
    """A train that was news, as it was sent and as its codes came out."""

    train_id: int
    codes: tuple[int, ...]
    edge: int           # number of the configuration it was decided under


def members(codes: Sequence[int], pattern: Pattern) -> list[int]:
    """The codes of the pulses of a pattern."""
    mine = list(codes[pattern.first::max(pattern.step, 1)])
    return mine[:pattern.count] if pattern.count else mine


def vote(codes: Sequence[int], pattern: Pattern, rules: Rules) -> int | None:
    """The class a train votes for: that of most of its eligible pulses.

    Eligible is what was classified or is unknown; too few, and the train
    does not vote.
    """
    mine = members(codes, pattern)
    eligible = [code for code in mine if code >= UNKNOWN]
    if not eligible or len(eligible) < rules.min_pulses or not (
            len(eligible) >= rules.min_fraction * len(mine)):
        return NOBODY
    counts = {code: eligible.count(code) for code in set(eligible)}
    best = max(counts.values())
    winners = [code for code, count in counts.items() if count == best]
    return winners[0] if len(winners) == 1 else UNKNOWN


def state_votes(history: Mapping[int, Train], newest: int, edge: int,
                pattern: Pattern, rules: Rules) -> dict[int, int]:
    """How often each class was voted for in the window that ends at `newest`.

    A train that is missing, and one that was decided under another
    configuration, is no vote but takes its place in the window.
    """
    counts: dict[int, int] = {}
    for train_id in range(newest - rules.window + 1, newest + 1):
        train = history.get(train_id)
        if train is not None and train.edge == edge:
            choice = vote(train.codes, pattern, rules)
            if choice is not NOBODY:
                counts[choice] = counts.get(choice, 0) + 1
    return counts


def needed(rules: Rules) -> int:
    """m of m-of-n."""
    return max(1, math.ceil(rules.fraction * rules.window - 1e-9))


def broken(*, armed: bool, model: bool, age: float, latency: float,
           coverage: float, drift: bool, adds_up: bool, latched: bool,
           alone: bool, train_id: int, votes: Mapping[str, Mapping[int, int]],
           rules: Rules) -> list[str]:
    """Name the conditions of a permit that do not hold.

    Parameters
    ----------
    armed, model, drift, adds_up, alone : bool
        Armed by a person and nothing disarmed it since; a verified model is
        live; drift inside its limits; the accounting adds up; one source.
    age, latency : float
        Of this train, ms; NaN is not inside the limits.
    coverage : float
        Share of the received pulses that got a code.
    latched : bool
        An interlock fired and nobody acknowledged it after its cause went.
    train_id : int
        Of this train.
    votes : mapping
        By the name of each pattern: class -> number of votes in the window.
    rules : Rules

    Returns
    -------
    list of str
        Empty where a permit may be true.
    """
    conditions = {
        "not armed": armed, "no verified model": model,
        "too old": age <= rules.max_age,
        "too late": latency <= rules.max_latency,
        "coverage": coverage >= rules.min_coverage,
        "drift": drift, "accounting": adds_up, "latched": not latched,
        "two sources": alone,
        "no train id": train_id > 0 or rules.id_zero_allowed}
    lacking = [name for name, holds in conditions.items() if not holds]
    for pattern in rules.patterns:
        if pattern.required and not any(
                count >= needed(rules) and choice in rules.permits
                for choice, count in votes[pattern.name].items()):
            lacking.append(f"pattern {pattern.name}")
    if not any(pattern.required for pattern in rules.patterns):
        lacking.append("nothing required")
    return lacking
