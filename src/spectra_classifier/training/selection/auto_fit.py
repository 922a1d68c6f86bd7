"""Members "auto": the best of many linear candidates, averaged.

Everything is decided on the training spectra alone: views and bins, the
temperatures, the limit of the residual, the gate.
"""
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.bins import Bins
from ...core.engine.reference_members import mlp_votes
from ...core.engine.view_members import votes as view_votes
from ...core.model_definition import (
    MlpMembers,
    ModelDefinition,
    Preprocessing,
    ViewMembers,
)
from ...core.preprocessing.preprocess import preprocess
from ...core.preprocessing.views import View, apply_view
from ...errors import InputError
from .. import intensity_gate, strengths
from ..checks import float32_range
from ..labelled import LabelledDataset
from ..members import regression
from ..members.fitted import Fitted, Progress, Task
from ..options import TrainingOptions
from ..validation import (
    calibration as calibrate,
)
from ..validation import (
    cross_validation,
    folds,
    sampling,
    statistics,
)
from . import (
    candidates,
    cost,
    networks,
    novelty_limits,
    selection,
    textures,
)
from .candidates import Candidate
from .novelty_limits import Rule
from .selection import Judged

#: spectra of the rarest class from which there is a choice
CHOICE_FROM = 2
#: spectra in all up to which ridge and logistic regression are tried
REGRESSIONS_UP_TO = 120
#: random repetitions of the folds where captures are not known, as long as
#: there are fewer spectra than that
_REPETITIONS, _FEW = 3, 200
_ROWS = 256
#: spectra (N, n), preprocessing, candidates judged and chosen
type _Found = tuple[NDArray[np.float32], Preprocessing, list[Judged],
                    list[Judged]]
_RULE = (f"best of each view, within {selection.MARGIN:.0%} of the way from "
         f"the best to chance, at most {selection.MOST}, within "
         f"{cost.BUDGET:g} ms per train of {cost.PULSES} x {cost.CHANNELS} "
         f"with two classes; below {selection.FEW} spectra per class the "
         "fewest bins that are not clearly worse, below "
         f"{statistics.FEW} slope 15 and raw spectra, whatever their losses")


@dataclass(frozen=True, eq=False)
class Details:
    """How a model was chosen and fitted.

    Attributes
    ----------
    task, fitted, checked
        As of members of one kind.
    data
        The spectra that took part.
    empty
        Number of near-empty spectra that were left out.
    fold : (R, N)
        Fold numbers, the first row those of the report; (0, N) without.
    judged, chosen
        Candidates, and those that are averaged, best first.
    calibration
        Figures, plain JSON values; None without folds.
    rule
        Of unknown.
    seconds
        By step.
    """
    task: Task
    fitted: Fitted
    checked: cross_validation.Validation
    data: LabelledDataset
    empty: int
    fold: NDArray[np.int64]
    judged: list[Judged]
    chosen: list[Judged]
    calibration: dict[str, Any] | None
    rule: Rule
    seconds: dict[str, float]


def fit(dataset: LabelledDataset, options: TrainingOptions,
        progress: Progress | None = None) -> tuple[ModelDefinition, Details]:
    """The model of labelled data (dark subtracted), and its details."""
    clock = _Clock(options.time_budget)
    data, empty, limit = _sample(dataset, options.gate)
    classes = len(data.classes)
    fold, by = _folds(data, options)
    clock.lap("reading")
    spectra, preprocessing, judged, chosen = _search(
        data, options, fold, clock, progress)
    curved = _curved(spectra, data, options, fold, chosen, clock)
    if curved is not None:
        judged, chosen = [*judged, curved], [curved]
    probabilities = _average(chosen)
    members, bins, weights = (
        _members(chosen) if curved is None else _networks(
            curved, spectra, data.labels, classes, options.seed))
    preprocessing = _normalised(preprocessing, chosen)
    if preprocessing.normalisation != "none":
        spectra = _preprocessed(data.spectra, preprocessing)
    calibration = (calibrate.unknown(data.labels, classes)
                   if probabilities is None else calibrate.fit(
                       probabilities[selection.for_choice(len(fold))],
                       data.labels, *_captures_left_out(data, fold, by)))
    rule = novelty_limits.rule(spectra, data.labels, data.capture,
                               options.unknown_level,
                               seen=_textures(members, spectra))
    if rule.texture is not None and isinstance(members, ViewMembers):
        members = replace(members, texture=rule.texture)
    task = Task(data.axis, data.spectra, spectra, data.labels, classes, bins)
    checked = _validation(chosen, probabilities, data.labels, classes,
                          fold, by)
    definition = ModelDefinition(
        model_id="unsaved", classes=data.classes, axis=data.axis,
        preprocessing=preprocessing, bins=bins, members=members,
        weights=weights,
        separability=cross_validation.skill(checked, classes),
        references=rule.references,
        min_intensity=limit,
        calibration=calibration,
        unknown=rule.applied(options.min_confidence),
        averaging=options.averaging,
        variation=rule.variation,
        strengths=strengths.of_classes(data.select(rule.kept), preprocessing,
                                       rule.references))

    def votes(spectra: NDArray[np.float32]) -> NDArray[np.float32]:
        if isinstance(members, MlpMembers):
            return mlp_votes(members, bins, spectra)
        return view_votes(members, bins, spectra)

    fitted = Fitted.on_training(members, votes, spectra, data.labels)
    clock.lap("calibration and limits")
    figures = None if probabilities is None else calibrate.describe(
        calibration, probabilities[0], data.labels, options.seed)
    return definition, Details(task, fitted, checked, data, empty, fold,
                               judged, chosen, figures, rule, clock.laps)


def left_out(
        definition: ModelDefinition,
        found: Details) -> tuple[ModelDefinition, NDArray[np.int64] | None]:
    """The model without the spectra of the last fold, and their rows.

    What was chosen is fitted again, with the same temperatures. The model
    itself and None where nothing can be left out.
    """
    data, fold = found.data, found.fold
    if not len(fold):
        return definition, None
    rest = fold[0] != fold[0].max()
    spectra, labels = found.task.spectra[rest], data.labels[rest]
    members: MlpMembers | ViewMembers
    if found.chosen[0].candidate.kind == "network":
        members, _, _ = _networks(found.chosen[0], spectra, labels,
                                  len(data.classes), seed=0)
    else:
        members = _without(found.chosen, spectra, labels, len(data.classes))
    kept = ~np.isin(np.flatnonzero(rest), found.rule.trimmed)
    if definition.texture is not None and isinstance(members, ViewMembers):
        view = definition.texture.view
        members = replace(members, texture=textures.fitted(
            apply_view(members.views[view], spectra[kept]), labels[kept],
            view) or definition.texture)
    return replace(
        definition, members=members,
        references=novelty_limits.means(spectra, labels, kept,
                                        len(data.classes)),
        variation=novelty_limits.variation(spectra[kept], labels[kept]),
    ), np.flatnonzero(~rest)


def _textures(members: MlpMembers | ViewMembers, spectra: NDArray[np.float32],
              ) -> tuple[int, NDArray[np.float64]] | None:
    """(number, features (N, F)) of the texture view that is compared.

    That of the fewest parts: more features hide more. None without one.
    """
    if not isinstance(members, ViewMembers):
        return None
    views = {view.parts: number for number, view in enumerate(members.views)
             if not view.linear}
    if not views:
        return None
    number = views[min(views)]
    return number, apply_view(members.views[number], spectra)


def _without(chosen: list[Judged], spectra: NDArray[np.float32],
             labels: NDArray[np.int64], classes: int) -> ViewMembers:
    """Linear members fitted to other spectra, at their temperatures."""
    again = {each.candidate: each for each in selection.judge(
        spectra, labels, classes, np.empty((0, len(labels)), np.int64),
        [each.candidate for each in chosen], _never_ends)}
    members, _, _ = _members([replace(
        again[each.candidate], temperature=each.temperature,
        coef=tuple(coef / each.temperature
                   for coef in again[each.candidate].coef),
        intercept=again[each.candidate].intercept / each.temperature)
        for each in chosen])
    return members


def _never_ends(done: int, total: int, loss: float) -> bool:
    return True


def choice(judged: list[Judged], chosen: list[Judged], channels: int,
           classes: int) -> dict[str, Any]:
    """Candidates and choice, plain JSON values for the report."""
    return {
        "candidates": len(judged),
        "rule": _RULE if len(judged) > 1 else
        "too few spectra to choose: fixed default",
        "chosen": [_entry(each, channels, classes) for each in chosen],
        "ranking": [_entry(each, channels, classes) for each in sorted(
            judged, key=lambda j: j.loss)[:15]],
        "ms_per_train": cost.milliseconds(
            [each.candidate for each in chosen], channels, classes),
        "operations_per_spectrum": sum(
            each.candidate.operations(channels, classes)
            for each in chosen)}


def _entry(judged: Judged, channels: int, classes: int) -> dict[str, Any]:
    return {"name": judged.candidate.name, "bins": len(judged.bins),
            "log_loss": (float(judged.loss) if np.isfinite(judged.loss)
                         else None),
            "temperature": judged.temperature,
            "operations": judged.candidate.operations(channels, classes),
            "ms_per_train": cost.milliseconds([judged.candidate], channels,
                                              classes)}


def _sample(dataset: LabelledDataset, gate: bool,
            ) -> tuple[LabelledDataset, int, float]:
    """(spectra that take part, number of near-empty ones left out, gate)."""
    filled, limit = intensity_gate.filled(dataset.spectra, dataset.labels,
                                          gate)
    usable = np.flatnonzero(filled)
    groups = None if dataset.groups is None else dataset.groups[usable]
    rows = sampling.rows(dataset.labels[usable], groups,
                         sampling.most_for(len(dataset.axis)))
    return (dataset.select(usable[rows]), len(dataset) - len(usable), limit)


class _Clock:
    """Time by step, and whether the time limit has been reached.

    The limit counts the computing time of this thread, so that a busy machine
    does not change the choice.
    """

    def __init__(self, budget: float) -> None:
        self._start = time.thread_time()
        self._last = time.perf_counter()
        self._budget = budget
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(self.laps.get(name, 0.) + now - self._last, 3)
        self._last = now

    @property
    def left(self) -> bool:
        return time.thread_time() - self._start < self._budget


def _folds(data: LabelledDataset,
           options: TrainingOptions) -> tuple[NDArray[np.int64], str]:
    """(folds (R, N), by): the first row is that of the report."""
    fold, by = folds.assign(data.labels, data.groups, options.folds)
    if fold is None:
        return np.empty((0, len(data)), np.int64), ""
    if by == "captures":
        return fold[None], by
    if _few(data):
        return np.stack([fold, np.arange(len(data))]), by
    return np.concatenate([fold[None], folds.shuffled(
        data.labels, options.folds, _REPETITIONS if len(data) < _FEW else 1,
        options.seed)]), by


def _captures_left_out(data: LabelledDataset, fold: NDArray[np.int64],
                       by: str) -> tuple[int, int]:
    """(captures, folds) where folds leave out whole captures, else 0."""
    if by != "captures" or data.capture is None:
        return 0, 0
    return int(data.capture.max()) + 1, int(fold.max()) + 1


def _search(data: LabelledDataset, options: TrainingOptions,
            fold: NDArray[np.int64], clock: _Clock,
            progress: Progress | None) -> _Found:
    """(spectra, preprocessing, judged, chosen) of the better baseline."""
    plain = Preprocessing()
    tries = [plain]
    if options.try_baseline:
        mode = ("reduced" if options.baseline == "none"
                else options.baseline)
        tries.append(Preprocessing(replace(
            options, baseline=mode).preprocessing().baseline))
    found: list[tuple[float, _Found]] = []
    for number, preprocessing in enumerate(tries):
        spectra = _preprocessed(data.spectra, preprocessing)
        judged = selection.judge(
            spectra, data.labels, len(data.classes), fold,
            _options(data, options, fold),
            _tick(clock, progress, number, len(tries)))
        chosen = _chosen(judged, data, options, len(fold) > 0)
        clock.lap("candidates")
        average = _average(chosen)
        loss = (np.nan if average is None else selection.log_loss(
            average[selection.for_choice(len(fold))], data.labels))
        found.append((loss, (spectra, preprocessing, judged, chosen)))
    # the first one where no loss is known
    return min(found, key=lambda pair: (
        np.inf if np.isnan(pair[0]) else pair[0]))[1]


def _curved(spectra: NDArray[np.float32], data: LabelledDataset,
            options: TrainingOptions, fold: NDArray[np.int64],
            chosen: list[Judged], clock: "_Clock") -> Judged | None:
    """Networks, where they are clearly better than what was chosen."""
    classes, average = len(data.classes), _average(chosen)
    if (average is None or options.members != "auto"
            or np.bincount(data.labels).min() < networks.FROM):
        return None
    judging = selection.for_choice(len(fold))
    first = range(len(fold))[judging][0]
    wrong = average[first].argmax(axis=1) != data.labels
    if wrong.mean() < networks.ERRORS_FROM:
        return None
    plain = float32_range.is_plain(data.spectra)
    found: list[tuple[float, View]] = []
    for view in candidates.NETWORK_VIEWS:
        if view.normalise or plain:
            found.append((networks.curved(
                apply_view(view, spectra), data.labels, classes, fold[first],
                wrong), view))
    clearly, view = max(found, key=lambda pair: pair[0])
    if clearly < networks.CLEARLY:
        return None
    features = apply_view(view, spectra)
    logits = networks.out_of_fold(
        networks.Coordinates.of(features)(features), data.labels, classes,
        fold, options.seed, lambda: clock.left)
    clock.lap("networks")
    if logits is None:
        return None
    candidate = candidates.network(view)
    judged = selection.judged(
        candidate, candidate.bins(spectra.shape[1]), logits, (),
        np.zeros((candidates.NETWORKS, classes)), data.labels)
    if judged.losses is None or not cost.affordable([candidate]):
        return None
    more = selection.losses(average[judging], data.labels).mean(
        axis=0) - judged.losses
    error = more.std(ddof=1) / len(more) ** 0.5
    return judged if more.mean() > networks.CLEARLY * error else None


def _networks(chosen: Judged, spectra: NDArray[np.float32],
              labels: NDArray[np.int64], classes: int, seed: int,
              ) -> tuple[MlpMembers, Bins, NDArray[np.float64]]:
    """(`MlpMembers`, bins, weights) of networks fitted to all spectra."""
    features = apply_view(chosen.candidate.view, spectra)
    count = len(chosen.bins)
    return networks.members(
        networks.Coordinates.of(features), features, labels, classes,
        chosen.temperature, seed), chosen.bins, np.full(count, 1 / count)


def _options(data: LabelledDataset, options: TrainingOptions,
             fold: NDArray[np.int64]) -> list[Candidate]:
    """The candidates for which there are enough spectra."""
    channels = len(data.axis)
    if options.members == "texture":
        found = candidates.textures(channels)
        if not found:
            raise InputError(f"{channels} channels are too few for a texture")
        return found
    if not len(fold) or np.bincount(data.labels).min() < CHOICE_FROM:
        return [candidates.fixed(channels)]
    kinds = (("linear", *regression.KINDS) if options.try_regressions
             and len(data) <= REGRESSIONS_UP_TO else ("linear",))
    if _few(data):
        return candidates.simplest(channels)
    found = candidates.candidates(channels, kinds)
    if len(data) < selection.FEW * len(data.classes):
        # by chance, one of a texture's few features tells few spectra apart
        found = [each for each in found if each.view.linear]
    if float32_range.is_plain(data.spectra):
        return found
    return [each for each in found if each.view.normalise]


def _chosen(judged: list[Judged], data: LabelledDataset,
            options: TrainingOptions, known: bool) -> list[Judged]:
    """The candidates to average; `known`: whether their losses are."""
    if not (known and options.members == "auto" and _few(data)
            and np.bincount(data.labels).min() >= CHOICE_FROM):
        return selection.choose(judged, len(data.classes), cost.affordable)
    return sorted(judged, key=lambda each: each.loss)


def _few(data: LabelledDataset) -> bool:
    """Whether single spectra are left out of the simplest candidates."""
    return (len(data) < statistics.FEW * len(data.classes)
            and len(data) <= REGRESSIONS_UP_TO
            and float32_range.is_plain(data.spectra))


def _tick(clock: _Clock, progress: Progress | None, number: int,
          tries: int) -> selection.Continue:
    def tick(done: int, total: int, loss: float) -> bool:
        if progress is not None:
            progress(number * total + done, tries * total, loss)
        return clock.left

    return tick


def _preprocessed(spectra: NDArray[np.number],
                  preprocessing: Preprocessing) -> NDArray[np.float32]:
    return np.concatenate([
        preprocess(spectra[first:first + _ROWS], preprocessing)
        for first in range(0, len(spectra), _ROWS)])


def _normalised(preprocessing: Preprocessing,
                chosen: list[Judged]) -> Preprocessing:
    """SNV where no member depends on the intensity.

    It changes no vote, and mixture and residual then depend on the shape
    alone.
    """
    if all(each.candidate.view.linear and each.candidate.view.normalise
           for each in chosen):
        return Preprocessing(preprocessing.baseline, "snv")
    return preprocessing


def _average(chosen: list[Judged]) -> NDArray[np.float64] | None:
    known = [each.probabilities for each in chosen
             if each.probabilities is not None]
    return np.mean(known, axis=0) if known else None


def _members(
        chosen: list[Judged],
        ) -> tuple[
            ViewMembers, tuple[tuple[int, int], ...], NDArray[np.float64]]:
    """(`ViewMembers`, bins, weights): every candidate has the same weight."""
    bins = tuple(part for each in chosen for part in each.bins)
    members = ViewMembers(
        tuple(each.candidate.view for each in chosen),
        tuple(number for number, each in enumerate(chosen)
              for _ in each.bins),
        tuple(coef.astype(np.float32) for each in chosen
              for coef in each.coef),
        np.concatenate([each.intercept for each in chosen]).astype(
            np.float32))
    weights = np.concatenate([
        np.full(len(each.bins), 1 / (len(each.bins) * len(chosen)))
        for each in chosen])
    return members, bins, weights


def _validation(
        chosen: list[Judged], probabilities: NDArray[np.float64] | None,
        labels: NDArray[np.int64], classes: int, fold: NDArray[np.int64],
        by: str) -> cross_validation.Validation:
    bins = sum(len(each.bins) for each in chosen)
    if probabilities is None:
        unknown = np.full(bins, np.nan)
        return cross_validation.Validation("", 0, unknown, unknown)
    votes = np.concatenate([each.votes for each in chosen
                            if each.votes is not None]).transpose(1, 0, 2)
    return cross_validation.Validation(
        by, int(fold[0].max()) + 1,
        *cross_validation.bin_skill(votes, labels, classes),
        probabilities[0], probabilities[0].argmax(axis=1),
        cross_validation.fold_skill(votes, labels, classes, fold[0]))
