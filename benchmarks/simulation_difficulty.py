"""How hard are the presets? Classifiers on captures they have never seen.

    python benchmarks/simulation_difficulty.py [--seeds N] [--json]

Everything learns from four captures per class and is tested on four captures
of the same source taken later, under drift that it has not met. Pulses below
a fifth of the median intensity are left out, as the gate of a model would.
Prints the table of docs/simulation.md: median (lowest-highest) accuracy over
the seeds.
"""
import argparse
import json

import numpy as np

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.evaluation import simple_references
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train
from spectra_classifier.simulation.captures import (
    CAPTURE_DISTANCE,
    take_captures,
)
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions

CAPTURES, TRAINS, PULSES = 4, 2, 40
SCENARIOS = ("ramp", "redistribution", "shift")
WINDOWS = (20, 40, 80)      # among whose pairs the best ratio is searched
# fewer epochs and units than the publication: the benchmark is to be short
POINTWISE = {"epochs": 100, "hidden": 40, "copies": 0, "max_points": 2000}


def members(kind, **options):
    def score(taught, asked):
        model = train(taught, TrainingOptions(
            members=kind, baseline="none", normalisation="area", folds=0,
            **options)).definition
        result = NumpyEngine(model).classify(make_train(0, asked.spectra),
                                             Settings())
        return np.mean(result.label == asked.labels)
    return score


def yardstick(name):
    def score(taught, asked):
        fitted = simple_references.fit(
            taught.spectra, taught.labels, len(taught.classes),
            equal_bins(len(taught.axis), 15))
        return np.mean(simple_references.predict(fitted, asked.spectra)[name]
                       == asked.labels)
    return score


def best_ratio(taught, asked):
    """Of any two windows of equal width, with the best threshold; found by
    trying them all on the training captures."""
    best = (0., None)
    for count in WINDOWS:
        sums = window_sums(taught.spectra, count)
        for one in range(count):
            for other in range(one):
                rule = threshold(np.arctan2(sums[:, one], sums[:, other]),
                                 taught.labels)
                best = max(best, (rule[0], (count, one, other, rule)),
                           key=lambda found: found[0])
    count, one, other, (_, edge, up) = best[1]
    sums = window_sums(asked.spectra, count)
    return np.mean(((np.arctan2(sums[:, one], sums[:, other]) > edge) == up)
                   == asked.labels)


def window_sums(spectra, count):
    width = spectra.shape[1] // count
    return spectra[:, :width * count].reshape(
        len(spectra), count, width).sum(axis=2)


def threshold(values, labels):
    """(accuracy, edge, side) of the threshold that divides best."""
    edges = np.quantile(values, np.linspace(0.02, 0.98, 49))
    hits = ((values[:, None] > edges) == labels[:, None]).mean(axis=0)
    best = np.abs(hits - 0.5).argmax()
    return max(hits[best], 1 - hits[best]), edges[best], hits[best] >= 0.5


METHODS = {
    "linear members": members("linear"),
    "point-wise members": members("published", **POINTWISE),
    "ratio of two bins": yardstick("two_region_ratio"),
    "best ratio of two windows": best_ratio,
    "total intensity": yardstick("total_intensity")}


def measure(preset, scenario, seed):
    source = GotthardSource(PRESETS[preset], scenario, seed)
    later = 2 * CAPTURES * CAPTURE_DISTANCE + 57
    taught, asked = (take_captures(source, CAPTURES, TRAINS, PULSES,
                                   first_train=first)
                     for first in (0, later))
    return {name: float(method(taught, asked))
            for name, method in METHODS.items()}


def row_of(row):
    cells = [f"{np.median(row[name]):.3f} ({min(row[name]):.3f}-"
             f"{max(row[name]):.3f})" for name in METHODS]
    return "| " + " | ".join([row["preset"], row["scenario"], *cells]) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    names = ["preset", "scenario", *METHODS]
    if not options.json:
        print("| " + " | ".join(names) + " |\n" + "|---" * len(names) + "|")
    rows = []
    for preset in PRESETS:
        for scenario in SCENARIOS:
            runs = [measure(preset, scenario, seed)
                    for seed in range(options.seeds)]
            rows.append({"preset": preset, "scenario": scenario} | {
                name: [run[name] for run in runs] for name in METHODS})
            if not options.json:
                print(row_of(rows[-1]), flush=True)
    if options.json:
        print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
