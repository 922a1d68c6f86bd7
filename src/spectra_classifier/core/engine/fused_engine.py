"""The fast engine: raw counts to codes in one pass over each spectrum.

Pulses that need no classification are sorted out first; the others go
through `kernels.blocks` in blocks of 32, shared over a few threads, up to
votes, mixture and residual. The result of a train is assembled by the
function that every engine uses (`reference_engine.assemble`).
"""
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...errors import ConfigurationError
from ..model_definition import ModelDefinition, Settings, SpikeRule
from ..preprocessing import averaging, quality, spikes
from ..spectra import RawSpectra, Train, TrainResult, make_train
from . import fused_spikes, mixture, within_class_variation
from .fused_members import Constants, evaluator
from .fused_preprocessing import FusedPreprocessing
from .kernels import mixtures
from .kernels import rows as row_kernels
from .kernels.mixtures import Mixing
from .kernels.options import LANES
from .kernels.plans import Run
from .labels import assemble
from .thread_team import Team
from .within_class_variation import Comparison

#: bytes of spectra that are looked at for their quality sooner than a
#: second thread is woken
_LOOKED_AT_ALONE = 12 << 20


_UNASKED = np.zeros(0, bool)

#: norms, votes, fractions, residual and texture distance of some spectra
type _Computed = tuple[NDArray[np.float64], NDArray[np.float32],
                       NDArray[np.float32], NDArray[np.float32],
                       NDArray[np.float32]]


class FusedEngine:
    """An `engine.Engine` of compiled kernels.

    Parameters
    ----------
    threads
        Number of threads over which the pulses of a train are shared.

    Raises
    ------
    ConfigurationError
        For a model that only ONNX Runtime can run, and for a knot step that is
        too coarse for the baseline.
    """
    name = "fused"

    def __init__(self, definition: ModelDefinition, threads: int = 1) -> None:
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
        # the last one is the distance of the texture
        self._sums = len(definition.classes) + (
            1 + len(self._comparison.rows) if self._comparison else 0) + (
            definition.texture is not None)
        self._mixing = _mixing(definition, self._comparison)
        self._team = Team(int(threads), "fused")
        self._run: tuple[str, tuple[Run, Constants] | None] = "", None

    def warm_up(self) -> None:
        """Compile the kernels for uint16 and float32 spectra."""
        settings = Settings(min_intensity=-np.inf, saturation_level=np.inf)
        # no pulse is sorted out: spectra of one value would be
        ramp = np.arange(len(self.definition.axis)) % 1000
        spectra = np.tile(ramp, (2 * self.definition.averaging, 1))
        rule = self.definition.preprocessing.spikes
        for dtype in np.uint16, np.float32:
            train = make_train(0, spectra.astype(dtype))
            self.classify(train, settings)
            if rule is not None:        # these spectra have no spikes
                fused_spikes.removed(train.spectra, np.arange(0), rule,
                                     self._run_of(settings)[0])

    def classify(self, train: Train, settings: Settings) -> TrainResult:
        """Return the codes of a train (see `engine.Engine`)."""
        verdicts, intensity = self._assess(train, settings)
        if self.definition.averaging == 1:
            return self._classify(train, verdicts, intensity, settings,
                                  self.definition.preprocessing.spikes)
        train, spiked = self._without_spikes(train, verdicts, settings)
        return replace(averaging.apply(
            train, verdicts, intensity, self.definition, settings,
            lambda each, codes, level: self._classify(
                each, codes, level, settings)), spiked=spiked)

    def _without_spikes(self, train: Train, verdicts: NDArray[np.int8],
                        settings: Settings) -> tuple[Train, int]:
        """A train to be averaged, and how many of its pulses had spikes."""
        rule = self.definition.preprocessing.spikes
        rows = np.flatnonzero(verdicts == 0)
        if rule is None or not len(rows):
            return train, 0
        run, _ = self._run_of(settings)
        rows = rows[fused_spikes.suspects(train.spectra, rows, rule, run,
                                          self._team)]
        spiked, clean = fused_spikes.removed(train.spectra, rows, rule, run)
        return spikes.replaced(train, rows[spiked], clean), len(spiked)

    def _classify(self, train: Train, verdicts: NDArray[np.int8],
                  intensity: NDArray[np.float32], settings: Settings,
                  rule: SpikeRule | None = None) -> TrainResult:
        """The result; `rule` of the spikes that are to be removed before."""
        rows, raw = np.flatnonzero(verdicts == 0), train.spectra
        suspect = np.zeros(len(rows) if rule else 0, bool)
        computed = self._compute(raw, rows, settings, suspect)
        places = np.flatnonzero(suspect)
        if rule is not None and len(places):
            spiked, clean = fused_spikes.removed(
                raw, rows[places], rule, self._run_of(settings)[0])
            places = places[spiked]
            # a copy of the whole train would cost more
            again = self._compute(clean, np.arange(len(clean)), settings)
            norms, *rest = computed
            norms[places] = again[0]
            for part, mended in zip(rest, again[1:], strict=True):
                part[places] = mended
        return replace(assemble(
            train, self.definition, settings, verdicts, intensity, rows,
            *computed), spiked=len(places))

    def _compute(self, raw: RawSpectra, rows: NDArray[np.intp],
                 settings: Settings,
                 suspect: NDArray[np.bool_] = _UNASKED) -> _Computed:
        """Everything that `assemble` needs, of rows of raw spectra.

        `suspect` (R,) gets whether a spectrum may have spikes, unless it is
        empty.
        """
        model = self.definition
        count, classes = len(rows), len(model.classes)
        votes = np.empty((count, len(model.bins), classes), np.float32)
        sums = np.empty(count), np.empty((count, self._sums))
        fractions = np.empty((count, classes), np.float32)
        residual = np.empty(count, np.float32)

        norms, products = sums

        def shard(start: int, stop: int) -> None:
            self._evaluate(raw, rows, start, stop, run, votes, sums, suspect)
            mixtures.finish(norms[start:stop], products[start:stop],
                            self._mixing, fractions[start:stop],
                            residual[start:stop])

        if count:       # a mask that leaves nothing has no run, and no rows
            run = self._run_of(settings)
            self._team.share(count, LANES, shard)
        distance = (np.full(count, np.nan, np.float32)
                    if model.texture is None
                    else products[:, -1].astype(np.float32))
        return norms, votes, fractions, residual, distance

    def _run_of(self, settings: Settings) -> tuple[Run, Constants]:
        """Constants of the run; kept until the settings change."""
        known, kept = self._run
        if kept is None or known != settings.hash:
            run = self._preprocessing.run(settings.dark, settings.mask)
            kept = run, self._members.constants(run)
            self._run = settings.hash, kept
        return kept

    def _evaluate(
            self, raw: RawSpectra, rows: NDArray[np.intp], start: int,
            stop: int, run: tuple[Run, Constants], votes: NDArray[np.float32],
            sums: tuple[NDArray[np.float64], NDArray[np.float64]],
            suspect: NDArray[np.bool_]) -> None:
        """Votes, s.s and s.r_c of rows start ... stop - 1."""
        scratch = self._preprocessing.borrow()
        self._members.evaluate(raw, rows, start, stop, *run,
                               scratch._replace(suspect=suspect), votes,
                               *sums)
        self._members.finish(votes[start:stop])
        self._preprocessing.give_back(scratch)

    def _assess(
            self,
            train: Train,
            settings: Settings,
    ) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """`quality.assess` in one pass over the spectra."""
        raw = train.spectra
        starts, stops, level = _valid_runs(settings, raw.shape[1])
        mean, highest, farthest = np.empty((3, len(raw)))
        scan = (row_kernels.assess_words if raw.dtype == np.uint16
                else row_kernels.assess_floats)
        self._team.share(len(raw), LANES, lambda first, last: scan(
            raw, first, last, starts, stops, mean, highest, farthest),
            alone=_LOOKED_AT_ALONE // max(raw[:1].nbytes, 1))
        return quality.judge(train, mean, level, highest, farthest,
                             self.definition, settings)


def _valid_runs(
        settings: Settings,
        channels: int) -> tuple[NDArray[np.intp], NDArray[np.intp], float]:
    """(starts, stops, dark level) of the strips that are not masked."""
    valid = (np.ones(channels, bool) if settings.mask is None
             else ~np.asarray(settings.mask, bool))
    edges = np.flatnonzero(np.diff(valid, prepend=False, append=False))
    level = 0. if settings.dark is None or not valid.any() else float(
        np.mean(np.asarray(settings.dark)[valid], dtype=np.float64))
    return edges[::2].copy(), edges[1::2].copy(), level


def _mixing(definition: ModelDefinition,
            comparison: Comparison | None) -> Mixing:
    """What `mixtures.finish` needs to know of a model."""
    gram = mixture.gram(definition.references)
    matrix = mixture.with_ridge(gram)
    if comparison is None:
        return Mixing(gram, matrix, False, 1, gram, matrix, np.zeros(0))
    return Mixing(gram, matrix, True, comparison.width, comparison.gram,
                  comparison.solved_with, comparison.ignored)
