"""The fast engine: raw counts to codes in one pass over each spectrum.

Pulses that need no classification are sorted out first; the others go
through `kernels.blocks` in blocks of 32, shared over a few threads. What a
train becomes in the end is decided where every engine decides it
(`numpy_engine.assemble`).
"""
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..errors import ConfigurationError
from . import mixture, quality
from .binwise import softmax
from .definition import Settings
from .fused_preprocessing import FusedPreprocessing
from .kernels import blocks, plans
from .kernels import rows as row_kernels
from .kernels.options import LANES
from .numpy_engine import assemble, reference_votes
from .spectra import make_train
from .thresholds import as_slots, as_steps, as_words, compile_members

#: shards per thread: the last ones even out what the first ones left
_SHARDS = 4


class FusedEngine:
    """An `engine.Engine` of compiled kernels.

    `threads`: pulses of a train are shared over that many. Raises
    `ConfigurationError` for a model that only ONNX Runtime can run, and for
    a knot step that its baseline forbids.
    """
    name = "fused"

    def __init__(self, definition, threads=1):
        if definition.members.kind == "foreign":
            raise ConfigurationError(
                f"model {definition.model_id} is a foreign ONNX graph: use "
                "engine onnxruntime")
        if not threads >= 1:
            raise ConfigurationError(f"{threads} threads: use 1 or more")
        self.definition = definition
        self._members = _compile(definition)
        self._preprocessing = FusedPreprocessing(
            definition.preprocessing, len(definition.axis),
            definition.references, self._members.hidden)
        self._gram = mixture.gram(definition.references)
        self._threads = int(threads)
        self._pool = (ThreadPoolExecutor(self._threads, "fused")
                      if self._threads > 1 else None)
        self._run = "", None

    def warm_up(self):
        """Compiles the kernels for uint16 and float32 spectra."""
        channels = len(self.definition.axis)
        settings = Settings(min_intensity=-np.inf, saturation_level=np.inf)
        for dtype in np.uint16, np.float32:
            self.classify(make_train(0, np.ones((2, channels), dtype)),
                          settings)

    def classify(self, train, settings):
        """The codes of a train (see `engine.Engine`)."""
        model = self.definition
        run = self._run_of(settings)
        verdicts, intensity = self._assess(train, settings)
        rows = np.flatnonzero(verdicts == 0)
        shape = len(rows), len(model.bins), len(model.classes)
        votes = np.empty(shape, np.float32)
        norms = np.empty(len(rows))
        projections = np.empty((len(rows), len(model.classes)))
        self._share(len(rows), lambda start, stop: self._shard(
            train.spectra, rows, start, stop, run, votes, norms,
            projections))
        every = np.zeros((train.pulses, *shape[1:]), np.float32)
        every[rows] = self._members.finish(votes)
        return assemble(train, model, settings, verdicts, intensity, rows,
                        every, norms, projections, self._gram)

    def _run_of(self, settings):
        """Constants of the run; kept until the settings change."""
        known, run = self._run
        if known != settings.hash:
            run = self._preprocessing.run(settings.dark, settings.mask)
            run = run, self._members.constants(run)
            self._run = settings.hash, run
        return run

    def _shard(self, raw, rows, start, stop, run, votes, norms, projections):
        run, constants = run
        scratch = self._preprocessing.borrow(raw.dtype)
        self._members.evaluate(raw, rows, start, stop, run, constants,
                               scratch, votes, norms, projections)
        self._preprocessing.give_back(scratch)

    def _assess(self, train, settings):
        """`quality.assess` in one pass over the spectra."""
        raw = train.spectra
        starts, stops, level = _valid_runs(settings, raw.shape[1])
        mean, highest = np.empty((2, len(raw)))
        scan = (row_kernels.assess_words if raw.dtype == np.uint16
                else row_kernels.assess_floats)
        self._share(len(raw), lambda first, last: scan(
            raw, first, last, starts, stops, mean, highest))
        saturated = highest >= quality.saturation_level(self.definition,
                                                        settings)
        return quality.judge(train, mean - level, saturated, self.definition,
                             settings)

    def _share(self, count, work):
        """work(start, stop) over 0 ... count, in whole blocks per shard."""
        if not count:
            return
        if self._pool is None or count <= LANES:
            work(0, count)
            return
        size = -(-count // (self._threads * _SHARDS * LANES)) * LANES
        starts = range(0, count, size)
        list(self._pool.map(lambda start: work(
            start, min(start + size, count)), starts))


def _valid_runs(settings, channels):
    """(starts, stops, dark level) of the strips that are not masked."""
    valid = (np.ones(channels, bool) if settings.mask is None
             else ~np.asarray(settings.mask, bool))
    edges = np.flatnonzero(np.diff(valid, prepend=False, append=False))
    level = 0. if settings.dark is None else float(
        np.mean(np.asarray(settings.dark)[valid], dtype=np.float64))
    return edges[::2].copy(), edges[1::2].copy(), level


def _compile(definition):
    """What evaluates the members of a model, with one interface for all.

    `constants(run)`: what depends on dark and mask; `evaluate`: fills votes,
    norms and projections of some rows; `finish`: votes of a whole train.
    """
    members, bins = definition.members, definition.bins
    if members.kind == "pointwise":
        table = compile_members(members, definition.axis.values, bins)
        if (definition.preprocessing.baseline.mode,
                definition.preprocessing.normalisation) == ("none", "none"):
            return _Rows(table)
        return _Pointwise(as_steps(table))
    if members.kind in ("linear", "mlp"):
        return _Layers(plans.net(members, bins))
    return _Reference(reference_votes(definition), definition.references)


class _Members:
    hidden = 1

    def constants(self, run):
        return None

    def finish(self, votes):
        return votes


class _Rows(_Members):
    """Networks of (x, y) on raw counts minus dark."""

    def __init__(self, table):
        self._slots = as_slots(table)

    def constants(self, run):
        return as_words(self._slots, run.dark)

    def evaluate(self, raw, rows, start, stop, run, constants, scratch,
                 votes, norms, projections):
        in_place = raw.dtype == np.uint16 and not len(run.holes)
        if in_place:
            row_kernels.count_words(raw, rows, start, stop, constants, votes)
        row_kernels.pointwise(raw, rows, start, stop, run,
                              scratch.block[:raw.shape[1]], self._slots,
                              not in_place, votes, norms, projections)


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
        return softmax(votes).astype(np.float32) if len(votes) else votes


class _Reference(_Members):
    """Members without a kernel: compiled preprocessing, numpy evaluation."""

    def __init__(self, member_votes, references):
        self._votes = member_votes
        self._references = np.asarray(references, np.float64)

    def evaluate(self, raw, rows, start, stop, run, constants, scratch,
                 votes, norms, projections):
        spectra = np.empty((stop - start, raw.shape[1]), np.float32)
        blocks.spectra(raw, rows[start:stop], 0, stop - start, run, scratch,
                       spectra)
        votes[start:stop] = self._votes(spectra)
        exact = spectra.astype(np.float64)
        norms[start:stop] = np.square(exact).sum(axis=1)
        projections[start:stop] = exact @ self._references.T
