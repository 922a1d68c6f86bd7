"""What does the model say to spectra that it was never taught?

    python benchmarks/accuracy/unknowns.py -o unknowns.json
"""
import argparse
import json
from pathlib import Path

import numpy as np
import ours
import sets
from rich.progress import track

from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import Baseline, Settings
from spectra_classifier.core.preprocessing.baseline import asls
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.training.selection import novelty_limits

#: sets whose spectra have an intensity, so that the gate means something
WITH_INTENSITY = ("y2mn2o7_insitu_xrd", "cucr2o4_vt_xrd",
                  "fermentation_midir")


def area_under_curve(known, unknown):
    """Probability that an unknown value exceeds a known one (AUROC)."""
    order = np.argsort(np.concatenate([known, unknown]), kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1)
    count = len(unknown)
    return float((rank[len(known):].sum() - count * (count + 1) / 2)
                 / (len(known) * count))


def leave_class_out(split):
    """One entry per class that was not taught."""
    found = []
    for out in range(split.classes):
        if split.classes < 3:
            break
        train = split.train[split.labels[split.train] != out]
        labels = np.searchsorted(np.delete(np.arange(split.classes), out),
                                 split.labels[train])
        definition, _ = ours.train(split.spectra[train], labels,
                                   split.classes - 1)
        result = ours.classify(definition, split.spectra[split.test])
        unknown = split.labels[split.test] == out
        residual = _known(result.residual)
        found.append({
            "set": split.key, "class": out, "n": int(unknown.sum()),
            "auroc_residual": area_under_curve(residual[~unknown],
                                               residual[unknown]),
            "auroc_confidence": area_under_curve(
                -result.confidence[~unknown], -result.confidence[unknown]),
            "auroc_mixture": area_under_curve(
                -result.mixture[~unknown].max(axis=1),
                -result.mixture[unknown].max(axis=1))})
    return found


def distance(definition, spectra):
    """Residual of the mean of spectra (N, n) in units of the limit.

    The mean has no noise and nothing of what varies: above 1 the class as a
    whole lies outside what was taught.
    """
    mean = shape(spectra).mean(axis=0, keepdims=True)
    residual = novelty_limits.measure(mean, definition.references,
                                      definition.variation)[0]
    return float(residual / definition.unknown.max_residual)


def shape(spectra):
    """Spectra (N, n) of mean 0 and spread 1 each; 0 where there is none."""
    spectra = spectra - spectra.mean(axis=1, keepdims=True)
    spread = spectra.std(axis=1, keepdims=True)
    return np.divide(spectra, spread, out=np.zeros_like(spectra),
                     where=spread > 0)


def strangers(split, foreign, seed=0):
    """Share of spectra of every strange kind that get no class."""
    random = np.random.default_rng(seed)
    definition, _ = ours.train(split.spectra[split.train],
                               split.labels[split.train], split.classes)
    engine = FusedEngine(definition)
    test = split.spectra[split.test]
    channels = test.shape[1]
    noise = np.abs(np.diff(test, axis=1)).mean() / np.sqrt(2)
    kinds = {
        "shuffled": np.stack([random.permutation(s) for s in test]),
        "foreign": _like(foreign, test),
        "shifted by a bin": np.roll(test, channels // 15, axis=1)}
    if split.name in WITH_INTENSITY:
        kinds["dark"] = random.normal(size=test.shape) * noise
        kinds["no sample"] = asls(test, Baseline("exact", lam=1e5, p=0.002)
                                  ) * 0.05 + kinds["dark"]
    kinds["its own test spectra"] = test
    given = {kind: engine.classify(make_train(0, spectra.astype(np.float32)),
                                   Settings()) for kind, spectra
             in kinds.items()}
    least = _loosest(given["its own test spectra"].residual)
    near = {kind: _nearest(split, spectra) for kind, spectra in kinds.items()}
    return {"set": split.key, "max_residual": float(
        definition.unknown.max_residual), "kinds": {
            kind: {"n": len(result.label),
                   "caught": float((result.label < 0).mean()),
                   "low_intensity": float(
                       (result.label == Code.LOW_INTENSITY).mean()),
                   "best_limit": float(
                       (_known(result.residual) > least).mean()),
                   "nearest": float((near[kind] > _loosest(
                       near["its own test spectra"])).mean())}
            for kind, result in given.items()}}


def _known(residual):
    """With 1 where there is none: nothing is left of the spectrum."""
    return np.nan_to_num(residual, nan=1.)


def _loosest(values):
    """The limit that calls no more than 5 % of these unknown: chosen on the
    test spectra, as no model can."""
    return np.quantile(_known(values), 0.95, method="higher")


def _nearest(split, spectra):
    """Distance (N,) to the nearest training spectrum, shapes alone."""
    taught = shape(split.spectra[split.train])
    asked = shape(spectra)
    squares = (np.square(asked).sum(axis=1)[:, None]
               + np.square(taught).sum(axis=1) - 2 * asked @ taught.T)
    return np.sqrt(np.maximum(squares.min(axis=1), 0))


def _like(foreign, test):
    """Foreign spectra on this axis, with the mean and spread of its own."""
    channels = test.shape[1]
    place = np.linspace(0, foreign.shape[1] - 1, channels)
    spectra = np.stack([np.interp(place, np.arange(foreign.shape[1]), s)
                        for s in foreign])
    return shape(spectra) * test.std(axis=1).mean() + test.mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    splits = list(sets.stored_splits())
    path = arguments.output
    found = (json.loads(path.read_text()) if path.is_file()
             else {"left_out": {}, "strangers": {}})
    for number, split in enumerate(track(splits, "Splits")):
        if split.key in found["strangers"]:
            continue        # taken up where it was ended
        other = next(s for s in splits[number + 1:] + splits
                     if s.name != split.name)
        found["left_out"][split.key] = leave_class_out(split)
        found["strangers"][split.key] = strangers(split, other.spectra)
        path.write_text(json.dumps(found, indent=1))
    out = [e for entries in found["left_out"].values() for e in entries]
    strange = found["strangers"].values()
    for entry in out:
        print(entry["set"][:40], entry["class"],
              f"AUROC {entry['auroc_residual']:.2f}"
              f" {entry['auroc_confidence']:.2f}")
    for entry in strange:
        print(entry["set"][:40], f"{entry['max_residual']:.3f}", {
            kind: round(value["caught"], 3)
            for kind, value in entry["kinds"].items()})


if __name__ == "__main__":
    main()
