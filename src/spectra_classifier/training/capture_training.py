"""Teaching from captures: training and evaluation, each told in a sentence.
"""
import numpy as np

from ..core.bins import equal_bins, separability
from ..core.preprocessing.views import apply_view
from ..model import make_engine
from . import evaluate, fit
from .members.discriminant import Discriminants
from .options import TrainingOptions
from .selection import candidates
from .validation import folds, statistics

#: seconds of computing after which no further candidate is looked at
TIME_BUDGET = 6.
#: equal regions of the axis that are looked at one by one
REGIONS = 15
#: regions that the sentence names, and what each must be worth at least
_NAMED, _WORTH = 3, 0.2
#: captures from which their number does not make the interval wide
_MANY = 12
#: accuracy for which the number of averaged pulses is stated
_WANTED = 0.99


def teach(dataset, progress=None, time_budget=TIME_BUDGET, averaging=1):
    """(`TrainingResult`, report) of captures: members "auto".

    `averaging`: pulses whose mean is taught and classified, 0 for as many
    as the study recommends. The report (plain JSON values) is that of the
    training with `sentence`, the verdict for an operator.
    """
    result = fit.train(dataset, TrainingOptions(
        members="auto", time_budget=time_budget, averaging=averaging),
        progress)
    report = result.report | {"regions": regions(dataset)}
    return result, report | {
        "sentence": sentence(report, dataset.axis.unit)}


def regions(dataset, count=5):
    """Where on the axis the classes separate, whatever the model looks at.

    A list of {"from", "to", "separability"} of equal regions, each by itself
    with one fixed linear classifier of slopes, captures left out as in the
    training; empty where nothing can be left out.
    """
    axis, classes = dataset.axis.values, len(dataset.classes)
    fold, _ = folds.assign(dataset.labels, dataset.groups, count)
    if fold is None:
        return []
    slopes = apply_view(candidates.fixed(len(axis)).view, dataset.spectra)
    bins = equal_bins(len(axis), min(REGIONS, len(axis) // 2))
    solved = Discriminants(slopes, dataset.labels, classes,
                           fold[None]).solve(bins, final=False)
    right = [np.mean([np.mean(found[0][0][dataset.labels == c].argmax(axis=1)
                              == c) for c in range(classes)])
             for found in solved.values()]
    return [{"from": float(axis[start]), "to": float(axis[stop - 1]),
             "separability": float(skill)} for (start, stop), skill in zip(
                 bins, separability(np.array(right), classes), strict=True)]


def sentence(report, unit):
    """What came out of a training, for somebody who decides on arming."""
    guards, checked = report["guards"], report["cross_validation"]
    parts = [_separation(report, unit)
             if guards["verdict"] == "separable" else
             f"{guards['verdict']}: {guards['words']}"]
    if checked["known"]:
        over = (f"{checked['interval_n']} captures"
                if checked["interval_over"] == "captures"
                else "a single capture of each class")
        few = (", wide as the captures are few"
               if checked["interval_n"] < _MANY
               and checked["interval_over"] == "captures" else "")
        parts.append(f"right on {_share(checked['accuracy'])} "
                     f"({_interval(checked['interval'])}{few}) of unseen "
                     f"pulses over {over}")
    if guards["null"] is not None:
        parts.append(f"null test {_share(guards['null'])}")
    parts += _averaging(report["averaging"]["study"])
    return "; ".join(parts)


def _separation(report, unit):
    best = sorted((each for each in report["regions"]
                   if each["separability"] >= _WORTH),
                  key=lambda each: -each["separability"])[:_NAMED]
    if not best:
        return "classes separate, by the axis as a whole"
    where = ", ".join(f"{each['from']:.5g}-{each['to']:.5g}" for each in
                      sorted(best, key=lambda each: each["from"]))
    return f"classes separate, best at {where} {unit}"


def _averaging(study):
    if not study or not study["table"]:
        return []
    k = next((entry["k"] for entry in study["table"]
              if entry["means"] >= _WANTED), None)
    if k == 1:
        return [f"single pulses reach {_WANTED:.0%}"]
    if k is None:
        return [f"{_WANTED:.0%} is not reached with up to "
                f"{study['table'][-1]['k']} pulses averaged"]
    return [f"needs about {k} pulses averaged for {_WANTED:.0%}"]


def _share(value):
    return f"{100 * value:.1f} %"


def _interval(ends):
    return f"{100 * ends[0]:.1f}-{100 * ends[1]:.1f}"


def evaluate_captures(model, dataset, taught):
    """A `LoadedModel` on captures, by pulses that did not teach it.

    `taught`: numbers of the captures that it was trained on. Keys:
    `captures` (a list with number, class, n, accuracy, unknown, taught),
    `accuracy`, `interval`, `n`, `confusion`, `classes`, `on` ("new captures"
    where there are any, else "other pulses of the captures that taught")
    and `sentence`. Where every pulse has taught, `accuracy` is None.
    """
    if not len(dataset):
        return {"captures": [], "accuracy": None, "n": 0, "sentence":
                "every pulse of these captures has taught: capture a further "
                "cycle, then evaluate"}
    # the reference: nothing to compile, and the same labels
    engine = make_engine(model, "numpy")
    rows, figures = [], {}
    for number in np.unique(dataset.groups):
        own = dataset.select(dataset.groups == number)
        found = evaluate.evaluate(engine, own)
        figures[number] = found
        rows.append({
            "number": int(number), "class": own.classes[own.labels[0]],
            "n": found["n"], "accuracy": found["accuracy"],
            "unknown": found["unknown"], "taught": int(number) in taught})
    new = [row["number"] for row in rows if not row["taught"]]
    used = new or [row["number"] for row in rows]
    right = np.array([figures[n]["accuracy"] * figures[n]["n"] for n in used])
    count = np.array([figures[n]["n"] for n in used])
    accuracy = float(right.sum() / count.sum())
    report = {
        "captures": rows, "accuracy": accuracy, "n": int(count.sum()),
        "interval": statistics.wilson(accuracy, len(used)),
        "confusion": np.sum([figures[n]["confusion"] for n in used],
                            axis=0).tolist(),
        "classes": list(model.definition.classes),
        "on": ("new captures" if new else
               "other pulses of the captures that taught")}
    return report | {"sentence": (
        f"right on {_share(accuracy)} ({_interval(report['interval'])}) of "
        f"{report['n']} pulses, {report['on']} "
        f"({', '.join(map(str, used))})" + (
            "" if new else "; capture a further cycle for a figure that "
            "drift cannot flatter"))}
