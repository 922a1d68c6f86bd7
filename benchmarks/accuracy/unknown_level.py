"""False unknowns at a stated level, and what is found at equal false alarms.

    python benchmarks/accuracy/unknown_level.py -o unknown_level.json

The rule of unknown beside the one before it (a residual free of what varies,
and 1.4 times the 90th percentile as its limit), on families of simulated
spectra (`families.KEPT`) and, where the folder of the sets is there, on the
stored splits of real spectra. None of them took part in a choice.
"""
import argparse
import json
from collections import defaultdict
from pathlib import Path

import families
import numpy as np
import sets
from rich.progress import track

from spectra_classifier.core.engine.within_class_variation import Variation
from spectra_classifier.training.selection import novelty_limits

LEVEL = 0.01
#: spectra per class that teach, and false alarms at which rules are compared
TAUGHT, EQUAL = (20, 60, 150), 0.02
#: means of channels of the rule before
MEANS_BEFORE = 80
#: shares of false alarms at which the picture compares them
FALSE_ALARMS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
TESTED, STRANGERS = 1000, 200


def previous(rule, spectra, labels):
    """(residual of spectra, limit) of the rule before: SIMCA's distance."""
    def bare(spectra, labels):
        known = novelty_limits.variation(spectra, labels, MEANS_BEFORE)
        return Variation(known.width, known.directions)

    fold = (np.arange(len(labels)) if len(labels) <= 60
            else np.arange(len(labels)) % 5)
    values = np.full(len(labels), np.nan)
    classes = int(labels.max()) + 1
    for number in range(fold.max() + 1):
        rest = fold != number
        if len(np.unique(labels[rest])) == classes:
            values[~rest] = novelty_limits.measure(
                spectra[~rest], novelty_limits.means(
                    spectra, labels, rest, classes),
                bare(spectra[rest], labels[rest]))
    values = values[np.isfinite(values)]
    limit = 1.4 * np.quantile(values, 0.9)
    if len(values) >= 50:
        limit = max(limit, np.quantile(values, 0.995))
    whole = bare(spectra[rule.kept], labels[rule.kept])
    return lambda some: novelty_limits.measure(
        some, rule.references, whole), min(limit, 1.)


def compare(spectra, labels, groups, test, strange):
    """Figures of both rules; `strange` {kind: spectra}."""
    rule = novelty_limits.rule(spectra, labels, groups, LEVEL)
    if rule.variation is None:
        return None
    before, limit_before = previous(rule, spectra, labels)

    def now(some):
        return novelty_limits.measure(some, rule.references, rule.variation)

    found = {"known": bool(np.isfinite(rule.limit)), "taught": len(labels),
             "classes": int(labels.max()) + 1, "claimed": rule.claimed,
             "trimmed": len(rule.trimmed)}
    for name, measure, limit in (("now", now, rule.limit),
                                 ("before", before, limit_before)):
        values = np.nan_to_num(measure(test), nan=1.)
        equal = np.quantile(values, 1 - EQUAL)
        found[name] = {"false": float((values > limit).mean())}
        for kind, some in strange.items():
            got = np.nan_to_num(measure(some), nan=1.)
            found[name][kind] = [float((got > limit).mean()),
                                 float((got > equal).mean())]
            found[name].setdefault("found", {})[kind] = [
                float((got > np.quantile(values, 1 - share)).mean())
                for share in FALSE_ALARMS]
    return found


def simulated(seed, taught, damaged=0.):
    """One family; `damaged`: share of its training spectra with spikes."""
    family = families.family(seed)
    random = np.random.default_rng((seed, taught))
    spectra, labels = family.draw([taught] * family.classes, random)
    for row in np.flatnonzero(random.random(len(labels)) < damaged):
        place = random.integers(spectra.shape[1], size=3)
        spectra[row, place] += 5 * np.ptp(family.means)
    test, _ = family.draw([TESTED // family.classes] * family.classes, random)
    return compare(spectra, labels, None, test, {
        kind: family.strange(kind, STRANGERS, random)
        for kind in families.STRANGE})


def real(folder):
    """{key: figures} of the stored splits."""
    found = {}
    splits = list(sets.stored_splits(folder)) if folder.is_dir() else []
    for split in splits:
        random = np.random.default_rng(0)
        test = split.spectra[split.test].astype(np.float32)
        found[split.key] = compare(
            split.spectra[split.train].astype(np.float32),
            split.labels[split.train], None, test, {
                "mirrored": test[:, ::-1], "shuffled": np.stack(
                    [random.permutation(each) for each in test]),
                "shifted": np.roll(test, test.shape[1] // 40, axis=1)})
    return found


def table(title, entries, kinds):
    """Means over families of one size."""
    entries = [each for each in entries if each]
    told = [each for each in entries if each["known"]]
    print(f"\n{title}: {len(entries)} sets, a limit for {len(told)}")
    for name in "now", "before":
        false = [each[name]["false"] for each in (
            told if name == "now" else entries)]
        if false:
            print(f"  {name:6s} false unknown: mean {np.mean(false):.4f}, "
                  f"largest {np.max(false):.4f}")
    if told:
        print(f"  claimed: {np.mean([e['claimed'] for e in told]):.4f}")
    for kind in kinds:
        shares = [np.mean([each[name][kind][1] for each in entries])
                  for name in ("now", "before")]
        print(f"  {kind:9s} found at {EQUAL:.0%} false alarms: now "
              f"{shares[0]:.3f}, before {shares[1]:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--families", type=int, default=30)
    parser.add_argument("--data", type=Path, default=sets.DATA)
    arguments = parser.parse_args()
    found = defaultdict(list)
    for seed in track(families.KEPT[:arguments.families], "Families"):
        for taught in TAUGHT:
            found[f"{taught} per class"].append(simulated(seed, taught))
        found["60 per class, 10 % with spikes"].append(
            simulated(seed, 60, 0.1))
        arguments.output.write_text(json.dumps(found))
    for title, entries in found.items():
        table(title, entries, families.STRANGE)
    found["real"] = real(arguments.data)
    arguments.output.write_text(json.dumps(found))
    table("stored splits", found["real"].values(),
          ("mirrored", "shuffled", "shifted"))


if __name__ == "__main__":
    main()
