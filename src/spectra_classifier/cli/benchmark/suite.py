"""All cases, as a list of dictionaries with the keys of `bench --json`."""
from dataclasses import dataclass

from . import counting, limits, stages, subtraction, trains, workload
from .cases import LONG
from .clock import machine


@dataclass(frozen=True)
class Size:
    """How much is measured; `quick` is for tests, not for numbers.

    `pulses` of a train, `rounds` of every case, `pairs` of rounds with one
    thread and several; spectra that fast and slow peers take in one round;
    `channels`: sizes; spectra `compared` with the float64 reference;
    `points` compared with the float64 networks.
    """
    pulses: int
    rounds: int
    pairs: int
    peer_spectra: int
    slow_spectra: int
    channels: tuple
    compared: int
    points: int

    @classmethod
    def choose(cls, quick):
        if quick:
            return cls(64, 2, 2, 16, 2, (320,), 8, 20_000)
        return cls(workload.PULSES, 11, 60, 512, 12, (1280, LONG), 300,
                   10_000_000)


def run(quick=False, tell=lambda done, total, note: None, compiled=True):
    """Every case once; `tell(done, total, note)` hears of the progress.

    `compiled`: torch.compile is among the peers (it takes half a minute).
    """
    size = Size.choose(quick)
    parts = {
        "thresholds": lambda channels: counting.measure(
            channels, size, compiled and not quick),
        "baselines": lambda channels: subtraction.measure(channels, size),
        "trains": lambda channels: trains.measure(channels, size),
        "stages": lambda channels: stages.measure(channels, size),
        "growth": lambda channels: trains.growth(channels, size)}
    jobs = [(name, channels) for channels in size.channels
            for name in ("thresholds", "baselines", "trains", "stages")]
    jobs += [("growth", size.channels[0])]
    cases = []
    for done, (name, channels) in enumerate(jobs):
        tell(done, len(jobs), f"{name} {channels}")
        cases += parts[name](channels)
    here = machine() | limits.measure()
    return [case | {"machine": here} for case in cases]
