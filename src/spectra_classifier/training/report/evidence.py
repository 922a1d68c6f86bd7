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
    """How every class differs from the mean of all classes.

    Classes count alike in that mean. The significance of a bin is the root
    mean square of its differences, each as the standard deviations that are
    as rare as Student's t of it: about 1 where the classes are equal, however
    few the units.

    Returns
    -------
    list of dict
        By class: `name`, `difference` (n,), `error` (n,) its standard error
        over the independent units (infinite where no class has two),
        `significance` per bin of `coarse_bins`.
    """
    parts = _unit_means(evidence)
    mean = np.stack([part.mean(axis=0) for part in parts])
    error, degrees = _errors(parts)
    count = len(parts)
    # of a class in its own difference, and in that of any other class
    own, other = (1 - 1 / count) ** 2, 1 / count ** 2
    total = np.square(error).sum(axis=0)
    found = []
    for c, name in enumerate(evidence.classes):
        difference = mean[c] - mean.mean(axis=0)
        spread = np.sqrt(own * np.square(error[c])
                         + other * (total - np.square(error[c]))
                         if degrees else total)
        ratio = np.square(_deviations(
            difference / np.maximum(spread, 1e-300), degrees))
        found.append({
            "name": name, "difference": difference, "error": spread,
            "significance": np.array([
                np.sqrt(ratio[slice(*part)].mean())
                for part in coarse_bins(evidence)])})
    return found


def errors(evidence: Evidence) -> NDArray[np.float64]:
    """Standard error (C, n) of the mean of every class, see `differences`."""
    return _errors(_unit_means(evidence))[0]


def coarse_bins(evidence: Evidence) -> tuple[tuple[int, int], ...]:
    """Bins (start, stop) of the significance: 15 if possible."""
    channels = len(evidence.axis)
    return equal_bins(channels, min(15, channels))


def _unit_means(evidence: Evidence) -> list[NDArray[np.float64]]:
    """Means (units, n) of the independent units of every class."""
    unit, _ = evidence.units
    return [np.stack([evidence.spectra[rows & (unit == number)].mean(
        axis=0, dtype=np.float64) for number in np.unique(unit[rows])])
        for rows in (evidence.labels == c
                     for c in range(len(evidence.classes)))]


def _errors(
        parts: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], int]:
    """Standard errors (C, n) of the means of classes, degrees of freedom.

    All have the variance of the units about the mean of their class; infinite
    from single units.
    """
    degrees = sum(map(len, parts)) - len(parts)
    size = np.array([len(part) for part in parts])[:, None]
    if not degrees:
        return np.full((len(parts), parts[0].shape[1]), np.inf), 0
    variance = sum(len(part) * part.var(axis=0) for part in parts) / degrees
    return np.sqrt(variance / size), degrees


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
    classes = {"class": np.array(evidence.classes)}
    result: dict[str, Table] = {
        "mean_spectra": (mean, ["class", "position"], classes | {
            "mean_spectra_errors": spread}),
        "differences": (np.stack([e["difference"] for e in found]),
                        ["class", "position"], classes | {
            "differences_errors": np.stack([e["error"] for e in found])}),
        "significance": (np.stack([e["significance"] for e in found]),
                         ["class", "bin_start"], classes | {
            "bin_start": np.array([a for a, _ in coarse_bins(evidence)])})}
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
