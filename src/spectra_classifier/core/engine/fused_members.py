"""What evaluates each kind of members in the fused engine."""
import numpy as np

from .fused_views import Views
from .kernels import blocks, intervals, plans
from .kernels import rows as row_kernels
from .kernels import votes as vote_kernels
from .kernels.intervals import RUN
from .kernels.options import LANES
from .thresholds.compile import compile_members
from .thresholds.kernel_layouts import as_intervals, as_steps, as_words


def evaluator(definition):
    """What evaluates the members of a model, with one interface for all.

    `constants(run)`: what depends on dark and mask; `evaluate`: fills votes,
    norms and projections of some rows; `finish`: what `evaluate` left in
    votes becomes votes, in its place.
    """
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
    return _Layers(plans.net(members, bins))


class _Members:
    hidden = 1

    def constants(self, run):
        return None

    def finish(self, votes):
        """Counts of points are votes already."""


class _Rows(_Members):
    """Networks of (x, y) on raw counts minus dark."""

    def __init__(self, table, channels):
        self._floats = as_intervals(table, channels)
        self._width = max(channels, RUN)

    def constants(self, run):
        return as_words(self._floats, run.dark)

    def evaluate(self, raw, rows, start, stop, run, constants, scratch,
                 votes, norms, projections):
        in_place = (raw.dtype == np.uint16 and not len(run.holes)
                    and raw.shape[1] >= RUN)
        if in_place:
            intervals.count(raw, rows, start, stop, constants, votes)
        lines = scratch.block[:self._width * LANES].reshape(LANES, -1)
        row_kernels.pointwise(raw, rows, start, stop, run, lines,
                              self._floats, not in_place, votes, norms,
                              projections)


class _Pointwise(_Members):
    """Networks of (x, y) on preprocessed spectra."""

    def __init__(self, steps):
        self._steps = steps

    def evaluate(self, raw, rows, start, stop, run, constants, scratch,
                 votes, norms, projections):
        blocks.pointwise(raw, rows, start, stop, run, scratch, self._steps,
                         votes, norms, projections)


class _Layers(_Members):
    """Members that see a whole bin; the kernel gives logits."""

    def __init__(self, net):
        self._net = net
        self.hidden = net.w1.shape[1]

    def evaluate(self, raw, rows, start, stop, run, constants, scratch,
                 votes, norms, projections):
        blocks.layers(raw, rows, start, stop, run, scratch, self._net, votes,
                      norms, projections)

    def finish(self, votes):
        vote_kernels.softmax(votes, votes)
