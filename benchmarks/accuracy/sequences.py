"""The diffraction series as a sequence: transition, ends only, unknown.

    python benchmarks/accuracy/sequences.py -o sequences.json
"""
import argparse
import json
from pathlib import Path

import numpy as np
import ours
import sets

from spectra_classifier.core.evaluation import changepoint

SERIES = "y2mn2o7_insitu_xrd"
#: patterns around a labelled boundary within which a label is uncertain
UNCERTAIN = 10
#: first and last patterns that teach in "ends only"
ENDS = 20


def series(split):
    """Accuracy overall, away from the boundaries, and the transitions."""
    definition, _ = ours.train(split.spectra[split.train],
                               split.labels[split.train], split.classes)
    result = ours.classify(definition, split.spectra)
    predicted = result.scores.argmax(axis=1)
    boundaries = np.flatnonzero(np.diff(split.labels)) + 1
    rows = split.test
    far = np.abs(rows[:, None] - boundaries + 0.5).min(axis=1) > UNCERTAIN
    right = predicted[rows] == split.labels[rows]
    tried, _ = ours.train(split.spectra[split.train],
                          split.labels[split.train], split.classes,
                          try_baseline=True)
    with_baseline = ours.classify(tried, split.spectra[rows]).scores.argmax(
        axis=1) == split.labels[rows]
    found = changepoint.transitions(result.scores, result.mixture)
    return {
        "split": split.key, "n": len(rows), "accuracy": float(right.mean()),
        "n_far": int(far.sum()), "accuracy_far": float(right[far].mean()),
        "baseline_tried": {
            "chosen": tried.preprocessing.baseline.mode,
            "accuracy": float(with_baseline.mean())},
        "boundaries": boundaries.tolist(),
        "transitions": [each.as_dict() for each in found],
        "contained": [any(each.low <= boundary <= each.high
                          for each in found) for boundary in
                      boundaries.tolist()]}


def ends_only(split):
    """Trained on both ends of the series, asked about all between."""
    count = len(split.labels)
    train = np.r_[0:ENDS, count - ENDS:count]
    definition, _ = ours.train(split.spectra[train], split.labels[train], 2)
    result = ours.classify(definition, split.spectra)
    between = np.arange(ENDS, count - ENDS)
    predicted = result.scores.argmax(axis=1)
    wrong = between[predicted[between] != split.labels[between]]
    mixture = result.mixture[:, 1].astype(float)
    residual = result.residual.astype(float)
    return {
        "n": len(between),
        "accuracy": float((predicted == split.labels)[between].mean()),
        "unknown": int(np.count_nonzero(result.label[between] < 0)),
        "wrong_not_unknown": int(np.count_nonzero(result.label[wrong] >= 0)),
        "confidence_on_wrong": (float(result.confidence[wrong].mean())
                                if len(wrong) else None),
        "highest_confidence_on_wrong": (
            float(result.confidence[wrong].max()) if len(wrong) else None),
        "mixture_crosses_half_at": changepoint.crossing(mixture),
        "residual_ends": float(np.median(residual[train])),
        "residual_100_to_220": float(np.median(residual[100:220])),
        "max_residual": float(definition.unknown.max_residual)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    splits = [s for s in sets.stored_splits() if s.name == SERIES]
    found = {"series": [series(split) for split in splits],
             "ends_only": ends_only(splits[0])}
    arguments.output.write_text(json.dumps(found, indent=1))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
