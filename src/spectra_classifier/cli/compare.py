"""`compare`: codes recorded live against those of a later analysis."""
from pathlib import Path
from typing import Annotated, Any

import typer

from . import arguments
from .console import print_facts, print_json, progress


def compare(
        result: Annotated[Path, typer.Argument(
            metavar="RESULT.h5", help="File that classify has written.")],
        recording: Annotated[str, typer.Argument(
            metavar="RUN", help="Run in which karabo-hdf5writer recorded a "
            "RecordingAdapter.")],
        source: Annotated[str, typer.Option(
            help="ADAPTER:output, where the run has more than one.")] = "",
        as_json: arguments.Json = False) -> None:
    """Compare recorded live codes with a result, pulse by pulse.

    Exit code 0 only if every code, confidence, score, mixture and residual
    of every common train is identical bit for bit.
    """
    from ..files.recordings.live_comparison import compare as comparison
    from ..files.recordings.recorded_codes import RecordedCodes

    recorded = RecordedCodes(recording, source)
    with progress(f"Comparing {result}", "trains") as update:
        report = comparison(result, recorded, update)
    report |= {"result": str(result), "recording": str(recorded.path),
               "source": recorded.source}
    if as_json:
        print_json(report)
    else:
        _show(report)
    if not report["equal"]:
        raise typer.Exit(1)


def _show(report: dict[str, Any]) -> None:
    different = ", ".join(f"{name}: {count}" for name, count
                          in report["different"].items() if count)
    print_facts("Identical bit for bit" if report["equal"] else "Not equal", [
        ("compared", f"{report['trains']} trains, {report['pulses']} pulses"),
        ("only recorded live", f"{report['only_live']} trains"),
        ("only in the result", f"{report['only_result']} trains"),
        ("other number of pulses", f"{report['other_lengths']} trains"),
        ("pulses that differ", different or "none"),
        ("first train that differs", report["first_different"] or "none")])
