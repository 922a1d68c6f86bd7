"""Cases `als_reduced` and `als_exact`: baselines, written out."""
import numpy as np

from ...core.engine.fused_preprocessing import FusedPreprocessing
from ...core.model_definition import Baseline
from ...core.preprocessing import baseline as rules
from . import limits, peers, workload
from .cases import baseline_keys, case, lams, preprocessing, ratios
from .clock import take_turns

MODES = ("reduced", "exact")


def measure(channels, size):
    """Both modes at each lam, against libraries on the same spectra."""
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
                **baseline_keys(baseline, run()[:len(some)] - truth,
                                workload.noise(channels)),
                **ratios(found, measured, size.pulses)))
    return cases


def _subtraction(raw, constants):
    engine = FusedPreprocessing(constants, raw.shape[1])
    rows, run = np.arange(len(raw)), engine.run()
    return lambda: engine.spectra(raw, rows, run)


def _rivals(few, baseline):
    rivals = {f"pybaselines asls, solver {k}": run for k, run in
              peers.pybaselines_asls(few, baseline).items()}
    rivals["scipy solveh_banded"] = peers.scipy_banded(few, baseline)
    return {name: run for name, run in rivals.items() if run}
