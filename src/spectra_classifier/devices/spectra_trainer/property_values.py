"""What a training or an evaluation found, as values of properties."""
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...core.capture import Capture
from ...exploration.stream_map import StreamMap

#: report of a training or evaluation, as its process writes it in JSON
type Report = dict[str, Any]

#: what each reference would mean if it were as good as the model
MEANINGS = {
    "null": ("null test", "halves of one capture; 50 %: nothing drifts"),
    "total_intensity": ("total intensity only",
                        "near the model: the beam differs, not the sample"),
    "signal_free_strips": ("signal-free strips only",
                           "near the model: the detector drifts"),
    "two_region_ratio": ("ratio of two regions",
                         "as good as the model: a simpler tool would do"),
    "nearest_neighbour": ("nearest neighbour",
                          "the most alike of the captured pulses")}


def capture_row(capture: Capture) -> tuple[Any, ...]:
    """A row of the table `captures.current`."""
    left_out = ", ".join(f"{count} {reason}" for reason, count
                         in capture.tally.left_out.items() if count)
    return (capture.number, capture.sample_class, capture.trains,
            capture.tally.used, round(capture.tally.intensity, 2),
            capture.time.replace("T", " "), capture.kept, capture.dark,
            left_out or "none", "clusters" if capture.chosen else "operator",
            capture.problem)


def cluster_rows(found: StreamMap | None,
                 names: Mapping[int, str]) -> list[tuple[Any, ...]]:
    """Rows of the table `exploration.clusters`."""
    if found is None:
        return []
    return [(number, _percent(size / len(found.cluster)),
             len(found.rows(number)), names.get(number, ""))
            for number, size in enumerate(found.size.tolist())]


def training_values(report: Report) -> dict[str, Any]:
    """{property: value} of the report of a training."""
    guards, checked = report["null_tests"], report["cross_validation"]
    study = report["averaging"]["study"] or {"table": [], "recommended": 1}
    return {
        "verdict": guards["verdict"], "verdictText": report["sentence"],
        "armAdvised": bool(guards["arm"]),
        "training.heldOutAccuracy": (
            checked["accuracy"] if checked["known"] else -1.),
        "training.heldOutInterval": _interval(checked),
        "training.averagedPulses": study["recommended"],
        "training.calibration": _calibration(report["calibration"]),
        "training.references": _references(guards),
        "training.confusion": _confusion(report["classes"], checked),
        "training.bins": sorted(
            ((number, _place(each["from"]), _place(each["to"]),
              round(each["separability"], 3))
             for number, each in enumerate(report["regions"])),
            key=lambda row: -row[-1]),
        "training.averaging": [
            (entry["k"], _percent(entry["means"]), entry["n"])
            for entry in study["table"]],
        "training.caution": (
            "; ".join(dict.fromkeys(report["warnings"])) or "none"),
        "trainedModelId": report["id"],
        "training.time": report["seconds_machine"],
        "training.evaluation": "", "training.evaluatedAccuracy": -1.}


def nothing_trained() -> dict[str, Any]:
    """The same properties where there is no trained model."""
    return {
        "verdict": "", "verdictText": "", "armAdvised": False,
        "training.heldOutAccuracy": -1., "training.heldOutInterval": "",
        "training.averagedPulses": 1, "training.calibration": "",
        "training.references": [], "training.confusion": [],
        "training.bins": [], "training.averaging": [],
        "training.caution": "", "trainedModelId": "",
        "training.evaluation": "", "training.evaluatedAccuracy": -1.}


def evaluation_values(report: Report, seconds_before: float) -> dict[str, Any]:
    """{property: value} of the report of an evaluation."""
    return {"training.evaluation": report["sentence"],
            "training.evaluatedAccuracy": (
                -1. if report["accuracy"] is None else report["accuracy"]),
            "training.time": seconds_before + report["seconds_machine"]}


def _place(position: float) -> float:
    """A position on the axis, as far as a table needs it."""
    return float(f"{position:.6g}")


def _percent(share: float) -> float:
    return round(100 * share, 1)


def _interval(checked: Report) -> str:
    if not checked["known"]:
        return "not known"
    low, high = checked["interval"]
    return (f"{_percent(low)} to {_percent(high)} %, over "
            f"{checked['interval_n']} {checked['interval_over']}")


def _calibration(found: Report) -> str:
    words = f"{found['status']}, {found['samples']} pulses of a class"
    if "ece" in found:
        words += (f"; off by {found['ece']:.1%} on average, perfect would "
                  f"be {found['ece_null']:.1%}")
    return words


def _references(guards: Report) -> list[tuple[str, float, str]]:
    rows = [] if guards["accuracy"] is None else [
        ("quick linear model", _percent(guards["accuracy"]),
         "whole captures left out; the verdict rests on it")]
    found = {"null": guards["null"], **guards["references"]}
    return rows + [(name, _percent(found[key]), meaning)
                   for key, (name, meaning) in MEANINGS.items()
                   if found.get(key) is not None]


def _confusion(classes: Sequence[str],
               checked: Report) -> list[tuple[str, str]]:
    if not checked["known"]:
        return []
    table = np.array(checked["confusion"], float)
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    return [(truth, ", ".join(
        f"{name} {_percent(value)} %" for name, value in zip(
            classes, row, strict=True)))
        for truth, row in zip(classes, share, strict=True)]
