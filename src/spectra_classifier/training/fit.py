"""Training: from labelled spectra to a model definition."""
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import model
from ..core import bins as binning
from ..core.dataset import Dataset
from ..core.describe import better_words
from ..core.evaluation import simple_references, taught_spectra
from ..core.large_arrays import converted
from ..core.limits import MAX_BINS, check_classes
from ..core.model_definition import Calibration, ModelDefinition
from ..core.preprocessing.preprocess import preprocess
from ..core.spectra import LARGEST
from ..errors import InputError
from . import intensity_gate, mixture_error, strengths
from .checks import (
    averaging_study,
    drift_reference,
    duplicates,
    float32_range,
    null_tests,
    own_spectra,
    valid_strips,
)
from .labelled import LabelledDataset, labelled
from .members import linear
from .members.fitted import Fitted, Method, Progress, Task
from .options import TrainingOptions
from .report import auto_entries, summary
from .report.evidence import Evidence, of_training
from .selection import auto_fit, mean_limits, novelty_limits, spike_limits
from .selection.novelty_limits import Rule
from .validation import cross_validation, folds, statistics
from .validation.cross_validation import Validation

#: spectra preprocessed at a time
_ROWS = 256
#: definition, report, what was fitted to, data of the figures
type _Outcome = tuple[ModelDefinition, dict[str, Any], Task, Evidence]
type _Fitter = Callable[
    [LabelledDataset, TrainingOptions, Progress | None], _Outcome]


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A trained ensemble.

    Attributes
    ----------
    report
        Plain JSON values (keys: docs/training.md).
    info, golden : (k, channels)
        What `model.compose` needs besides the definition.
    evidence
        Data of the figures of `report.html`.
    """
    definition: ModelDefinition
    report: dict[str, Any]
    info: dict[str, Any]
    golden: NDArray[np.float32]
    evidence: Evidence

    def save(self, path: str | Path, name: str | None = None,
             licence: str = "not stated", description: str = "",
             manifest_dir: Path | None = None) -> dict[str, Any]:
        """Write the model (`model.put`) and return its manifest.

        `name` of the model is that of the file by default; `manifest_dir` the
        folder of the file.
        """
        made = self.compose(name or Path(path).stem, licence, description,
                            path)
        model.put(made, path, manifest_dir)
        return made.manifest

    def compose(self, name: str, licence: str = "not stated",
                description: str = "",
                path: str | Path = "the model") -> model.LoadedModel:
        """The model in memory (`model.compose`); `path` is for messages."""
        return model.compose(self.definition, self.info | {
            "name": name, "licence": licence, "description": description},
            self.golden, path)


def train(dataset: Dataset, options: TrainingOptions | None = None,
          progress: Progress | None = None) -> TrainingResult:
    """Train a model on labelled data (dark subtracted).

    Parameters
    ----------
    progress
        Called with step, number of steps and loss after every step; an
        exception that it raises ends the training.

    Raises
    ------
    InputError
        Where a model cannot be trained on the data.
    """
    options = (options or TrainingOptions()).on_axis(dataset.axis)
    started = time.perf_counter()
    data = labelled(dataset)
    _check(data, options)
    marks = taught_spectra.marks(data.spectra)
    if data.spectra.dtype == np.float64:
        # an engine never sees more, and limits are learnt from its errors
        data = replace(data, spectra=converted(data.spectra, np.float32))
    spikes = spike_limits.found(data)
    data = spikes.data
    study = averaging_study.study(data, options.folds,
                                  options.counts_per_photon)
    options = _with_averaging(options, study)
    studied = time.perf_counter()
    fitter = _automatic if options.members in ("auto", "texture") else _plain
    definition, report, task, evidence = (
        fitter(data, options, progress) if options.averaging == 1
        else _of_means(data, options, progress, fitter))
    fitted = time.perf_counter()
    definition = replace(
        definition, drift=drift_reference.reference(data, definition),
        preprocessing=replace(definition.preprocessing, spikes=spikes.rule),
        mixture_error=mixture_error.of_captures(data, definition))
    means = mean_limits.found(data, definition, options.unknown_level)
    definition = replace(definition, mean_rule=means.rule)
    report["unknown"]["means"] = means.figures
    if "null_tests" not in report:
        report["null_tests"] = null_tests.check(data, options.seed)
    _add_own_spectra(report, task, definition)
    _add_references(report)
    report["warnings"] += duplicates.warnings(
        marks, data.labels, data.groups, data.indices, data.classes)
    report |= {"spikes": spikes.figures,
               "averaging": {"k": options.averaging, "study": study},
               "spectra_given": len(data),
               "seconds_by_step": _by_step(
                   report.get("seconds_by_step", {}), studied - started,
                   fitted - studied, time.perf_counter() - fitted),
               "seconds": round(time.perf_counter() - started, 1)}
    return TrainingResult(
        definition, report,
        summary.info(data, report) | {"taught": marks},
        _golden(task, definition), evidence)


def _add_own_spectra(report: dict[str, Any], task: Task,
                     definition: ModelDefinition) -> None:
    """A model that turns its own spectra away must not be armed."""
    report["own_spectra"] = own_spectra.check(task, definition)
    found = own_spectra.warnings(report["own_spectra"])
    if found:
        report["warnings"] += found
        report["null_tests"] |= {
            "verdict": "not established", "words": found[0], "arm": False}


def _add_references(report: dict[str, Any]) -> None:
    """Simple methods that do better on left-out spectra come first.

    Classes count alike, as in the accuracy of the references.
    """
    checked, tests = report["cross_validation"], report["null_tests"]
    accuracy = (float(np.mean(np.diag(checked["confusion"])
                              / report["spectra_per_class"]))
                if checked["known"] else tests["accuracy"])
    report["beaten_by"] = better_words(
        simple_references.better(tests["references"], accuracy), accuracy)
    report["warnings"] = report["beaten_by"] + report["warnings"]


def _by_step(steps: dict[str, float], studying: float, fitting: float,
             rest: float) -> dict[str, float]:
    """Seconds by step; `steps` are the known parts of `fitting`."""
    known = steps or {"members and cross-validation": fitting}
    return {"averaging study": round(studying, 3), **known,
            "null tests, drift and figures": round(
                fitting - sum(known.values()) + rest, 3)}


def _with_averaging(options: TrainingOptions,
                    study: dict[str, Any] | None) -> TrainingOptions:
    """0 becomes the recommended number."""
    if options.averaging:
        return options
    if study is None:
        raise InputError("the number of pulses to average can only be "
                         "recommended with two captures of every class: give "
                         "the number")
    return replace(options, averaging=study["recommended"])


def _of_means(dataset: LabelledDataset, options: TrainingOptions,
              progress: Progress | None, fitter: _Fitter) -> _Outcome:
    """As in the engine: single pulses pass the gate, then their mean."""
    filled, limit = intensity_gate.filled(dataset.spectra, dataset.labels,
                                          options.gate)
    definition, report, task, evidence = fitter(
        averaging_study.means(dataset.select(filled), options.averaging),
        options, progress)
    report["gate"]["min_intensity"] = limit
    return (replace(definition, min_intensity=limit), report, task,
            evidence)


def _plain(dataset: LabelledDataset, options: TrainingOptions,
           progress: Progress | None) -> _Outcome:
    """Members of one kind on equal bins."""
    method = _method(options)
    if options.normalisation == "none" and options.baseline == "none":
        float32_range.check(dataset.spectra)
    task = Task(dataset.axis, dataset.spectra,
                _preprocessed(dataset, options), dataset.labels,
                len(dataset.classes),
                binning.equal_bins(len(dataset.axis), options.bins))
    tick = _Ticker(method, options, task, dataset.groups, progress)
    checked = cross_validation.cross_validate(task, dataset.groups,
                                              options, method, tick)
    fitted = method.fit(task, np.arange(len(dataset)), options, False, tick)
    rule = novelty_limits.rule(
        task.spectra, dataset.labels, dataset.capture, options.unknown_level,
        varying=not _in_one_pass(options))
    definition = _definition(dataset, options, task, fitted, checked, rule)
    left_out = (definition if checked.members is None
                else replace(definition, members=checked.members))
    definition, borne = _with_strips(definition, left_out, task,
                                     checked.held, options)
    report = summary.report(dataset, options, task, fitted, checked,
                            definition, rule)
    return definition, report | borne, task, of_training(
        dataset, task, definition, checked)


def _automatic(dataset: LabelledDataset, options: TrainingOptions,
               progress: Progress | None) -> _Outcome:
    """The best candidates, averaged."""
    definition, found = auto_fit.fit(dataset, options, progress)
    left_out, held = auto_fit.left_out(definition, found)
    definition, borne = _with_strips(definition, left_out, found.task,
                                     held, options)
    report = summary.report(found.data, options, found.task,
                            found.fitted, found.checked, definition,
                            found.rule)
    report |= auto_entries.entries(definition, found, options) | borne
    report["warnings"] += report["null_tests"]["warnings"]
    return definition, report, found.task, of_training(
        found.data, found.task, definition, found.checked)


def _with_strips(
        definition: ModelDefinition, left_out: ModelDefinition, task: Task,
        held: NDArray[np.int64] | None,
        options: TrainingOptions) -> tuple[ModelDefinition, dict[str, Any]]:
    """(the definition with the strips that it needs, entry of the report).

    `left_out`: the same model, not trained on the spectra `held`.
    """
    held = np.zeros(0, np.int64) if held is None else held
    found = valid_strips.borne(
        left_out, task.raw[held], task.labels[held],
        valid_strips.untaught(task.raw), options.seed)
    return found.applied(definition), {"strips": found.figures}


def _method(options: TrainingOptions) -> Method:
    """The module for members of one kind; torch is loaded for networks alone.
    """
    if options.members == "mlp":
        from .members import mlp
        return mlp
    if options.members == "published":
        from .members import pointwise
        return pointwise
    return linear


class _Ticker:
    """Turns the steps of all fits into one running count."""

    def __init__(self, method: Method, options: TrainingOptions, task: Task,
                 groups: NDArray[np.int64] | None,
                 progress: Progress | None) -> None:
        fold, _ = folds.assign(task.labels, groups, options.folds)
        count = 0 if fold is None else int(fold.max()) + 1
        self._total = (count * method.steps(options, True)
                       + method.steps(options, False))
        self._done = 0
        self._progress = progress

    def __call__(self, loss: float) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total, loss)


def _check(dataset: LabelledDataset, options: TrainingOptions) -> None:
    if len(dataset.classes) < 2:
        raise InputError(f"one class ({dataset.classes[0]!r}): training needs "
                         "spectra of at least two")
    check_classes(dataset.classes)
    largest = max(float(dataset.spectra.max()), -float(dataset.spectra.min()))
    if not largest <= LARGEST:
        raise InputError(
            f"intensities up to {largest:.3g}: more than {LARGEST:g} is taken "
            "for bad data; divide them, here and later, by a constant")
    if options.bins > MAX_BINS:
        raise InputError(f"{options.bins} bins: use {MAX_BINS} or fewer")
    count = np.bincount(dataset.labels, minlength=len(dataset.classes))
    if not count.all():
        missing = dataset.classes[int(np.flatnonzero(count == 0)[0])]
        raise InputError(f"class {missing!r} has no training spectrum: add "
                         "some, or leave the class out")
    if options.gate:
        intensity_gate.check(dataset.spectra, dataset.labels,
                             dataset.classes)
    if options.members not in ("auto", "texture"):    # they choose their own
        channels = len(dataset.axis)
        if options.bins > channels:
            raise InputError(f"{options.bins} bins for {channels} channels: "
                             f"state 1 to {channels} with --bins")
        binning.equal_bins(channels, options.bins)


def _preprocessed(dataset: LabelledDataset,
                  options: TrainingOptions) -> NDArray[np.float32]:
    constants = options.preprocessing()
    return np.concatenate([
        preprocess(dataset.spectra[first:first + _ROWS], constants)
        for first in range(0, len(dataset), _ROWS)])


def _in_one_pass(options: TrainingOptions) -> bool:
    """Whether points are counted on raw spectra, the fastest of all models.

    What varies within a class is not taken out there: it would cost a second
    pass.
    """
    preprocessing = options.preprocessing()
    return (options.members == "published" and preprocessing.of_spectrum
            == preprocessing.baseline.mode == "none")


def _definition(dataset: LabelledDataset, options: TrainingOptions, task: Task,
                fitted: Fitted, checked: Validation,
                rule: Rule) -> ModelDefinition:
    if options.members != "published":
        accuracy = (checked.bin_accuracy if checked.known
                    else np.ones(len(task.bins)))
    else:
        accuracy = fitted.accuracy
    temperature, samples = (statistics.DEFAULT_TEMPERATURE, 0)
    if checked.scores is not None:
        temperature, samples = statistics.fit_temperature(
            checked.scores, task.labels)
    return ModelDefinition(
        model_id="unsaved", classes=dataset.classes, axis=dataset.axis,
        preprocessing=options.preprocessing(), bins=task.bins,
        members=fitted.members,
        weights=binning.published_weights(accuracy, task.classes),
        separability=cross_validation.skill(checked, task.classes),
        references=rule.references,
        min_intensity=intensity_gate.threshold(
            dataset.spectra, dataset.labels, options.gate),
        calibration=Calibration(temperature, samples),
        unknown=rule.applied(options.min_confidence),
        averaging=options.averaging,
        # without a limit it would cost time and decide nothing
        variation=rule.variation if rule.known else None,
        strengths=strengths.of_classes(dataset.select(rule.kept),
                                       options.preprocessing(),
                                       rule.references))


def _golden(task: Task, definition: ModelDefinition) -> NDArray[np.float32]:
    """One raw spectrum per class: the nearest to its class reference."""
    rows = []
    for c in range(task.classes):
        own = np.flatnonzero(task.labels == c)
        distance = np.square(task.spectra[own]
                             - definition.references[c]).sum(axis=1)
        rows.append(own[int(distance.argmin())])
    return task.raw[rows].astype(np.float32)
