"""Cases `als_reduced` and `als_exact`: baselines that are written out."""
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine.fused_preprocessing import FusedPreprocessing
from ...core.model_definition import Baseline, Preprocessing
from ...core.preprocessing import baseline as rules
from . import limits, peers, workload
from .cases import baseline_keys, case, lams, preprocessing, ratios
from .clock import take_turns

if TYPE_CHECKING:
    from .suite import Size

MODES = ("reduced", "exact")


def measure(channels: int, size: "Size") -> list[dict[str, Any]]:
    """Both modes at each lam, and libraries on the same spectra."""
    raw = workload.counts(size.pulses, channels, 0)
    few = raw[:size.slow_spectra].astype(np.float64)
    cases = []
    for lam in lams(channels):
        ours = {mode: _subtraction(raw, preprocessing(lam, mode))
                for mode in MODES}
        exact = Baseline("exact", lam, workload.P)
        rivals = _rivals(few, exact)
        times = take_turns([*ours.values(), *rivals.values()], size.rounds)
        found = {name: (measured, len(few)) for name, measured in zip(
            rivals, times[len(MODES):], strict=True)}
        some = raw[:size.compared]
        truth = some - rules.asls(some, exact)
        for (mode, run), measured in zip(ours.items(), times, strict=False):
            baseline = preprocessing(lam, mode).baseline
            cases.append(case(
                f"als_{mode}", channels, size.pulses, "uint16", measured,
                flop_per_spectrum=limits.flop(baseline, channels),
            ) | baseline_keys(baseline, run()[:len(some)] - truth,
                              workload.noise(channels))
                | ratios(found, measured, size.pulses))
    return cases


def _subtraction(
        raw: NDArray[np.uint16],
        constants: Preprocessing) -> Callable[[], NDArray[np.float32]]:
    engine = FusedPreprocessing(constants, raw.shape[1])
    rows, run = np.arange(len(raw)), engine.run()
    return lambda: engine.spectra(raw, rows, run)


def _rivals(few: NDArray[np.float64],
            baseline: Baseline) -> dict[str, peers.Run]:
    rivals = {f"pybaselines asls, solver {k}": run for k, run in
              peers.pybaselines_asls(few, baseline).items()}
    banded = peers.scipy_banded(few, baseline)
    return rivals if banded is None else (
        rivals | {"scipy solveh_banded": banded})
