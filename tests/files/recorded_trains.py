"""Snapshots to be tested: trains that a real model has classified."""
from dataclasses import replace

import numpy as np

from spectra_classifier import model
from spectra_classifier.core.model_definition import (
    LinearMembers,
    ModelDefinition,
    Preprocessing,
    Settings,
)
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.core.trains.train_buffer import RecordedTrain
from spectra_classifier.files.snapshots.snapshot import Event, RunContext

CHANNELS, WIDTH, BINS = 64, 16, 4
EVENT = Event("change", ("'low' became 'high'",), 1001, 1.7e9, "a/b/c")


def save_model(path, gate=0.25, seed=1):
    """A model with random weights; the `LoadedModel`."""
    random = np.random.default_rng(seed)
    members = LinearMembers(
        tuple(random.normal(size=(BINS, 2, WIDTH)).astype(np.float32)),
        random.normal(size=(BINS, 2)).astype(np.float32))
    definition = ModelDefinition(
        "draft", ("low", "high"),
        Axis(np.linspace(1, 3, CHANNELS), "two_theta", "deg"),
        Preprocessing(normalisation="area"),
        tuple((b * WIDTH, (b + 1) * WIDTH) for b in range(BINS)), members,
        np.ones(BINS), random.uniform(0.5, 2, (2, CHANNELS)).astype(
            np.float32), gate)
    model.save(path, definition, {"name": path.stem,
                                  "licence": "BSD-3-Clause"},
               spectra_of(4, np.float32))
    return model.load(path)


def spectra_of(pulses, dtype, seed=3):
    random = np.random.default_rng(seed)
    return (100 * random.gamma(4., 1., (pulses, CHANNELS))).astype(dtype)


def context_of(loaded, engine="numpy"):
    definition = loaded.definition
    return RunContext(
        definition.axis, definition.classes, definition.model_id,
        loaded.identity, loaded.manifest, loaded.graph, str(loaded.path),
        engine, 1, {"minConfidence": -1.}, "0123456789abcdef")


def recorded(context, loaded, train_id, pulses=5, dtype=np.uint16,
             settings=None, verdicts=None, spoil=None):
    """A train as the engine of the context had it."""
    settings = settings or Settings()
    runner = model.make_engine(loaded, context.engine)
    spectra = spectra_of(pulses, dtype, train_id)
    if spoil is not None:
        spectra[0, 0] = spoil
    train = make_train(train_id, spectra, np.arange(pulses) + 10, verdicts)
    return RecordedTrain(
        train_id, pulses, float(train_id), context,
        {"fate": "classified", "coverage": 1., "permit": True,
         "sample_state": "high"},
        train, settings, replace(runner.classify(train, settings),
                                 votes=None))


def lost(train_id, pulses=3):
    """A train that the engine did not have."""
    return RecordedTrain(train_id, pulses, 0., None,
                         {"fate": "skipped", "problem": "queue full"})
