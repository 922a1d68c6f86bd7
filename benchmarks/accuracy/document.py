"""Writes docs/accuracy.md from the results of the other files here.

    python benchmarks/accuracy/document.py RESULTS

RESULTS holds real.json, resamples.json, sequences.json, unknowns.json,
disturbed.json, simulated.json and cost.json as far as they were run; a
missing one leaves its section out and says so.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import real

from spectra_classifier.training.calibrate import null_error
from spectra_classifier.training.statistics import (
    calibration_error,
    wilson,
)

TARGET = Path(__file__).parents[2] / "docs" / "accuracy.md"

HEAD = """# Accuracy, measured

Every number below comes from `benchmarks/accuracy` with default settings and
no tuning per set; the last section has the commands. Accuracies are in
percent on spectra that took no part in training or in any choice. Intervals
are 95 %.

What falls short, in one place:

- Five states of the diffraction series: `auto` is below the linear peers on
  the whole axis by about one point. All its errors lie within 10 patterns of a
  labelled boundary, where the labels themselves are those of a refinement
  model; some of the transition intervals do not hold the labelled pattern.
- Fermentation: LDA on the raw spectra is ahead by two points, and confidence
  is too low by more than 0.03 beyond the null (uncalibrated: the rarest class
  has a few training spectra).
- Strange spectra on Rock, Beef and one two-state split: spectra of one class
  differ so much there that the residual limit lets some strangers pass.
- Unknown classes: the order by residual is good on the diffraction series, but
  with the limit from training few classes are found. On the UCR sets classes
  differ by less than spectra of one class do; the residual cannot find them.
- Confidence on sets with few training spectra says *uncalibrated*, and is.
- Cost per spectrum in the first table is that of small test sets, where fixed
  costs dominate; the live figure is in the last table.
"""

TAIL = """## How to repeat this

    python benchmarks/accuracy/real.py -o results/real.json
    python benchmarks/accuracy/real.py --resamples 5 -o results/resamples.json
    python benchmarks/accuracy/sequences.py -o results/sequences.json
    python benchmarks/accuracy/unknowns.py -o results/unknowns.json
    python benchmarks/accuracy/disturbed.py -o results/disturbed.json
    python benchmarks/accuracy/simulated.py -o results/simulated.json
    python benchmarks/accuracy/cost.py -o results/cost.json
    python benchmarks/accuracy/document.py results

The simulated sets need nothing but the package. The real sets (UCR archive
2018; APS 17-BM in-situ diffraction of GENESIS-EFRC/y2mn2o7-selectivity; APS
11-BM of the GSAS-II tutorials; fermentation of chemotools) are read from a
folder outside the repository, since most of them may not be passed on.
MiniRocket needs an environment of its own: see `benchmarks/accuracy/peers.py`.
"""


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + [
        "| " + " | ".join(str(cell).replace("|", ", ") for cell in row) + " |"
        for row in rows]) + "\n"


def percent(value, digits=1):
    return f"{100 * value:.{digits}f}"


def tasks(found, title):
    methods = [m for m in real.NAMES if real.by_task(found, m)]
    columns = {m: real.by_task(found, m) for m in methods}
    rows = [[f"{name} ({task})", *(percent(columns[m][name, task])
                                   for m in methods)]
            for name, task in columns["auto"]]
    rows.append(["**mean**", *(f"**{percent(np.mean(list(c.values())), 2)}**"
                               for c in columns.values())])
    differences = [[m, *(f"{v:+.1f}" for v in real.paired_difference(
        found, "auto", m))] for m in methods[1:]]
    micro = [[m, f"{1e6 * cost_of(found, m):.0f}"] for m in methods
             if cost_of(found, m) is not None]
    return (f"## {title}\n\n" + table(["task", *methods], rows)
            + "\nDifference of the means, `auto` minus the peer, points, "
            "paired bootstrap over test spectra:\n\n"
            + table(["peer", "difference", "from", "to"], differences)
            + "\nCPU time per spectrum, microseconds, median over the "
            "splits:\n\n" + table(["method", "us"], micro))


def cost_of(found, method):
    """Median CPU seconds per spectrum over the splits, or None."""
    known = [entry[method]["seconds_per_spectrum"]
             for entry in found.values()
             if "seconds_per_spectrum" in entry.get(method, {})]
    return float(np.median(known)) if known else None


def losses(found):
    """Splits on which the best simple peer is ahead, and by how much."""
    rows = []
    for entry in found.values():
        ours = real.accuracy(entry, "auto")
        peer = max(real.peers.SIMPLE, key=lambda m: real.accuracy(entry, m))
        best = real.accuracy(entry, peer)
        if best > ours + 1e-9:
            rows.append([f"{entry['name']} ({entry['task']}), "
                         f"{entry['split']}", peer, percent(best),
                         percent(ours), round((best - ours) * len(
                             entry["truth"]))])
    return ("\nBehind the best simple peer, which is chosen on the test "
            "spectra:\n\n" + table(
                ["split", "peer", "its accuracy", "auto", "spectra"], rows))


def calibration(found):
    rows = []
    for entry in found.values():
        if len(entry["truth"]) < 300:
            continue
        top = np.array(entry["auto"]["confidence"])
        right = np.array(entry["auto"]["labels"]) == np.array(entry["truth"])
        error, (null, high) = calibration_error(top, right), null_error(top)
        rows.append([f"{entry['name']} ({entry['task']}), {entry['split']}",
                     len(right), f"{top.mean():.3f}", f"{right.mean():.3f}",
                     f"{error:.3f}", f"{null:.3f} ({high:.3f})",
                     f"{error - null:+.3f}", entry["auto"]["status"]])
    return table(["split", "n", "mean confidence", "accuracy", "ECE",
                  "null (95 %)", "excess", "status"], rows)


def sequences(found):
    rows = [[e["split"], e["n"], percent(e["accuracy"]),
             f"{percent(e['accuracy_far'])} of {e['n_far']}", "; ".join(
                 f"{t['at']} ({t['low']} - {t['high']})"
                 for t in e["transitions"]),
             ", ".join(map(str, e["boundaries"])),
             f"{sum(e['contained'])} of {len(e['contained'])}"]
            for e in found["series"]]
    ends = found["ends_only"]
    return ("## Diffraction series\n\n" + table(
        ["split", "n", "accuracy", "more than 10 patterns from a boundary",
         "transitions (interval)", "labelled", "contained"], rows)
        + f"""
*Ends only* (trained on the first and last 20 patterns, {ends['n']} between):
the mixture crosses one half at pattern {ends['mixture_crosses_half_at']},
the label is right for {percent(ends['accuracy'])} % if forced.
{ends['unknown']} patterns are called unknown, and
{ends['wrong_not_unknown']} of the wrong ones are not. Confidence on wrong
calls: mean {ends['confidence_on_wrong']:.3f}, highest
{ends['highest_confidence_on_wrong']:.3f}. Median residual at the ends
{ends['residual_ends']:.3f}, of patterns 100 to 220
{ends['residual_100_to_220']:.3f}; the limit is {ends['max_residual']:.3f}.
""")


def unknowns(found):
    strange = [[e["set"], f"{e['max_residual']:.3f}", *(
        percent(e["kinds"][k]["caught"]) if k in e["kinds"] else "-"
        for k in ("dark", "no sample", "shuffled", "foreign",
                  "shifted by a bin", "its own test spectra"))]
        for e in found["strangers"]]
    out = [[e["set"], e["class"], e["n"], f"{e['distance']:.1f}",
            f"{e['auroc_residual']:.2f}", f"{e['auroc_confidence']:.2f}",
            percent(e["found"]), percent(e["false"])]
           for e in found["left_out"]]
    return ("## Spectra that were never taught\n\nShare without a class "
            "(unknown or low intensity), limits frozen on training. Sets "
            "that were normalised before they came here have no gate:\n\n"
            + table(["split", "residual limit", "dark", "no sample",
                     "shuffled", "foreign", "shifted by a bin",
                     "its own test spectra"], strange)
            + "\nOne class left out of training; AUROC of residual and of "
            "confidence, share found and share of false unknowns with the "
            "limit from training. Distance: from the nearest taught class, "
            "in median distances of a taught spectrum from its class mean:"
            "\n\n" + table(["split", "class", "n", "distance",
                            "AUROC residual", "AUROC confidence", "found",
                            "false"], out))


def disturbed(found):
    names = list(found[0]["accuracy"])
    return ("## Disturbances that training never saw\n\n" + table(
        ["split", *names], [[e["split"], *(percent(e["accuracy"][n])
                                           for n in names)] for e in found]))


def simulated(found):
    shots = [[name, e["n"], percent(e["accuracy"]), ", ".join(e["chosen"])]
             for name, e in found["sase"].items()]
    rows = [[e["drift"], "changed" if e["changed"] else "identical",
             e["trials"], e["separable"], " - ".join(
                 percent(v) for v in wilson(e["separable"] / e["trials"],
                                            e["trials"])),
             percent(e["mean_accuracy"]), percent(e["mean_null"])]
            for e in found["captures"]]
    return ("## Simulated\n\nSASE shots, 3000 to train and 3000 to test:\n\n"
            + table(["difference", "n", "accuracy", "chosen"], shots)
            + "\nFour captures of each of two names, in turn, 20 trains of "
            "4 pulses with 300 photons; how often the guards call the states "
            "separable:\n\n" + table(
                ["drift", "states", "trials", "separable", "interval, %",
                 "accuracy by captures", "null"], rows))


def cost(found):
    return ("## Cost\n\n2 classes, 4 captures of 10 trains; the live train "
            "is 2700 x 1280 uint16, everything included, one thread, CPU "
            "time:\n\n" + table(
                ["simulated", "spectra", "training CPU s", "wall s",
                 "of which search s", "chosen", "ms per train", "least"],
                [[f"{e['preset']}, {e['scenario']}", e["spectra"],
                  f"{e['training_cpu_s']:.1f}", f"{e['training_wall_s']:.1f}",
                  e["seconds_by_step"]["candidates"], "; ".join(e["chosen"]),
                  f"{e['ms_per_train']:.1f}",
                  f"{e['ms_per_train_least']:.1f}"] for e in found]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    folder = parser.parse_args().results
    sections = [
        ("real", lambda f: tasks(f, "Nine tasks, stored splits") + losses(f)
         + "\n### Confidence\n\nExpected calibration error (15 bins) with "
         "its finite-sample null, sets with at least 300 test spectra:\n\n"
         + calibration(f)),
        ("resamples", lambda f: tasks(f, "Five other splits of each task")
         + "\n" + calibration(f)),
        ("sequences", sequences), ("unknowns", unknowns),
        ("disturbed", disturbed), ("simulated", simulated), ("cost", cost)]
    parts = [HEAD]
    for name, write in sections:
        path = folder / f"{name}.json"
        parts.append(write(json.loads(path.read_text())) if path.is_file()
                     else f"`{name}.json` was not run for this page.\n")
    TARGET.write_text("\n".join([*parts, TAIL]))


if __name__ == "__main__":
    main()
