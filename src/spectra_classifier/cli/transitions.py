"""`transitions`: when the sample changed, with a confidence interval."""
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import arguments
from .console import print_facts, print_json, print_table

if TYPE_CHECKING:
    from ..core.evaluation.changepoint import Transition
    from ..files.results.sequence import ResultSequence

_ONE = {"spectra": "spectrum", "trains": "train", "pulses": "pulse"}


def transitions(
        result: Annotated[Path, typer.Argument(
            metavar="RESULT.h5", help="File that `classify` has written.")],
        train: Annotated[int | None, typer.Option(
            min=1, metavar="ID", help="Use the pulses of this train "
            "(default: the trains, or spectra, of the whole file).")
            ] = None,
        as_json: arguments.Json = False) -> None:
    """Show when the sample changed, with a confidence interval.

    The interval holds the middle of the change with 95 %, correlated noise
    included. A gradual change also has a begin and an end, at 10 and 90 %.
    Single outliers and slow waves are no transition.
    """
    from ..core.evaluation import changepoint
    from ..files.results.sequence import read_sequence

    sequence = read_sequence(result, train)
    found = [_entry(each, sequence) for each in changepoint.transitions(
        sequence.scores, sequence.mixture)]
    report = {"result": str(result), "over": sequence.over,
              "n": len(sequence.numbers), "transitions": found}
    if as_json:
        print_json(report)
        return
    print_facts(str(result), [
        (sequence.over, report["n"]),
        ("transitions", len(found) or "none: one state from start to end")])
    if found:
        one = _ONE[sequence.over]
        print_table(
            "\nTransitions",
            [("from", "left"), ("to", "left"), (f"first {one}", "right"),
             ("interval, 95 %", "right"), ("change, 10 to 90 %", "right")],
            [(e["from"], e["to"], e["at"], f"{e['low']} - {e['high']}",
              f"{e['begin']} - {e['end']}" if e["end"] > e["begin"]
              else "sharp") for e in found])


def _entry(found: "Transition", sequence: "ResultSequence") -> dict[str, Any]:
    """Numbers of spectra for positions, names for classes."""
    def number(step: int) -> int:
        return int(sequence.numbers[min(step, len(sequence.numbers) - 1)])

    return {"from": sequence.classes[found.before],
            "to": sequence.classes[found.after],
            **{key: number(getattr(found, key))
               for key in ("at", "low", "high", "begin", "end")},
            "correlation": found.correlation}
