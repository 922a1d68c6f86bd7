"""The sections of docs/accuracy.md, one function each."""
from collections import Counter

import numpy as np
import real

from spectra_classifier.training.validation.calibration import null_error
from spectra_classifier.training.validation.statistics import (
    calibration_error,
    wilson,
)


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


def nested(found):
    """The held-out half."""
    methods = [m for m in real.NAMES
               if all(m in entry for entry in found.values())]
    columns = {m: real.by_task(found, m) for m in methods}
    splits = Counter((e["name"], e["task"]) for e in found.values())
    best = max((m for m in methods if m not in ("auto", "as published")),
               key=lambda m: np.mean(list(columns[m].values())))
    return ("## Held-out sets\n\nSets and families that the hash of their "
            "name, or their seed, puts into the half on which nothing is "
            "chosen. *auto*: a class is given whatever the limits; *as "
            "published*: unknown counts as wrong.\n\n" + table(
                ["task", "splits", *methods],
                [[f"{name} ({task})", splits[name, task], *(
                    percent(columns[m][name, task]) for m in methods)]
                 for name, task in columns["auto"]]
                + [["**mean**", "", *(f"**{percent(np.mean(list(c.values())))}"
                                      "**" for c in columns.values())]])
            + f"\nThe best peer by the mean is {best}. Difference of the "
            "means over tasks, points, paired bootstrap over test spectra, "
            "95 %:\n\n" + table(
                ["", "minus", "difference", "from", "to"],
                [[first, m, *(f"{v:+.1f}" for v in real.paired_difference(
                    found, first, m))]
                 for first in ("auto", "as published") for m in methods
                 if m not in ("auto", "as published")]))


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
        + "\nWith a baseline among the candidates (`--try-baseline`): "
        + "; ".join(
            f"{e['split'].split('|', 1)[1].replace('|', ', ')}: "
            + ("not chosen" if e["baseline_tried"]["chosen"] == "none" else
               f"chosen, {percent(e['baseline_tried']['accuracy'])} %")
            for e in found["series"]) + ".\n" + _labels(found) + f"""
*Ends only* (trained on the first and last 20 patterns, {ends['n']} between):
the mixture crosses one half at pattern {ends['mixture_crosses_half_at']},
the label is right for {percent(ends['accuracy'])} % if forced.
{ends['unknown']} patterns are called unknown, and
{ends['wrong_not_unknown']} of the wrong ones are not. Confidence on wrong
calls: mean {ends['confidence_on_wrong']:.3f}, highest
{ends['highest_confidence_on_wrong']:.3f}. Median residual at the ends
{ends['residual_ends']:.2g}, of patterns 100 to 220
{ends['residual_100_to_220']:.2g}; the limit is {ends['max_residual']:.2g}.
""")


def _labels(found):
    """What the labelled boundaries of the series are."""
    rows, inside, count = [], 0, 0
    for onset in found["onsets"]:
        row = [onset["boundary"], onset["phase"].replace("$", ""),
               f"{100 * onset['first']:.0f} %", onset["half"]]
        for e in found["series"][-2:]:
            at, = (s for s in e["switches"]
                   if s["boundary"] == onset["boundary"])
            values = [v for v in at["at"].values() if v]
            mine = e["transitions"][e["boundaries"].index(onset["boundary"])
                                    ] if len(e["transitions"]) == len(
                                        e["boundaries"]) else None
            row += ["{} and {}".format(*at["taught"]),
                    f"{min(values)} - {max(values)}",
                    f"{mine['at']} ({mine['begin']} - {mine['end']})"
                    if mine else "-"]
        rows.append(row)
    for e in found["series"]:
        count += len(e["boundaries"])
        inside += sum(any(t["begin"] <= boundary <= t["end"]
                          for t in e["transitions"])
                      for boundary in e["boundaries"])
    held = sum(sum(e["contained"]) for e in found["series"])
    return f"""
Why the intervals hold {held} of {count} labels: a label is the first pattern
in which a phase was put into the published refinement, while the interval is
that of the middle of a change, and the changes are slow. *Amount*: share of
the largest amount of that phase in its first three patterns; *half*: the
first pattern with half of the largest. Of both splits of five states: the
taught patterns around the switch, between which patterns the labels of
`auto`, 1-NN, logistic regression, LDA and ridge switch, and the middle of the
change with its 10 to 90 %.

""" + table(["label", "phase", "amount", "half", "s0: taught", "switch of all",
             "middle (course)", "s1: taught", "switch of all",
             "middle (course)"], rows) + f"""
All methods switch together, in the middle of two taught patterns rather
than at the label, and elsewhere when other patterns are taught: the spectra do
not show where the label is. {inside} of {count} labels lie in the
course of a change. What the interval does not hold is the other choice of
taught patterns: it is the error of the fit to the answers of one model.
"""


def unknowns(found):
    kinds = ("dark", "no sample", "shuffled", "foreign", "shifted by a bin")
    own = "its own test spectra"
    strange = [[e["set"], _limit(e["max_residual"]), *(
        " / ".join(percent(e["kinds"][k][by])
                   for by in ("caught", "best_limit", "nearest"))
        if k in e["kinds"] else "-" for k in kinds),
        percent(e["kinds"][own]["caught"])]
        for e in found["strangers"].values()]
    out = [[e["set"], e["class"], e["n"],
            f"{e['auroc_residual']:.2f}", f"{e['auroc_confidence']:.2f}",
            f"{e['auroc_mixture']:.2f}"]
           for entries in found["left_out"].values() for e in entries]
    total = [e["kinds"][own] for e in found["strangers"].values()]
    wrong = sum(round(v["caught"] * v["n"]) for v in total)
    return ("## Spectra outside the training set\n\nShare without a class "
            "(unknown or low intensity) / share that the best limit of the "
            "residual could find, one that calls 5 % of the test spectra "
            "unknown, chosen on them, as no model can / the same of the "
            "distance to the nearest training spectrum. Most of these sets "
            "teach too few spectra for a limit at a stated level (decision "
            "40): there nothing is unknown, and the report states it. Sets "
            "that were normalised before they came here have no gate:\n\n"
            + table(["split", "limit", *kinds, own], strange)
            + f"\nOf its own test spectra {wrong} of "
            f"{sum(v['n'] for v in total)} are unknown or of low intensity."
            "\n\nOne class left out of training; AUROC of residual, of "
            "confidence and of the largest fraction:\n\n" + table(
                ["split", "class", "n", "residual", "confidence",
                 "fraction"], out))


def _limit(value):
    return f"{value:.3f}" if np.isfinite(value) else "none"


def found_beyond(cases, share):
    """From which distance on every class was found to 95 %."""
    far = sorted(cases, key=lambda e: -e["distance"])
    count = next((k for k, e in enumerate(far) if e[share] < 0.95), len(far))
    if not count:
        return (f"No distance is far enough here: the farthest class, at "
                f"{far[0]['distance']:.2f}, was found to "
                f"{percent(far[0][share])} %.")
    return (f"At least 95 % were found of each of the {count} classes that "
            f"are at a distance of {far[count - 1]['distance']:.2f} or "
            "more" + (f"; the next one, at {far[count]['distance']:.2f}, was "
                      f"found to {percent(far[count][share])} %."
                      if count < len(far) else "."))


def few_labels(found):
    """The choice against the fixed default, by spectra per class."""
    rows = []
    for title, low, high in (("fewer than 8", 0, 8), ("8 and more", 8, 10**9)):
        some = {key: e for key, e in found.items()
                if low <= e["fewest"] < high}
        if not some:
            continue
        mean, lower, upper = real.paired_difference(some, "auto",
                                                    "fixed default")
        ahead = [real.accuracy(e, "auto") - real.accuracy(
            e, "fixed default") for e in some.values()]
        rows.append([title, len(some), f"{mean:+.1f} ({lower:+.1f} ... "
                     f"{upper:+.1f})", sum(a > 0 for a in ahead),
                     sum(a < 0 for a in ahead)])
    return ("\nSplits by the number of training spectra of their rarest "
            "class: the choice of `auto` minus the fixed default, points "
            "(95 %, paired bootstrap over test spectra):\n\n" + table(
                ["spectra per class", "splits", "difference",
                 "splits ahead", "behind"], rows))


def disturbed(found):
    names = list(found[0]["accuracy"])
    worst = max(e["accuracy"]["clean"] - value for e in found
                for value in e["accuracy"].values())
    return ("## Disturbances that training never saw\n\nSizes are shares of "
            "the largest intensity of a spectrum. They cost at most "
            f"{percent(worst)} points.\n\n" + table(
        ["split", *names], [[e["split"], *(percent(e["accuracy"][n])
                                           for n in names)] for e in found]))


def simulated(found):
    shots = [[name, e["n"], percent(e["accuracy"]), ", ".join(e["chosen"])]
             for name, e in found["sase"].items()]
    third = found["third_state"]
    ladder = [[e["state"], e["n"], f"{e['distance']:.2f}",
               percent(e["unknown"]), f"{e['second_state']:.2f}"]
              for e in third["cases"]]
    taught = ("ramp curve 80", "ramp curve 260")
    return ("## Simulated\n\nSASE shots, 3000 to train and 3000 to test:\n\n"
            + table(["difference", "n", "accuracy", "chosen"], shots)
            + "\nTwo states of the ramp are trained, curves 80 and 260, with "
            "pulses of 30 000 photons; then others are asked about. Distance: "
            "residual of their mean, in units of the limit "
            f"({third['max_residual']:.3f}). " + found_beyond(
                [e for e in third["cases"] if e["state"] not in taught],
                "unknown") + "\n\n" + table(
                ["state", "n", "distance", "unknown", "fraction of curve 260"],
                ladder) + averages(found.get("averaging"))
            + changes(found["changes"]))


def averages(study):
    """Means of k pulses against summed log-odds of single ones."""
    if not study:
        return ""
    return ("\nCurves 120 and 128 with 300 photons a pulse, by captures left "
            "out: a model of means of k pulses, and the sum of what a model "
            "of single pulses says of the same k (log-odds):\n\n" + table(
                ["k", "n", "means, %", "summed, %"],
                [[e["k"], e["n"], percent(e["means"]),
                  percent(e["summed_log_odds"])] for e in study["table"]])
            + f"\nRecommended: {study['recommended']}.\n")


def changes(found):
    """How often the guards call two states separable, by drift."""
    rows = [[e["drift"], e["trials"], e["separable"], " - ".join(
        percent(v) for v in wilson(e["separable"] / e["trials"],
                                   e["trials"])),
             percent(np.mean(e["accuracy"])), percent(np.mean(e["null"]))]
            for e in found.values()]
    return ("\nA true change under drift: four captures of each of two "
            "states, in turn, 20 trains of 4 pulses with 300 photons; how "
            "often the guards call them separable (*Drift of an identical "
            "state* has the other error):\n\n" + table(
                ["drift", "trials", "separable", "interval, %",
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
