"""How hard are the presets? Simple classifiers on captures never seen.

    python benchmarks/simulation_difficulty.py [--seeds N] [--json]

Every classifier learns from four captures per class and is tested on four
captures of the same source taken later, under drift that it has not seen.
Near-empty pulses (below a tenth of the median intensity) are left out, as a
classifier's gate would. Prints the table of docs/simulation.md.
"""
import argparse
import json

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from spectra_classifier.simulation.captures import (
    CAPTURE_DISTANCE,
    take_captures,
)
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS

CAPTURES, TRAINS, PULSES = 4, 5, 60
GATE = 0.1          # of the median intensity
WINDOWS = (20, 40, 80)      # regions among which the best ratio is searched
BINS = 15


def eligible(dataset):
    """Spectra and labels of the pulses bright enough to be classified."""
    intensity = dataset.spectra.mean(axis=1)
    bright = intensity > GATE * np.median(intensity)
    return dataset.spectra[bright].astype(float), dataset.labels[bright]


def area(spectra):
    return spectra / spectra.mean(axis=1, keepdims=True)


def lda(train, test):
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    model.fit(area(train[0]), train[1])
    return np.mean(model.predict(area(test[0])) == test[1])


def split(values, labels):
    """Threshold and sign that divide two classes best."""
    order = np.sort(values)
    edges = np.quantile(order, np.linspace(0.02, 0.98, 49))
    hits = ((values[:, None] > edges) == labels[:, None]).mean(axis=0)
    best = np.abs(hits - 0.5).argmax()
    return edges[best], hits[best] >= 0.5, max(hits[best], 1 - hits[best])


def divided(values, labels, rule):
    threshold, up, _ = rule
    return np.mean(((values > threshold) == up) == labels)


def regions(spectra, count):
    width = spectra.shape[1] // count
    return spectra[:, :width * count].reshape(
        len(spectra), count, width).sum(axis=2)


def two_region_ratio(train, test):
    """The best pair of regions of equal width, chosen on the training set."""
    best = (0., 0.)
    for count in WINDOWS:
        seen, asked = (regions(data[0], count) for data in (train, test))
        for one in range(count):
            for other in range(one):
                rule = split(np.arctan2(seen[:, one], seen[:, other]),
                             train[1])
                if rule[2] > best[0]:
                    best = rule[2], divided(
                        np.arctan2(asked[:, one], asked[:, other]), test[1],
                        rule)
    return best[1]


def total_intensity(train, test):
    rule = split(train[0].mean(axis=1), train[1])
    return divided(test[0].mean(axis=1), test[1], rule)


def point_votes(train, test, levels=24, smooth=3.):
    """One vote per point, weighted per bin: what an ideal point-wise
    classifier sees. Per channel, the likelihoods of quantised intensities
    are counted on the training set; every point votes for the larger."""
    seen, asked = area(train[0]), area(test[0])
    edges = np.quantile(seen, np.linspace(0, 1, levels + 1)[1:-1])
    table = np.ones((2, seen.shape[1], levels))
    channel = np.arange(seen.shape[1])
    for row, label in zip(np.digitize(seen, edges), train[1], strict=True):
        table[label, channel, row] += 1
    table /= table.sum(axis=2, keepdims=True)
    kernel = np.exp(-0.5 * (np.arange(-9, 10) / smooth) ** 2)
    table = np.apply_along_axis(np.convolve, 1, table, kernel, "same")
    better = table[1] > table[0]
    votes = [better[channel, np.digitize(data, edges)]
             for data in (seen, asked)]
    places = np.array_split(channel, BINS)
    weight = []
    for place in places:
        right = np.mean(votes[0][:, place] == train[1][:, None])
        weight.append(max(0., (right ** 2 - 0.55 ** 2) / (1 - 0.55 ** 2)))
    score = sum(w * (votes[1][:, place] - 0.5).sum(axis=1)
                for w, place in zip(weight, places, strict=True))
    return np.mean((score > 0) == test[1])


METHODS = {"LDA": lda, "point votes": point_votes,
           "two-region ratio": two_region_ratio,
           "total intensity": total_intensity}


def measure(preset, scenario, seed):
    source = GotthardSource(PRESETS[preset], scenario, seed)
    later = 2 * CAPTURES * CAPTURE_DISTANCE + 57
    train, test = (eligible(take_captures(
        source, CAPTURES, TRAINS, PULSES, first_train=first))
        for first in (0, later))
    return {name: float(method(train, test))
            for name, method in METHODS.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for preset in PRESETS:
        for scenario in "ramp", "redistribution", "shift":
            runs = [measure(preset, scenario, seed)
                    for seed in range(options.seeds)]
            rows.append({"preset": preset, "scenario": scenario} | {
                name: [run[name] for run in runs] for name in METHODS})
            if not options.json:
                print_row(rows)
    if options.json:
        print(json.dumps(rows, indent=1))


def print_row(rows):
    if len(rows) == 1:
        names = ["preset", "scenario", *METHODS]
        print("| " + " | ".join(names) + " |\n" + "|---" * len(names) + "|")
    row = rows[-1]
    cells = [f"{np.median(row[name]):.3f} ({min(row[name]):.3f}-"
             f"{max(row[name]):.3f})" for name in METHODS]
    print("| " + " | ".join([row["preset"], row["scenario"], *cells]) + " |",
          flush=True)


if __name__ == "__main__":
    main()
