"""Data of the figures of a report: spectra, labels, answers, and sums."""
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.bins import equal_bins
from ...core.engine.labels import confidence
from ...core.model_definition import ModelDefinition
from ...core.spectra import Axis
from ..labelled import LabelledDataset
from ..members.fitted import Task
from ..validation.cross_validation import Validation

#: most confused spectra that a report shows
SHOWN = 6
#: signal, names of its axes, values of axes and errors
type Table = tuple[NDArray[Any], list[str], dict[str, NDArray[Any]]]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Spectra with their labels and the answers of a model.

    Attributes
    ----------
    spectra : (N, channels)
        Preprocessed.
    intensity : (N,)
        Mean of the raw spectra over channels.
    labels, groups, indices : (N,)
        Class index, capture and number in the file; `groups` None where
        captures are not known.
    confidence : (N, C)
        Of answers to spectra that were not trained on, or None.
    bins
        (start, stop) in channels.
    by_fold : (K, B)
        Accuracy of every bin in every fold, or None.
    """
    axis: Axis
    classes: tuple[str, ...]
    spectra: NDArray[np.float32]
    intensity: NDArray[np.float64]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64] | None
    indices: NDArray[np.int64]
    confidence: NDArray[np.float64] | None
    bins: tuple[tuple[int, int], ...]
    by_fold: NDArray[np.float64] | None = None

    @property
    def units(self) -> tuple[NDArray[np.int64], str]:
        """The independent unit of each spectrum.

        Returns
        -------
        number : (N,)
            Number of its unit.
        name
            "captures" where every class has two, else "spectra".
        """
        if self.groups is not None:
            number = np.unique(np.stack([self.groups, self.labels]), axis=1,
                               return_inverse=True)[1].ravel()
            owner = np.zeros(number.max() + 1, np.int64)
            owner[number] = self.labels
            if np.bincount(owner, minlength=len(self.classes)).min() >= 2:
                return number, "captures"
        return np.arange(len(self.labels)), "spectra"

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """`confidence`; `ValueError` where there is none."""
        if self.confidence is None:
            raise ValueError("no answers to spectra that were left out")
        return self.confidence


def of_training(dataset: LabelledDataset, task: Task,
                definition: ModelDefinition, checked: Validation) -> Evidence:
    """Evidence of a training on `dataset`."""
    return Evidence(
        dataset.axis, dataset.classes, task.spectra,
        dataset.spectra.mean(axis=1, dtype=np.float64), dataset.labels,
        dataset.groups, dataset.indices,
        None if checked.scores is None else confidence(
            checked.scores, definition.calibration),
        task.bins, checked.by_fold)


def means(
        evidence: Evidence) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (C, n) and standard deviation (C, n) of the spectra by class."""
    parts = [evidence.spectra[evidence.labels == c].astype(np.float64)
             for c in range(len(evidence.classes))]
    return (np.stack([part.mean(axis=0) for part in parts]),
            np.stack([part.std(axis=0) for part in parts]))


def differences(evidence: Evidence) -> list[dict[str, Any]]:
    """Difference spectra: one per class, or one in all for two classes.

    A class is compared with all others. The significance of a bin is the
    root mean square of its differences, each as the standard deviations that
    are as rare as Student's t of it: about 1 where the classes are equal,
    however few the units.

    Returns
    -------
    list of dict
        `name`, `difference` (n,), `error` (n,) its standard error over the
        independent units, `significance` per bin of `coarse_bins`.
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
        ratio = np.square(_deviations(
            difference / np.maximum(error, 1e-300),
            len(one) + len(other) - 2))
        found.append({
            "name": (f"{evidence.classes[1]} - {evidence.classes[0]}"
                     if count == 2 else
                     f"{evidence.classes[c]} - others"),
            "difference": difference, "error": error,
            "significance": np.array([
                np.sqrt(ratio[slice(*part)].mean())
                for part in coarse_bins(evidence)])})
    return found


def coarse_bins(evidence: Evidence) -> tuple[tuple[int, int], ...]:
    """Bins (start, stop) of the significance: 15 if possible."""
    channels = len(evidence.axis)
    return equal_bins(channels, min(15, channels))


def _unit_means(evidence: Evidence, unit: NDArray[np.int64],
                rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    numbers = np.unique(unit[rows])
    return np.stack([evidence.spectra[rows & (unit == u)].mean(
        axis=0, dtype=np.float64) for u in numbers])


def _error(one: NDArray[np.float64],
           other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard error of a difference of means; infinite from single units.

    Both have the variance of the units about the mean of their class.
    """
    degrees = len(one) + len(other) - 2
    if min(len(one), len(other)) < 2:
        return np.full(one.shape[1:], np.inf)
    variance = (len(one) * one.var(axis=0)
                + len(other) * other.var(axis=0)) / degrees
    return np.sqrt(variance * (1 / len(one) + 1 / len(other)))


def _deviations(t: NDArray[np.float64], degrees: int) -> NDArray[np.float64]:
    """Standard deviations that are as rare as Student's t.

    After D. L. Wallace, Ann. Math. Stat. 30, 1124, 1959.
    """
    return ((8 * degrees + 1) / (8 * degrees + 3)
            * np.sqrt(degrees * np.log1p(np.square(t) / max(degrees, 1))))


def confusion(evidence: Evidence) -> NDArray[np.int64]:
    """Counts (C, C): rows labelled, columns most probable."""
    table = np.zeros((len(evidence.classes),) * 2, np.int64)
    np.add.at(table, (evidence.labels,
                      evidence.probabilities.argmax(axis=1)), 1)
    return table


def most_confused(evidence: Evidence) -> NDArray[np.int64]:
    """Rows of the spectra whose own class was least probable."""
    rows = np.arange(len(evidence.labels))
    own = evidence.probabilities[rows, evidence.labels]
    wrong = evidence.probabilities.argmax(axis=1) != evidence.labels
    order = np.argsort(own, kind="stable")
    return order[wrong[order]][:SHOWN]


def drift(
        evidence: Evidence,
        ) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Quantities that should not change with time.

    The intensity of the spectra, and the strongest change within the classes
    (first principal component of spectra minus the mean of their class, in
    standard deviations).

    Returns
    -------
    order : (N,)
        Rows in the order of the numbers of the spectra.
    values
        {name: (N,)} in that order.
    """
    order = np.argsort(evidence.indices, kind="stable")
    mean, _ = means(evidence)
    rest = evidence.spectra[order] - mean[evidence.labels[order]]
    if len(rest) <= rest.shape[1]:
        power, left = np.linalg.eigh(rest @ rest.T)
        score = left[:, -1] * np.sqrt(max(power[-1], 0.))
    else:
        _, axes = np.linalg.eigh(rest.T @ rest)
        score = rest @ axes[:, -1]
    return order, {"intensity": evidence.intensity[order],
                   "strongest change within classes":
                       score / max(score.std(), 1e-300)}


def tables(evidence: Evidence) -> dict[str, Table]:
    """The figures of a report as arrays.

    Returns
    -------
    dict
        {name: (signal, axes, fields)} for
        `files.results.report_writer.write_report`.
    """
    mean, spread = means(evidence)
    found = differences(evidence)
    start, stop = np.array(evidence.bins).T
    bins = {"bin": np.arange(len(start)), "bin_start": start,
            "bin_stop": stop}
    pairs = np.array([entry["name"] for entry in found])
    classes = {"class": np.array(evidence.classes)}
    result: dict[str, Table] = {
        "mean_spectra": (mean, ["class", "position"], classes | {
            "mean_spectra_errors": spread}),
        "differences": (np.stack([e["difference"] for e in found]),
                        ["pair", "position"], {
            "pair": pairs, "differences_errors": np.stack(
                [e["error"] for e in found])}),
        "significance": (np.stack([e["significance"] for e in found]),
                         ["pair", "bin_start"], {
            "pair": pairs, "bin_start": np.array(
                [a for a, _ in coarse_bins(evidence)])})}
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
