"""`convert`: labelled spectra from any readable form into one file."""
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.describe import axis_words
from . import arguments, data
from .console import print_facts, print_json
from .run_options import RunChoice, for_runs

if TYPE_CHECKING:
    from ..core.dataset import Dataset


@for_runs()
def convert(
        source: arguments.Data,
        output: Annotated[Path, typer.Option(
            "--output", "-o", metavar="OUT",
            help="File to write: .h5 (NeXus) or .npz.")],
        labels: arguments.Labels = None,
        indices: arguments.Indices = None,
        dark: arguments.Dark = None,
        axis: arguments.AxisOption = None,
        licence: arguments.Licence = "",
        as_json: arguments.Json = False, *, run: RunChoice) -> None:
    """Write DATA as one NeXus/HDF5 or .npz file, with its labels."""
    from ..files import write_dataset

    check_output(output)
    data.keep_inputs([output], [source, labels, indices, dark, *run.inputs])
    dataset = data.minus_dark(
        data.select(data.load(
            source, labels, axis, run=run, dark=dark), indices),
        dark, run)
    write_dataset(output, dataset, licence)
    report(output, dataset, as_json)


def check_output(output: Path) -> None:
    """Refuse, before any work, a file that cannot be written."""
    from ..files.atomic import check_target
    from ..files.reading import HDF5_SUFFIXES

    check_target(output, (*HDF5_SUFFIXES, ".npz"))


def report(output: Path, dataset: "Dataset", as_json: bool) -> None:
    """Print what has been written."""
    from ..api.reading import Spectra

    axis = dataset.axis
    summary = {"written": str(output), **Spectra(dataset).report}
    if as_json:
        print_json(summary)
        return
    facts: list[tuple[str, object]] = [
        ("written", output),
        ("spectra", f"{len(dataset)} x {len(axis)} channels, "
         f"{dataset.spectra.dtype}"),
        ("axis", axis_words(axis) + (
            "; --axis states it" if axis.quantity == "unknown" else "")),
        *_dialect(summary["dialect"]),
        ("labels", "none" if summary["classes"] is None else ", ".join(
            f"{name}: {count}" for name, count
            in summary["classes"].items()))]
    if summary["captures"]:
        facts.append(("captures", summary["captures"]))
    facts += [("note", change) for change in summary["changes"]]
    print_facts("", facts)


def _dialect(dialect: dict[str, Any] | None) -> list[tuple[str, object]]:
    """How a text file was read."""
    if dialect is None:
        return []
    names = dialect["columns"]
    x, y = (f"column {dialect[key]}" + (
        f" ({names[dialect[key] - 1]})" if names else "") for key in "xy")
    return [("read", f"lines {dialect['first_line']} to "
             f"{dialect['last_line']}, columns separated by "
             f"{dialect['separator']}, decimal sign {dialect['decimal']}; "
             f"position from {x}, intensity from {y}")]
