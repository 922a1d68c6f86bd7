"""Report of a training or an evaluation: one self-contained HTML file."""
from collections.abc import Iterable
from html import escape
from typing import Any

import numpy as np

from ...core.page import image, page, table, verdict
from . import evidence as facts
from . import figures
from .evidence import Evidence


def training(name: str, report: dict[str, Any], evidence: Evidence) -> str:
    """The HTML of a training: its report and evidence."""
    parts = [_headline(report), _warnings(report["warnings"]),
             _training_data(report), _spectra(evidence),
             _bins(report, evidence), _members(report),
             _unseen(report, evidence), _references(report),
             _averaging(report["averaging"]), _drift(evidence),
             _limits(report), _time(report)]
    return page(f"Training of {name}", parts)


def evaluation(name: str, report: dict[str, Any], evidence: Evidence) -> str:
    """The HTML of an evaluation: its report and evidence."""
    low, high = report["accuracy_interval"]
    parts = [
        verdict(f"{report['accuracy']:.1%} of {report['n']} spectra get the "
                 f"right class (95 % interval {low:.1%} to {high:.1%}, over "
                 f"{report['interval_n']} {report['interval_over']}); "
                 f"{report['unknown']} unknown and {report['rejected']} "
                 "rejected ones count as wrong."),
        _warnings([f"{report['training_spectra_included']} of these spectra "
                   "were used in training: the accuracy is too high"]
                  if report["training_spectra_included"] else []),
        table("Classes", ["class", "recall"], [
            (each["class"], "not tested" if each["recall"] is None
             else f"{each['recall']:.1%}") for each in report["per_class"]]),
        _spectra(evidence), _answers(evidence, report["calibration"]),
        table("Simple references on the same spectra",
               ["reference", "accuracy"],
               [(_words(key), f"{value:.1%}") for key, value in (
                   report["simple_references"] or {}).items()]),
        _drift(evidence)]
    return page(f"Evaluation of {name}", parts)


def _headline(report: dict[str, Any]) -> str:
    tests = report["null_tests"]
    validation = report["cross_validation"]
    words = (f"Verdict: <b>{escape(tests['verdict'])}</b>. "
             f"{escape(tests['words'])}.")
    if validation["known"]:
        low, high = validation["interval"]
        words += (f" Accuracy on left-out {_held_out(validation['by'])}: "
                  f"{validation['accuracy']:.1%}, 95 % interval "
                  f"{low:.1%} to {high:.1%} over {validation['interval_n']} "
                  f"{validation['interval_over']}; mean of the classes "
                  f"{validation['balanced_accuracy']:.1%}.")
    return f"<p class=\"verdict\">{words}</p>"


def _warnings(texts: Iterable[str]) -> str:
    return "".join(f"<p class=\"warning\">{escape(text)}</p>"
                   for text in dict.fromkeys(texts))


def _training_data(report: dict[str, Any]) -> str:
    captures = report["captures"]
    head, columns = ["class", "spectra"], [report["classes"],
                                           report["spectra_per_class"]]
    validation = report["cross_validation"]
    if validation["known"]:
        head.append("recall, left out")
        columns.append([f"{share:.1%}" for share in validation["recall"]])
    return table("Training data", head, list(zip(*columns, strict=True))) + (
        f"<p class=\"note\">{report['spectra']} of "
        f"{report['spectra_given']} spectra given, "
        + ("captures not known" if captures is None
           else f"{captures} captures")
        + (f"; each is the mean of {report['averaging']['k']} pulses"
           if report["averaging"]["k"] > 1 else "") + ".</p>")


def _spectra(evidence: Evidence) -> str:
    _, unit = evidence.units
    return ("<h2>Spectra</h2>"
            + image(figures.spectra(evidence), "mean spectra")
            + "<p class=\"note\">Line: mean of a class. Band: standard "
            "deviation of single spectra.</p>"
            + image(figures.differences(evidence), "difference spectra")
            + "<p class=\"note\">Grey: 95 % interval of the mean difference, "
            f"from the scatter of {unit}. Bars: root mean square of the "
            "difference in a bin, in units of its error; dashed: the value "
            "of equal classes.</p>")


def _bins(report: dict[str, Any], evidence: Evidence) -> str:
    if evidence.by_fold is None:
        return ""
    chosen = report.get("choice", {}).get("chosen")
    sizes = ([(entry["name"], entry["bins"]) for entry in chosen] if chosen
             else [("all bins", len(evidence.bins))])
    parts: list[tuple[str, list[int]]] = []
    first = 0
    for title, size in sizes:
        parts.append((title, list(range(first, first + size))))
        first += size
    return ("<h2>Where the classes differ</h2>"
            + image(figures.separability(evidence, parts), "separability")
            + "<p class=\"note\">Accuracy of every bin alone on left-out "
            "spectra; whiskers: worst and best fold; dashed: chance.</p>")


def _members(report: dict[str, Any]) -> str:
    choice = report.get("choice")
    if choice is None:
        return ""
    rows = [(entry["name"], _number(entry["log_loss"], 3),
             f"{entry['ms_per_train']:.1f}") for entry in choice["chosen"]]
    return table("Chosen members", ["member", "log-loss, left out",
                                     "ms per train, alone"], rows) + (
        f"<p class=\"note\">Out of {choice['candidates']} candidates: "
        f"{escape(choice['rule'])}. Together about "
        f"{choice['ms_per_train']:.1f} ms per train of 2700 pulses on one "
        "core (estimated).</p>")


def _unseen(report: dict[str, Any], evidence: Evidence) -> str:
    return "" if evidence.confidence is None else _answers(
        evidence, report["calibration"]["status"])


def _answers(evidence: Evidence, status: str) -> str:
    confused = facts.most_confused(evidence)
    text = ("<h2>Answers to spectra that were not trained on</h2><p>"
            + image(figures.confusion(evidence), "confusion")
            + image(figures.calibration(evidence, status), "calibration")
            + "</p>")
    if len(confused):
        text += ("<h2>Most confused spectra</h2>"
                 + image(figures.confused(evidence, confused), "confused"))
    return text


def _references(report: dict[str, Any]) -> str:
    tests = report["null_tests"]
    if tests["accuracy"] is None:
        return ""
    rows = [("left-out captures" if tests["p"] is not None
             else "left-out spectra", f"{tests['accuracy']:.1%}")]
    if tests["null"] is not None:
        rows.append(("null test: halves of one capture (expected: 50 %)",
                     f"{tests['null']:.1%}"))
    rows += [(_words(name), f"{value:.1%}")
             for name, value in tests["references"].items()]
    return table("Null test and simple references",
                  ["classifier", "accuracy"], rows)


def _averaging(averaging: dict[str, Any]) -> str:
    study = averaging["study"]
    if study is None or not study["table"]:
        return ""
    photons = study["table"][0]["photons"] is not None
    quarters = [(f"{entry['counts']:.4g}", *(
        [f"{entry['photons']:.4g}"] if photons else []), entry["n"],
        f"{entry['accuracy']:.1%}") for entry in study["by_intensity"]]
    return ("<h2>Averaging pulses</h2>"
            + image(figures.averaging(study), "averaging")
            + f"<p>Recommended: {study['recommended']}; this model averages "
            f"{averaging['k']}.</p>"
            + table("", ["counts of a pulse", *(
                ["photons"] if photons else []), "pulses",
                "accuracy of single pulses"], quarters))


def _drift(evidence: Evidence) -> str:
    return ("<h2>Drift within these spectra</h2>"
            + image(figures.drift(evidence), "drift")
            + "<p class=\"note\">A trend, or steps between captures, comes "
            "from the instrument or the beam, unless the sample changed "
            "within a class.</p>")


def _limits(report: dict[str, Any]) -> str:
    unknown = report["unknown"]
    calibration = report["calibration"]
    rows: list[tuple[str, str]] = [
            ("gate: mean intensity at least",
             f"{report['gate']['min_intensity']:.4g}"),
            ("confidence", f"{calibration['status']}, temperature "
             f"{calibration['temperature']:.2f}"),
            ("class priors", "uniform")]
    rows += [("unknown: residual above", _number(unknown["max_residual"], 3)),
             ("", unknown["words"])]
    if unknown["left_out"]:
        rows.append(("wrongly unknown, left-out spectra",
                     "{unknown} of {of}".format(**unknown["left_out"])))
    for key, words in (("log_loss", "log-loss, left out"),
                       ("brier", "Brier score"),
                       ("ece", "calibration error"),
                       ("ece_null", "calibration error expected of a perfect "
                        "confidence")):
        if key in calibration:
            rows.append((words, f"{calibration[key]:.3f}"))
    return table("Limits and confidence", ["", ""], rows)


def _time(report: dict[str, Any]) -> str:
    steps = report.get("seconds_by_step", {})
    return table("Computing time", ["step", "s"], [
        *((name, f"{seconds:.1f}") for name, seconds in steps.items()),
        ("total", f"{report['seconds']:.1f}")])


def _number(value: float | None, digits: int) -> str:
    return ("not known" if value is None or not np.isfinite(value)
            else f"{value:.{digits}f}")


def _held_out(by: str) -> str:
    return "captures" if by == "captures" else "blocks of spectra"


def _words(name: str) -> str:
    return name.replace("_", " ")
