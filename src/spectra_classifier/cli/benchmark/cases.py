"""One measured case as a dictionary with the keys of `bench --json`."""
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.model_definition import Baseline, Preprocessing
from ...core.preprocessing import baseline as rules
from . import workload
from .clock import Times, ratio

#: number of points to which the published lam belongs
PUBLISHED_LAM, PUBLISHED_POINTS = 1e5, 4023
LONG = 4020


def case(name: str, channels: int, pulses: int, dtype: str, times: Times,
         threads: int = 1, **more: Any) -> dict[str, Any]:
    """The common keys of a case; times are scaled to a train of 2700 pulses.

    `more` are further keys.
    """
    cpu, wall = times.median()
    per_train = 1e3 * workload.PULSES / pulses
    return {
        "case": name, "pulses": pulses, "channels": channels, "dtype": dtype,
        "threads": threads, "cpu_ms_per_train": cpu * per_train,
        "cpu_ms_spread": [float(times.cpu.min() * per_train),
                          float(times.cpu.max() * per_train)],
        "wall_ms_per_train": wall * per_train,
        "spectra_per_second": pulses / cpu if threads == 1 else pulses / wall,
    } | more


def ratios(found: Mapping[str, tuple[Times, int]], ours: Times,
           pulses: int) -> dict[str, dict[str, Any]]:
    """Keys of the ratios to peers.

    Parameters
    ----------
    found
        {name: (times, spectra)} of the peers.
    ours, pulses
        Times and spectra of the engine.
    """
    values = {name: ratio(times, ours, pulses / count)
              for name, (times, count) in found.items()}
    return {"ratio_to": {name: v[0] for name, v in values.items()},
            "ratio_interval": {name: list(v[1:])
                               for name, v in values.items()}}


def preprocessing(lam: float, mode: str = "reduced") -> Preprocessing:
    """Least squares with the largest knot step that lam allows."""
    step = rules.knot_step_for(lam) if mode == "reduced" else 1
    return Preprocessing(Baseline(mode, lam, workload.P, knot_step=step),
                         "none")


def lams(channels: int) -> tuple[float, ...]:
    """The published lam, and that of equal stiffness on fewer points."""
    if channels >= LONG:
        return (PUBLISHED_LAM,)
    return PUBLISHED_LAM, rules.rescale_lam(PUBLISHED_LAM, PUBLISHED_POINTS,
                                            channels)


def baseline_keys(baseline: Baseline, error: NDArray[np.number],
                  noise: NDArray[np.float64]) -> dict[str, Any]:
    """A baseline and its difference from the exact one.

    Parameters
    ----------
    error : (P, n)
        Difference in counts.
    noise : (n,)
        Standard deviation of a point.
    """
    size = np.abs(error)
    return {
        "lam": baseline.lam, "length": rules.length_of(baseline.lam),
        "knot_step": baseline.knot_step,
        "max_error": float(size.max()),
        "rms_error": float(np.sqrt(np.mean(size ** 2))),
        "max_error_sigma": float((size / noise).max()),
        "rms_error_sigma": float(np.sqrt(np.mean((size / noise) ** 2)))}
