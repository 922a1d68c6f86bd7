"""`explore`: clusters of spectra without labels, as a map and as captures."""
from pathlib import Path
from typing import Annotated

import typer

from ..errors import ConfigurationError
from . import arguments, data
from .console import print_facts, print_json, print_table
from .run_options import RunChoice, for_runs


@for_runs(labels=False)
def explore(
        source: arguments.Data,
        output: Annotated[Path | None, typer.Option(
            "--output", "-o", metavar="MAP.html|MAP.png",
            help="Write the map: a page that needs no network, or its "
            "pictures alone.")] = None,
        write: Annotated[Path | None, typer.Option(
            metavar="OUT", help="Write the clusters that have a --name as "
            "labelled captures: .npz or .h5.")] = None,
        name: Annotated[list[str] | None, typer.Option(
            metavar="CLUSTER=NAME", help="Name of a cluster; may be given "
            "several times, and two clusters may have one name.")] = None,
        indices: arguments.Indices = None,
        dark: arguments.Dark = None,
        axis: arguments.AxisOption = None,
        licence: arguments.Licence = "",
        as_json: arguments.Json = False, *, run: RunChoice) -> None:
    """Find states in DATA that has no labels.

    Spectra are taken in the order of time. Drift of pedestal, gain, intensity
    and axis makes no cluster, and one cluster is an answer.
    """
    from ..api.exploration import explore as found_in
    from ..exploration.clusters import summary
    from ..files import write_dataset
    from ..files.atomic import check_target, replaced
    from .convert import check_output

    names = _names(name or [])
    if bool(names) != (write is not None):
        raise ConfigurationError("--write and --name go together: --write "
                                 "captures.npz --name 0=low --name 1=high")
    if output is not None:
        check_target(output, (".html", ".png"))
    if write is not None:
        check_output(write)
    data.keep_inputs([output, write], [source, indices, dark, *run.inputs])
    dataset = data.minus_dark(data.select(data.load(
        source, None, axis, run=run, dark=dark, quiet=as_json), indices),
        dark, run)
    found = found_in(dataset)
    if output is not None:
        drawn = (found.to_png() if output.suffix.lower() == ".png"
                 else found.to_html(str(source)).encode())
        with replaced(output) as temporary:
            temporary.write_bytes(drawn)
    captures = None if write is None else found.to_captures(names).dataset
    if write is not None and captures is not None:
        write_dataset(write, captures, licence)
    sizes = [int((found.labels == k).sum()) for k in range(found.count)]
    written = [str(path) for path in (output, write) if path]
    report = {
        "data": str(source), "spectra": len(found), "clusters": sizes,
        "dim": int((found.labels < 0).sum()),
        "averaged": found.clusters.averaged,
        "pattern": found.clusters.distance,
        "changes": [each.as_dict() for each in found.changes],
        "written": written}
    if as_json:
        print_json(report | {"labels": found.labels})
        return
    print_facts(str(source), [
        ("found", summary(found.clusters)),
        *(("written", path) for path in written)])
    print_table("\nClusters", [("cluster", "right"), ("spectra", "right")],
                list(enumerate(sizes)))
    if found.changes:
        print_table("\nChanges", [
            ("from", "right"), ("to", "right"), ("first spectrum", "right"),
            ("interval, 95 %", "right")], [
                (each.before, each.after, each.at, f"{each.low} - {each.high}")
                for each in found.changes])


def _names(texts: list[str]) -> dict[int, str]:
    """{cluster: name} of words such as 0=low."""
    names: dict[int, str] = {}
    for text in texts:
        number, sign, word = text.partition("=")
        if not (sign and number.isascii() and number.isdecimal()):
            raise ConfigurationError(f"--name {text}: expected the number of "
                                     "a cluster and a name, such as 0=low")
        if int(number) in names:
            raise ConfigurationError(f"--name {text}: cluster {number} has a "
                                     "name already")
        names[int(number)] = word
    return names
