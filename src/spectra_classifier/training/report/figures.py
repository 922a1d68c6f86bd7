"""Figures of a report, each as the bytes of a PNG image."""
import io
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...colours import CLASSES as COLOURS
from ...colours import GRID, NO_PERMIT, class_colour
from ..validation.calibration import reliability
from ..validation.statistics import wilson
from . import evidence as facts
from . import scales
from .evidence import Evidence

_WIDTH = 9.
#: classes that are drawn as curves; more are drawn as rows of colours
CURVES = 6
_LABEL = "preprocessed intensity"
#: rows for which a figure grows
_MOST_ROWS = 60


def spectra(evidence: Evidence) -> bytes:
    """Mean spectra, their difference from the mean of all, significance."""
    mean, spread = facts.means(evidence)
    found = facts.differences(evidence)
    difference = np.stack([entry["difference"] for entry in found])
    error = np.stack([entry["error"] for entry in found])
    more = min(max(len(evidence.classes) - CURVES, 0), _MOST_ROWS)
    figure = Figure((_WIDTH, 4.7 + 0.18 * more), layout="constrained")
    upper, middle, lower = figure.subplots(3, sharex=True,
                                           height_ratios=[2.2, 2.2, 0.9])
    few = len(found) <= CURVES
    low, high = scales.limits(mean, facts.errors(evidence))
    half = max(map(abs, scales.limits(difference, error)))
    if few:
        usual = float(np.median(spread))
        _curves(upper, evidence, mean, spread, low - usual, high + usual)
        upper.set_ylabel(_LABEL)
        figure.legend(*upper.get_legend_handles_labels(), frameon=False,
                      loc="outside upper left", ncols=3, fontsize=8)
        middle.axhline(0, color="0.6", lw=0.8)
        _curves(middle, evidence, difference, 1.96 * error, -half, half)
        middle.set_ylabel("difference")
    else:
        _rows(figure, upper, evidence, mean, _LABEL, "viridis", low, high)
        _rows(figure, middle, evidence, difference, "difference", "RdBu_r",
              -half, half)
    _title(upper, "Mean spectrum of every class"
           + ("; band: standard deviation of single spectra" if few else ""),
           scales.outside(mean, *(upper.get_ylim() if few
                                  else (low, high))).sum())
    _title(middle, "Difference from the mean of all classes"
           + ("; band: its 95 % interval" if few else ""),
           scales.outside(difference, -half, half).sum())
    _significance(lower, evidence, found)
    lower.set_xlim(evidence.axis.values[0], evidence.axis.values[-1])
    lower.set_xlabel(_plain(evidence.axis.label))
    return _png(figure)


def _curves(axes: Any, evidence: Evidence, values: NDArray[np.float64],
            band: NDArray[np.float64], low: float, high: float) -> None:
    """Curves (C, n) with bands; grey where one leaves the range."""
    x = evidence.axis.values
    off = scales.outside(values, low, high)
    axes.fill_between(x, 0, 1, where=off, color=GRID, lw=0,
                      transform=axes.get_xaxis_transform())
    shade = 0.25 if len(values) <= 3 else 0.1
    for c, name in enumerate(evidence.classes):
        shown = np.where(off, np.nan, values[c])
        if np.isfinite(band[c]).all():
            axes.fill_between(x, shown - band[c], shown + band[c],
                              color=class_colour(c), alpha=shade, lw=0)
        axes.plot(x, shown, color=class_colour(c), lw=1, label=_plain(
            f"{name} ({np.count_nonzero(evidence.labels == c)} spectra)"))
    axes.set_ylim(low, high)


def _rows(figure: Figure, axes: Any, evidence: Evidence,
          values: NDArray[np.float64], label: str, colours: str, low: float,
          high: float) -> None:
    x, count = evidence.axis.values, len(evidence.classes)
    image = axes.pcolormesh(
        np.append(x, 2 * x[-1] - x[-2]), np.arange(count + 1), values,
        cmap=colours, vmin=low, vmax=high, rasterized=True)
    axes.set_yticks(np.arange(count) + 0.5, [
        _short(name) for name in evidence.classes], fontsize=6)
    axes.invert_yaxis()
    figure.colorbar(image, ax=axes, label=label, pad=0.01)


def _significance(axes: Any, evidence: Evidence,
                  found: list[dict[str, Any]]) -> None:
    """The strongest significance of a class, by bin, on a log scale."""
    x, edges = evidence.axis.values, facts.coarse_bins(evidence)
    most = np.max([entry["significance"] for entry in found], axis=0)
    axes.bar([(x[a] + x[b - 1]) / 2 for a, b in edges],
             np.maximum(most, 0.1),
             [0.96 * (x[b - 1] - x[a]) for a, b in edges], color=COLOURS[5],
             lw=0)
    axes.axhline(1, color=COLOURS[1], lw=1, ls="--")
    axes.set_yscale("log")
    axes.set_ylim(0.3, max(10, 1.5 * float(most.max(initial=1.))))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    axes.set_ylabel("/ error")
    _title(axes, "Difference of the class that differs most, in units of its "
           "error (root mean square of a bin); dashed: equal classes", 0)


def _title(axes: Any, text: str, beyond: int | np.integer) -> None:
    axes.set_title(text, fontsize=8, loc="left")
    if beyond:
        axes.set_title(f"{beyond} points off the scale", fontsize=8,
                       loc="right", color=NO_PERMIT)


def separability(evidence: Evidence,
                 parts: list[tuple[str, list[int]]]) -> bytes:
    """Accuracy of every bin on left-out spectra, compared with chance.

    `parts`: (title, numbers of bins) of the bins of each panel.
    """
    figure, rows = _figure(0.6 + 1.1 * len(parts), len(parts))
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
    np.atleast_1d(rows)[-1].set_xlabel(_plain(evidence.axis.label))
    return _png(figure)


def confusion(evidence: Evidence) -> bytes:
    """Labelled class against most probable class."""
    table = facts.confusion(evidence)
    size = max(2.5, 1.6 + 0.28 * len(table))
    figure, axes = _figure(size, width=size + 1)
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (i, j), number in np.ndenumerate(table):
        if number or len(table) <= CURVES:
            axes.text(j, i, number, ha="center", va="center",
                      fontsize=9 if len(table) <= 10 else 6,
                      color="white" if share[i, j] > 0.6 else "black")
    names = [_short(name) for name in evidence.classes]
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right",
                    fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("most probable class")
    axes.set_ylabel("labelled class")
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
    mean, spread = facts.means(evidence)
    figure, panels = _figure(1.7 * len(rows), len(rows))
    x = evidence.axis.values
    low, high = scales.limits(mean, facts.errors(evidence))
    usual = 3 * float(np.median(spread))
    for axes, row in zip(np.atleast_1d(panels), rows, strict=True):
        own, given = (evidence.labels[row],
                      evidence.probabilities[row].argmax())
        axes.plot(x, evidence.spectra[row], color="black", lw=0.7)
        for c, word in (own, "labelled"), (given, "predicted"):
            axes.plot(x, mean[c], color=class_colour(c), lw=0.9,
                      label=_plain(f"{word}: {evidence.classes[c]} "
                                   f"({evidence.probabilities[row, c]:.0%})"))
        axes.set_ylim(low - usual, high + usual)
        _title(axes, f"spectrum {evidence.indices[row]}", scales.outside(
            evidence.spectra[row], low - usual, high + usual).sum())
        axes.legend(frameon=False, fontsize=7)
    np.atleast_1d(panels)[-1].set_xlabel(_plain(evidence.axis.label))
    return _png(figure)


def drift(evidence: Evidence) -> bytes:
    """Quantities that should not change, in the order of the spectra."""
    order, found = facts.drift(evidence)
    figure, rows = _figure(1.7 * len(found), len(found))
    for axes, (name, values) in zip(rows, found.items(), strict=True):
        for c, title in enumerate(evidence.classes):
            mine = evidence.labels[order] == c
            axes.plot(evidence.indices[order][mine], values[mine], ".", ms=3,
                      color=class_colour(c), label=_plain(title))
        axes.set_ylabel("\n".join(wrap(name, 20)), fontsize=8)
        low, high = scales.usual(values)
        axes.set_ylim(low, high)
        _title(axes, "", scales.outside(values, low, high).sum())
    if len(evidence.classes) <= CURVES:
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


def _plain(text: str) -> str:
    """A name as it is: matplotlib takes $ for the start of a formula."""
    return text.replace("$", r"\$")


def _short(name: str) -> str:
    return _plain(name if len(name) <= 18 else name[:17] + "\u2026")
