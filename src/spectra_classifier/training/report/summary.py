"""Report of a training, its warnings, and the entries of a manifest."""
from typing import Any

import numpy as np

from ...core.dataset import labelled_by_clusters, subtracted_dark
from ...core.evaluation import simple_references
from ...core.limits import alike
from ...core.model_definition import ModelDefinition
from .. import intensity_gate
from ..checks.null_tests import CHOSEN, CHOSEN_WORDS
from ..labelled import LabelledDataset
from ..members.fitted import Fitted, Task
from ..options import TrainingOptions
from ..selection.novelty_limits import Rule
from ..validation import calibration, cross_validation
from ..validation.cross_validation import Validation
from ..validation.statistics import FEW, wilson

#: spectra of the largest class per spectrum of the smallest above which a
#: report warns
UNEQUAL = 3


def report(dataset: LabelledDataset, options: TrainingOptions, task: Task,
           fitted: Fitted, checked: Validation,
           definition: ModelDefinition, rule: Rule) -> dict[str, Any]:
    """Report of a fit, plain JSON values (keys: docs/training.md)."""
    x = dataset.axis.values
    separability = cross_validation.skill(checked, task.classes)
    found: dict[str, Any] = {
        "classes": list(dataset.classes),
        "spectra": len(dataset),
        "spectra_per_class": np.bincount(
            task.labels, minlength=task.classes).tolist(),
        "captures": (None if dataset.captures is None
                     else len(dataset.captures.labels)),
        "bins": [{
            "start": start, "stop": stop,
            "from": float(x[start]), "to": float(x[stop - 1]),
            "training_accuracy": float(fitted.accuracy[b]),
            "loss": float(fitted.loss[b]),
            "weight": float(definition.weights[b]),
            "separability": _known(separability[b]),
        } for b, (start, stop) in enumerate(task.bins)],
        "zero_weight_bins": np.flatnonzero(definition.weights == 0).tolist(),
        "cross_validation": cross_validation.summary(checked, task.labels,
                                               dataset.capture),
        "calibration": {
            "temperature": definition.calibration.temperature,
            "samples": definition.calibration.samples,
            "status": definition.calibration.status,
            "words": calibration.words(dataset.fewest_captures)},
        "gate": {"min_intensity": definition.min_intensity,
                 "rule": (intensity_gate.RULE if options.gate
                          else intensity_gate.OFF)},
        "unknown": rule.figures(dataset.indices),
        "simple_references": simple_references.fit(
            dataset.spectra, task.labels, task.classes),
        "options": options.as_dict()}
    found["warnings"] = [*_warnings(dataset, found),
                         *rule.warnings(dataset.indices)]
    return found


def _warnings(dataset: LabelledDataset, report: dict[str, Any]) -> list[str]:
    """Reservations about the model."""
    warnings = ([f"{CHOSEN}: {CHOSEN_WORDS}"]
                if labelled_by_clusters(dataset.provenance) else [])
    number = report["spectra_per_class"]
    few, many = (number.index(pick(number)) for pick in (min, max))
    if number[many] > UNEQUAL * number[few]:
        warnings.append(
            f"unequal classes: {number[many]} spectra of "
            f"{dataset.classes[many]}, {number[few]} of "
            f"{dataset.classes[few]}; the accuracy is mostly that of "
            f"{dataset.classes[many]}: go by the recall of each class, and "
            f"teach more of {dataset.classes[few]}")
    if dataset.fewest_captures < 2:
        warnings.append(
            "drift not excluded: there are not two captures of every class, "
            "so a change of the instrument between them can look like the "
            "sample")
    if number[few] < FEW:
        warnings.append(
            f"{number[few]} {'spectrum' if number[few] == 1 else 'spectra'} "
            f"of {dataset.classes[few]}: how spectra of one state differ is "
            f"hardly known; {len(dataset)} left-out spectra without an error "
            "would prove an accuracy of "
            f"{wilson(1, len(dataset))[0]:.0%} and no more")
    if not report["cross_validation"]["known"]:
        warnings.append("separability is not known: "
                        + report["cross_validation"]["reason"])
    if report["calibration"]["status"] != "calibrated":
        warnings.append(
            f"confidence is uncalibrated: {report['calibration']['samples']} "
            "validated spectra of the rarest class, 50 are needed")
    if len(report["zero_weight_bins"]) == len(report["bins"]):
        warnings.append("no bin separates the classes: the model decides "
                        "nothing and calls every spectrum unknown")
    warnings += alike(dataset.classes)
    if report["gate"]["min_intensity"] <= 0:
        warnings.append("the training spectra have no positive intensity: "
                        "the gate is off and the model cannot be armed")
    return warnings


def info(dataset: LabelledDataset, report: dict[str, Any]) -> dict[str, Any]:
    """Entries of the manifest, for `model.save`; `dataset` is all of the data.
    """
    origin = dataset.provenance
    groups = dataset.groups
    return {
        "training_accuracy": [entry["training_accuracy"]
                              for entry in report["bins"]],
        "gate_rule": report["gate"]["rule"],
        "software": _torch_version(report["options"]["members"]),
        "training": {
            "data": [{
                "identifier": str(origin.get("path", "not stated")),
                "sha256": origin.get("sha256"),
                "dark": subtracted_dark(origin),
                "indices": dataset.indices.tolist(),
                "groups": None if groups is None else groups.tolist()}],
            "spectra_per_class": report["spectra_per_class"],
            "yardsticks": report["simple_references"],
            "options": report["options"],
            "warnings": report["warnings"],
            "seconds": report["seconds"]},
        "metrics": {"cross_validation": report["cross_validation"],
                    **_standing(report)}}


def _standing(report: dict[str, Any]) -> dict[str, Any]:
    """What supports or forbids arming, where known."""
    known: dict[str, Any] = {key: report[key] for key in (
        "unknown", "strips") if key in report}
    if "null_tests" not in report:
        return known
    return known | {"guards": {key: report["null_tests"][key] for key in (
        "verdict", "words", "arm", "accuracy", "null", "references")}}


def _torch_version(members: str) -> dict[str, str]:
    if members not in ("published", "mlp"):
        return {}
    import torch
    return {"torch": str(torch.__version__)}


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
