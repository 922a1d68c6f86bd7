"""Report of a training or an evaluation: one self-contained HTML file."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from ...colours import CLASSES, NO_PERMIT, PERMIT
from ...core.page import image, page, table
from . import conclusion, figures
from . import evidence as facts
from .conclusion import BAD, DOUBTFUL, GOOD, Conclusion
from .evidence import Evidence

_GRADES = {GOOD: PERMIT, DOUBTFUL: CLASSES[4], BAD: NO_PERMIT}
#: warnings on the first page; the others follow in the details
_WARNINGS = 4
#: classes up to which table and confusion are next to each other
_SMALL = 10


@dataclass(frozen=True)
class Heading:
    """Where a report comes from; "" for what is not known.

    Attributes
    ----------
    date
        With the time zone.
    data, checksum
        What was read, and its SHA-256.
    command, version
        That made the report.
    """
    date: str = ""
    data: str = ""
    checksum: str = ""
    command: str = ""
    version: str = ""


def training(name: str, report: dict[str, Any], evidence: Evidence,
             heading: Heading | None = None) -> str:
    """The HTML of a training: its report and evidence."""
    concluded = conclusion.of_training(report)
    small = evidence.confidence is None or len(evidence.classes) <= _SMALL
    # the verdict has said it
    warnings = [text for text in dict.fromkeys(report["warnings"])
                if not text.startswith(report["null_tests"]["verdict"])]
    return _page(f"Training of {name}", heading, concluded, [
        _validated(report), _spectra(evidence),
        _side_by_side(evidence, _trained_classes(report)
                      + _references(report),
                      None if evidence.confidence is None or not small
                      else figures.confusion(evidence)),
        _warnings(warnings)], [
        *([] if small else [_trained_classes(report, True), image(
            figures.confusion(evidence), "confusion")]),
        _bins(report, evidence), _members(report, evidence),
        "" if evidence.confidence is None else _answers(
            evidence, report["calibration"]["status"]),
        _averaging(report["averaging"]), _drift(evidence), _limits(report),
        _more_warnings(warnings), _time(report)])


def evaluation(name: str, report: dict[str, Any], evidence: Evidence,
               heading: Heading | None = None) -> str:
    """The HTML of an evaluation: its report and evidence."""
    low, high = report["accuracy_interval"]
    return _page(f"Evaluation of {name}", heading,
                 conclusion.of_evaluation(report), [
        f"<p>{report['accuracy']:.1%} of {report['n']} spectra get the right "
        f"class (95 % interval {low:.1%} to {high:.1%}, over "
        f"{report['interval_n']} {report['interval_over']}); "
        f"{report['unknown']} unknown and {report['rejected']} rejected ones "
        "count as wrong.</p>",
        _spectra(evidence),
        _side_by_side(evidence, table(
            "Classes", ["class", "spectra", "recall"],
            [(each["class"], each["n"], "not tested"
              if each["recall"] is None else f"{each['recall']:.1%}")
             for each in report["per_class"]])
            + table("Simple methods on the same spectra",
                     ["method", "accuracy"],
                     [(_words(key), f"{value:.1%}") for key, value in (
                         report["simple_references"] or {}).items()]),
            figures.confusion(evidence))],
        [_answers(evidence, report["calibration"]), _drift(evidence)])


def _page(title: str, heading: Heading | None, concluded: Conclusion,
          first: list[str], details: list[str]) -> str:
    """One page to read, and the details folded below."""
    return page(title, [
        _head(heading) + _verdict(concluded), *first,
        "<details><summary>Details</summary>", *details, "</details>"])


def _head(heading: Heading | None) -> str:
    rows = [] if heading is None else [
        (words, getattr(heading, name)) for words, name in (
            ("date", "date"), ("data", "data"), ("SHA-256", "checksum"),
            ("command", "command"), ("version", "version"))
        if getattr(heading, name)]
    return ("<table class=\"head\">" + "".join(
        f"<tr><td>{words}</td><td>{escape(text)}</td></tr>"
        for words, text in rows) + "</table>") if rows else ""


def _verdict(concluded: Conclusion) -> str:
    words = concluded.verdict
    return (f"<div class=\"verdict\" style=\"border-color: "
            f"{_GRADES[concluded.grade]}\"><p><b>"
            f"{escape(words[:1].upper() + words[1:])}</b></p>"
            f"<p>{escape(_sentence(concluded.reason))}</p>"
            f"<p>What to do next: {escape(concluded.next_step)}</p></div>")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _validated(report: dict[str, Any]) -> str:
    """The one accuracy of the report."""
    validation = report["cross_validation"]
    if not validation["known"]:
        return ("<p>The accuracy on left-out spectra is not known: "
                f"{escape(validation['reason'])}.</p>")
    low, high = validation["interval"]
    return (f"<p>Accuracy on left-out {_held_out(validation['by'])}: "
            f"<b>{validation['accuracy']:.1%}</b>, 95 % interval {low:.1%} "
            f"to {high:.1%} over {validation['interval_n']} "
            f"{validation['interval_over']}. All figures of the model below "
            "are of the same left-out spectra.</p>")


def _warnings(texts: Sequence[str]) -> str:
    return ("<h2>Warnings</h2>" + _list(texts[:_WARNINGS]) if texts
            else "")


def _more_warnings(texts: Sequence[str]) -> str:
    more = texts[_WARNINGS:]
    return "<h2>Further warnings</h2>" + _list(more) if more else ""


def _list(texts: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(_sentence(text))}</li>"
                            for text in texts) + "</ul>"


def _trained_classes(report: dict[str, Any], whole: bool = False) -> str:
    """Spectra and recall by class; without `whole` on one page."""
    captures = report["captures"]
    head, columns = ["class", "spectra"], [report["classes"],
                                           report["spectra_per_class"]]
    validation = report["cross_validation"]
    order = list(range(len(report["classes"])))
    if validation["known"]:
        head.append("recall, left out")
        columns.append([f"{share:.1%}" for share in validation["recall"]])
        if len(order) > _SMALL:
            order.sort(key=validation["recall"].__getitem__)
    rows = list(zip(*columns, strict=True))
    return table("Training data", head, [
        rows[c] for c in order[:None if whole else _SMALL]]) + (
        "" if whole or len(order) <= _SMALL else f"<p class=\"note\">The "
        f"{_SMALL} classes that are recognised least often, of "
        f"{len(order)}; all are in the details.</p>") + (
        f"<p class=\"note\">{report['spectra']} of "
        f"{report['spectra_given']} spectra given, "
        + ("captures not known" if captures is None
           else f"{captures} captures")
        + (f"; each is the mean of {report['averaging']['k']} pulses"
           if report["averaging"]["k"] > 1 else "") + ".</p>")


def _side_by_side(evidence: Evidence, tables: str,
                  confusion: bytes | None) -> str:
    if confusion is None:
        return tables
    picture = image(confusion, "confusion")
    if len(evidence.classes) > _SMALL:
        return tables + picture
    return (f"<div class=\"pair\"><div>{tables}</div><div>{picture}</div>"
            "</div>")


def _spectra(evidence: Evidence) -> str:
    _, unit = evidence.units
    return ("<h2>Where the classes differ</h2>"
            + image(figures.spectra(evidence), "spectra and differences")
            + f"<p class=\"note\">Errors are from the scatter of {unit}. "
            "Values that their own error explains do not set the scale."
            "</p>")


def _bins(report: dict[str, Any], evidence: Evidence) -> str:
    """Accuracy of the bins, by the view that they are of."""
    if evidence.by_fold is None:
        return ""
    parts = [part for part in _views(report, evidence) if len(part[1]) > 1]
    return ("<h2>Accuracy of single bins</h2>"
            + image(figures.separability(evidence, parts), "separability")
            + "<p class=\"note\">Of every bin alone on left-out spectra, by "
            "view; whiskers: worst and best fold; dashed: chance.</p>"
            ) if parts else ""


def _views(report: dict[str, Any],
           evidence: Evidence) -> list[tuple[str, list[int]]]:
    """(name, numbers of its bins) of every view."""
    chosen = report.get("choice", {}).get("chosen")
    sizes = ([(entry["name"], entry["bins"]) for entry in chosen] if chosen
             else [("all bins", len(evidence.bins))])
    ends = np.cumsum([size for _, size in sizes]).tolist()
    return [(name, list(range(end - size, end)))
            for (name, size), end in zip(sizes, ends, strict=True)]


def _members(report: dict[str, Any], evidence: Evidence) -> str:
    choice = report.get("choice")
    if choice is None:
        return ""
    accuracy = (None if evidence.by_fold is None
                else evidence.by_fold.mean(axis=0))
    rows = [(name, "not known" if accuracy is None
             else f"{accuracy[numbers].max():.1%}",
             f"{entry['ms_per_train']:.1f}")
            for (name, numbers), entry in zip(
                _views(report, evidence), choice["chosen"], strict=True)]
    return table("Chosen views", ["view", "best bin alone, left out",
                                   "ms per train, alone"], rows) + (
        f"<p class=\"note\">Out of {choice['candidates']} candidates: "
        f"{escape(choice['rule'])}. Together about "
        f"{choice['ms_per_train']:.1f} ms per train of 2700 pulses on one "
        "core (estimated).</p>")


def _answers(evidence: Evidence, status: str) -> str:
    confused = facts.most_confused(evidence)
    text = ("<h2>Confidence</h2>"
            + image(figures.calibration(evidence, status), "calibration"))
    if len(confused):
        text += ("<h2>Most confused spectra</h2>"
                 + image(figures.confused(evidence, confused), "confused"))
    return text


def _references(report: dict[str, Any]) -> str:
    """What else could explain the accuracy of the model."""
    tests, validation = report["null_tests"], report["cross_validation"]
    if not tests["references"]:
        return ""
    rows = []
    if validation["known"]:
        rows.append(("this model",
                     f"{validation['balanced_accuracy']:.1%}"))
    rows += [(_words(name), f"{value:.1%}")
             for name, value in tests["references"].items()]
    if tests["null"] is not None:
        rows.append(("halves of one capture",
                     f"{tests['null']:.1%}"))
    return table("What else could explain it",
                  ["method", "mean recall"], rows) + (
        "" if tests["null"] is None else "<p class=\"note\">Halves of one "
        "capture: 50 % where nothing drifts.</p>")


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
            ("", calibration["words"]),
            ("class priors", "uniform")]
    rows += [("unknown: residual above", _number(unknown["max_residual"], 3)),
             ("", unknown["words"])]
    if unknown.get("max_distance") is not None:
        rows.append(("unknown: texture farther than",
                     _number(unknown["max_distance"], 3)))
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
