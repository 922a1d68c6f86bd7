"""2, 3, 5 and 10 spectra per class: `auto` beside every single kind.

    python benchmarks/accuracy/few_spectra.py -o few_spectra.json

One draw of each family of simulated spectra (`families.KEPT`), which took
part in no choice, and as many of the simulated published ramp with two
spectra per class. A class is given whatever the limits of unknown.
"""
import argparse
import importlib
import json
from pathlib import Path

import families
import numpy as np
import ours
from rich.progress import track

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.spectra import Axis
from spectra_classifier.simulation.published_ramp import ramp
from spectra_classifier.training.members.fitted import Task
from spectra_classifier.training.options import TrainingOptions

FEW, TESTED, BINS = (2, 3, 5, 10), 60, 15
KINDS = ("linear", "ridge", "logistic", "mlp", "pointwise")
#: curves, channels and class boundary of the ramp
RAMP, STEP, BOUNDARY = "ramp, 2 per class", 8, 185


def single(kind, spectra, labels, classes):
    """Spectra -> labels of members of one kind on equal bins."""
    task = Task(Axis.channels(spectra.shape[1]), spectra, spectra, labels,
                classes, equal_bins(spectra.shape[1], BINS))
    module = importlib.import_module(
        "spectra_classifier.training.members."
        + (kind if kind in ("mlp", "pointwise") else "linear"))
    fitted = module.fit(task, np.arange(len(labels)), TrainingOptions(
        members=kind, bins=BINS), False, lambda loss: None)
    return lambda some: fitted.votes(some).mean(axis=1).argmax(axis=1)


def automatic(spectra, labels, classes):
    """The same of `auto`."""
    definition, _ = ours.train(spectra, labels, classes)
    return lambda some: ours.classify(
        definition, some, NumpyEngine).scores.argmax(axis=1)


def score(train, test, classes, kinds):
    """{kind: accuracy}."""
    found = {"auto": automatic(*train, classes)} | {
        kind: single(kind, *train, classes) for kind in kinds}
    return {kind: float(np.mean(predict(test[0]) == test[1]))
            for kind, predict in found.items()}


def of_family(seed, few, kinds):
    family = families.family(seed)
    random = np.random.default_rng((seed, few, 1))
    return score(family.draw([few] * family.classes, random),
                 family.draw([TESTED] * family.classes, random),
                 family.classes, kinds)


def of_ramp(seed, kinds):
    random = np.random.default_rng((seed, 2))
    _, spectra = ramp.curves(seed=0)
    spectra = spectra[:, ::STEP].astype(np.float32)
    labels = (np.arange(len(spectra)) >= BOUNDARY).astype(int)
    train = np.concatenate([random.permutation(np.flatnonzero(
        labels == c))[:2] for c in range(2)])
    test = np.setdiff1d(np.arange(len(labels)), train)
    return score((spectra[train], labels[train]),
                 (spectra[test], labels[test]), 2, kinds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    arguments = parser.parse_args()
    found = {}
    for seed in track(families.KEPT[:arguments.draws], "Draws"):
        for few in FEW:
            found.setdefault(f"{few} per class", []).append(
                of_family(seed, few, arguments.kinds))
        found.setdefault(RAMP, []).append(of_ramp(seed, arguments.kinds))
        arguments.output.write_text(json.dumps(found))
    for title, entries in found.items():
        print(title, {kind: round(float(np.mean(
            [each[kind] for each in entries])), 3) for kind in entries[0]})


if __name__ == "__main__":
    main()
