"""`bench`: speed of the engine on this machine, compared with its peers."""
import os
from typing import Annotated, Any

import typer

from .console import print_json, print_table, progress


def bench(
        json: Annotated[bool, typer.Option(
            "--json", help="Print the cases as JSON.")] = False,
        quick: Annotated[bool, typer.Option(
            "--quick", help="Small trains and few repetitions: shows that "
            "it works, not how fast.")] = False,
        compiled: Annotated[bool, typer.Option(
            "--compile/--no-compile", help="Measure torch.compile as well, "
            "where torch is installed.")] = True,
        ) -> None:
    """Measure the engine and its peers: same process, same data, one thread.

    Takes a few minutes on a quiet machine. Times are CPU times of the
    process, in milliseconds per train of 2700 pulses.
    """
    from .benchmark.clock import ONE_THREAD, keep_memory

    os.environ.update(ONE_THREAD)    # read when the libraries are loaded
    keep_memory()
    from .benchmark import suite

    with progress("Measuring", "parts") as update:
        cases = suite.run(quick, update, compiled)
    if json:
        print_json(cases)
        return
    print_table("CPU time per train of 2700 pulses", (
        ("case", "left"), ("channels", "right"), ("type", "left"),
        ("lam", "right"), ("knots", "right"), ("threads", "right"),
        ("ms", "right"), ("spectra/s", "right"), ("against", "left")),
        [_row(case) for case in cases
         if case["case"] not in ("growth", "stages")])


def _row(case: dict[str, Any]) -> tuple[object, ...]:
    best = min(case["ratio_to"].items(), key=lambda pair: pair[1],
               default=None)
    return (case["case"], case["channels"], case["dtype"],
            f"{case['lam']:.3g}" if "lam" in case else "",
            case.get("knot_step", ""), case["threads"],
            f"{case['cpu_ms_per_train']:.2f}",
            f"{case['spectra_per_second']:,.0f}",
            f"{best[1]:.1f} x {best[0]}" if best else "")
