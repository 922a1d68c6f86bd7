"""Unequal classes: 10 spectra of all classes but one, up to 500 of that one.

    python benchmarks/accuracy/imbalance.py -o imbalance.json

Families of simulated spectra that took part in no choice; a class is given
whatever the limits of unknown. Families that OUTPUT has are not computed
again.
"""
import argparse
import json
from pathlib import Path

import families
import numpy as np
import ours
from rich.progress import track

from spectra_classifier.core.engine.reference_engine import NumpyEngine

FEW, RATIOS, TESTED = 10, (1, 3, 10, 25, 50), 100
#: of the families of the table
SEEDS = range(59501, 59601)


def score(seed, ratio):
    """Figures of `auto` on one family."""
    family = families.family(seed)
    random = np.random.default_rng((seed, ratio))
    counts = [FEW * ratio] + [FEW] * (family.classes - 1)
    definition, _ = ours.train(*family.draw(counts, random), family.classes)
    spectra, labels = family.draw([TESTED] * family.classes, random)
    result = ours.classify(definition, spectra, NumpyEngine)
    right = result.scores.argmax(axis=1) == labels
    return {"seed": seed, "ratio": ratio, "recall": [
        float(right[labels == c].mean()) for c in range(family.classes)],
        "confidence": float(result.confidence.mean()),
        "balanced": float(right.mean())}


def table(entries):
    """Rows of means over families."""
    print("ratio  balanced  recall of the large class  of the others  "
          "confidence")
    for ratio in RATIOS:
        mine = [each for each in entries if each["ratio"] == ratio]
        if mine:
            print(f"{ratio:5d} {np.mean([e['balanced'] for e in mine]):9.3f} "
                  f"{np.mean([e['recall'][0] for e in mine]):26.3f} "
                  f"{np.mean([np.mean(e['recall'][1:]) for e in mine]):14.3f} "
                  f"{np.mean([e['confidence'] for e in mine]):11.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--families", type=int, default=24)
    arguments = parser.parse_args()
    found = (json.loads(arguments.output.read_text())
             if arguments.output.is_file() else [])
    known = {each["seed"] for each in found}
    for seed in track(SEEDS[:arguments.families], "Families"):
        if seed in known:
            continue
        found += [score(seed, ratio) for ratio in RATIOS]
        arguments.output.write_text(json.dumps(found, indent=1))
    table(found)


if __name__ == "__main__":
    main()
