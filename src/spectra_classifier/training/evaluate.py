"""Evaluation of a model against labels, with the counts behind it."""
import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.dataset import Dataset
from ..core.engine.engine import Engine
from ..core.engine.labels import confidence
from ..core.evaluation import simple_references
from ..core.model_definition import ModelDefinition, Settings
from ..core.preprocessing.preprocess import preprocess
from ..core.spectra import Code, make_train
from ..errors import InputError
from ..model import LoadedModel, make_engine
from .checks import averaging_study
from .labelled import LabelledDataset, labelled
from .report.evidence import Evidence
from .validation import statistics

#: spectra classified at a time
_ROWS = 512


def evaluate(model: LoadedModel | Engine, dataset: Dataset,
             indices: ArrayLike | None = None,
             settings: Settings | None = None,
             engine: str = "fused") -> dict[str, Any]:
    """Figures of merit, plain JSON values (keys: docs/training.md).

    A model of means of k pulses is given means of k neighbours of one class
    and capture, and `n` counts those. Rejected and unknown spectra count as
    wrong in `accuracy`.

    Parameters
    ----------
    model
        A loaded model, run by an engine of kind `engine`, or an engine.
    dataset
        Labelled; dark subtracted unless `settings` contains the dark.
    indices
        Numbers of the spectra (`dataset.indices`) to evaluate; by default
        all but those the model was trained on, which are known from its
        manifest.

    Raises
    ------
    InputError
        Where data and model do not fit, or nothing is left to evaluate.
    """
    return examine(model, dataset, indices, settings, engine)[0]


def examine(model: LoadedModel | Engine, dataset: Dataset,
            indices: ArrayLike | None = None, settings: Settings | None = None,
            engine: str = "fused") -> tuple[dict[str, Any], Evidence]:
    """As `evaluate`, with the `Evidence`; rejected spectra are left out."""
    manifest, runner = _engine(model, engine)
    definition = runner.definition
    whole = labelled(dataset, "an evaluation")
    truth = _truth(whole, definition)
    trained = training_rows(manifest, whole)
    rows = _rows(whole, indices, trained)
    data, truth = whole.select(rows), truth[rows]
    if definition.averaging > 1:
        data, truth = _averaged(data, truth, definition.averaging)
    settings = settings or Settings()
    label, confidence, scores, seconds = _classify(runner, data, settings)
    right = label == truth
    decided = label >= 0
    interval, number, of = statistics.interval(right, data.capture)
    report = {
        "model": definition.model_id, "engine": runner.name,
        "averaging": definition.averaging,
        "accuracy": float(right.mean()), "n": len(right),
        "accuracy_interval": interval, "interval_n": number,
        "interval_over": of,
        "accuracy_decided": (float(right[decided].mean())
                             if decided.any() else None),
        "classes": list(definition.classes),
        "confusion": _confusion(truth, label, len(definition.classes)),
        "unknown": int(np.count_nonzero(label == Code.UNKNOWN)),
        "rejected": int(np.count_nonzero(label < Code.UNKNOWN)),
        "ece": (statistics.calibration_error(
            confidence[decided], right[decided]) if decided.any() else None),
        "calibration": definition.calibration.status,
        "coverage_at_98": statistics.coverage_at(confidence, right),
        "boundary_error": statistics.boundary_error(label, truth,
                                                    data.indices),
        "seconds_per_spectrum": seconds / len(right),
        "training_spectra_left_out": int(np.count_nonzero(
            trained) if indices is None else 0),
        "training_spectra_included": int(np.count_nonzero(trained[rows])),
        "simple_references": _references(manifest, data.spectra, truth),
    }
    return report, _evidence(definition, data, truth, label, scores,
                             settings)


def _engine(model: LoadedModel | Engine,
            kind: str) -> tuple[dict[str, Any] | None, Engine]:
    """(manifest, if there is one, and engine) of a model."""
    if isinstance(model, LoadedModel):
        return model.manifest, make_engine(model, kind)
    return None, model


def _evidence(definition: ModelDefinition, dataset: LabelledDataset,
              truth: NDArray[np.int64], label: NDArray[np.int8],
              scores: NDArray[np.float64], settings: Settings) -> Evidence:
    rows = np.flatnonzero(label >= Code.UNKNOWN)
    some = dataset.select(rows)
    return Evidence(
        definition.axis, definition.classes, preprocess(
            some.spectra, definition.preprocessing, settings.dark,
            settings.mask), some.spectra.mean(axis=1, dtype=np.float64),
        truth[rows], some.groups, some.indices,
        confidence(scores[rows], definition.calibration),
        definition.bins)


def _averaged(dataset: LabelledDataset, truth: NDArray[np.int64],
              k: int) -> tuple[LabelledDataset, NDArray[np.int64]]:
    """Means of k neighbours of one class and capture, and their labels."""
    known = replace(dataset, labels=truth, classes=tuple(
        map(str, range(int(truth.max()) + 1))))
    found = averaging_study.means(known, k)
    return found, found.labels


def training_rows(manifest: dict[str, Any] | None,
                  dataset: Dataset) -> NDArray[np.bool_]:
    """Which spectra of a dataset the model was trained on, (N,).

    They are identified by the checksum of the file and their number in it.
    `manifest` None: none is known.
    """
    trained = np.zeros(len(dataset), bool)
    checksum = dataset.provenance.get("sha256")
    if manifest is None or checksum is None:
        return trained
    for source in manifest["training"].get("data", ()):
        if source["sha256"] == checksum and dataset.indices is not None:
            trained |= np.isin(dataset.indices, source["indices"])
    return trained


def _truth(dataset: LabelledDataset,
           definition: ModelDefinition) -> NDArray[np.int64]:
    """Class index of the model for every spectrum, (N,)."""
    mismatch = definition.axis.mismatch(dataset.axis)
    if mismatch:
        raise InputError(f"the data do not fit the model: {mismatch}")
    if dataset.classes == definition.classes:
        return dataset.labels
    unknown = set(dataset.classes) - set(definition.classes)
    if unknown:
        raise InputError(
            f"the data have classes {sorted(unknown)} that the model does "
            f"not know; it knows {list(definition.classes)}")
    order = np.array([definition.classes.index(name)
                      for name in dataset.classes])
    return order[dataset.labels]


def _rows(dataset: LabelledDataset, indices: ArrayLike | None,
          trained: NDArray[np.bool_]) -> NDArray[np.int64]:
    if indices is None:
        rows = np.flatnonzero(~trained)
        if not len(rows):
            raise InputError("the model was trained on every one of these "
                             "spectra: name indices to evaluate it on them")
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
            NDArray[np.int8], NDArray[np.float64], NDArray[np.float64], float]:
    """(label (N,), confidence (N,), scores (N, C), seconds)."""
    engine.warm_up()
    # a model of means gets the mean, once per pulse
    copies = engine.definition.averaging
    spectra = dataset.spectra
    if spectra.dtype not in (np.uint16, np.float32):
        spectra = spectra.astype(np.float32)
    label = np.empty(len(spectra), np.int8)
    confidence = np.empty(len(spectra), np.float64)
    scores = np.empty((len(spectra), len(engine.definition.classes)))
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
               classes: int) -> list[list[int]]:
    """Rows: labelled class; columns: predicted class; codes are not counted.
    """
    table = np.zeros((classes, classes), int)
    given = label >= 0
    np.add.at(table, (truth[given], label[given]), 1)
    return table.tolist()


def _references(manifest: dict[str, Any] | None, spectra: NDArray[np.number],
                truth: NDArray[np.int64]) -> dict[str, float] | None:
    """Accuracy of simple references of the training spectra, or None."""
    fitted = (manifest or {}).get("training", {}).get("yardsticks")
    if fitted is None:
        return None
    return {
        name: float(np.mean(label == truth))
        for name, label in simple_references.predict(fitted, spectra).items()
    }
