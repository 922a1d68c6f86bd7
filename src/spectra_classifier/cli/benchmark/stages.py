"""Case `stages`: CPU time of each stage of a train, one thread."""
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine.fused_engine import FusedEngine
from ...core.engine.fused_members import evaluator
from ...core.engine.fused_preprocessing import FusedPreprocessing
from ...core.engine.kernels import blocks, lanes
from ...core.engine.kernels import rows as row_kernels
from ...core.engine.kernels.options import LANES, kernel
from ...core.engine.labels import assemble
from ...core.model_definition import ModelDefinition, Settings
from ...core.spectra import Train, make_train
from . import workload
from .cases import case, lams, preprocessing
from .clock import Times, take_turns

if TYPE_CHECKING:
    from .suite import Size


@kernel
def _load(raw: NDArray[np.uint16], rows: NDArray[np.int64], run: Any,
          scratch: Any) -> None:
    for first in range(0, len(rows) - LANES + 1, LANES):
        lanes.load(raw, rows[first:first + LANES], run.dark, scratch.block,
                   scratch.tile)


@kernel
def _preprocess(raw: NDArray[np.uint16], rows: NDArray[np.int64], run: Any,
                scratch: Any) -> None:
    for first in range(0, len(rows), LANES):
        blocks.preprocess(raw, rows, first, run, scratch)


def measure(channels: int, size: "Size") -> list[dict[str, Any]]:
    """A case for each lam; `stages`: {name: CPU ms per train}.

    Stages are run separately; those that the engine runs in one pass are
    differences of such runs.
    """
    dark = workload.dark(channels)
    train = make_train(1, workload.counts(size.pulses, channels, dark))
    cases = []
    for lam in lams(channels):
        model = workload.model(channels, preprocessing(lam).baseline)
        parts = _parts(model, train, Settings(dark=dark))
        times = dict(zip(parts, take_turns(list(parts.values()),
                                           size.rounds), strict=True))
        entry = case("stages", channels, size.pulses, "uint16",
                     times["train"], lam=lam,
                     knot_step=model.preprocessing.baseline.knot_step,
                     ratio_to={})
        cases.append(entry | {"stages": _shares(
            times, 1e3 * workload.PULSES / size.pulses)})
    return cases


def _parts(model: ModelDefinition, train: Train,
           settings: Settings) -> dict[str, Callable[[], object]]:
    """{name: function} of what is timed."""
    raw = np.asarray(train.spectra, np.uint16)
    engine, members = FusedEngine(model), evaluator(model)
    result = engine.classify(train, settings)
    constants = FusedPreprocessing(model.preprocessing, raw.shape[1],
                                   model.references, members.hidden)
    run = constants.run(settings.dark)
    scratch = constants.borrow()
    rows = np.arange(len(raw))
    votes = np.empty(result.votes.shape, np.float32)
    norms, projections = np.ones(len(raw)), np.ones(result.scores.shape)
    edges = np.array([0]), np.array([raw.shape[1]])
    scanned = np.empty((3, len(raw)))
    return {
        "load": lambda: _load(raw, rows, run, scratch),
        "preprocess": lambda: _preprocess(raw, rows, run, scratch),
        "evaluate": lambda: members.evaluate(
            raw, rows, 0, len(raw), run, members.constants(run), scratch,
            votes, norms, projections),
        "assemble": lambda: assemble(
            train, model, settings, np.zeros(len(raw), np.int8),
            result.intensity, rows, norms, votes, result.mixture,
            result.residual, np.full(len(raw), np.nan, np.float32)),
        "quality": lambda: row_kernels.assess_words(
            raw, 0, len(raw), *edges, *scanned),
        "train": lambda: engine.classify(train, settings)}


def _shares(times: dict[str, Times], scale: float) -> dict[str, float]:
    """CPU ms of the stages."""
    took = {name: measured.median()[0] * scale
            for name, measured in times.items()}
    return {"load": took["load"],
            "baseline": took["preprocess"] - took["load"],
            "members": took["evaluate"] - took["preprocess"],
            "decision": took["assemble"],
            "quality": took["quality"]}
