"""Evaluation of each kind of members in the fused engine."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..model_definition import ModelDefinition
from ..spectra import RawSpectra
from .fused_views import Views
from .kernels import blocks, intervals, plans
from .kernels import rows as row_kernels
from .kernels import votes as vote_kernels
from .kernels.intervals import RUN
from .kernels.options import LANES
from .kernels.plans import Net, Run, Scratch
from .thresholds.compile import StepTable, compile_members
from .thresholds.kernel_layouts import (
    Intervals,
    Steps,
    as_intervals,
    as_steps,
    as_words,
)

#: what the members make of the dark and the mask of a run
type Constants = Intervals | None


class Evaluator(Protocol):
    """Evaluates the members of one model.

    `hidden`: units of the widest hidden layer, 1 without one.
    """
    hidden: int

    def constants(self, run: Run) -> Constants:
        """What depends on dark and mask."""

    def evaluate(self, raw: RawSpectra, rows: NDArray[np.intp], start: int,
                 stop: int, run: Run, constants: Constants,
                 scratch: Scratch, votes: NDArray[np.float32],
                 norms: NDArray[np.float64],
                 projections: NDArray[np.float64]) -> None:
        """Fill votes, norms and projections of rows start ... stop - 1."""

    def finish(self, votes: NDArray[np.float32]) -> None:
        """Turn what `evaluate` left in `votes` into votes, in place."""


def evaluator(definition: ModelDefinition) -> Evaluator:
    """Return the evaluator of the members of a model."""
    members, bins = definition.members, definition.bins
    if members.kind == "pointwise":
        table = compile_members(members, definition.axis.values, bins)
        if (definition.preprocessing.baseline.mode,
                definition.preprocessing.of_spectrum) == (
                    "none", "none") and definition.variation is None:
            return _Rows(table, len(definition.axis))
        return _Pointwise(as_steps(table))
    if members.kind == "views":
        return Views(definition)
    if members.kind == "foreign":
        raise ValueError("foreign members need ONNX Runtime")
    return _Layers(plans.net(members, bins))


class _Members:
    hidden = 1

    def constants(self, run: Run) -> Constants:
        return None

    def finish(self, votes: NDArray[np.float32]) -> None:
        """Counts of points are votes already."""


class _Rows(_Members):
    """Networks of (x, y) on raw counts minus dark."""

    def __init__(self, table: StepTable, channels: int) -> None:
        self._floats = as_intervals(table, channels)
        self._width = max(channels, RUN)

    def constants(self, run: Run) -> Intervals:
        return as_words(self._floats, run.dark)

    def evaluate(self, raw: RawSpectra, rows: NDArray[np.intp], start: int,
                 stop: int, run: Run, constants: Constants, scratch: Scratch,
                 votes: NDArray[np.float32], norms: NDArray[np.float64],
                 projections: NDArray[np.float64]) -> None:
        in_place = (raw.dtype == np.uint16 and not len(run.holes)
                    and raw.shape[1] >= RUN)
        if in_place and constants is not None:
            intervals.count(raw, rows, start, stop, constants, votes)
        lines = scratch.block[:self._width * LANES].reshape(LANES, -1)
        row_kernels.pointwise(raw, rows, start, stop, run, lines,
                              self._floats, not in_place, votes, norms,
                              projections, scratch.suspect)


class _Pointwise(_Members):
    """Networks of (x, y) on preprocessed spectra."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def evaluate(self, raw: RawSpectra, rows: NDArray[np.intp], start: int,
                 stop: int, run: Run, constants: Constants, scratch: Scratch,
                 votes: NDArray[np.float32], norms: NDArray[np.float64],
                 projections: NDArray[np.float64]) -> None:
        blocks.pointwise(raw, rows, start, stop, run, scratch, self._steps,
                         votes, norms, projections)


class _Layers(_Members):
    """Members that see a whole bin; the kernel gives logits."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self.hidden = net.w1.shape[1]

    def evaluate(self, raw: RawSpectra, rows: NDArray[np.intp], start: int,
                 stop: int, run: Run, constants: Constants, scratch: Scratch,
                 votes: NDArray[np.float32], norms: NDArray[np.float64],
                 projections: NDArray[np.float64]) -> None:
        blocks.layers(raw, rows, start, stop, run, scratch, self._net, votes,
                      norms, projections)

    def finish(self, votes: NDArray[np.float32]) -> None:
        vote_kernels.softmax(votes, votes)
