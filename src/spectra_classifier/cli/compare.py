"""`compare`: whether the beam and a later analysis gave the same codes."""
from pathlib import Path
from typing import Annotated

import typer

from . import arguments
from .console import print_facts, print_json, progress


def compare(
        result: Annotated[Path, typer.Argument(
            metavar="RESULT.h5", help="What classify has written.")],
        recording: Annotated[str, typer.Argument(
            metavar="RUN", help="Run in which karabo-hdf5writer recorded a "
            "RecordingAdapter.")],
        source: Annotated[str, typer.Option(
            help="ADAPTER:output, where the run has more than one.")] = "",
        as_json: arguments.Json = False):
    """Compare the codes of the beam with a result, pulse by pulse.

    Exit code 0 only if every code, confidence, score, mixture and residual
    of every train that both have is the same to the last bit.
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


def _show(report):
    different = ", ".join(f"{name}: {count}" for name, count
                          in report["different"].items() if count)
    print_facts("Equal to the last bit" if report["equal"] else "Not equal", [
        ("compared", f"{report['trains']} trains, {report['pulses']} pulses"),
        ("only recorded live", f"{report['only_live']} trains"),
        ("only in the result", f"{report['only_result']} trains"),
        ("other number of pulses", f"{report['other_lengths']} trains"),
        ("pulses that differ", different or "none"),
        ("first train that differs", report["first_different"] or "none")])
