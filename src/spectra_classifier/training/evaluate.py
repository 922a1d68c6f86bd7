"""A model against labels: figures with what they rest on."""
import time
from dataclasses import replace

import numpy as np

from ..core.engine import ensemble
from ..core.evaluation import simple_references
from ..core.model_definition import Settings
from ..core.preprocessing.preprocess import preprocess
from ..core.spectra import Code, make_train
from ..errors import InputError
from ..model import LoadedModel, make_engine
from .checks import averaging_study
from .report.evidence import Evidence
from .validation import statistics

#: spectra classified at a time
_ROWS = 512


def evaluate(model, dataset, indices=None, settings=None, engine="fused"):
    """Figures of merit, plain JSON values (keys: docs/training.md).

    `model`: a `LoadedModel`, run by an engine of that kind, or an `Engine`.
    `dataset`: labelled, dark subtracted unless `settings` carries the dark.
    A model of means of k pulses is asked about means of k neighbours of one
    class and capture, and `n` counts those.
    `indices`: spectrum numbers (`dataset.indices`) to evaluate; by default
    all but those the model was trained on, which a `LoadedModel` knows from
    its manifest. Rejected and unknown spectra count as wrong in `accuracy`.
    """
    return examine(model, dataset, indices, settings, engine)[0]


def examine(model, dataset, indices=None, settings=None, engine="fused"):
    """(`evaluate`, the `Evidence` it rests on, rejected spectra left out)."""
    manifest = None
    if isinstance(model, LoadedModel):
        manifest = model.manifest
        model = make_engine(model, engine)
    definition = model.definition
    truth = _truth(dataset, definition)
    trained = training_rows(manifest, dataset)
    rows = _rows(dataset, indices, trained)
    dataset, truth = dataset.select(rows), truth[rows]
    if definition.averaging > 1:
        dataset, truth = _averaged(dataset, truth, definition.averaging)
    settings = settings or Settings()
    label, confidence, scores, seconds = _classify(model, dataset, settings)
    right = label == truth
    decided = label >= 0
    interval, number, of = statistics.interval(right, dataset.groups)
    report = {
        "model": definition.model_id, "engine": model.name,
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
                                                    dataset.indices),
        "seconds_per_spectrum": seconds / len(right),
        "training_spectra_left_out": int(np.count_nonzero(
            trained) if indices is None else 0),
        "training_spectra_included": int(np.count_nonzero(trained[rows])),
        "yardsticks": _yardsticks(manifest, dataset.spectra, truth),
    }
    return report, _evidence(definition, dataset, truth, label, scores,
                             settings)


def _evidence(definition, dataset, truth, label, scores, settings):
    rows = np.flatnonzero(label >= Code.UNKNOWN)
    some = dataset.select(rows)
    return Evidence(
        definition.axis, definition.classes, preprocess(
            some.spectra, definition.preprocessing, settings.dark,
            settings.mask), some.spectra.mean(axis=1, dtype=np.float64),
        truth[rows], some.groups, some.indices,
        ensemble.confidence(scores[rows], definition.calibration),
        definition.bins)


def _averaged(dataset, truth, k):
    """Means of k neighbours of one class and capture, and their labels."""
    known = replace(dataset, labels=truth, classes=tuple(
        map(str, range(int(truth.max()) + 1))))
    found = averaging_study.means(known, k)
    return found, found.labels


def training_rows(manifest, dataset):
    """Which spectra of a dataset the model was trained on, (N,) bool.

    They are known by the checksum of the file and their number in it.
    """
    trained = np.zeros(len(dataset), bool)
    checksum = dataset.provenance.get("sha256")
    if manifest is None or checksum is None:
        return trained
    for source in manifest["training"].get("data", ()):
        if source["sha256"] == checksum:
            trained |= np.isin(dataset.indices, source["indices"])
    return trained


def _truth(dataset, definition):
    """Class index of the model for every spectrum, (N,)."""
    if dataset.labels is None:
        raise InputError("the data have no labels: an evaluation needs the "
                         "class of every spectrum")
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


def _rows(dataset, indices, trained):
    if indices is None:
        rows = np.flatnonzero(~trained)
        if not len(rows):
            raise InputError("the model was trained on every one of these "
                             "spectra: name the indices to evaluate it all "
                             "the same")
        return rows
    rows = np.flatnonzero(np.isin(dataset.indices, indices))
    missing = np.setdiff1d(indices, dataset.indices)
    if len(missing):
        raise InputError(f"spectrum {missing[0]} is not among the data; "
                         f"there are {len(dataset)}")
    if not len(rows):
        raise InputError("no spectrum to evaluate: the list is empty")
    return rows


def _classify(engine, dataset, settings):
    """(label (N,), confidence (N,), scores (N, C), seconds)."""
    engine.warm_up()
    # a model of means gets what it takes as a mean, once per pulse
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


def _confusion(truth, label, classes):
    """Rows: labelled class; columns: class given (codes have none)."""
    table = np.zeros((classes, classes), int)
    given = label >= 0
    np.add.at(table, (truth[given], label[given]), 1)
    return table.tolist()


def _yardsticks(manifest, spectra, truth):
    """Accuracy of simple means fitted on the training spectra, or None."""
    fitted = (manifest or {}).get("training", {}).get("yardsticks")
    if fitted is None:
        return None
    return {
        name: float(np.mean(label == truth))
        for name, label in simple_references.predict(fitted, spectra).items()
    }
