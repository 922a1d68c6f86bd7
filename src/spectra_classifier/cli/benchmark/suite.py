"""All cases, as a list of dictionaries with the keys of `bench --json`."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from . import counting, limits, stages, subtraction, trains, workload
from .cases import LONG
from .clock import machine


@dataclass(frozen=True)
class Size:
    """Amount of measurement; `quick` is for tests, not for numbers.

    Attributes
    ----------
    pulses, rounds
        Pulses of a train, and rounds of every case.
    pairs
        Rounds with one thread and several.
    peer_spectra, slow_spectra
        Spectra that fast and slow peers process in one round.
    channels
        Numbers of channels.
    compared
        Spectra compared with the float64 reference.
    points
        Points compared with the float64 networks.
    """
    pulses: int
    rounds: int
    pairs: int
    peer_spectra: int
    slow_spectra: int
    channels: tuple[int, ...]
    compared: int
    points: int

    @classmethod
    def choose(cls, quick: bool) -> Self:
        """The size of a quick or a full measurement."""
        if quick:
            return cls(64, 2, 2, 16, 2, (320,), 8, 20_000)
        return cls(workload.PULSES, 11, 60, 512, 12, (1280, LONG), 300,
                   10_000_000)


def _silent(done: int, total: int, note: str) -> None:
    pass


def run(quick: bool = False, tell: Callable[[int, int, str], None] = _silent,
        compiled: bool = True) -> list[dict[str, Any]]:
    """Every case once.

    Parameters
    ----------
    tell
        Called with done, total and a note before each case.
    compiled
        Whether torch.compile is among the peers (it takes half a minute).
    """
    size = Size.choose(quick)
    parts: dict[str, Callable[[int], list[dict[str, Any]]]] = {
        "thresholds": lambda channels: counting.measure(
            channels, size, compiled and not quick),
        "baselines": lambda channels: subtraction.measure(channels, size),
        "trains": lambda channels: trains.measure(channels, size),
        "stages": lambda channels: stages.measure(channels, size),
        "growth": lambda channels: trains.growth(channels, size)}
    jobs = [(name, channels) for channels in size.channels
            for name in ("thresholds", "baselines", "trains", "stages")]
    jobs += [("growth", size.channels[0])]
    cases: list[dict[str, Any]] = []
    for done, (name, channels) in enumerate(jobs):
        tell(done, len(jobs), f"{name} {channels}")
        cases += parts[name](channels)
    here = machine() | limits.measure()
    return [case | {"machine": here} for case in cases]
