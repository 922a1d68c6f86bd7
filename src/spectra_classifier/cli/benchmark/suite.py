"""All cases, as a list of dictionaries with the keys of `bench --json`."""
from dataclasses import dataclass

import numpy as np

from ...core import baseline as rules
from ...core import pointwise
from ...core.definition import Baseline, Preprocessing, Settings
from ...core.fused_engine import FusedEngine
from ...core.fused_preprocessing import FusedPreprocessing
from ...core.kernels import rows as row_kernels
from ...core.numpy_engine import NumpyEngine
from ...core.spectra import make_train
from ...core.thresholds import as_slots, as_words, compile_members
from . import limits, peers, workload
from .clock import machine, ratio, take_turns

LONG = 4020


@dataclass(frozen=True)
class Size:
    """How much is measured; `quick` is for tests, not for numbers."""
    pulses: int
    rounds: int
    peer_spectra: int
    slow_spectra: int
    channels: tuple
    checks: int

    @classmethod
    def choose(cls, quick):
        if quick:
            return cls(64, 2, 16, 2, (320,), 8)
        return cls(workload.PULSES, 11, 512, 12, (1280, LONG), 700)


def run(quick=False, tell=lambda done, total, note: None, compiled=True):
    """Every case once; `tell(done, total, note)` hears of the progress.

    `compiled`: torch.compile is among the peers (it takes half a minute).
    """
    size = Size.choose(quick)
    jobs = [(part, channels) for channels in size.channels
            for part in (thresholds, baselines, end_to_end)]
    jobs += [(growth, size.channels[0])]
    cases = []
    for done, (part, channels) in enumerate(jobs):
        tell(done, len(jobs), f"{part.__name__} {channels}")
        if part is thresholds:
            cases += part(channels, size, compiled and not quick)
        else:
            cases += part(channels, size)
    here = machine() | limits.measure()
    return [case | {"machine": here} for case in cases]


def _case(name, channels, pulses, dtype, times, threads=1, **more):
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


def _ratios(found, ours, pulses):
    """Keys of the ratios: `found` {name: (Times, spectra)}."""
    values = {name: ratio(times, ours, pulses / count)
              for name, (times, count) in found.items()}
    return {"ratio_to": {name: v[0] for name, v in values.items()},
            "ratio_interval": {name: list(v[1:])
                               for name, v in values.items()}}


def thresholds(channels, size, compiled):
    """Point-wise members on intensities: no baseline, no dark, votes only."""
    model = workload.model(channels, Baseline("none"))
    table = compile_members(model.members, model.axis.values, model.bins)
    slots = as_slots(table)
    dark = workload.dark(channels)
    raw = workload.counts(size.pulses, channels, dark)
    baseline = FusedPreprocessing(_preprocessing(1e5, channels), channels)
    rows = np.arange(size.pulses)
    y = baseline.spectra(raw, rows, baseline.run(dark))
    words = as_words(slots, dark)
    raw = np.clip(np.round(y + dark), 0, 65535).astype(np.uint16)
    shape = size.pulses, len(model.bins), 2
    votes, word_votes = np.empty(shape, np.float32), np.empty(shape,
                                                             np.float32)
    few = y[:size.peer_spectra]
    rivals = {"torch eager, 64 spectra a go": (
        peers.torch_eager(model, few, 64), len(few)),
        "torch eager, 256 spectra a go": (
        peers.torch_eager(model, few, 256), len(few)),
        "torch.compile": (peers.torch_compiled(model, few, len(few))
                          if compiled else None, len(few)),
        "onnxruntime, networks": (
        peers.onnx_members(model, few, 32), len(few)),
        "onnxruntime, thresholds": (
        peers.onnx_thresholds(slots, y, 128), len(y))}
    rivals = {name: pair for name, pair in rivals.items() if pair[0]}
    words_of = "uint16", lambda: row_kernels.count_words(
        raw, rows, 0, size.pulses, words, word_votes)
    floats_of = "float32", lambda: row_kernels.count_floats(
        y, rows, 0, size.pulses, slots, votes)
    times = take_turns([words_of[1], floats_of[1],
                        *(pair[0] for pair in rivals.values())], size.rounds)
    found = dict(zip(rivals, zip(times[2:], (
        pair[1] for pair in rivals.values()), strict=True), strict=True))
    wrong, points = _mismatches(model, slots, y, raw, dark, size)
    steps = len(table.value) / sum(map(len, table.lowest))
    cases = [_case("thresholds", channels, size.pulses, kind, ours,
                   mismatches=wrong, points_checked=points,
                   steps_per_channel=steps, networks=workload.members()[1],
                   **_ratios(found, ours, size.pulses))
             for (kind, _), ours in zip((words_of, floats_of), times[:2],
                                        strict=True)]
    return cases


def _mismatches(model, slots, y, raw, dark, size):
    """(wrong votes, points) of both kernels against float64 networks."""
    some = slice(0, size.checks)
    votes = np.empty((len(y[some]), len(model.bins), 2), np.float32)
    rows = np.arange(len(votes))
    wrong = 0
    exact = (raw[some].astype(np.float64) - dark).astype(np.float32)
    for spectra, count in (
            (y[some], lambda: row_kernels.count_floats(
                y, rows, 0, len(rows), slots, votes)),
            (exact, lambda: row_kernels.count_words(
                raw, rows, 0, len(rows), as_words(slots, dark), votes))):
        count()
        expected = pointwise.votes(model.members, model.axis.values,
                                   model.bins, spectra)
        wrong += int(np.abs(votes - expected)[..., 1].sum())
    points = 2 * len(rows) * sum(b - a for a, b in model.bins)
    return wrong, points


def _preprocessing(lam, channels, mode="reduced"):
    return Preprocessing(Baseline(mode, lam, workload.P,
                                  knot_step=rules.knot_step_for(lam)),
                         "none")


def _lams(channels):
    """lam 1e5, and that of equal stiffness on fewer points."""
    equal = rules.rescale_lam(1e5, 4023, channels)
    return (1e5,) if channels >= LONG else (1e5, equal)


def baselines(channels, size):
    """Exact and reduced least squares, the baseline written out."""
    dark = np.zeros(channels, np.float32)
    raw = workload.counts(size.pulses, channels, 0)
    rows = np.arange(size.pulses)
    few = raw[:size.slow_spectra].astype(np.float64)
    cases = []
    for lam in _lams(channels):
        modes = {}
        for mode in "reduced", "exact":
            part = FusedPreprocessing(_preprocessing(lam, channels, mode),
                                      channels)
            modes[mode] = (lambda part=part: part.spectra(
                raw, rows, part.run(dark)))
        baseline = Baseline("exact", lam, workload.P)
        rivals = {f"pybaselines asls, solver {k}": run for k, run in
                  peers.pybaselines_asls(few, baseline).items()}
        rivals["scipy solveh_banded"] = peers.scipy_banded(few, baseline)
        rivals = {name: run for name, run in rivals.items() if run}
        times = take_turns([*modes.values(), *rivals.values()], size.rounds)
        found = {name: (t, len(few))
                 for name, t in zip(rivals, times[2:], strict=True)}
        some = raw[:max(size.slow_spectra, size.checks // 7)]
        truth = some - rules.asls(some, Baseline("exact", lam, workload.P))
        for (mode, ours), measured in zip(modes.items(), times[:2],
                                          strict=True):
            error = np.abs(ours()[:len(some)] - truth)
            cases.append(_case(
                f"als_{mode}", channels, size.pulses, "uint16", measured,
                lam=lam, length=rules.length_of(lam),
                knot_step=rules.knot_step_for(lam)
                if mode == "reduced" else 1,
                max_error=float(error.max()),
                rms_error=float(np.sqrt(np.mean(error ** 2))),
                noise=workload.NOISE,
                flop_per_spectrum=limits.flop(_preprocessing(
                    lam, channels, mode).baseline, channels),
                **_ratios(found, measured, size.pulses)))
    return cases


def end_to_end(channels, size):
    """uint16, dark, reduced baseline, published ensemble: whole results."""
    dark = workload.dark(channels)
    train = make_train(1, workload.counts(size.pulses, channels, dark))
    settings = Settings(dark=dark)
    cases = []
    for lam in _lams(channels):
        model = workload.model(channels, Baseline(
            "reduced", lam, workload.P, knot_step=rules.knot_step_for(lam)))
        engines = [FusedEngine(model, threads) for threads in (1, 2)]
        times = take_turns([
            lambda engine=engine: engine.classify(train, settings)
            for engine in engines], size.rounds)
        wrong, checked = _label_mismatches(model, train, settings, size)
        for threads, measured in zip((1, 2), times, strict=True):
            cases.append(_case(
                "end_to_end", channels, size.pulses, "uint16", measured,
                threads, lam=lam, knot_step=rules.knot_step_for(lam),
                mismatches=wrong, labels_checked=checked, ratio_to={
                    "one thread": float(np.median(
                        times[0].wall / measured.wall))}))
    return cases


def _label_mismatches(model, train, settings, size):
    few = make_train(1, train.spectra[:min(size.checks, 300)])
    labels = [engine.classify(few, settings).label for engine in (
        FusedEngine(model), NumpyEngine(model))]
    return int(np.count_nonzero(labels[0] != labels[1])), few.pulses


def growth(channels, size):
    """End to end while one of pulses, channels, bins, classes grows."""
    pulses = size.pulses
    plans = [("pulses", pulses // k, channels, 2, 15) for k in (8, 4, 2, 1)]
    plans += [("channels", pulses, channels // k, 2, 15) for k in (4, 2, 1)]
    plans += [("bins", pulses, channels, 2, k) for k in (1, 5, 15, 60)]
    plans += [("classes", pulses, channels, k, 15) for k in (2, 3, 4, 8)]
    cases = []
    for name, count, points, classes, bins in plans:
        dark = workload.dark(points)
        train = make_train(1, workload.counts(count, points, dark))
        baseline = Baseline("reduced", 1e5, workload.P)
        engine = FusedEngine(workload.model(points, baseline, classes, bins))
        settings = Settings(dark=dark)
        times, = take_turns([lambda engine=engine, train=train,
                             settings=settings: engine.classify(
                                 train, settings)], size.rounds)
        cpu, _ = times.median()
        case = _case("growth", points, count, "uint16", times, lam=1e5,
                     knot_step=8, of=name, classes=classes, bins=bins,
                     ratio_to={})
        cases.append(case | {"cpu_ms": cpu * 1e3})
    return cases
