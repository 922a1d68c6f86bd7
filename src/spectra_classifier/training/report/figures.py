"""Figures of a report, each as the bytes of a PNG image."""
import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...core.page import COLOURS
from ...core.spectra import Axis
from ..validation.calibration import reliability
from ..validation.statistics import wilson
from . import evidence as facts
from .evidence import Evidence

_WIDTH = 9.


def spectra(evidence: Evidence) -> bytes:
    """Mean spectrum of every class with the spread of single spectra."""
    figure, axes = _figure(3.2)
    mean, spread = facts.means(evidence)
    x = evidence.axis.values
    for c, name in enumerate(evidence.classes):
        number = int(np.count_nonzero(evidence.labels == c))
        axes.fill_between(x, mean[c] - spread[c], mean[c] + spread[c],
                          color=_colour(c), alpha=0.2, lw=0)
        axes.plot(x, mean[c], color=_colour(c), lw=1,
                  label=f"{name} ({number} spectra)")
    axes.set_xlabel(_position(evidence.axis))
    axes.set_ylabel("preprocessed intensity")
    axes.legend(frameon=False, fontsize=8)
    return _png(figure)


def differences(evidence: Evidence) -> bytes:
    """Difference spectra with their 95 % band, significance by bin below."""
    found = facts.differences(evidence)
    figure = Figure((_WIDTH, 1 + 3.2 * len(found)), layout="constrained")
    rows = figure.subplots(2 * len(found), sharex=True,
                           height_ratios=[2.4, 1] * len(found))
    x = evidence.axis.values
    edges = facts.coarse_bins(evidence)
    for number, entry in enumerate(found):
        upper, lower = rows[2 * number:2 * number + 2]
        band = 1.96 * entry["error"]
        upper.axhline(0, color="0.6", lw=0.8)
        if np.isfinite(band).all():
            upper.fill_between(x, entry["difference"] - band,
                               entry["difference"] + band, color="0.75",
                               lw=0, label="95 % of the mean difference")
        upper.plot(x, entry["difference"], color="black", lw=0.8,
                   label=entry["name"])
        upper.set_ylabel("difference")
        upper.legend(frameon=False, fontsize=8)
        lower.bar([(x[a] + x[b - 1]) / 2 for a, b in edges],
                  entry["significance"],
                  [0.96 * (x[b - 1] - x[a]) for a, b in edges],
                  color=COLOURS[5], lw=0)
        lower.axhline(1, color=COLOURS[1], lw=1, ls="--")
        lower.set_ylabel("significance", fontsize=8)
    rows[-1].set_xlabel(_position(evidence.axis))
    return _png(figure)


def separability(evidence: Evidence,
                 parts: list[tuple[str, list[int]]]) -> bytes:
    """Accuracy of every bin on left-out spectra, compared with chance.

    `parts`: (title, numbers of bins) of the bins of each panel.
    """
    figure, rows = _figure(0.8 + 1.6 * len(parts), len(parts))
    x, by_fold = evidence.axis.values, evidence.by_fold
    if by_fold is None:
        raise ValueError("no folds")
    chance = 1 / len(evidence.classes)
    for axes, (title, numbers) in zip(np.atleast_1d(rows), parts,
                                      strict=True):
        accuracy = by_fold[:, numbers]
        middle = accuracy.mean(axis=0)
        edges = [evidence.bins[b] for b in numbers]
        place = [(x[a] + x[b - 1]) / 2 for a, b in edges]
        axes.bar(place, middle, [0.96 * (x[b - 1] - x[a]) for a, b in edges],
                 color=COLOURS[5], lw=0)
        axes.errorbar(place, middle, [middle - accuracy.min(axis=0),
                                      accuracy.max(axis=0) - middle],
                      fmt="none", color="black", lw=0.8, capsize=2)
        axes.axhline(chance, color=COLOURS[1], lw=1, ls="--")
        axes.set_ylim(0, 1.05)
        axes.set_xlim(x[0], x[-1])
        axes.set_title(title, fontsize=8, loc="left")
        axes.set_ylabel("accuracy")
    np.atleast_1d(rows)[-1].set_xlabel(_position(evidence.axis))
    return _png(figure)


def confusion(evidence: Evidence) -> bytes:
    """Labelled class against most probable class."""
    table = facts.confusion(evidence)
    figure, axes = _figure(3.4, width=4.2)
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (i, j), number in np.ndenumerate(table):
        axes.text(j, i, number, ha="center", va="center", fontsize=9,
                  color="white" if share[i, j] > 0.6 else "black")
    names = [name[:18] for name in evidence.classes]
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right",
                    fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("most probable")
    axes.set_ylabel("labelled")
    return _png(figure)


def calibration(evidence: Evidence, status: str) -> bytes:
    """Reliability: accuracy against confidence, with its interval."""
    top = evidence.probabilities.max(axis=1)
    right = evidence.probabilities.argmax(axis=1) == evidence.labels
    figure, axes = _figure(3.4, width=4.2)
    axes.plot([0, 1], [0, 1], color="0.6", lw=0.8, ls="--")
    for entry in reliability(top, right):
        low, high = wilson(entry["accuracy"], entry["n"])
        axes.plot([entry["confidence"]] * 2, [low, high], color=COLOURS[0])
        axes.plot(entry["confidence"], entry["accuracy"], "o",
                  color=COLOURS[0], ms=3 + 2 * np.log10(entry["n"]))
    axes.set_xlim(0, 1.05)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel(f"confidence ({status})")
    axes.set_ylabel("accuracy, 95 % interval")
    return _png(figure)


def confused(evidence: Evidence, rows: NDArray[np.int64]) -> bytes:
    """The spectra `rows` with the means of labelled and predicted class."""
    mean, _ = facts.means(evidence)
    figure, panels = _figure(1.7 * len(rows), len(rows))
    x = evidence.axis.values
    for axes, row in zip(np.atleast_1d(panels), rows, strict=True):
        own, given = (evidence.labels[row],
                      evidence.probabilities[row].argmax())
        axes.plot(x, evidence.spectra[row], color="black", lw=0.7)
        for c, word in (own, "labelled"), (given, "predicted"):
            axes.plot(x, mean[c], color=_colour(c), lw=0.9,
                      label=f"{word}: {evidence.classes[c]} "
                      f"({evidence.probabilities[row, c]:.0%})")
        axes.set_title(f"spectrum {evidence.indices[row]}", fontsize=8,
                       loc="left")
        axes.legend(frameon=False, fontsize=7)
    np.atleast_1d(panels)[-1].set_xlabel(_position(evidence.axis))
    return _png(figure)


def drift(evidence: Evidence) -> bytes:
    """Quantities that should not change, in the order of the spectra."""
    order, found = facts.drift(evidence)
    figure, rows = _figure(1.7 * len(found), len(found))
    for axes, (name, values) in zip(rows, found.items(), strict=True):
        for c, title in enumerate(evidence.classes):
            mine = evidence.labels[order] == c
            axes.plot(evidence.indices[order][mine], values[mine], ".", ms=3,
                      color=_colour(c), label=title)
        axes.set_ylabel(name, fontsize=8)
    rows[0].legend(frameon=False, fontsize=8, markerscale=3)
    rows[-1].set_xlabel("number of the spectrum")
    return _png(figure)


def averaging(study: dict[str, Any]) -> bytes:
    """Accuracy against the number of pulses averaged."""
    figure, axes = _figure(3., width=5.5)
    k = [entry["k"] for entry in study["table"]]
    for key, name, style in (("means", "mean, then classified", "o-"),
                             ("summed_log_odds", "log-odds summed", "s--")):
        axes.plot(k, [entry[key] for entry in study["table"]], style, ms=4,
                  label=name)
    axes.axvline(study["recommended"], color="0.6", lw=0.8)
    axes.set_xscale("log")
    axes.set_xticks(k, k)
    axes.minorticks_off()
    axes.set_xlabel("pulses averaged")
    axes.set_ylabel("accuracy, captures left out")
    axes.legend(frameon=False, fontsize=8)
    return _png(figure)


def _figure(height: float, rows: int = 1,
            width: float = _WIDTH) -> tuple[Figure, Any]:
    figure = Figure((width, height), layout="constrained")
    return figure, figure.subplots(rows)


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    return stream.getvalue()


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _position(axis: Axis) -> str:
    if axis.quantity == axis.unit:
        return axis.quantity
    return f"{axis.quantity} ({axis.unit})"
