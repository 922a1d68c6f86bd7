"""This package on a split: `auto`, the fixed default, single linear kinds."""
import time
from dataclasses import replace

import numpy as np

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.training.labelled import LabelledDataset
from spectra_classifier.training.members import mlp
from spectra_classifier.training.members.fitted import Task
from spectra_classifier.training.options import TrainingOptions
from spectra_classifier.training.selection import (
    auto_fit,
    selection,
    spike_limits,
)
from spectra_classifier.training.selection.candidates import fixed


def dataset(spectra, labels, classes, groups=None):
    """A `LabelledDataset` on channel numbers."""
    return LabelledDataset(
        Axis.channels(spectra.shape[1]), spectra.astype(np.float32), labels,
        tuple(f"class {c}" for c in range(classes)), groups,
        np.arange(len(spectra)))


def train(spectra, labels, classes, groups=None, despiked=True, **options):
    """(definition, details) of `auto` with default settings.

    `despiked`: with the spikes of `training.fit.train` removed.
    """
    data = dataset(spectra, labels, classes, groups)
    found = spike_limits.found(data) if despiked else None
    definition, details = auto_fit.fit(
        found.data if found else data,
        TrainingOptions(members="auto", **options))
    return replace(definition, preprocessing=replace(
        definition.preprocessing,
        spikes=found.rule if found else None)), details


def classify(definition, spectra, engine=FusedEngine):
    """The `TrainResult` of spectra, whatever their intensity."""
    return engine(definition).classify(
        make_train(0, spectra.astype(np.float32)),
        Settings(min_intensity=-np.inf))


def auto(split):
    """Everything the report needs of `auto` on one split."""
    started = time.process_time()
    captures = (None if split.captures is None
                else split.captures[split.train])
    definition, found = train(split.spectra[split.train],
                              split.labels[split.train], split.classes,
                              captures)
    trained = time.process_time() - started
    engine = FusedEngine(definition)
    engine.warm_up()
    test = make_train(0, split.spectra[split.test].astype(np.float32))
    settings = Settings(min_intensity=-np.inf)
    started = time.process_time()
    result = engine.classify(test, settings)
    seconds = (time.process_time() - started) / test.pulses
    return {
        "labels": result.scores.argmax(axis=1).tolist(),
        "codes": result.label.tolist(),
        "confidence": [round(float(c), 5) for c in result.confidence],
        "residual": [round(float(r), 5) for r in result.residual],
        "max_residual": float(definition.unknown.max_residual),
        "status": definition.calibration.status,
        "chosen": [each.candidate.name for each in found.chosen],
        "training_seconds": trained, "seconds_per_spectrum": seconds}


def default(split):
    """Labels of the fixed default, the choice for the fewest spectra."""
    train, labels = split.spectra[split.train], split.labels[split.train]
    judged, = selection.judge(
        train.astype(np.float32), labels, split.classes,
        np.empty((0, len(labels)), int), [fixed(train.shape[1])],
        lambda *_: True)
    return {"labels": vote(judged, split.spectra[split.test])}


def networks(split):
    """Labels of networks on equal bins (`--members mlp`)."""
    spectra = split.spectra[split.train].astype(np.float32)
    task = Task(Axis.channels(spectra.shape[1]), spectra, spectra,
                split.labels[split.train], split.classes,
                equal_bins(spectra.shape[1], 15))
    fitted = mlp.fit(task, np.arange(len(spectra)),
                     TrainingOptions(members="mlp"), False, lambda loss: None)
    votes = fitted.votes(split.spectra[split.test].astype(np.float32))
    return {"labels": votes.mean(axis=1).argmax(axis=1).tolist()}


def vote(judged, spectra):
    """Labels of one fitted candidate."""
    from spectra_classifier.core.engine.labels import softmax
    from spectra_classifier.core.preprocessing.views import apply_view

    seen = apply_view(judged.candidate.view, spectra)
    total = sum(softmax(seen[:, slice(*part)] @ coef.T + intercept)
                for part, coef, intercept in zip(
                    judged.bins, judged.coef, judged.intercept, strict=True))
    return total.argmax(axis=1).tolist()
