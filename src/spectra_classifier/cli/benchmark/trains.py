"""Cases `end_to_end` and `growth`: raw counts to whole results."""
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine.fused_engine import FusedEngine
from ...core.engine.fused_preprocessing import subtract
from ...core.engine.reference_engine import NumpyEngine
from ...core.model_definition import Baseline, ModelDefinition, Settings
from ...core.preprocessing import baseline as rules
from ...core.spectra import Train, make_train
from . import limits, workload
from .cases import PUBLISHED_LAM, baseline_keys, case, lams, preprocessing
from .clock import Times, faster, take_turns

if TYPE_CHECKING:
    from .suite import Size

THREADS = (1, 2)


def measure(channels: int, size: "Size") -> list[dict[str, Any]]:
    """uint16, dark, reduced baseline, published ensemble, each lam.

    All of a result: labels, confidence, scores, mixture, residual, quality.
    Numbers of threads take turns with each other, and with bare arithmetic
    on as many: the speed of a host varies.
    """
    dark = workload.dark(channels)
    train = make_train(1, workload.counts(size.pulses, channels, dark))
    settings = Settings(dark=dark)
    cases = []
    for lam in lams(channels):
        baseline = preprocessing(lam).baseline
        model = workload.model(channels, baseline)
        engines = [FusedEngine(model, threads) for threads in THREADS]
        times = take_turns([
            *(partial(engine.classify, train, settings)
              for engine in engines),
            *map(limits.arithmetic, THREADS)], size.pairs)
        wrong, checked = _label_mismatches(model, train, settings, size)
        keys = baseline_keys(baseline, _error(train, dark, baseline, size),
                             workload.noise(channels))
        for threads, measured, bare in zip(THREADS, times[:2], times[2:],
                                           strict=True):
            gain, *interval = faster(times[0], measured)
            # each thread does all of the work of one
            bare_gain, *bare_interval = faster(times[2], Times(
                bare.cpu / threads, bare.wall / threads))
            cases.append(case(
                "end_to_end", channels, size.pulses, "uint16", measured,
                threads, mismatches=wrong, labels_checked=checked, **keys,
                arithmetic_faster=bare_gain, arithmetic_interval=bare_interval,
                ratio_to={"one thread": gain},
                ratio_interval={"one thread": interval}))
    return cases


def _error(train: Train, dark: NDArray[np.float32], baseline: Baseline,
           size: "Size") -> NDArray[np.floating]:
    """Difference between the reduced and the exact baseline, (P, n) counts."""
    y = train.spectra[:size.compared].astype(np.float32) - dark
    exact = Baseline("exact", baseline.lam, baseline.p)
    return subtract(y, baseline) - (y - rules.asls(y, exact))


def _label_mismatches(model: ModelDefinition, train: Train, settings: Settings,
                      size: "Size") -> tuple[int, int]:
    few = make_train(1, train.spectra[:size.compared])
    labels = [engine.classify(few, settings).label for engine in (
        FusedEngine(model), NumpyEngine(model))]
    return int(np.count_nonzero(labels[0] != labels[1])), few.pulses


def growth(channels: int, size: "Size") -> list[dict[str, Any]]:
    """End to end while one of pulses, channels, bins, classes grows.

    Of the sizes that are asked for: 100 to 10 800 pulses, 320 to 8192
    channels, 1 to 64 bins, 2 to 32 classes.
    """
    pulses = size.pulses
    plans = [("pulses", max(round(pulses * share), 1), channels, 2, 15)
             for share in (1 / 27, 1 / 4, 1, 2, 4)]
    plans += [("channels", pulses, round(channels * share), 2, 15)
              for share in (1 / 4, 1 / 2, 1, 3.2, 6.4)]
    plans += [("bins", pulses, channels, 2, k) for k in (1, 5, 15, 64)]
    plans += [("classes", pulses, channels, k, 15) for k in (2, 4, 8, 32)]
    cases = []
    for name, count, points, classes, bins in plans:
        dark = workload.dark(points)
        train = make_train(1, workload.counts(count, points, dark))
        baseline = preprocessing(PUBLISHED_LAM).baseline
        engine = FusedEngine(workload.model(points, baseline, classes, bins))
        settings = Settings(dark=dark)
        times, = take_turns([partial(engine.classify, train, settings)],
                            size.rounds)
        entry = case("growth", points, count, "uint16", times,
                     lam=baseline.lam, knot_step=baseline.knot_step, of=name,
                     classes=classes, bins=bins, ratio_to={})
        cases.append(entry | {"cpu_ms": times.median()[0] * 1e3})
    return cases
