"""`scan`: the state against a motor, a delay or a pressure."""
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ConfigurationError
from . import arguments, data
from .console import print_facts, print_json, print_table
from .run_options import RunChoice, for_runs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..core.evaluation.train_answers import TrainAnswers
    from ..exploration.scan import Scan


@for_runs(labels=False)
def scan(
        result: Annotated[Path, typer.Argument(
            metavar="RESULT.h5", help="File that `classify` has written.")],
        by: Annotated[str, typer.Option(
            metavar="SOURCE.KEY", help="What was scanned, as "
            "HED_EXP_DAC/PRESSURE/1.actualPosition, from the run.")] = "",
        values: Annotated[Path | None, typer.Option(
            metavar="FILE.csv", help="Table of it instead: columns train_id "
            "(or spectrum) and one value.")] = None,
        run_path: Annotated[str, typer.Option(
            "--run", metavar="RUN", help="The run, where it is no longer "
            "where the result was made from.")] = "",
        output: Annotated[list[Path] | None, typer.Option(
            "--output", "-o", metavar="OUT", help="Write .png, .csv or .h5; "
            "may be given several times.")] = None,
        unit: Annotated[str, typer.Option(
            help="Unit of the scanned value.")] = "",
        regions: Annotated[list[str] | None, typer.Option(
            "--region", metavar="NAME=FROM:TO", help="Fit the peak in this "
            "part of the axis in every step, in the spectra of --data; may be "
            "given several times.")] = None,
        source: Annotated[str, typer.Option(
            "--data", metavar="DATA", help="The spectra that were classified, "
            "for --region.")] = "",
        dark: arguments.Dark = None,
        axis: arguments.AxisOption = None,
        resolution: Annotated[float | None, typer.Option(
            help="Change from train to train above which the value moves "
            "(default: found from the values).")] = None,
        as_json: arguments.Json = False, *, run: RunChoice) -> None:
    """Show the state against what was scanned, with its transition.

    Shares of the classes, mixture and residual by step; midpoint and width
    of the transition of every sweep with intervals of 95 %, and the hysteresis
    between neighbouring sweeps. With --region, intensity, position, width
    and asymmetry of a peak in every step.
    """
    import numpy as np

    from ..exploration import scan as scans
    from ..files.results.by_train import read_by_train

    targets = output or []
    if bool(by) == (values is not None):
        raise ConfigurationError("give either --by SOURCE.KEY or --values "
                                 "FILE.csv")
    _check(targets)
    if bool(regions) != bool(source):
        raise ConfigurationError("--region and --data go together")
    data.keep_inputs(targets, [result, values, dark, *([source] if source
                                                       else [])])
    parts = _regions(regions or [])
    answers = read_by_train(result)
    name, scanned = _values(result, answers, by, values, run_path)
    found = scans.scan(answers, scans.find_steps(scanned, resolution), name,
                       unit)
    if parts:
        from ..exploration.scan_peaks import peak_columns
        from ..files.results.by_train import trains_of

        spectra = data.minus_dark(data.load(
            source, None, axis, run=run, dark=dark, quiet=as_json), dark, run)
        owner = trains_of(result, np.asarray(spectra.indices))
        place = np.searchsorted(answers.ids, owner).clip(
            max=len(answers.ids) - 1)
        step = np.where(answers.ids[place] == owner, found.steps.of[place], -1)
        found.columns.update(peak_columns(
            spectra.spectra, spectra.axis, step, len(found.steps.position),
            parts))
    report: dict[str, Any] = {
        "result": str(result), "by": name, "unit": unit,
        "over": answers.over, "steps": len(found.steps.position),
        "transitions": [asdict(each) for each in found.transitions],
        "hysteresis": [asdict(each) for each in found.hysteresis]}
    for target in targets:
        _write(target, found, report)
    if as_json:
        print_json(report | {"columns": found.columns})
        return
    _print(found, report, targets)


def _values(result: Path, answers: "TrainAnswers", by: str,
            values: Path | None, run: str
            ) -> "tuple[str, NDArray[np.float64]]":
    from ..files.results.by_train import input_of
    from ..files.results.scan_values import read_values
    from ..files.runs.slow_values import values_by_train

    if values is not None:
        return read_values(values, answers.ids)
    if answers.over != "trains":
        raise ConfigurationError(f"{result}: its spectra belong to no train; "
                                 "give the scanned values with --values")
    return by, values_by_train(run or input_of(result), by, answers.ids)


def _regions(texts: list[str]) -> dict[str, tuple[float, float]]:
    """{name: (from, to)} of words such as line=529:531."""
    regions: dict[str, tuple[float, float]] = {}
    for text in texts:
        name, _, ends = text.partition("=")
        try:
            low, high = (float(end) for end in ends.split(":"))
        except ValueError:
            low = high = 0.
        if not (name and low < high) or name in regions:
            raise ConfigurationError(
                f"--region {text}: expected a name of its own and two "
                "increasing positions, such as line=529:531")
        regions[name] = low, high
    return regions


def _check(targets: list[Path]) -> None:
    from ..files.atomic import check_target
    from ..files.results.scan_writer import SUFFIXES

    for target in targets:
        check_target(target, (".png", *SUFFIXES))


def _write(target: Path, found: "Scan", report: dict[str, Any]) -> None:
    from ..api.libraries import library
    from ..files.atomic import replaced
    from ..files.results.scan_writer import write_scan

    if target.suffix.lower() != ".png":
        write_scan(target, found.columns, report)
        return
    library("matplotlib", "a picture")
    from ..exploration.scan_picture import picture

    drawn = picture(found)
    with replaced(target) as temporary:
        temporary.write_bytes(drawn)


def _print(found: "Scan", report: dict[str, Any],
           targets: list[Path]) -> None:
    print_facts(report["result"], [
        ("by", f"{found.name} {found.unit}".strip()),
        ("steps", report["steps"]),
        ("sweeps", int(found.steps.sweep.max()) + 1),
        *(("written", target) for target in targets)])
    columns = found.columns
    print_table("\nSteps", [
        ("position", "right"), ("sweep", "right"), ("trains", "right"),
        *((name, "right") for name in found.classes), ("residual", "right")],
        [(f"{columns['position'][row]:.6g}", columns["sweep"][row],
          columns["trains"][row],
          *(f"{columns[f'share {name}'][row]:.1%}" for name in found.classes),
          f"{columns['residual'][row]:.4f}")
         for row in range(report["steps"])])
    if found.transitions:
        print_table("\nTransitions, 95 %", [
            ("sweep", "right"), ("from", "left"), ("to", "left"),
            ("midpoint", "right"), ("interval", "right"), ("width", "right"),
            ("interval", "right")], [
                (each.sweep, each.before, each.after,
                 f"{each.found.midpoint:.6g}",
                 f"{each.found.midpoint_low:.6g} - "
                 f"{each.found.midpoint_high:.6g}",
                 f"{each.found.width:.4g}", f"{each.found.width_low:.4g} - "
                 f"{each.found.width_high:.4g}")
                for each in found.transitions])
    if found.hysteresis:
        print_table("\nHysteresis, rising minus falling", [
            ("sweeps", "left"), ("difference", "right"),
            ("interval, 95 %", "right")], [
                (f"{each.rising}, {each.falling}", f"{each.difference:.4g}",
                 f"{each.low:.4g} - {each.high:.4g}")
                for each in found.hysteresis])
