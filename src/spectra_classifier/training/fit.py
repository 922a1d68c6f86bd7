"""From labelled spectra to a model definition."""
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .. import model
from ..core import bins as binning
from ..core.limits import MAX_BINS, check_classes
from ..core.model_definition import Calibration, ModelDefinition, UnknownRule
from ..core.preprocessing.preprocess import preprocess
from ..errors import InputError
from . import intensity_gate
from .checks import averaging_study, drift_reference, null_tests, valid_strips
from .members import linear
from .members.fitted import Task
from .options import TrainingOptions
from .report import auto_entries, summary
from .report.evidence import Evidence, of_training
from .selection import auto_fit
from .validation import cross_validation, statistics

#: spectra preprocessed at a time
_ROWS = 256


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A trained ensemble.

    `report`: what happened, in plain JSON values (docs/training.md);
    `info` and `golden` (k, channels): what `model.save` wants beside the
    definition; `evidence`: what `report_html` draws.
    """
    definition: ModelDefinition
    report: dict
    info: dict
    golden: np.ndarray
    evidence: Evidence

    def save(self, path, name=None, licence="not stated", description="",
             manifest_dir=None):
        """Write the model (`model.save`); returns its manifest.

        `name`: of the model, by default that of the file.
        """
        info = self.info | {"name": name or Path(path).stem,
                            "licence": licence, "description": description}
        return model.save(path, self.definition, info, self.golden,
                          manifest_dir)


def train(dataset, options=None, progress=None):
    """A `TrainingResult` from a labelled `Dataset` (dark subtracted).

    `progress(step, steps, loss)` is called after every step; an exception
    that it raises ends the training and comes out here. Raises `InputError`
    where the data cannot teach.
    """
    options = (options or TrainingOptions()).on_axis(dataset.axis)
    started = time.perf_counter()
    _check(dataset, options)
    study = averaging_study.study(dataset, options.folds,
                            options.counts_per_photon)
    options = _with_averaging(options, study)
    studied = time.perf_counter()
    learn = _automatic if options.members in ("auto", "texture") else _plain
    definition, report, task, evidence = (
        learn(dataset, options, progress) if options.averaging == 1
        else _of_means(dataset, options, progress, learn))
    learnt = time.perf_counter()
    definition = replace(definition,
                         drift=drift_reference.reference(dataset, definition))
    if "guards" not in report:
        report["guards"] = null_tests.check(dataset, options.seed)
    report |= {"averaging": {"k": options.averaging, "study": study},
               "spectra_given": len(dataset),
               "seconds_by_step": _by_step(
                   report.get("seconds_by_step", {}), studied - started,
                   learnt - studied, time.perf_counter() - learnt),
               "seconds": round(time.perf_counter() - started, 1)}
    return TrainingResult(definition, report, summary.info(dataset, report),
                          _golden(task, definition), evidence)


def _by_step(steps, studying, learning, rest):
    """Where the time went; `steps` are parts of `learning` already known."""
    known = steps or {"members and cross-validation": learning}
    return {"averaging study": round(studying, 3), **known,
            "guards, drift and figures": round(
                learning - sum(known.values()) + rest, 3)}


def _with_averaging(options, study):
    """0 becomes the recommended number."""
    if options.averaging:
        return options
    if study is None:
        raise InputError("the number of pulses to average can only be "
                         "recommended with two captures of every class: give "
                         "the number")
    return replace(options, averaging=study["recommended"])


def _of_means(dataset, options, progress, learn):
    """As the engine does it: single pulses pass the gate, then the mean."""
    filled, limit = intensity_gate.filled(dataset.spectra)
    taught = averaging_study.means(dataset.select(filled), options.averaging)
    definition, report, *rest = learn(taught, options, progress)
    report["gate"]["min_intensity"] = limit
    return replace(definition, min_intensity=limit), report, *rest


def _plain(dataset, options, progress):
    """(definition, report, task, evidence) of one kind on equal bins."""
    method = _method(options)
    task = Task(dataset.axis, dataset.spectra,
                _preprocessed(dataset, options), dataset.labels,
                len(dataset.classes),
                binning.equal_bins(len(dataset.axis), options.bins))
    tick = _Ticker(method, options, task, dataset.groups, progress)
    checked = cross_validation.cross_validate(task, dataset.groups, options,
                                        method, tick)
    fitted = method.fit(task, np.arange(len(dataset)), options, False, tick)
    definition = _definition(dataset, options, task, fitted, checked)
    left_out = (definition if checked.held is None
                else replace(definition, members=checked.members))
    definition, borne = _with_strips(definition, left_out, task,
                                     checked.held, options)
    report = summary.report(dataset, options, task, fitted, checked,
                            definition)
    return definition, report | borne, task, of_training(
        dataset, task, definition, checked)


def _automatic(dataset, options, progress):
    """(definition, report, task, evidence) of the best candidates."""
    definition, found = auto_fit.fit(dataset, options, progress)
    left_out, held = auto_fit.left_out(definition, found)
    definition, borne = _with_strips(definition, left_out, found["task"],
                                     held, options)
    report = summary.report(found["data"], options, found["task"],
                            found["fitted"], found["checked"], definition)
    report |= auto_entries.entries(definition, found, options) | borne
    report["warnings"] += report["guards"]["warnings"]
    return definition, report, found["task"], of_training(
        found["data"], found["task"], definition, found["checked"])


def _with_strips(definition, left_out, task, held, options):
    """(the definition with the strips that it needs, entry of the report).

    `left_out`: the same model, which has not learnt the spectra `held`.
    """
    held = np.zeros(0, int) if held is None else held
    found = valid_strips.borne(left_out, task.raw[held], task.labels[held],
                         valid_strips.untaught(task.raw), options.seed)
    return found.applied(definition), {"strips": found.figures}


def _method(options):
    """What fits members of one kind; torch is loaded for networks alone."""
    if options.members == "mlp":
        from .members import mlp
        return mlp
    if options.members == "pointwise":
        from .members import pointwise
        return pointwise
    return linear


class _Ticker:
    """Turns the steps of all fits into one running count."""

    def __init__(self, method, options, task, groups, progress):
        fold, _ = cross_validation.folds.assign(
            task.labels, groups, options.folds
        )
        count = 0 if fold is None else int(fold.max()) + 1
        self._total = (count * method.steps(options, True)
                       + method.steps(options, False))
        self._done = 0
        self._progress = progress

    def __call__(self, loss):
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total, loss)


def _check(dataset, options):
    if dataset.labels is None:
        raise InputError("the data have no labels: training needs the class "
                         "of every spectrum")
    if len(dataset.classes) < 2:
        raise InputError(f"one class ({dataset.classes[0]!r}): training needs "
                         "spectra of at least two")
    check_classes(dataset.classes)
    if options.bins > MAX_BINS:
        raise InputError(f"{options.bins} bins: use {MAX_BINS} or fewer")
    count = np.bincount(dataset.labels, minlength=len(dataset.classes))
    if not count.all():
        missing = dataset.classes[int(np.flatnonzero(count == 0)[0])]
        raise InputError(f"class {missing!r} has no training spectrum: add "
                         "some, or leave the class out")
    if options.members not in ("auto", "texture"):    # they choose their own
        binning.equal_bins(len(dataset.axis), options.bins)


def _preprocessed(dataset, options):
    constants = options.preprocessing()
    return np.concatenate([
        preprocess(dataset.spectra[first:first + _ROWS], constants)
        for first in range(0, len(dataset), _ROWS)])


def _definition(dataset, options, task, fitted, checked):
    if options.members != "pointwise":
        accuracy = (checked.bin_accuracy if checked.known
                    else np.ones(len(task.bins)))
    else:
        accuracy = fitted.accuracy
    temperature, samples = (statistics.DEFAULT_TEMPERATURE, 0)
    if checked.known:
        temperature, samples = statistics.fit_temperature(
            checked.scores, task.labels)
    return ModelDefinition(
        model_id="unsaved", classes=dataset.classes, axis=dataset.axis,
        preprocessing=options.preprocessing(), bins=task.bins,
        members=fitted.members,
        weights=binning.published_weights(accuracy, task.classes),
        separability=cross_validation.skill(checked, task.classes),
        references=np.stack([
            task.spectra[task.labels == c].mean(axis=0)
            for c in range(task.classes)]),
        min_intensity=intensity_gate.threshold(dataset.spectra),
        calibration=Calibration(temperature, samples),
        unknown=UnknownRule(options.min_confidence),
        averaging=options.averaging)


def _golden(task, definition):
    """One raw spectrum per class: the nearest to its class reference."""
    rows = []
    for c in range(task.classes):
        own = np.flatnonzero(task.labels == c)
        distance = np.square(task.spectra[own]
                             - definition.references[c]).sum(axis=1)
        rows.append(own[int(distance.argmin())])
    return task.raw[rows].astype(np.float32)
