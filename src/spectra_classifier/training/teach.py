"""Teaching from captures: training and evaluation, each told in a sentence.
"""
import numpy as np

from ..model import make_engine
from . import evaluate, fit, statistics
from .options import TrainingOptions

#: seconds of computing after which no further candidate is looked at
TIME_BUDGET = 6.
#: bins that the sentence names, and the share of the axis they have at most
_NAMED, _NARROW = 3, 0.25
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
    return result, result.report | {
        "sentence": sentence(result.report, dataset.axis.unit)}


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
        parts.append(f"right on {_share(checked['accuracy'])} "
                     f"({_interval(checked['interval'])}) of unseen pulses "
                     f"over {over}")
    if guards["null"] is not None:
        parts.append(f"null test {_share(guards['null'])}")
    parts += _averaging(report["averaging"]["study"])
    return "; ".join(parts)


def _separation(report, unit):
    channels = max(entry["stop"] for entry in report["bins"])
    known = [entry for entry in report["bins"] if entry["separability"]
             and entry["stop"] - entry["start"] <= channels * _NARROW]
    best = sorted(known, key=lambda e: -e["separability"])
    named = []
    for entry in best:
        if all(entry["stop"] <= other["start"]
               or other["stop"] <= entry["start"] for other in named):
            named.append(entry)
    named = sorted(named[:_NAMED], key=lambda e: e["start"])
    if not named:
        return "classes separate, over the whole axis"
    where = ", ".join(f"{e['from']:.5g}-{e['to']:.5g}" for e in named)
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
    and `sentence`.
    """
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
