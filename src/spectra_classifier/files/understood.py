"""What was understood of the data: one report for every command.

Nothing that a reader decides stays hidden: the dialect of a text file, the
axis and what states it, columns, lines left out, classes in their order.
"""
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.dataset import Dataset
from ..core.describe import axis_words
from ..core.spectra import Axis
from ..model.strict_json import JsonObject

NOT_STATED = "not stated"


def understood(dataset: Dataset) -> JsonObject:
    """What was read of a data set; see `report_of`."""
    return report_of(
        dataset.axis, dataset.provenance, len(dataset),
        str(dataset.spectra.dtype), counts(dataset), _captures(dataset))


def report_of(axis: Axis, provenance: Mapping[str, Any], spectra: int,
              dtype: str, classes: dict[str, int] | None = None,
              captures: int | None = None) -> JsonObject:
    """What was read, as JSON values.

    Returns
    -------
    dict
        `path`, `format`, `spectra`, `channels`, `type`; `axis` with
        `quantity`, `unit`, `first`, `last` and `from`, the place that states
        them; `dialect` of text; `files` and `dataset` where there are any;
        `classes` {name: count} in the order of their index; `captures`;
        `changes`.
    """
    found: dict[str, Any] = {
        name: provenance[name]
        for name in ("path", "format", "files", "dataset")
        if name in provenance}
    return found | {
        "spectra": spectra, "channels": len(axis), "type": dtype,
        "axis": {"quantity": axis.quantity, "unit": axis.unit,
                 "first": float(axis.values[0]),
                 "last": float(axis.values[-1]),
                 "from": provenance.get("axis_from", NOT_STATED)},
        "dialect": provenance.get("dialect"), "classes": classes,
        "captures": captures, "changes": provenance.get("changes", [])}


def _captures(dataset: Dataset) -> int | None:
    """Number of captures; one is of one class, under one number."""
    if dataset.groups is None:
        return None
    labels = (np.zeros(len(dataset), np.int64) if dataset.labels is None
              else dataset.labels)
    return len(set(zip(dataset.groups.tolist(), labels.tolist(),
                       strict=True)))


def counts(dataset: Dataset) -> dict[str, int] | None:
    """{class: spectra} in the order of the class index, None without labels.
    """
    if dataset.labels is None or dataset.classes is None:
        return None
    return {name: int((dataset.labels == index).sum())
            for index, name in enumerate(dataset.classes)}


def axis_of(report: Mapping[str, Any]) -> Axis:
    """An axis with the ends of that in a report."""
    axis = report["axis"]
    return Axis(np.linspace(axis["first"], axis["last"], report["channels"]),
                axis["quantity"], axis["unit"])


def facts(report: Mapping[str, Any], axis: Axis) -> list[tuple[str, object]]:
    """The report of `understood` as named facts for a screen."""
    origin = report["axis"]["from"]
    shown: list[tuple[str, object]] = [
        ("spectra", f"{report['spectra']} x {report['channels']} channels, "
         f"{report['type']}"),
        ("axis", axis_words(axis) + (
            "; --axis states it" if axis.quantity == "unknown"
            else "" if origin == NOT_STATED else f"; from {origin}"))]
    found = report.get("files")
    if isinstance(found, Mapping):      # of a folder; a run has a list
        shown.append(("files", "{count}, {first} to {last}".format(**found)))
    elif found:
        shown.append(("files", len(found)))
    shown += _dialect(report["dialect"])
    if "classes" in report:
        classes = report["classes"]
        shown.append(("labels", "none" if classes is None else ", ".join(
            f"{name}: {count}" for name, count in classes.items())))
    if report.get("captures"):
        shown.append(("captures", report["captures"]))
    return shown + [("note", change) for change in report["changes"]]


def _dialect(dialect: Mapping[str, Any] | None) -> list[tuple[str, object]]:
    """How a text file was read."""
    if dialect is None:
        return []
    if "library" in dialect:
        return [("read", f"as {dialect['format']}, by {dialect['library']}")]
    names = dialect["columns"]
    x, y = (f"columns {each[0]} to {each[-1]}, a spectrum in each"
            if isinstance(each := dialect[key], list) else
            f"column {each}" + (f" ({names[each - 1]})" if names else "")
            for key in "xy")
    shown: list[tuple[str, object]] = [
        ("read", f"lines {dialect['first_line']} to {dialect['last_line']}, "
         f"columns separated by {dialect['separator']}, decimal sign "
         f"{dialect['decimal']}; position from {x}, intensity from {y}")]
    groups = dialect["left_out"]
    if groups:
        listed = sum(last - first + 1 for first, last in groups)
        shown.append(("left out", "lines " + ", ".join(
            str(first) if first == last else f"{first} to {last}"
            for first, last in groups) + (
                " and more" if listed < dialect["lines_left_out"] else "")))
    return shown
