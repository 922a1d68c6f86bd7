"""Evaluation of a model against labels, with the counts behind it."""
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.dataset import Dataset
from ..core.engine.engine import Engine
from ..core.engine.labels import confidence
from ..core.evaluation import simple_references
from ..core.large_arrays import blocks, converted
from ..core.limits import plain_name
from ..core.model_definition import ModelDefinition, Settings
from ..core.preprocessing.preprocess import preprocess
from ..core.spectra import Code, make_train
from ..errors import InputError
from ..model import LoadedModel, make_engine
from ..model.taught import seen
from .checks import averaging_study
from .labelled import LabelledDataset, labelled
from .report.evidence import Evidence
from .validation import sampling, statistics

#: spectra classified at a time
_ROWS = 512
#: numbers of the spectra that the figures of a report are drawn from
_DRAWN = 10_000_000


def evaluate(model: LoadedModel | Engine, dataset: Dataset,
             indices: ArrayLike | None = None,
             settings: Settings | None = None,
             engine: str = "fused") -> dict[str, Any]:
    """Figures of merit, plain JSON values (keys: docs/command-line.md).

    A model of means of k pulses is given means of k neighbours of one class
    and capture, and `n` counts those. Rejected and unknown spectra count as
    wrong in `accuracy`. Spectra of classes that the model was not taught are
    counted apart, in `untaught` and `false_acceptance`.

    Parameters
    ----------
    model
        A loaded model, run by an engine of kind `engine`, or an engine.
    dataset
        Labelled; dark subtracted unless `settings` contains the dark.
    indices
        Numbers of the spectra (`dataset.indices`) to evaluate; by default
        all but those the model was trained on, which are known by their
        content.

    Raises
    ------
    InputError
        Where data and model do not fit, or nothing is left to evaluate.
    """
    return examine(model, dataset, indices, settings, engine)[0]


def examine(model: LoadedModel | Engine, dataset: Dataset,
            indices: ArrayLike | None = None, settings: Settings | None = None,
            engine: str = "fused") -> tuple[dict[str, Any], Evidence]:
    """As `evaluate`, with the `Evidence` of the taught classes.

    Rejected spectra are left out of the evidence; of many others it has some,
    spread evenly over the captures.
    """
    loaded, runner = _engine(model, engine)
    manifest = {} if loaded is None else loaded.manifest
    definition = runner.definition
    whole = labelled(dataset, "an evaluation")
    settings = settings or Settings()
    truth, strangers = _truth(whole, definition)
    known_rows = seen(loaded, whole, settings.dark)
    rows = _rows(whole, indices, known_rows.taught)
    data, truth = _only(whole, rows), truth[rows]
    if definition.averaging > 1:
        data, truth = _averaged(data, truth, definition.averaging)
    label, confidence, scores, seconds = _classify(runner, data, settings)
    known = truth < len(definition.classes)
    strange = _strangers(truth[~known], label[~known], definition, strangers)
    report = {
        "model": definition.model_id, "engine": runner.name,
        "averaging": definition.averaging,
        "calibration": definition.calibration.status,
        "classes": list(definition.classes),
        "seconds_per_spectrum": seconds / len(truth), **strange,
        "training_spectra_left_out": int(np.count_nonzero(
            known_rows.taught) if indices is None else 0),
        "training_spectra_included": int(np.count_nonzero(
            known_rows.taught[rows])),
        "training_spectra": whole.indices[known_rows.taught].tolist(),
        "similar_to_training": whole.indices[rows][
            known_rows.near[rows]].tolist()}
    kept = np.flatnonzero(known)
    data, truth, label = _only(data, kept), truth[kept], label[kept]
    report |= _figures(data, truth, label, confidence[kept], definition)
    references = _references(manifest, data.spectra, truth)
    report["simple_references"] = references
    report["better_references"] = simple_references.better(
        references or {}, report["accuracy"])
    return report, _evidence(definition, data, truth, label, scores[kept],
                             settings)


def _only(dataset: LabelledDataset,
          rows: NDArray[np.int64]) -> LabelledDataset:
    """Some spectra, in order; without a copy where these are all."""
    return dataset if len(rows) == len(dataset) else dataset.select(rows)


def _figures(data: LabelledDataset, truth: NDArray[np.int64],
             label: NDArray[np.int8], confidence: NDArray[np.float64],
             definition: ModelDefinition) -> dict[str, Any]:
    """What counts right and wrong; None where there is no spectrum."""
    right, decided = label == truth, label >= 0
    confusion = _confusion(truth, label, len(definition.classes))
    interval, number, of = (statistics.interval(right, data.capture)
                            if len(right) else (None, 0, "spectra"))
    per_class = _per_class(confusion, truth, definition.classes)
    recalls = [each["recall"] for each in per_class if each["n"]]
    return {
        "accuracy": float(right.mean()) if len(right) else None,
        "n": len(right), "accuracy_interval": interval,
        "interval_n": number, "interval_over": of,
        "accuracy_decided": (float(right[decided].mean())
                             if decided.any() else None),
        "balanced_accuracy": (float(np.mean(recalls)) if recalls
                              else None),
        "per_class": per_class,
        "confusion": confusion.tolist(),
        "unknown": int(np.count_nonzero(label == Code.UNKNOWN)),
        "rejected": int(np.count_nonzero(label < Code.UNKNOWN)),
        "ece": (statistics.calibration_error(
            confidence[decided], right[decided]) if decided.any() else None),
        "coverage_at_98": (statistics.coverage_at(confidence, right)
                           if len(right) else None),
        "boundary_error": statistics.boundary_error(label, truth,
                                                    data.indices)}


def _per_class(confusion: NDArray[np.int64], truth: NDArray[np.int64],
               classes: Sequence[str]) -> list[dict[str, Any]]:
    """Recall, precision and F1 of every class.

    Spectra without a class count in the recall; None where nothing is
    divided.
    """
    count = np.bincount(truth, minlength=len(classes))
    given, right = confusion.sum(axis=0), np.diag(confusion)

    def share(part: int, whole: int) -> float | None:
        return float(part / whole) if whole else None

    return [{"class": name, "n": int(count[c]),
             "recall": share(right[c], count[c]),
             "precision": share(right[c], given[c]),
             "f1": share(2 * right[c], count[c] + given[c])}
            for c, name in enumerate(classes)]


def _strangers(truth: NDArray[np.int64], label: NDArray[np.int8],
               definition: ModelDefinition,
               names: Sequence[str]) -> dict[str, Any]:
    """What becomes of spectra of classes that the model was not taught."""
    accepted = label >= 0
    share = float(accepted.mean()) if len(label) else None
    return {
        "false_acceptance": share,
        "false_acceptance_interval": (
            None if share is None else statistics.wilson(share, len(label))),
        "untaught": [{
            "class": name, "n": int(np.count_nonzero(own)),
            "called": {other: int(np.count_nonzero(label[own] == c))
                       for c, other in enumerate(definition.classes)},
            "unknown": int(np.count_nonzero(label[own] == Code.UNKNOWN)),
            "rejected": int(np.count_nonzero(label[own] < Code.UNKNOWN))}
            for number, name in enumerate(names, len(definition.classes))
            if (own := truth == number).any()]}


def _engine(model: LoadedModel | Engine,
            kind: str) -> tuple[LoadedModel | None, Engine]:
    """(the model, where it is one, and its engine)."""
    if isinstance(model, LoadedModel):
        return model, make_engine(model, kind)
    return None, model


def _evidence(definition: ModelDefinition, dataset: LabelledDataset,
              truth: NDArray[np.int64], label: NDArray[np.int8],
              scores: NDArray[np.float32], settings: Settings) -> Evidence:
    rows = np.flatnonzero(label >= Code.UNKNOWN)
    if len(rows):
        rows = rows[sampling.rows(
            truth[rows],
            None if dataset.groups is None else dataset.groups[rows],
            max(_DRAWN // len(dataset.axis), 1))]
    some = dataset.select(rows)
    return Evidence(
        definition.axis, definition.classes, preprocess(
            some.spectra, definition.preprocessing, settings.dark,
            settings.mask), some.spectra.mean(axis=1, dtype=np.float64),
        truth[rows], some.groups, some.indices,
        confidence(scores[rows].astype(np.float64), definition.calibration),
        definition.bins)


def _averaged(dataset: LabelledDataset, truth: NDArray[np.int64],
              k: int) -> tuple[LabelledDataset, NDArray[np.int64]]:
    """Means of k neighbours of one class and capture, and their labels."""
    known = replace(dataset, labels=truth, classes=tuple(
        map(str, range(int(truth.max()) + 1))))
    found = averaging_study.means(known, k)
    return found, found.labels


def _truth(dataset: LabelledDataset, definition: ModelDefinition,
           ) -> tuple[NDArray[np.int64], list[str]]:
    """(class of every spectrum (N,), names of classes not taught).

    The latter count on from the classes of the model.
    """
    mismatch = definition.axis.mismatch(dataset.axis)
    if mismatch:
        raise InputError(f"the data do not fit the model: {mismatch}")
    plain = {plain_name(name): name for name in definition.classes}
    strangers = [name for name in dataset.classes
                 if name not in definition.classes]
    for name in strangers:
        if plain_name(name) in plain:
            raise InputError(
                f"the data have the class {name!r}, the model "
                f"{plain[plain_name(name)]!r}: give the labels its name if "
                "they are the same, else one that looks different")
    known = [*definition.classes, *strangers]
    order = np.array([known.index(name) for name in dataset.classes])
    return order[dataset.labels], strangers


def _rows(dataset: LabelledDataset, indices: ArrayLike | None,
          trained: NDArray[np.bool_]) -> NDArray[np.int64]:
    if indices is None:
        rows = np.flatnonzero(~trained)
        if not len(rows):
            raise InputError("the model was trained on every one of these "
                             "spectra: use others, or include them with "
                             "--include-training")
        return rows
    rows = np.flatnonzero(np.isin(dataset.indices, indices))
    missing = np.setdiff1d(indices, dataset.indices)
    if len(missing):
        raise InputError(f"spectrum {missing[0]} is not among the data; "
                         f"there are {len(dataset)}")
    if not len(rows):
        raise InputError("no spectrum to evaluate: the list is empty")
    return rows


def _classify(
        engine: Engine, dataset: LabelledDataset,
        settings: Settings,
        ) -> tuple[
            NDArray[np.int8], NDArray[np.float64], NDArray[np.float32], float]:
    """(label (N,), confidence (N,), scores (N, C), seconds)."""
    engine.warm_up()
    # a model of means gets the mean, once per pulse
    copies = engine.definition.averaging
    spectra = dataset.spectra
    if spectra.dtype not in (np.uint16, np.float32):
        spectra = converted(spectra, np.float32)
    label = np.empty(len(spectra), np.int8)
    confidence = np.empty(len(spectra), np.float64)
    scores = np.empty((len(spectra), len(engine.definition.classes)),
                      np.float32)
    started = time.perf_counter()
    for first in range(0, len(spectra), _ROWS):
        block = slice(first, first + _ROWS)
        result = engine.classify(make_train(0, np.repeat(
            spectra[block], copies, axis=0)), settings)
        label[block] = result.label[::copies]
        confidence[block] = result.confidence[::copies]
        scores[block] = result.scores[::copies]
    return label, confidence, scores, time.perf_counter() - started


def _confusion(truth: NDArray[np.int64], label: NDArray[np.int8],
               classes: int) -> NDArray[np.int64]:
    """Rows: labelled class; columns: predicted class; codes are not counted.
    """
    table = np.zeros((classes, classes), np.int64)
    given = label >= 0
    np.add.at(table, (truth[given], label[given]), 1)
    return table


def _references(manifest: Mapping[str, Any], spectra: NDArray[np.number],
                truth: NDArray[np.int64]) -> dict[str, float] | None:
    """Accuracy of simple references of the training spectra, or None."""
    fitted = manifest.get("training", {}).get("yardsticks")
    if fitted is None or not len(truth):
        return None
    right: dict[str, int] = {}
    for rows in blocks(spectra):
        for name, label in simple_references.predict(
                fitted, spectra[rows]).items():
            right[name] = right.get(name, 0) + int(
                np.count_nonzero(label == truth[rows]))
    return {name: count / len(truth) for name, count in right.items()}
