"""Which fault strikes next, from a seed; pure."""
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .expectations import (
    ATTACK,
    BRIEF,
    DEADLY,
    EXPECTED,
    PROCESS,
    SOURCE,
    Expectation,
)


@dataclass(frozen=True)
class Strike:
    """One fault to come.

    `pause`: s of quiet before it; `trains`: for a fault of the source;
    `seconds`: how long a process or link is held.
    """
    kind: str
    pause: float
    trains: int = 1
    seconds: float = 0.

    @property
    def expectation(self) -> Expectation:
        return EXPECTED[self.kind]


class Plan:
    """Endless: every kind once in random order, then again.

    Equal seeds give equal plans. `draw(is_open)` takes the next strike;
    where the shutter is not open, the next one that does not have to close
    it. `put_back(strike)`: it could not be done, and comes later.
    `spare()`: from now on no process ends. `complete(struck)`: every kind
    is among those that struck, but what is spared.
    """

    def __init__(self, seed: int,
                 kinds: Iterable[str] = tuple(EXPECTED)) -> None:
        self._random = np.random.default_rng(seed)
        self._kinds = tuple(kinds)
        self._deck: list[Strike] = []
        self._spared: frozenset[str] = frozenset()

    def spare(self) -> None:
        """Let processes live: what memory does shows in a long life."""
        if set(self._kinds) - DEADLY:
            self._spared = DEADLY

    def complete(self, struck: Iterable[str]) -> bool:
        return set(self._kinds) - self._spared <= set(struck)

    def draw(self, is_open: bool) -> Strike | None:
        """The next `Strike`; None where all that is left needs it open."""
        self._deck = [strike for strike in self._deck
                      if strike.kind not in self._spared]
        if not self._deck:
            self._deck = [self._strike(kind) for kind in
                          self._random.permutation(self._kinds)
                          if kind not in self._spared]
        fits = [strike for strike in self._deck
                if is_open or strike.expectation.within is None]
        if not fits:
            return None
        # what needs the open shutter goes first while it is open
        fits.sort(key=lambda strike: strike.expectation.within is None)
        self._deck.remove(fits[0])
        return fits[0]

    def put_back(self, strike: Strike) -> None:
        self._deck.append(strike)

    def _strike(self, kind: str) -> Strike:
        kind = str(kind)
        random = self._random
        pause = float(random.uniform(0.3, 1.5))
        if kind in SOURCE:
            return Strike(kind, pause, trains=int(random.integers(
                1, 3 if SOURCE[kind].denies else 6)))
        brief = kind == "classifier stopped briefly"
        seconds = float(random.uniform(*((0.2, BRIEF) if brief
                                         else (2., 4.))))
        return Strike(kind, pause, seconds=seconds
                      if kind in PROCESS | ATTACK else 3.)
