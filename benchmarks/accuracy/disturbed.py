"""Test spectra with disturbances that training never saw: what they cost.

    python benchmarks/accuracy/disturbed.py -o disturbed.json
"""
import argparse
import json
from pathlib import Path

import numpy as np
import ours
import sets

SERIES = "y2mn2o7_insitu_xrd"


def disturbances(spectra, random):
    """{name: disturbed copies of spectra (N, n)}; sizes are shares of the
    largest intensity of each spectrum."""
    count, channels = spectra.shape
    place = np.linspace(-1, 1, channels)
    top = spectra.max(axis=1, keepdims=True)

    def share(largest):
        return random.uniform(-largest, largest, (count, 1))

    return {
        "clean": spectra,
        "slope up to 5 %": spectra + top * share(0.05) * place,
        "curvature up to 5 %": spectra + top * share(0.05) * place ** 2,
        "gain lognormal 0.3": spectra * random.lognormal(0, 0.3, (count, 1)),
        "pedestal up to 5 %": spectra + top * share(0.05),
        "gain drift 20 % and pedestal drift 5 %": (
            spectra * np.linspace(1, 1.2, count)[:, None]
            + top * np.linspace(0, 0.05, count)[:, None])}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    found = []
    for split in sets.stored_splits():
        if split.name != SERIES:
            continue
        definition, _ = ours.train(split.spectra[split.train],
                                   split.labels[split.train], split.classes)
        random = np.random.default_rng(0)
        truth = split.labels[split.test]
        found.append({"split": split.key, "n": len(truth), "accuracy": {
            name: float((ours.classify(definition, spectra).scores.argmax(
                axis=1) == truth).mean())
            for name, spectra in disturbances(split.spectra[split.test],
                                              random).items()}})
    arguments.output.write_text(json.dumps(found, indent=1))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
