"""`replay`: classify a snapshot again and compare with the live codes."""
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from . import arguments, data
from .console import print_facts, print_json, print_table, progress, say

#: differences that are shown on a screen
_SHOWN = 10


def replay(
        file: Annotated[Path, typer.Argument(
            metavar="FILE", help="Event snapshot of a classifier, .h5.")],
        model: Annotated[Path | None, typer.Option(
            metavar="MODEL.onnx", help="Model file that must be the recorded "
            "one (default: the model in FILE).")] = None,
        engine: Annotated[arguments.EngineKind | None, typer.Option(
            help="Another engine than the recorded one: only the labels are "
            "compared.")] = None,
        as_json: arguments.Json = False) -> None:
    """Run the raw trains of FILE through the same engine again.

    Exit status 1 where the codes of a pulse are not identical bit for bit to
    those given live; 2 where that cannot be determined.
    """
    from ..files.snapshots.replay import replay as run
    from ..files.understood import axis_of

    with progress("Replaying", "trains") as update:
        found = run(file, model, engine and str(engine), update)
    report = {"file": str(file), **asdict(found)}
    if found.data is not None:
        data.show(found.data, axis_of(found.data))
    if as_json:
        print_json(report)
    else:
        _show(report)
    if found.mismatches:
        first = found.differences[0]
        say(f"error: {found.mismatches} of {found.pulses} pulses differ, the "
            f"first one is pulse {first.pulse_id} of train {first.train_id}: "
            f"{first.field} was {first.recorded}, is {first.replayed}")
        raise typer.Exit(1)


def _show(report: dict[str, Any]) -> None:
    print_facts("", [
        ("model", ", ".join(report["models"]) or "none"),
        ("engine", ", ".join(report["engines"]) or "none"),
        ("compared", f"{report['pulses']} pulses of {report['trains']} "
         f"trains: {', '.join(report['fields'])}"),
        ("without codes", f"{report['without_codes']} trains"),
        ("different", f"{report['mismatches']} pulses")])
    if report["changed"]:
        print_table("Not as it was recorded", [
            ("what", "left"), ("recorded", "left"), ("here", "left")],
            [(name, *pair) for name, pair in report["changed"].items()])
    if report["differences"]:
        print_table("Pulses that differ", [
            ("train", "right"), ("pulse", "right"), ("what", "left"),
            ("recorded", "right"), ("replayed", "right")],
            [tuple(difference.values())
             for difference in report["differences"][:_SHOWN]])
