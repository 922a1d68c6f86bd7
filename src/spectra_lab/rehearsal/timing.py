"""Times from fault to safe: distributions, not single values."""
import time
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

#: see `Memory`; None where the life was too short
type Life = dict[str, float | None]


class Distribution(TypedDict):
    """See `distribution`."""
    n: int
    median: float
    p95: float
    max: float
    all: list[float]


class Noticed(Distribution):
    """See `Times.table_by`."""
    kinds: dict[str, int]


class Times:
    """Seconds from each fault to the closed shutter, and who noticed it."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}
        self._by: dict[str, dict[str, list[float]]] = {}

    def add(self, kind: str, seconds: float, by: str) -> None:
        self._seconds.setdefault(kind, []).append(seconds)
        self._by.setdefault(by, {}).setdefault(kind, []).append(seconds)

    def table(self) -> dict[str, Distribution]:
        """{kind: distribution}, see `distribution`."""
        return {kind: distribution(seconds)
                for kind, seconds in sorted(self._seconds.items())}

    def table_by(self) -> dict[str, Noticed]:
        """{who noticed: distribution} with "kinds": {kind: how often}."""
        return {by: {**distribution([*chain(*kinds.values())]), "kinds": {
            kind: len(seconds) for kind, seconds in sorted(kinds.items())}}
            for by, kinds in sorted(self._by.items())}


def distribution(seconds: Sequence[float]) -> Distribution:
    """{"n", "median", "p95", "max", "all"}, s, rounded to ms."""
    return {"n": len(seconds),
            "median": round(float(np.median(seconds)), 3),
            "p95": round(float(np.percentile(seconds, 95)), 3),
            "max": round(max(seconds), 3),
            "all": sorted(round(value, 3) for value in seconds)}


class Memory:
    """Resident memory of processes over their lives.

    `look(name, pid)` now and then. `lives()`: {name: what the longest life
    of a process of that name shows}: "seconds", "mb" (median of its last
    quarter), "growth_mb" (that minus the median of its second quarter),
    "mb_per_hour" (median slope between all pairs of a look in the second
    and one in the last quarter); the latter two None where it was shorter
    than `SHORTEST` looks. What is taken in the first quarter, ring and
    compiled code, is no growth.
    """
    SHORTEST = 40
    #: looks of a quarter that the slope is made of: a million pairs at most
    PAIRED = 1000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lives: dict[tuple[str, int], list[tuple[float, float]]] = {}

    def look(self, name: str, pid: int) -> None:
        try:
            with open(f"/proc/{pid}/statm") as file:
                pages = int(file.read().split()[1])
        except (OSError, IndexError):
            return
        self._lives.setdefault((name, pid), []).append(
            (self._clock(), pages * 4096 / 1e6))

    def lives(self) -> dict[str, Life]:
        longest: dict[str, list[tuple[float, float]]] = {}
        for (name, _), looks in self._lives.items():
            if len(looks) > len(longest.get(name, ())):
                longest[name] = looks
        return {name: _life(np.array(looks))
                for name, looks in longest.items()}


def _life(looks: NDArray[np.float64]) -> Life:
    seconds = round(float(looks[-1, 0] - looks[0, 0]), 1)
    if len(looks) < Memory.SHORTEST:
        return {"seconds": seconds, "mb": round(float(looks[-1, 1]), 1),
                "growth_mb": None, "mb_per_hour": None}
    quarter = len(looks) // 4
    early, late = looks[quarter:2 * quarter], looks[-quarter:]
    level = float(np.median(late[:, 1]))
    step = -(-quarter // Memory.PAIRED)
    between = late[::step, None] - early[None, ::step]
    return {"seconds": seconds, "mb": round(level, 1),
            "growth_mb": round(level - float(np.median(early[:, 1])), 2),
            "mb_per_hour": round(3600 * float(np.median(
                between[..., 1] / between[..., 0])), 2)}
