"""Would a limit on textures find textures that were not taught?

    python benchmarks/accuracy/texture_novelty.py -o texture_novelty.json

Models of `auto` on simulated self-amplified shots choose textures. Their
limit of unknown is that of the spectrum, of which single shots leave mostly
what no class explains. Beside it stands the distance of the texture features
from the nearest class (Mahalanobis, with a ridge), with the same conformal
limit: what such a rule in the engines could find.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import ours
import simulated

from spectra_classifier.core.preprocessing.texture import features
from spectra_classifier.training.selection import novelty_limits

FIRST_SEED, TAUGHT, TESTED, STRANGERS, LEVEL = 58501, 300, 300, 200, 0.01
PARTS, RIDGE, FOLDS = 5, 0.05, 10
WIDTHS = 4., 8.
CENTRE = 640.


def shots(count, width, random):
    """So many single shots with spikes of that width, in channels."""
    return simulated.sase(count, width, CENTRE, random).astype(np.float32)


def strangers(random):
    """{kind: spectra}"""
    taught = shots(STRANGERS, WIDTHS[0], random)
    return {
        "spikes of 1 channel": shots(STRANGERS, 1., random),
        "spikes of 2 channels": shots(STRANGERS, 2., random),
        "spikes of 5.7 channels, between": shots(STRANGERS, 5.7, random),
        "spikes of 16 channels": shots(STRANGERS, 16., random),
        "spikes of 32 channels": shots(STRANGERS, 32., random),
        "means of 8 shots": shots(8 * STRANGERS, WIDTHS[0], random).reshape(
            STRANGERS, 8, -1).mean(axis=1),
        "shuffled within 64 channels": random.permuted(
            taught.reshape(STRANGERS, -1, 64), axis=2).reshape(
                STRANGERS, -1)}


def distance(taught, labels, others):
    """Of features from the nearest class."""
    found = []
    for c in np.unique(labels):
        own = taught[labels == c]
        spread = own.std(axis=0)
        metric = np.linalg.inv(np.cov(((own - own.mean(axis=0)) / spread).T)
                               + RIDGE * np.eye(own.shape[1]))
        step = (others - own.mean(axis=0)) / spread
        found.append(np.einsum("ij,jk,ik->i", step, metric, step))
    return np.min(found, axis=0)


def examine(seed):
    """Shares called unknown of one draw."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(WIDTHS)), TAUGHT)
    spectra = np.concatenate([shots(TAUGHT, width, random)
                              for width in WIDTHS])
    definition, _ = ours.train(spectra, labels, len(WIDTHS))
    known = features(spectra, PARTS)
    fold, values = np.arange(len(labels)) % FOLDS, np.empty(len(labels))
    for number in range(FOLDS):
        rest = fold != number
        values[~rest] = distance(known[rest], labels[rest], known[~rest])
    limit = novelty_limits.limit(values, labels, LEVEL)
    tests = {"taught": np.concatenate([shots(TESTED, width, random)
                                       for width in WIDTHS]),
             **strangers(random)}
    return {kind: [
        float((ours.classify(definition, some).label == -1).mean()),
        float((distance(known, labels, features(some, PARTS))
               > limit).mean())] for kind, some in tests.items()}


def section(found):
    """The section of docs/accuracy.md."""
    text = f"""## Textures that were not taught

Single self-amplified shots with spikes of {WIDTHS[0]:.0f} and
{WIDTHS[1]:.0f} channels are taught, {TAUGHT} each; {len(found)} draws from
seed {FIRST_SEED} on. Percent called unknown by the limit of the model, and by
a limit on the distance of texture features from the nearest class, which
models do not have:

| shots | unknown | by such a limit |
|---|---|---|
"""
    for kind in found[0]:
        now, then = 100 * np.mean([each[kind] for each in found], axis=0)
        text += f"| {kind} | {now:.1f} | {then:.1f} |\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--draws", type=int, default=5)
    arguments = parser.parse_args()
    found = [examine(arguments.first + number)
             for number in range(arguments.draws)]
    arguments.output.write_text(json.dumps(found))
    print(section(found))


if __name__ == "__main__":
    main()
