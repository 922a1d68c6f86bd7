"""What a report is drawn from: spectra, labels and answers, and their sums.
"""
from dataclasses import dataclass

import numpy as np

from ...core.bins import equal_bins
from ...core.engine.ensemble import confidence
from ...core.spectra import Axis

#: most confused spectra that a report shows
SHOWN = 6


@dataclass(frozen=True, eq=False)
class Evidence:
    """Spectra with their labels and the answers that a model gave them.

    `spectra` (N, channels) preprocessed, `intensity` (N,) mean of the raw
    ones; `labels` (N,); `groups` (N,) captures or None; `indices` (N,)
    number in the file; `confidence` (N, C) of answers to spectra that were
    not taught, or None; `bins` (start, stop); `by_fold` (K, B) accuracy of
    every bin in every fold, or None.
    """
    axis: Axis
    classes: tuple
    spectra: np.ndarray
    intensity: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    indices: np.ndarray
    confidence: np.ndarray
    bins: tuple
    by_fold: np.ndarray = None

    @property
    def units(self):
        """(number (N,) of the independent unit of each spectrum, its name):
        captures where every class has two, else spectra."""
        if self.groups is not None:
            key = self.groups * len(self.classes) + self.labels
            number = np.unique(key, return_inverse=True)[1]
            owner = np.zeros(number.max() + 1, int)
            owner[number] = self.labels
            if np.bincount(owner, minlength=len(self.classes)).min() >= 2:
                return number, "captures"
        return np.arange(len(self.labels)), "spectra"


def of_training(dataset, task, definition, checked):
    """`Evidence` of a `fitted.Task` on `dataset` and its `Validation`."""
    return Evidence(
        dataset.axis, dataset.classes, task.spectra,
        dataset.spectra.mean(axis=1, dtype=np.float64), dataset.labels,
        dataset.groups, dataset.indices,
        None if checked.scores is None else confidence(
            checked.scores, definition.calibration),
        task.bins, checked.by_fold)


def means(evidence):
    """(mean (C, n), standard deviation (C, n)) of the spectra by class."""
    parts = [evidence.spectra[evidence.labels == c].astype(np.float64)
             for c in range(len(evidence.classes))]
    return (np.stack([part.mean(axis=0) for part in parts]),
            np.stack([part.std(axis=0) for part in parts]))


def differences(evidence):
    """One entry per class, or one in all for two classes.

    {"name", "difference" (n,), "error" (n,) its standard error over the
    independent units, "significance" (15,)}. The significance of a bin is the
    root mean square of its differences, each in units of its error: about 1
    where the classes are alike. A class is compared with all others.
    """
    unit, _ = evidence.units
    count = len(evidence.classes)
    found = []
    for c in range(1 if count == 2 else 0, count):
        mine = evidence.labels == c
        one, other = _unit_means(evidence, unit, mine), _unit_means(
            evidence, unit, ~mine)
        difference = one.mean(axis=0) - other.mean(axis=0)
        error = _error(one, other)
        ratio = np.square(difference / np.maximum(error, 1e-300))
        found.append({
            "name": (f"{evidence.classes[1]} - {evidence.classes[0]}"
                     if count == 2 else
                     f"{evidence.classes[c]} - others"),
            "difference": difference, "error": error,
            "significance": np.array([
                np.sqrt(ratio[slice(*part)].mean())
                for part in coarse_bins(evidence)])})
    return found


def coarse_bins(evidence):
    """The bins (start, stop) that significance is given in: 15 if possible.
    """
    channels = len(evidence.axis)
    return equal_bins(channels, min(15, channels))


def _unit_means(evidence, unit, rows):
    numbers = np.unique(unit[rows])
    return np.stack([evidence.spectra[rows & (unit == u)].mean(
        axis=0, dtype=np.float64) for u in numbers])


def _error(one, other):
    """Standard error of a difference of means; infinite from single units."""
    if min(len(one), len(other)) < 2:
        return np.full(one.shape[1:], np.inf)
    return np.sqrt(one.var(axis=0, ddof=1) / len(one)
                   + other.var(axis=0, ddof=1) / len(other))


def confusion(evidence):
    """(C, C) counts: rows labelled, columns most probable."""
    table = np.zeros((len(evidence.classes),) * 2, int)
    np.add.at(table, (evidence.labels, evidence.confidence.argmax(axis=1)),
              1)
    return table


def most_confused(evidence):
    """Rows of the spectra whose own class was thought least probable."""
    rows = np.arange(len(evidence.labels))
    own = evidence.confidence[rows, evidence.labels]
    wrong = evidence.confidence.argmax(axis=1) != evidence.labels
    order = np.argsort(own, kind="stable")
    return order[wrong[order]][:SHOWN]


def drift(evidence):
    """(order (N,), {name: values (N,)}) of what should not change in time.

    Spectra in the order of their number: their intensity, and the strongest
    change within the classes (first principal component of spectra minus
    the mean of their class, in standard deviations).
    """
    order = np.argsort(evidence.indices, kind="stable")
    mean, _ = means(evidence)
    rest = evidence.spectra[order] - mean[evidence.labels[order]]
    power, left = np.linalg.eigh(rest @ rest.T) if len(rest) <= (
        rest.shape[1]) else (None, None)
    if left is None:
        _, axes = np.linalg.eigh(rest.T @ rest)
        score = rest @ axes[:, -1]
    else:
        score = left[:, -1] * np.sqrt(max(power[-1], 0.))
    return order, {"intensity": evidence.intensity[order],
                   "strongest change within classes":
                       score / max(score.std(), 1e-300)}


def tables(evidence):
    """The figures of a report as arrays: {name: (signal, axes, fields)},
    as `files.report_writer.write_report` takes them."""
    mean, spread = means(evidence)
    found = differences(evidence)
    start, stop = np.array(evidence.bins).T
    bins = {"bin": np.arange(len(start)), "bin_start": start,
            "bin_stop": stop}
    pairs = np.array([entry["name"] for entry in found])
    classes = {"class": np.array(evidence.classes)}
    result = {
        "mean_spectra": (mean, ["class", "position"], classes | {
            "mean_spectra_errors": spread}),
        "differences": (np.stack([e["difference"] for e in found]),
                        ["pair", "position"], {
            "pair": pairs, "differences_errors": np.stack(
                [e["error"] for e in found])}),
        "significance": (np.stack([e["significance"] for e in found]),
                         ["pair", "bin_start"], {
            "pair": pairs, "bin_start": [a for a, _ in coarse_bins(evidence)]
            })}
    if evidence.by_fold is not None:
        result["separability"] = (evidence.by_fold, ["fold", "bin"], {
            "fold": np.arange(len(evidence.by_fold))} | bins)
    order, values = drift(evidence)
    for name, signal in values.items():
        name = name.replace(" ", "_")
        result[name] = (signal, ["spectrum"], {
            "spectrum": evidence.indices[order],
            "label": evidence.labels[order]})
    if evidence.confidence is not None:
        result["confusion"] = (confusion(evidence), ["class", "given"],
                               classes | {"given": classes["class"]})
        result["confidence"] = (evidence.confidence, ["spectrum", "class"],
                                classes | {"spectrum": evidence.indices,
                                           "label": evidence.labels})
    return result
