"""Case `thresholds`: networks of (x, y) on intensities, to labels."""
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine.fused_preprocessing import FusedPreprocessing
from ...core.engine.kernels import intervals
from ...core.engine.labels import decide
from ...core.engine.thresholds.compile import StepTable, compile_members
from ...core.engine.thresholds.kernel_layouts import (
    Intervals,
    as_intervals,
    as_words,
)
from ...core.model_definition import Baseline, ModelDefinition, Settings
from . import peers, workload
from .cases import PUBLISHED_LAM, case, preprocessing, ratios
from .clock import take_turns
from .mismatches import Layout, count_mismatches

if TYPE_CHECKING:
    from .suite import Size


def measure(channels: int, size: "Size",
            compiled: bool) -> list[dict[str, Any]]:
    """Both types: spectra to votes, scores, confidence and labels.

    Peers stop at the votes per bin. `compiled`: torch.compile among them.
    """
    model = workload.model(channels, Baseline("none"))
    table = compile_members(workload.networks(model), model.axis.values,
                            model.bins)
    dark = workload.dark(channels)
    y = _spectra(channels, size.pulses, dark)
    raw = np.clip(np.round(y + dark), 0, 65535).astype(np.uint16)
    floats = as_intervals(table, channels)
    layouts: dict[str, Layout] = {
        "uint16": (raw, as_words(floats, dark)), "float32": (y, floats)}
    ours = [_classifier(model, *pair) for pair in layouts.values()]
    votes_alone = [_counter(model, *pair)[0] for pair in layouts.values()]
    rivals = _rivals(model, table, y, size.peer_spectra, compiled)
    times = take_turns([*ours, *votes_alone,
                        *(run for run, _ in rivals.values())], size.rounds)
    found = {name: (measured, count) for (name, (_, count)), measured in zip(
        rivals.items(), times[4:], strict=True)}
    wrong = count_mismatches(model, table, layouts, dark, size.points)
    return [case(
        "thresholds", channels, size.pulses, dtype, labels,
        votes_ms_per_train=1e3 * votes.median()[0] * workload.PULSES
        / size.pulses, mismatches=wrong[dtype][0],
        points_checked=wrong[dtype][1],
        steps_per_channel=len(table.value) / sum(map(len, table.lowest)),
        networks=workload.members()[1]) | ratios(found, labels, size.pulses)
        for dtype, labels, votes in zip(layouts, times[:2], times[2:4],
                                        strict=True)]


def _spectra(channels: int, pulses: int,
             dark: NDArray[np.float32]) -> NDArray[np.float32]:
    """Preprocessed float32 spectra, as the networks were trained on."""
    raw = workload.counts(pulses, channels, dark)
    engine = FusedPreprocessing(preprocessing(PUBLISHED_LAM), channels)
    return engine.spectra(raw, np.arange(pulses), engine.run(dark))


def _counter(
        model: ModelDefinition,
        spectra: NDArray[np.uint16] | NDArray[np.float32],
        layout: Intervals) -> tuple[Callable[[], object], NDArray[np.float32]]:
    """(function, votes it fills)."""
    rows = np.arange(len(spectra))
    votes = np.empty((len(spectra), len(model.bins), 2), np.float32)
    return (lambda: intervals.count(spectra, rows, 0, len(rows), layout,
                                    votes)), votes


def _classifier(model: ModelDefinition,
                spectra: NDArray[np.uint16] | NDArray[np.float32],
                layout: Intervals) -> Callable[[], object]:
    count, votes = _counter(model, spectra, layout)
    settings = Settings()

    def run() -> object:
        count()
        return decide(votes, model, settings)

    return run


def _rivals(model: ModelDefinition, table: StepTable, y: NDArray[np.float32],
            few: int,
            compiled: bool) -> dict[str, tuple[Callable[[], object], int]]:
    """{name: (function, its number of spectra)} of what is installed."""
    some = y[:few]
    rivals: dict[str, tuple[peers.Run | None, int]] = {
        "torch eager, 64 spectra at a time": (
            peers.torch_eager(model, some, 64), len(some)),
        "torch eager, 256 spectra at a time": (
            peers.torch_eager(model, some, 256), len(some)),
        "torch.compile": (peers.torch_compiled(model, some, len(some))
                          if compiled else None, len(some)),
        "onnxruntime, networks": (
            peers.onnx_members(model, some, 32), len(some)),
        "onnxruntime, thresholds": (
            peers.onnx_thresholds(table, y, 128), len(y))}
    return {name: (run, count) for name, (run, count) in rivals.items()
            if run is not None}
