"""The fast engine: raw counts to codes in one pass over each spectrum.

Pulses that need no classification are sorted out first; the others go
through `kernels.blocks` in blocks of 32, shared over a few threads, down to
votes, mixture and residual. What a train becomes in the end is decided where
every engine decides it (`numpy_engine.assemble`).
"""
import numpy as np

from ...errors import ConfigurationError
from ..model_definition import Settings
from ..preprocessing import averaging, quality
from ..spectra import make_train
from . import mixture, within_class_variation
from .fused_members import evaluator
from .fused_preprocessing import FusedPreprocessing
from .kernels import mixtures
from .kernels import rows as row_kernels
from .kernels.options import LANES
from .reference_engine import assemble
from .thread_team import Team

#: bytes of spectra that are looked at for their quality sooner than a
#: second thread is woken
_LOOKED_AT_ALONE = 12 << 20


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
        self._members = evaluator(definition)
        self._comparison = within_class_variation.comparison(definition)
        self._preprocessing = FusedPreprocessing(
            definition.preprocessing, len(definition.axis),
            definition.references, self._members.hidden, self._comparison)
        self._columns = len(definition.classes) + (
            1 + len(self._comparison.rows) if self._comparison else 0)
        self._gram = mixture.gram(definition.references)
        self._solved_with = mixture.with_ridge(self._gram)
        self._team = Team(int(threads), "fused")
        self._run = "", None

    def warm_up(self):
        """Compiles the kernels for uint16 and float32 spectra."""
        channels = len(self.definition.axis)
        settings = Settings(min_intensity=-np.inf, saturation_level=np.inf)
        pulses = 2 * self.definition.averaging
        for dtype in np.uint16, np.float32:
            self.classify(make_train(0, np.ones((pulses, channels), dtype)),
                          settings)

    def classify(self, train, settings):
        """The codes of a train (see `engine.Engine`)."""
        verdicts, intensity = self._assess(train, settings)
        return averaging.apply(
            train, verdicts, intensity, self.definition, settings,
            lambda *judged: self._classify(*judged, settings))

    def _classify(self, train, verdicts, intensity, settings):
        model = self.definition
        rows = np.flatnonzero(verdicts == 0)
        count, classes = len(rows), len(model.classes)
        # a mask that leaves nothing has no run, and no rows
        run = self._run_of(settings) if count else None
        votes = np.empty((count, len(model.bins), classes), np.float32)
        sums = np.empty(count), np.empty((count, self._columns))
        fractions = np.empty((count, classes), np.float32)
        residual = np.empty(count, np.float32)

        def shard(start, stop):
            self._evaluate(train.spectra, rows, start, stop, run, votes, sums)
            self._mixture(*(each[start:stop] for each in (
                *sums, fractions, residual)))

        self._team.share(count, LANES, shard)
        return assemble(train, model, settings, verdicts, intensity, rows,
                        sums[0], votes, fractions, residual)

    def _run_of(self, settings):
        """Constants of the run; kept until the settings change."""
        known, run = self._run
        if known != settings.hash:
            run = self._preprocessing.run(settings.dark, settings.mask)
            run = run, self._members.constants(run)
            self._run = settings.hash, run
        return run

    def _evaluate(self, raw, rows, start, stop, run, votes, sums):
        """Votes, s.s and s.r_c of rows start ... stop - 1."""
        scratch = self._preprocessing.borrow()
        self._members.evaluate(raw, rows, start, stop, *run, scratch, votes,
                               *sums)
        self._members.finish(votes[start:stop])
        self._preprocessing.give_back(scratch)

    def _mixture(self, norms, sums, fractions, residual):
        """Fills the last two from s.s and the products of `_evaluate`."""
        classes = len(self._gram)

        def solve(norms, projections, gram, matrix, fractions):
            left = np.empty(len(norms), np.float32)
            mixtures.solve(norms, projections, gram, matrix, 0, len(norms),
                           fractions, left)
            return left

        residual[:] = solve(norms, np.ascontiguousarray(sums[:, :classes]),
                            self._gram, self._solved_with, fractions)
        if self._comparison:
            rows, unused = self._comparison, np.empty_like(fractions)
            residual[:] = rows.residual(
                norms, sums[:, classes:], lambda *given: solve(
                    *given, rows.gram, rows.solved_with, unused))

    def _assess(self, train, settings):
        """`quality.assess` in one pass over the spectra."""
        raw = train.spectra
        starts, stops, level = _valid_runs(settings, raw.shape[1])
        mean, highest, farthest = np.empty((3, len(raw)))
        scan = (row_kernels.assess_words if raw.dtype == np.uint16
                else row_kernels.assess_floats)
        self._team.share(len(raw), LANES, lambda first, last: scan(
            raw, first, last, starts, stops, mean, highest, farthest),
            alone=_LOOKED_AT_ALONE // max(raw[:1].nbytes, 1))
        return quality.judge(train, mean - level, highest, farthest,
                             self.definition, settings)


def _valid_runs(settings, channels):
    """(starts, stops, dark level) of the strips that are not masked."""
    valid = (np.ones(channels, bool) if settings.mask is None
             else ~np.asarray(settings.mask, bool))
    edges = np.flatnonzero(np.diff(valid, prepend=False, append=False))
    level = 0. if settings.dark is None or not valid.any() else float(
        np.mean(np.asarray(settings.dark)[valid], dtype=np.float64))
    return edges[::2].copy(), edges[1::2].copy(), level
