"""From labelled spectra to a model definition."""
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import model
from ..core import bins as binning
from ..core import yardsticks
from ..core.definition import Calibration, ModelDefinition, UnknownRule
from ..core.preprocessing import preprocess
from ..errors import InputError
from . import auto_fit, auto_report, gate, statistics, validation
from .fitted import Task
from .options import TrainingOptions

#: spectra preprocessed at a time
_ROWS = 256


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A trained ensemble.

    `report`: what happened, in plain JSON values (docs/training.md);
    `info` and `golden` (k, channels): what `model.save` wants beside the
    definition.
    """
    definition: ModelDefinition
    report: dict
    info: dict
    golden: np.ndarray

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
    options = options or TrainingOptions()
    started = time.perf_counter()
    _check(dataset, options)
    if options.members == "auto":
        return _train_auto(dataset, options, progress, started)
    method = _method(options)
    task = Task(dataset.axis, _preprocessed(dataset, options),
                dataset.labels, len(dataset.classes),
                binning.equal_bins(len(dataset.axis), options.bins))
    tick = _Ticker(method, options, task, dataset.groups, progress)
    checked = validation.cross_validate(task, dataset.groups, options,
                                        method, tick)
    fitted = method.fit(task, np.arange(len(dataset)), options, False, tick)
    definition = _definition(dataset, options, task, fitted, checked)
    report = _report(dataset, options, task, fitted, checked, definition,
                     time.perf_counter() - started)
    return TrainingResult(definition, report, _info(dataset, report),
                          _golden(dataset, task, definition))


def _train_auto(dataset, options, progress, started):
    """The best linear candidates, averaged (see `auto_fit`)."""
    definition, found = auto_fit.fit(dataset, options, progress)
    data, task = found["data"], found["task"]
    report = _report(data, options, task, found["fitted"], found["checked"],
                     definition, 0.)
    report |= auto_report.entries(dataset, definition, found, options)
    report["warnings"] += report["guards"]["warnings"]
    report["seconds"] = round(time.perf_counter() - started, 1)
    return TrainingResult(definition, report, _info(dataset, report),
                          _golden(data, task, definition))


def _method(options):
    if options.members == "linear":
        from . import linear_fit
        return linear_fit
    from . import pointwise_fit
    return pointwise_fit


class _Ticker:
    """Turns the steps of all fits into one running count."""

    def __init__(self, method, options, task, groups, progress):
        fold, _ = validation.folds.assign(task.labels, groups, options.folds)
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
    count = np.bincount(dataset.labels, minlength=len(dataset.classes))
    if not count.all():
        missing = dataset.classes[int(np.flatnonzero(count == 0)[0])]
        raise InputError(f"class {missing!r} has no training spectrum: add "
                         "some, or leave the class out")
    binning.equal_bins(len(dataset.axis), options.bins)


def _preprocessed(dataset, options):
    constants = options.preprocessing()
    return np.concatenate([
        preprocess(dataset.spectra[first:first + _ROWS], constants)
        for first in range(0, len(dataset), _ROWS)])


def _definition(dataset, options, task, fitted, checked):
    if options.members == "linear":
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
        separability=validation.skill(checked, task.classes),
        references=np.stack([
            task.spectra[task.labels == c].mean(axis=0)
            for c in range(task.classes)]),
        min_intensity=gate.threshold(dataset.spectra),
        calibration=Calibration(temperature, samples),
        unknown=UnknownRule(options.min_confidence))


def _report(dataset, options, task, fitted, checked, definition, seconds):
    x = dataset.axis.values
    report = {
        "classes": list(dataset.classes),
        "spectra": len(dataset),
        "spectra_per_class": np.bincount(
            task.labels, minlength=task.classes).tolist(),
        "captures": (None if dataset.groups is None
                     else len(np.unique(dataset.groups))),
        "bins": [{
            "start": start, "stop": stop,
            "from": float(x[start]), "to": float(x[stop - 1]),
            "training_accuracy": float(fitted.accuracy[b]),
            "loss": float(fitted.loss[b]),
            "weight": float(definition.weights[b]),
            "separability": _known(definition.separability[b]),
        } for b, (start, stop) in enumerate(task.bins)],
        "zero_weight_bins": np.flatnonzero(definition.weights == 0).tolist(),
        "cross_validation": validation.summary(checked, task.labels,
                                               dataset.groups),
        "calibration": {
            "temperature": definition.calibration.temperature,
            "samples": definition.calibration.samples,
            "status": definition.calibration.status},
        "gate": {"min_intensity": definition.min_intensity,
                 "rule": gate.RULE},
        "yardsticks": yardsticks.fit(
            dataset.spectra, task.labels, task.classes, task.bins),
        "options": options.as_dict(),
        "seconds": round(seconds, 1)}
    report["warnings"] = _warnings(dataset, report)
    return report


def _warnings(dataset, report):
    """What a reader must know before trusting the model."""
    warnings = []
    classes = len(dataset.classes)
    captures = (None if dataset.groups is None else [
        len(np.unique(dataset.groups[dataset.labels == c]))
        for c in range(classes)])
    if captures is None or min(captures) < 2:
        warnings.append(
            "drift not excluded: there are not two captures of every class, "
            "so a change of the instrument between them can look like the "
            "sample")
    if not report["cross_validation"]["known"]:
        warnings.append("separability is not known: "
                        + report["cross_validation"]["reason"])
    if report["calibration"]["status"] != "calibrated":
        warnings.append(
            f"confidence is uncalibrated: {report['calibration']['samples']} "
            "validated spectra of the rarest class, 50 are needed")
    if len(report["zero_weight_bins"]) == len(report["bins"]):
        warnings.append("no bin tells the classes apart: the model decides "
                        "nothing and calls every spectrum unknown")
    if report["gate"]["min_intensity"] <= 0:
        warnings.append("the training spectra have no positive intensity: "
                        "the gate is off and the model cannot be armed")
    return warnings


def _info(dataset, report):
    origin = dataset.provenance
    groups = dataset.groups
    return {
        "training_accuracy": [entry["training_accuracy"]
                              for entry in report["bins"]],
        "gate_rule": gate.RULE,
        "software": _torch_version(report["options"]["members"]),
        "training": {
            "data": [{
                "identifier": str(origin.get("path", "not stated")),
                "sha256": origin.get("sha256"),
                "indices": dataset.indices.tolist(),
                "groups": None if groups is None else groups.tolist()}],
            "spectra_per_class": report["spectra_per_class"],
            "yardsticks": report["yardsticks"],
            "options": report["options"],
            "warnings": report["warnings"],
            "seconds": report["seconds"]},
        "metrics": {"cross_validation": report["cross_validation"],
                    **_standing(report)}}


def _standing(report):
    """What speaks for or against arming, where it was looked into."""
    if "guards" not in report:
        return {}
    return {"guards": {key: report["guards"][key] for key in (
        "verdict", "words", "arm", "accuracy", "null", "references")}}


def _torch_version(members):
    if members != "pointwise":
        return {}
    import torch
    return {"torch": str(torch.__version__)}


def _golden(dataset, task, definition):
    """One raw spectrum per class: the nearest to its class reference."""
    rows = []
    for c in range(task.classes):
        own = np.flatnonzero(task.labels == c)
        distance = np.square(task.spectra[own]
                             - definition.references[c]).sum(axis=1)
        rows.append(own[int(distance.argmin())])
    return dataset.spectra[rows].astype(np.float32)


def _known(value):
    return float(value) if np.isfinite(value) else None
