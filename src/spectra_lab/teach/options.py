"""What the lesson is asked for."""
import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.simulation.scenario import SCENARIOS

MOST_PULSES = 2720


@dataclass(frozen=True)
class Options:
    """See `parse`."""
    lab: Path
    summary: Path | None = None
    preset: str = "realistic"
    scenario: str = "ramp"
    pulses: int = 2700
    trains: int = 10
    cycles: int = 2
    watch: float = 25.
    engine: str = "fused"


def parse(arguments: Sequence[str] | None = None) -> Options:
    """`Options` of a command line; ends the program where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="teach.sh", description="Teach a classifier from a simulated "
        "beam: capture, train, evaluate, arm, and watch a transition.")
    parser.add_argument("--lab", type=Path, required=True,
                        help="folder for broker, servers, captures and logs")
    parser.add_argument("--summary", type=Path, metavar="FILE.json",
                        help="write the summary")
    parser.add_argument("--preset", default="realistic", choices=PRESETS,
                        help="how hard the simulated beamline makes it")
    parser.add_argument("--scenario", default="ramp", choices=SCENARIOS,
                        help="what the sample does; ramp3 has three states")
    parser.add_argument("--pulses-per-train", dest="pulses", metavar="N",
                        type=_within(1, MOST_PULSES), default=2700,
                        help=f"1 to {MOST_PULSES}")
    parser.add_argument("--trains", type=_within(3, 1000), default=10,
                        metavar="N", help="trains of each capture")
    parser.add_argument("--cycles", type=_within(1, 20), default=2,
                        metavar="N", help="captures of each state")
    parser.add_argument("--watch", type=float, default=25., metavar="S",
                        help="seconds to watch the armed model")
    parser.add_argument("--engine", default="fused",
                        choices=["fused", "numpy", "onnxruntime"],
                        help="what computes the codes")
    return Options(**vars(parser.parse_args(arguments)))


def _within(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"{text}: expected {low} to {high}")
        return value
    return number
