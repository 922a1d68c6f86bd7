"""Confidence on captures that were taken after those of the training.

    python benchmarks/accuracy/new_captures.py -o new_captures.json

Sets of 2 to 20 classes, several captures of each, everything about them drawn
by seed (`families`), with an instrument that differs from capture to capture.
`auto` learns some captures; the confidence is measured on new ones. Rules were
chosen on the seeds of `DEVELOPMENT`; the table is made of those of `KEPT`.

*Excess*: expected calibration error (15 bins of the confidence of the given
class, a class is given whatever the limits) minus the mean of that error when
each spectrum is right with the probability that was stated. *Pooled*: the
same of all sets of a line together, as over many experiments.
"""
import argparse
import json
from pathlib import Path

import families
import numpy as np
import ours
from rich.progress import track

from spectra_classifier.core.engine.labels import confidence
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Calibration
from spectra_classifier.training.validation import calibration as calibrate
from spectra_classifier.training.validation.statistics import (
    calibration_error,
)

DEVELOPMENT, KEPT = range(57001, 57201), range(57501, 57701)
CLASSES, CAPTURES = (2, 3, 5, 10, 20), (2, 4, 8)
#: spectra of a capture in training; new captures of each class and spectra of
#: each: many captures, so that their scatter does not look like an error
TAUGHT, NEW, EACH = 20, 40, 5
BINS = 15
#: temperatures of which the best one on the new captures is told
TEMPERATURES = np.geomspace(0.2, 5, 65)
#: drift in units of the distance of the classes, and its share along it
DRIFT, ALONG = (0.05, 1.), (0., 0.5)


class Experiment:
    """A family of spectra, and an instrument that differs by captures."""

    def __init__(self, seed, classes):
        self.family = families.family(seed, classes)
        self._random = random = np.random.default_rng((seed, classes, 57))
        means = self.family.means
        apart = means - means.mean(axis=0)
        distance = np.sqrt(np.square(apart).sum(axis=1).mean())
        place = np.linspace(0, np.pi, means.shape[1])
        ways = np.stack([np.sin(place * random.uniform(1, 12)
                                + random.uniform(0, 6)) for _ in range(3)])
        ways /= np.linalg.norm(ways, axis=1, keepdims=True) * 3 ** 0.5
        along = random.normal(size=(1, classes)) @ apart
        along /= np.linalg.norm(along)
        size = distance * np.exp(random.uniform(*np.log(DRIFT)))
        share = random.uniform(*ALONG)
        self._ways = size * np.concatenate(
            [(1 - share) ** 0.5 * ways, share ** 0.5 * along])

    def captures(self, count, each):
        """(spectra, labels, captures) of so many captures of each class."""
        capture = np.repeat(np.arange(count * self.family.classes), each)
        labels = capture % self.family.classes
        drift = self._random.normal(
            size=(capture.max() + 1, len(self._ways))) @ self._ways
        return self.family.disturbed(
            self.family.means[labels] + drift[capture],
            self._random), labels, capture


def measured(seed, classes, captures):
    """Training report and confidence on new captures of one set."""
    experiment = Experiment(seed, classes)
    spectra, labels, capture = experiment.captures(captures, TAUGHT)
    definition, found = ours.train(spectra, labels, classes, capture)
    spectra, labels, _ = experiment.captures(NEW, EACH)
    scores = ours.classify(definition, spectra, NumpyEngine).scores
    return definition, found, scores.astype(np.float64), labels


def best_temperature(scores, labels):
    """That of least log-loss on the new captures, which no model knows."""
    losses = [np.log(np.maximum(confidence(scores, Calibration(
        t, 0, "probabilities", 1e-3))[np.arange(len(labels)), labels],
        1e-12)).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmax(losses))])


def excess(sure, labels):
    """Calibration error of probabilities (N, C) beyond its null."""
    top, right = sure.max(axis=1), sure.argmax(axis=1) == labels
    return calibration_error(top, right) - calibrate.null_error(top)[0]


def in_bins(top, right):
    """[spectra, sum of their confidences, right ones] of each bin."""
    place = np.minimum((top * BINS).astype(int), BINS - 1)
    return np.stack([np.bincount(place, weights, BINS) for weights in (
        np.ones(len(top)), top, right)], axis=1).round(3).tolist()


def figures(definition, found, scores, labels):
    """Figures of merit of one set, plain JSON values."""
    sure = confidence(scores, definition.calibration)
    top, right = sure.max(axis=1), sure.argmax(axis=1) == labels
    true = sure[np.arange(len(labels)), labels]
    best = confidence(scores, Calibration(
        best_temperature(scores, labels), 0, "probabilities", 1e-3))
    return {
        "temperature": definition.calibration.temperature,
        "status": definition.calibration.status,
        "claimed": found.calibration["excess"],
        "accuracy": float(right.mean()), "confidence": float(top.mean()),
        "excess": excess(sure, labels),
        "log_loss": float(-np.log(np.maximum(true, 1e-12)).mean()),
        "brier": calibrate.brier(sure, labels),
        "best_excess": excess(best, labels),
        "bins": in_bins(top, right)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--sets", type=int, default=20,
                        help="sets of each line")
    parser.add_argument("--classes", type=int, nargs="+", default=CLASSES)
    parser.add_argument("--captures", type=int, nargs="+", default=CAPTURES)
    parser.add_argument("--development", action="store_true")
    options = parser.parse_args()
    seeds = (DEVELOPMENT if options.development else KEPT)[:options.sets]
    found = []
    for seed in track(seeds, "Sets"):
        for classes in options.classes:
            for captures in options.captures:
                found.append({
                    "seed": seed, "classes": classes, "captures": captures,
                    **figures(*measured(seed, classes, captures))})
        options.output.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
