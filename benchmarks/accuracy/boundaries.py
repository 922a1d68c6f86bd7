"""What the five states of the diffraction series leave to be had.

    python benchmarks/accuracy/boundaries.py -o boundaries.json

Every 20th pattern teaches. Which ones, is an accident: all 20 ways are
tried, and the stored splits are two of them. Besides `auto` and the simple
peers: the nearest taught pattern in time (it looks at no spectrum), and the
best and worst of all candidates, chosen on the test patterns, which no honest
rule can reach. Then more and more patterns are labelled. What stands in the
output already is kept.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import ours
import peers
import sets
from rich.progress import track
from sequences import SERIES, UNCERTAIN

from spectra_classifier.training.validation.calibration import null_error
from spectra_classifier.training.validation.statistics import calibration_error

#: the stored splits teach every 20th pattern
SPACING = 20
#: closer and closer labels
DENSER = (10, 5, 2)


def ways(split):
    """(step, first pattern) of everything that is tried."""
    return ([(SPACING, first) for first in range(SPACING)]
            + [(step, first) for step in DENSER for first in (0, step // 2)])


def score(split, step, first):
    """One way of teaching, plain JSON values."""
    train = sets.every(split, step, first)
    test = np.setdiff1d(np.arange(len(split.labels)), train)
    some = sets.Split(split.name, split.task, f"every {step} from {first}",
                      split.spectra, split.labels, train, test)
    truth = split.labels[test]
    definition, found = ours.train(split.spectra[train],
                                   split.labels[train], split.classes)
    result = ours.classify(definition, split.spectra[test])
    answers = {"auto": result.scores.argmax(axis=1), "nearest in time": (
        split.labels[train[np.abs(train - test[:, None]).argmin(axis=1)]])}
    answers |= {name: np.array(entry["labels"]) for name, entry
                in peers.simple(some).items()}
    right = {name: labels == truth for name, labels in answers.items()}
    edges = np.flatnonzero(np.diff(split.labels)) + 1
    far = np.abs(test[:, None] - edges + 0.5).min(axis=1) > UNCERTAIN
    top = result.confidence.astype(float)
    wrong = ~right["auto"]
    entry = {
        "step": step, "first": first, "taught": len(train), "n": len(test),
        "accuracy": {name: float(good.mean()) for name, good
                     in right.items()},
        "accuracy_far": float(right["auto"][far].mean()),
        "wrong": int(wrong.sum()),
        "wrong_for_all": int((wrong & ~np.any(
            [right[name] for name in peers.SIMPLE], axis=0)).sum()),
        "excess": calibration_error(top, right["auto"])
        - null_error(top)[0]}
    if step == SPACING:
        candidates = [np.mean(np.array(ours.vote(judged, split.spectra[test]))
                              == truth) for judged in found.judged]
        entry["candidates"] = [float(np.min(candidates)),
                               float(np.mean(candidates)),
                               float(np.max(candidates))]
    return entry


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, required=True)
    path = parser.parse_args().output
    found = json.loads(path.read_text()) if path.is_file() else {}
    split = next(s for s in sets.stored_splits()
                 if s.name == SERIES and s.classes == 5)
    for step, first in track(ways(split), "Ways"):
        if f"{step} {first}" not in found:
            found[f"{step} {first}"] = score(split, step, first)
            path.write_text(json.dumps(found, indent=1))
    for entry in found.values():
        print(entry["step"], entry["first"], *(
            f"{name} {100 * value:.1f}"
            for name, value in entry["accuracy"].items()))


if __name__ == "__main__":
    main()
