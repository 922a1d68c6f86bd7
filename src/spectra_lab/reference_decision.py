"""When a permit may be true: the conditions of the design, written once more.

Written from the design and ``docs/permit.md`` before the code of the package
was read; it shares no code with it (a test proves it).  It keeps what was
sent and looks back over it, where the package keeps counters and goes forward.

Two kinds of statements: :func:`vote` and :class:`Mind` are exact (their
numbers are those of ``docs/decision.md``);
:func:`broken` lists the *necessary* conditions of a permit that are not
fulfilled.  NaN fulfils nothing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNKNOWN, LOW, SATURATED, BAD, SKIPPED = -1, -2, -3, -4, -5
NO_VOTE = None       # this train does not vote


@dataclass(frozen=True)
class Pattern:
    name: str
    first: int
    step: int
    count: int          # 0: all the others
    required: bool = True
    kind: str = "pulse id"      # what is counted; see `counted`


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
    min_dwell: float = 0.           # s
    min_coverage: float = 0.
    id_zero_allowed: bool = False


#: (X-rays, laser) of a pulse by the bunch pattern
type Light = Sequence[tuple[bool, bool]]


def counted(numbers: Sequence[int], light: Light | None,
            kind: str) -> list[int | None]:
    """The number by which a pattern knows each pulse; None: it does not.

    Ids of pulses, or how many pulses of the kind came before in the train. A
    pulse without X-rays belongs to no pattern. Where nobody reports the
    light, only ids are known.
    """
    if light is None:
        return [number if kind == "pulse id" else None for number in numbers]
    fits = {"pulse id": lambda laser: True, "X-ray": lambda laser: True,
            "with laser": lambda laser: laser,
            "without laser": lambda laser: not laser}[kind]
    mine = [xrays and fits(laser) for xrays, laser in light]
    return [None if not is_mine else number if kind == "pulse id"
            else sum(mine[:place]) for place, (is_mine, number) in enumerate(
                zip(mine, numbers, strict=True))]


def members(codes: Sequence[int], numbers: Sequence[int] | None,
            pattern: Pattern, light: Light | None = None) -> list[int]:
    """The codes of the pulses of a pattern; `numbers`: ids of the pulses."""
    known = counted(range(len(codes)) if numbers is None else numbers, light,
                    pattern.kind)
    end = pattern.first + pattern.step * (pattern.count or 2**64)
    return [code for code, number in zip(codes, known, strict=True)
            if number is not None and pattern.first <= number < end
            and (number - pattern.first) % pattern.step == 0]


def vote(codes: Sequence[int], numbers: Sequence[int] | None,
         pattern: Pattern, rules: Rules,
         light: Light | None = None, foreign: bool = False) -> int | None:
    """The class a train votes for: that of enough of its eligible pulses.

    Eligible is what was classified or is unknown; too few of them, and the
    train does not vote. Where their mean is `foreign`, like no taught state,
    no class is voted for.
    """
    mine = members(codes, numbers, pattern, light)
    eligible = [code for code in mine if code >= UNKNOWN]
    looked_at = [code for code in mine if code != SKIPPED]
    if len(eligible) < max(rules.min_pulses, 1) or not (
            len(eligible) >= rules.min_fraction * len(looked_at)):
        return NO_VOTE
    for code in set() if foreign else set(eligible):
        if code >= 0 and eligible.count(code) >= rules.fraction * len(
                eligible):
            return code
    return UNKNOWN


def needed(rules: Rules) -> int:
    """m of m-of-n."""
    return max(1, math.ceil(rules.fraction * rules.window - 1e-9))


@dataclass
class Mind:
    """The state of one pattern: the votes since the last edge, and the state.

    A lost train takes its place in the window without a vote.
    """

    votes: list[int | None]
    state: int = UNKNOWN
    candidate: int | None = None
    since: float = math.nan
    known: bool = False         # a class had been decided before

    def lose(self, trains: int, rules: Rules) -> None:
        self.votes += [NO_VOTE] * min(trains, rules.window)

    def count(self, code: int | None, rules: Rules) -> int:
        return self.votes[-rules.window:].count(code)

    def hear(self, choice: int | None, now: float, rules: Rules) -> None:
        """One more train: leaving a class is at once, entering has to wait.
        """
        self.votes = [*self.votes, choice][-rules.window:]
        decided = [code for code in {*self.votes} - {NO_VOTE}
                   if self.count(code, rules) >= needed(rules)]
        leader = decided[0] if decided else NO_VOTE
        if leader is NO_VOTE or leader == UNKNOWN:
            self.candidate = None
            holds = self.count(self.state, rules) >= (needed(rules) + 1) // 2
            if leader == UNKNOWN or not holds:
                self.state = UNKNOWN
        elif leader == self.state:
            self.candidate = None
        else:
            if leader != self.candidate:
                self.candidate, self.since = leader, now
            waited = now - self.since >= rules.min_dwell
            self.state = leader if waited else UNKNOWN
            if waited:
                self.candidate = None


def broken(*, armed: bool, model: bool, age: float, latency: float,
           coverage: float, drift: bool, adds_up: bool, latched: bool,
           alone: bool, train_id: int, states: Mapping[str, int],
           rules: Rules, lit: bool = True) -> list[str]:
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
    states : mapping
        The decided class of each pattern, by its name; -1 for none.
    rules : Rules
    lit : bool
        The light of the pulses of this train is known.

    Returns
    -------
    list of str
        Empty where a permit may be true.
    """
    conditions = {
        "not armed": armed, "no verified model": model,
        "too old": abs(age) <= rules.max_age,
        "too late": latency <= rules.max_latency,
        "coverage": coverage >= rules.min_coverage,
        "drift": drift, "accounting": adds_up, "latched": not latched,
        "two sources": alone,
        "no train id": train_id > 0 or rules.id_zero_allowed}
    lacking = [name for name, holds in conditions.items() if not holds]
    for pattern in rules.patterns:
        if pattern.required and states[pattern.name] not in rules.permits:
            lacking.append(f"pattern {pattern.name}")
        elif pattern.required and pattern.kind != "pulse id" and not lit:
            lacking.append(f"light of {pattern.name}")
    if not any(pattern.required for pattern in rules.patterns):
        lacking.append("nothing required")
    return lacking
