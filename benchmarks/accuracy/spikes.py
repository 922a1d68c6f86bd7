"""Spikes in spectra that are classified, and in those that teach.

    python benchmarks/accuracy/spikes.py -o spikes.json

Families of simulated spectra, 60 per class, with and without spikes in a
tenth of the training spectra; models of `auto` that take spectra as they are,
and those that interpolate single strips by the rule of `spike_limits`. Then
the limit of unknown alone, on more families. A spiked spectrum has one to
three spikes of 0.3 to 10 times the range of the class means.
"""
import argparse
import json
from pathlib import Path

import families
import numpy as np
import ours
from rich.progress import track

from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.preprocessing import spikes
from spectra_classifier.training.selection import novelty_limits, spike_limits

FIRST_SEED, DEVELOPMENT_SEED = 58501, 58001
TAUGHT, TESTED, STRANGERS, LEVEL = 60, 400, 200, 0.01
IN_TRAINING, IN_TEST = 0.1, 0.2
TEST_SETS = ("clean", "spiked", "new line")


def spiked(spectra, share, size, random):
    """(spectra with spikes in this share of them, which)."""
    spectra = spectra.copy()
    rows = random.random(len(spectra)) < share
    for row in np.flatnonzero(rows):
        count = random.integers(1, 4)
        spectra[row, random.choice(spectra.shape[1], count, False)] += (
            size * np.exp(random.uniform(np.log(0.3), np.log(10), count)))
    return spectra, rows


class Drawn:
    """Training and test sets of one family."""

    def __init__(self, seed):
        family = families.family(seed)
        random = np.random.default_rng((seed, 5))
        size = np.ptp(family.means)
        self.classes = family.classes
        spectra, self.labels = family.draw([TAUGHT] * self.classes, random)
        self.taught = {"clean": spectra, "spiked": spiked(
            spectra, IN_TRAINING, size, random)[0]}
        test, self.truth = family.draw(
            [TESTED // self.classes] * self.classes, random)
        damaged, self.rows = spiked(test, IN_TEST, size, random)
        self.tests = {"clean": test, "spiked": damaged,
                      "new line": family.strange("new line", STRANGERS,
                                                 random)}


def models(seed):
    """{training: {"as they are", "without spikes": figures}} of `auto`."""
    drawn = Drawn(seed)
    found = {}
    for name, spectra in drawn.taught.items():
        for words, despiked in (("as they are", False),
                                ("without spikes", True)):
            definition, _ = ours.train(spectra, drawn.labels, drawn.classes,
                                       despiked=despiked)
            own = {"rule": definition.preprocessing.spikes is not None}
            for test, some in drawn.tests.items():
                result = ours.classify(definition, some)
                own[test] = {
                    "unknown": float((result.label == -1).mean()),
                    "mended": result.spiked}
                if test != "new line":
                    right = result.label == drawn.truth
                    own[test]["right"] = float(right.mean())
                    own[test]["of spiked"] = float(right[drawn.rows].mean())
            found.setdefault(name, {})[words] = own
    return found


def limits(seed):
    """{"as they are", "without spikes": share of taught states called
    unknown}, spikes in a tenth of the training spectra."""
    drawn = Drawn(seed)
    found = {}
    for words in ("as they are", "without spikes"):
        spectra, test = drawn.taught["spiked"], drawn.tests["clean"]
        if words == "without spikes":
            made = spike_limits.found(ours.dataset(
                spectra, drawn.labels, drawn.classes))
            spectra = made.data.spectra
            if made.rule is not None:
                rows, clean = spikes.removed(test, np.arange(len(test)),
                                             made.rule, Settings())
                test = test.copy()
                test[rows] = clean
        rule = novelty_limits.rule(spectra, drawn.labels, None, LEVEL)
        if not np.isfinite(rule.limit):
            continue
        values = novelty_limits.measure(test, rule.references,
                                        rule.variation)
        found[words] = {"false": float((values > rule.limit).mean()),
                        "claimed": rule.claimed}
    return found


def section(found):
    """The section of docs/accuracy.md."""
    entries = found["models"]

    def mean(name, words, test, key):
        values = [each[name][words][test][key] for each in entries]
        values = [value for value in values if value is not None]
        return f"{100 * np.mean(values):.1f}" if values else "-"

    rule = sum(each["clean"]["without spikes"]["rule"] for each in entries)
    text = f"""## Spikes

Families of simulated spectra from seed {FIRST_SEED} on, {TAUGHT} per class
taught; a spiked spectrum has one to three single strips that are raised by
0.3 to 10 times the range of the class means. {len(entries)} models of `auto`
each way, of which {rule} have a rule of spikes; shares in percent, unknown
counts as wrong:

"""
    text += ("| taught | spectra | clean test set: right | unknown | "
             f"{100 * IN_TEST:.0f} % spiked: right | the spiked ones alone | "
             "the same before they were | new lines called unknown |\n"
             "|---|---|---|---|---|---|---|---|\n")
    for name, words in (("clean", "clean"),
                        ("spiked", f"{100 * IN_TRAINING:.0f} % spiked")):
        for way in ("as they are", "without spikes"):
            text += (f"| {words} | {way} | "
                     f"{mean(name, way, 'clean', 'right')} | "
                     f"{mean(name, way, 'clean', 'unknown')} | "
                     f"{mean(name, way, 'spiked', 'right')} | "
                     f"{mean(name, way, 'spiked', 'of spiked')} | "
                     f"{mean(name, way, 'clean', 'of spiked')} | "
                     f"{mean(name, way, 'new line', 'unknown')} |\n")
    mended = sum(each["clean"]["without spikes"]["clean"]["mended"]
                 for each in entries)
    of = len(entries) * TESTED
    text += f"""
Of about {of} clean test spectra {mended} were taken for spiked. The limit of
unknown alone at a level of {100 * LEVEL:.0f} %, spikes in a tenth of the
training spectra, {len(found["limits"])} families: clean spectra of taught
states called unknown, in percent:

| spectra | mean | largest | families above 5 % | above their claim |
|---|---|---|---|---|
"""
    for way in ("as they are", "without spikes"):
        own = [each[way] for each in found["limits"] if way in each]
        false = np.array([each["false"] for each in own])
        text += (f"| {way} | {100 * false.mean():.1f} | "
                 f"{100 * false.max():.1f} | {int((false > 0.05).sum())} | "
                 f"{sum(each['false'] > each['claimed'] for each in own)} "
                 "|\n")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--models", type=int, default=10)
    parser.add_argument("--limits", type=int, default=30)
    arguments = parser.parse_args()
    found = {"limits": [limits(arguments.first + number) for number in track(
        range(arguments.limits), "Limits")], "models": []}
    for number in track(range(arguments.models), "Models"):
        found["models"].append(models(arguments.first + number))
        arguments.output.write_text(json.dumps(found))
    print(section(found))


if __name__ == "__main__":
    main()
