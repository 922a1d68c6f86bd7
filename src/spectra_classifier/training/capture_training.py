"""Training and evaluation on captures, each with a summary in one sentence."""
from collections.abc import Collection
from typing import Any

import numpy as np

from ..core.bins import equal_bins, separability
from ..core.dataset import Dataset, labelled_by_clusters
from ..core.preprocessing.views import apply_view
from ..errors import InputError
from ..model import LoadedModel, make_engine
from . import evaluate, fit
from .fit import TrainingResult
from .labelled import LabelledDataset, labelled
from .members.discriminant import Discriminants
from .members.fitted import Progress
from .options import TrainingOptions
from .selection import candidates
from .validation import folds, statistics

#: seconds of computing after which no further candidate is tried
TIME_BUDGET = 6.
#: equal regions of the axis whose separability is measured
REGIONS = 15
#: regions that the sentence names, and their least separability
_NAMED, _WORTH = 3, 0.2
#: captures below which the interval is wide because of their number
_MANY = 12
#: accuracy for which the number of averaged pulses is given
_WANTED = 0.99


def train(dataset: Dataset, progress: Progress | None = None,
          time_budget: float = TIME_BUDGET,
          averaging: int = 1) -> tuple[TrainingResult, dict[str, Any]]:
    """Train members "auto" on captures.

    Parameters
    ----------
    time_budget
        Seconds of computing after which no further candidate is tried.
    averaging
        Pulses whose mean is trained on and classified, 0 for the number that
        the study recommends.

    Returns
    -------
    result
    report
        That of the training, with `regions` and `sentence`, the verdict for
        an operator; plain JSON values.
    """
    data = labelled(dataset)
    result = fit.train(data, TrainingOptions(
        members="auto", time_budget=time_budget, averaging=averaging),
        progress)
    report = result.report | {"regions": regions(data)}
    return result, report | {
        "sentence": sentence(report, data.axis.unit)}


def regions(dataset: LabelledDataset, count: int = 5) -> list[dict[str, Any]]:
    """Separability of the classes along the axis, whatever the model uses.

    Of equal regions, each alone with one fixed linear classifier of slopes;
    captures are left out as in the training.

    Returns
    -------
    list of dict
        Keys "from", "to", "separability"; empty where nothing can be left
        out.
    """
    axis, classes = dataset.axis.values, len(dataset.classes)
    fold, _ = folds.assign(dataset.labels, dataset.groups, count)
    if fold is None:
        return []
    slopes = apply_view(candidates.fixed(len(axis)).view, dataset.spectra)
    bins = equal_bins(len(axis), min(REGIONS, len(axis) // 2))
    solved = Discriminants(slopes, dataset.labels, classes,
                           fold[None]).out_of_fold(bins)
    right = [np.mean([np.mean(found[0][dataset.labels == c].argmax(axis=1)
                              == c) for c in range(classes)])
             for found in solved.values()]
    return [{"from": float(axis[start]), "to": float(axis[stop - 1]),
             "separability": float(skill)} for (start, stop), skill in zip(
                 bins, separability(np.array(right), classes), strict=True)]


def sentence(report: dict[str, Any], unit: str) -> str:
    """Result of a training, for a decision on arming.

    `unit` is that of the axis.
    """
    tests, checked = report["null_tests"], report["cross_validation"]
    parts = [_separation(report, unit)
             if tests["verdict"] == "separable" else
             f"{tests['verdict']}: {tests['words']}"]
    if checked["known"]:
        over = (f"{checked['interval_n']} captures"
                if checked["interval_over"] == "captures"
                else "a single capture of each class")
        few = (", wide because there are few captures"
               if checked["interval_n"] < _MANY
               and checked["interval_over"] == "captures" else "")
        parts.append(f"accuracy {_share(checked['accuracy'])} "
                     f"({_interval(checked['interval'])}{few}) on left-out "
                     f"pulses, over {over}")
    if tests["null"] is not None:
        parts.append(f"null test {_share(tests['null'])}")
    parts += _averaging(report["averaging"]["study"])
    return "; ".join(parts)


def _separation(report: dict[str, Any], unit: str) -> str:
    best = sorted((each for each in report["regions"]
                   if each["separability"] >= _WORTH),
                  key=lambda each: -each["separability"])[:_NAMED]
    if not best:
        return "classes separate, but in no single region of the axis"
    where = ", ".join(f"{each['from']:.5g}-{each['to']:.5g}" for each in
                      sorted(best, key=lambda each: each["from"]))
    return f"classes separate, best at {where} {unit}"


def _averaging(study: dict[str, Any] | None) -> list[str]:
    if not study or not study["table"]:
        return []
    k = next((entry["k"] for entry in study["table"]
              if entry["means"] >= _WANTED), None)
    if k == 1:
        return [f"single pulses reach {_WANTED:.0%}"]
    if k is None:
        return [f"{_WANTED:.0%} is not reached with up to "
                f"{study['table'][-1]['k']} pulses averaged"]
    return [f"{_WANTED:.0%} needs about {k} pulses averaged"]


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _interval(ends: list[float]) -> str:
    return f"{100 * ends[0]:.1f}-{100 * ends[1]:.1f}"


def evaluate_captures(model: LoadedModel, dataset: Dataset,
                      trained_on: Collection[int]) -> dict[str, Any]:
    """Evaluate a model on captures, by pulses that it was not trained on.

    Parameters
    ----------
    dataset
        Pulses of captures, without those that the model was trained on.
    trained_on
        Numbers of the captures that the model was trained on.

    Returns
    -------
    dict
        `captures` (a list with number, class, n, accuracy, unknown,
        trained_on), `accuracy`, `interval`, `n`, `confusion`, `classes`,
        `on` ("new captures" where there are any, else "other pulses of the
        training captures") and `sentence`. Without pulses `accuracy` is
        None.
    """
    if not len(dataset):
        return {"captures": [], "accuracy": None, "n": 0, "sentence":
                "every pulse of these captures was used in training: capture "
                "a further cycle, then evaluate"}
    data = labelled(dataset, "an evaluation")
    if data.groups is None:
        raise InputError("the captures of the data are not known")
    # the reference engine: nothing to compile, and the same labels
    engine = make_engine(model, "numpy")
    rows: list[dict[str, Any]] = []
    figures: dict[int, dict[str, Any]] = {}
    for number in np.unique(data.groups).tolist():
        own = data.select(data.groups == number)
        found = evaluate.evaluate(engine, own)
        figures[number] = found
        rows.append({
            "number": number, "class": own.classes[own.labels[0]],
            "n": found["n"], "accuracy": found["accuracy"],
            "unknown": found["unknown"], "trained_on": number in trained_on})
    new = [row["number"] for row in rows if not row["trained_on"]]
    used = new or [row["number"] for row in rows]
    right = np.array([figures[n]["accuracy"] * figures[n]["n"] for n in used])
    count = np.array([figures[n]["n"] for n in used])
    accuracy = float(right.sum() / count.sum())
    interval = statistics.wilson(accuracy, len(used))
    report = {
        "captures": rows, "accuracy": accuracy, "n": int(count.sum()),
        "interval": interval,
        "confusion": np.sum([figures[n]["confusion"] for n in used],
                            axis=0).tolist(),
        "classes": list(model.definition.classes),
        "on": ("new captures" if new else
               "other pulses of the training captures")}
    chosen = ("; these captures are clusters of their own spectra, chosen by "
              "the data" if labelled_by_clusters(data.provenance) else "")
    return report | {"sentence": (
        f"accuracy {_share(accuracy)} ({_interval(interval)}) on "
        f"{report['n']} pulses, {report['on']} "
        f"({', '.join(map(str, used))})" + (
            "" if new else "; capture a further cycle for an accuracy that "
            "includes drift") + chosen)}
