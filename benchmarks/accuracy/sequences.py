"""The diffraction series as a sequence: transition, ends only, unknown.

    python benchmarks/accuracy/sequences.py -o sequences.json
"""
import argparse
import json
from pathlib import Path

import numpy as np
import ours
import peers
import sets

from spectra_classifier.core.evaluation import changepoint

SERIES = "y2mn2o7_insitu_xrd"
#: patterns around a labelled boundary within which a label is uncertain
UNCERTAIN = 10
#: first and last patterns that teach in "ends only"
ENDS = 20


def onsets(folder=sets.DATA):
    """What of the published refinement appears at each boundary.

    A boundary is the first pattern of a phase: its share of the largest
    amount that it has there, and the first pattern with half of that.
    """
    stored = np.load(Path(folder) / SERIES / "data.npz")
    amounts = np.nan_to_num(stored["phase_amount"])
    largest = amounts.max(axis=0)
    found = []
    for boundary in (np.flatnonzero(np.diff(stored["labels"])) + 1).tolist():
        new = [phase for phase in range(len(largest)) if largest[phase] > 0
               and amounts[:, phase].argmax() >= boundary
               and np.flatnonzero(amounts[:, phase])[0] == boundary]
        phase = max(new, key=lambda phase: largest[phase])
        share = amounts[:, phase] / largest[phase]
        found.append({"boundary": boundary,
                      "phase": str(stored["phase_names"][phase]),
                      # of the three first patterns: single ones jump
                      "first": float(np.median(share[boundary:boundary + 3])),
                      "half": int(np.flatnonzero(share >= 0.5)[0])})
    return found


def switches(split, answers):
    """Where each of the answers {method: labels (N,)} changes the side.

    Of every labelled boundary: the last taught pattern before and the first
    one after the middle of the switches, and these.
    """
    found = []
    for boundary in (np.flatnonzero(np.diff(split.labels)) + 1).tolist():
        new = split.labels[boundary]
        at = {method: changepoint.crossing((labels >= new).astype(float))
              for method, labels in answers.items()}
        middle = float(np.median([value for value in at.values() if value]))
        found.append({
            "boundary": boundary, "at": at,
            "taught": [int(split.train[split.train < middle].max()),
                       int(split.train[split.train >= middle].min())]})
    return found


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
        "switches": switches(split, {"auto": predicted} | peers.everywhere(
            split)),
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
             "onsets": onsets(), "ends_only": ends_only(splits[0])}
    arguments.output.write_text(json.dumps(found, indent=1))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
