"""One measured case as a dictionary with the keys of `bench --json`."""
import numpy as np

from ...core.model_definition import Baseline, Preprocessing
from ...core.preprocessing import baseline as rules
from . import workload
from .clock import ratio

#: number of points to which the published lam belongs
PUBLISHED_LAM, PUBLISHED_POINTS = 1e5, 4023
LONG = 4020


def case(name, channels, pulses, dtype, times, threads=1, **more):
    """The common keys; times are scaled to a train of 2700 pulses."""
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


def ratios(found, ours, pulses):
    """Keys of the ratios: `found` {name: (Times, spectra)}."""
    values = {name: ratio(times, ours, pulses / count)
              for name, (times, count) in found.items()}
    return {"ratio_to": {name: v[0] for name, v in values.items()},
            "ratio_interval": {name: list(v[1:])
                               for name, v in values.items()}}


def preprocessing(lam, mode="reduced"):
    """Least squares with the largest knot step that lam allows."""
    step = rules.knot_step_for(lam) if mode == "reduced" else 1
    return Preprocessing(Baseline(mode, lam, workload.P, knot_step=step),
                         "none")


def lams(channels):
    """The published lam, and that of equal stiffness on fewer points."""
    if channels >= LONG:
        return (PUBLISHED_LAM,)
    return PUBLISHED_LAM, rules.rescale_lam(PUBLISHED_LAM, PUBLISHED_POINTS,
                                            channels)


def baseline_keys(baseline, error, noise):
    """What a baseline is and how far from the exact one: dictionary.

    `error` (P, n) counts; `noise` (n,) standard deviation of a point.
    """
    error = np.abs(error)
    return {
        "lam": baseline.lam, "length": rules.length_of(baseline.lam),
        "knot_step": baseline.knot_step,
        "max_error": float(error.max()),
        "rms_error": float(np.sqrt(np.mean(error ** 2))),
        "max_error_sigma": float((error / noise).max()),
        "rms_error_sigma": float(np.sqrt(np.mean((error / noise) ** 2)))}
