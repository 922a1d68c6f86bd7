"""What a report concludes: one verdict, and what to do next."""
from dataclasses import dataclass
from typing import Any

from ..checks.null_tests import CHOSEN
from ..validation.statistics import FEW

#: share of unknown spectra above which an evaluation asks why
_MANY_UNKNOWN = 0.05
#: recall below which a class is named
_WEAK = 0.9
GOOD, DOUBTFUL, BAD = "good", "doubtful", "bad"


@dataclass(frozen=True)
class Conclusion:
    """A verdict with its reason, and the next step.

    `grade`: GOOD, DOUBTFUL or BAD.
    """
    grade: str
    verdict: str
    reason: str
    next_step: str


def of_training(report: dict[str, Any]) -> Conclusion:
    """The conclusion of a training report."""
    tests = report["null_tests"]
    verdict, reason = tests["verdict"], tests["words"]
    if verdict == "separable" and tests["arm"]:
        return Conclusion(
            DOUBTFUL if report["beaten_by"] else GOOD,
            "separable: the model may be armed", reason, _improve(report))
    return Conclusion(
        BAD if verdict == "not separable" else DOUBTFUL,
        f"{verdict}: do not arm the model", reason, _repair(report, verdict))


def _improve(report: dict[str, Any]) -> str:
    if report["beaten_by"]:
        return ("Compare the model with the simple method that does as well "
                "on spectra recorded later; use the simple one unless the "
                "model is better there.")
    weakest = _weakest(report["classes"],
                       report["cross_validation"].get("recall", []))
    if weakest:
        return (f"Record further captures of {weakest}, which is recognised "
                "least often, in turn with the others, and train again.")
    return ("Record spectra of every class at another time and test the "
            "model on them (spectra-classifier evaluate MODEL DATA).")


def _repair(report: dict[str, Any], verdict: str) -> str:
    counts = report["spectra_per_class"]
    if min(counts) < FEW:
        fewest = report["classes"][counts.index(min(counts))]
        return (f"Record more spectra: there are {min(counts)} of {fewest}. "
                "Take at least two captures of every class, in turn.")
    if verdict == CHOSEN:
        return ("Record captures of known states, in turn, and test the model "
                "on them (spectra-classifier evaluate MODEL DATA).")
    if verdict == "drift not excluded":
        return ("Record at least two captures of every class, in turn (A, B, "
                "A, B), state the captures in the data, and train again.")
    study = report["averaging"]["study"]
    if study and study["recommended"] > report["averaging"]["k"]:
        return (f"Average {study['recommended']} pulses (--averaging) and "
                "train again.")
    return ("Check the labels and whether the sample did change; then record "
            "further captures of every class, in turn, and train again.")


def of_evaluation(report: dict[str, Any]) -> Conclusion:
    """The conclusion of the report of an evaluation with spectra."""
    low = report["accuracy_interval"][0]
    counts = [each["n"] for each in report["per_class"]]
    trivial = max(counts) / sum(counts)
    if report["training_spectra_included"]:
        return Conclusion(
            BAD, "no test: spectra of the training are among these",
            f"{report['training_spectra_included']} of {report['n']} spectra "
            "were used in training, so the accuracy is too high",
            "Evaluate again without --include-training, on spectra recorded "
            "later.")
    if low <= trivial:
        return Conclusion(
            DOUBTFUL, "not shown to be better than naming the most frequent "
            "class",
            f"that would be right for {trivial:.0%}, and the accuracy may be "
            f"as low as {low:.0%}",
            "Test on more spectra of every class; if the result stays, train "
            "again with more captures.")
    if report["better_references"]:
        return Conclusion(
            DOUBTFUL, "a simple method is as good on these spectra",
            "see the comparison below",
            "Use the simple method, or train again with captures that differ "
            "in what should not matter.")
    return Conclusion(GOOD, "the model holds on these spectra",
                      "it is better than the most frequent class and the "
                      "simple methods", _after(report))


def _after(report: dict[str, Any]) -> str:
    undecided = report["unknown"] + report["rejected"]
    if undecided > _MANY_UNKNOWN * report["n"]:
        return (f"Find out why {undecided} of {report['n']} spectra got no "
                "class: compare them with the spectra of the training.")
    weakest = _weakest([each["class"] for each in report["per_class"]],
                       [each["recall"] for each in report["per_class"]])
    if weakest:
        return (f"Look at the confused spectra of {weakest}, which is "
                "recognised least often; record more of it and train again.")
    return ("Use the model; test it again after every change of beam, sample "
            "or detector.")


def _weakest(names: list[str], recalls: list[float | None]) -> str:
    """The class with the least recall, where that is low; else ""."""
    known = [(recall, name) for name, recall in zip(names, recalls,
                                                    strict=False)
             if recall is not None]
    lowest, name = min(known, default=(1., ""))
    return name if lowest < _WEAK else ""
