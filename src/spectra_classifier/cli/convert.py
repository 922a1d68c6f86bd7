"""`convert`: labelled spectra from any readable form into one file."""
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import arguments, check_plot, data
from .console import print_facts, print_json, say
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
        check: Annotated[bool, typer.Option(
            "--check", help="Show the first spectra in the terminal, and "
            "draw them into a .png of the same name as OUT.")] = False,
        as_json: arguments.Json = False, *, run: RunChoice) -> None:
    """Write DATA as one NeXus/HDF5 or .npz file, with its labels."""
    from ..files import write_dataset
    from ..files.atomic import check_target

    picture = output.with_suffix(".png") if check else None
    check_output(output)
    if picture is not None:
        check_target(picture)
    data.keep_inputs([output, picture],
                     [source, labels, indices, dark, *run.inputs])
    dataset = data.minus_dark(
        data.select(data.load(source, labels, axis, run=run, dark=dark,
                              quiet=True), indices), dark, run)
    write_dataset(output, dataset, licence)
    drawn = None if picture is None else check_plot.picture(dataset, picture)
    report(output, dataset, as_json, drawn)
    if check:
        stream = sys.stderr if as_json else sys.stdout
        print(check_plot.text(dataset, stream.encoding), file=stream)
        if drawn is None:
            say("note: no picture is drawn without matplotlib: "
                "pip install matplotlib")


def check_output(output: Path) -> None:
    """Refuse, before any work, a file that cannot be written."""
    from ..files.atomic import check_target
    from ..files.reading import HDF5_SUFFIXES

    check_target(output, (*HDF5_SUFFIXES, ".npz"))


def report(output: Path, dataset: "Dataset", as_json: bool,
           picture: Path | None = None) -> None:
    """Print what has been written."""
    from ..files.understood import facts, understood

    summary = {"written": str(output), **understood(dataset)}
    if picture is not None:
        summary["picture"] = str(picture)
    if as_json:
        print_json(summary)
    else:
        print_facts("", [
            ("written", output),
            *([] if picture is None else [("picture", picture)]),
            *facts(summary, dataset.axis)])
