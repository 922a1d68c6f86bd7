"""The sections of docs/accuracy.md on captures: confidence and verdicts."""
import new_captures
import numpy as np
from sections import percent, table

from spectra_classifier.training.validation.statistics import wilson

#: what the excess should not exceed
MOST = 0.03


def confidence(found):
    """Confidence on captures that were taken after those of the training."""
    rows = []
    for classes, captures in sorted({(e["classes"], e["captures"])
                                     for e in found}):
        mine = [e for e in found
                if (e["classes"], e["captures"]) == (classes, captures)]
        excess = [e["excess"] for e in mine]
        rows.append([
            classes, captures, len(mine),
            *(percent(np.mean([e[key] for e in mine]))
              for key in ("accuracy", "confidence")),
            f"{np.mean(excess):+.3f}", f"{max(excess):+.3f}",
            sum(each > MOST for each in excess),
            f"{np.mean([e['best_excess'] for e in mine]):+.3f}",
            f"{pooled(mine):.3f}",
            *(f"{np.mean([e[key] for e in mine]):.3f}"
              for key in ("log_loss", "brier"))])
    enough = [e["excess"] for e in found if e["captures"] >= 4]
    return f"""## Confidence on new captures

Simulated sets from seed {new_captures.KEPT.start} on, which took part in no
choice: classes, peaks, photons and the way in which the instrument differs
from capture to capture are drawn by seed. `auto` learns so many captures of
each class, of {new_captures.TAUGHT} spectra; {new_captures.NEW} new captures
of each class are asked about. *Excess*: expected calibration error (15 bins)
minus what a perfect confidence would show with as many spectra; mean over the
sets, the largest, and how many exceed {MOST}. *Best*: the same with the
temperature of least log-loss on the new captures, which nobody knows.
*Pooled*: the error of all sets of a line taken together, without subtraction:
how wrong a stated confidence is on the average over experiments.

""" + table(["classes", "captures of each", "sets", "accuracy", "confidence",
             "excess", "largest", f"above {MOST}", "best", "pooled",
             "log-loss", "Brier"], rows) + f"""
With four captures of each class or more the excess is {np.mean(enough):+.3f}
on the average and above {MOST} in {sum(e > MOST for e in enough)} of
{len(enough)} sets. From two captures it is not known how a third will differ;
the training report states that.
"""


def pooled(sets):
    """Calibration error of several sets together."""
    _, confident, right = np.sum([e["bins"] for e in sets], axis=0).T
    return float(np.abs(confident - right).sum() / sum(
        row[0] for e in sets for row in e["bins"]))


def verdicts(found):
    """How often drift alone is called separable."""
    rows = []
    for way in dict.fromkeys(e["way"] for e in found):
        mine = [e for e in found if e["way"] == way]
        for count in sorted({e["captures"] for e in mine}):
            some = [e for e in mine if e["captures"] == count]
            cases = {(e["drift"], e["size"]): [0, 0] for e in some}
            for each in some:
                case = cases[each["drift"], each["size"]]
                case[0] += each["separable"]
                case[1] += each["trials"]
            separable, trials = np.sum(list(cases.values()), axis=0)
            worst = max(cases, key=lambda case: cases[case][0])
            rows.append([
                way, count, len(cases), trials, separable,
                " - ".join(percent(v) for v in wilson(
                    separable / trials, int(trials))),
                f"{cases[worst][0]} of {cases[worst][1]}"
                f" ({worst[0]} {worst[1]:g})"])
    return """## Drift of an identical state

Captures of one state that are called by two names, in any order (in turn,
there and back, class by class, at random; in files also numbered alike in
each class), while the instrument drifts in one of several ways and sizes;
how often the verdict is *separable*. From files, and by the folder of the
trainer device; seeds 57501 and, for 3 and 6 captures by the device, 57502:

""" + table(["way", "captures of each", "drifts", "trials", "separable",
             "interval, %", "worst drift"], rows)
