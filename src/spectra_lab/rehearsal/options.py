"""What the rehearsal is asked for."""
import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..demo.options import pulses_per_train
from .expectations import EXPECTED


@dataclass(frozen=True)
class Options:
    """`kinds`: the faults that strike; see `parse` for the rest."""
    lab: Path
    seconds: float = 600.
    seed: int = 1
    summary: Path | None = None
    model: Path | None = None
    pulses: int = 2700
    preset: str = "realistic"
    engine: str = "fused"
    kinds: tuple[str, ...] = tuple(EXPECTED)


def parse(arguments: Sequence[str] | None = None) -> Options:
    """`Options` of a command line; ends the program where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="rehearse.sh", description="Strike a private beamline with "
        "every fault, at random, and judge what the devices make of it.")
    parser.add_argument("--lab", type=Path, required=True,
                        help="folder for broker, servers and logs")
    parser.add_argument("--seconds", type=float, default=600., metavar="N",
                        help="how long faults strike, at the most three times "
                        "as long until each has (default: 600)")
    parser.add_argument("--seed", type=int, default=1, metavar="S",
                        help="of the order and the times of the faults")
    parser.add_argument("--summary", type=Path, metavar="FILE.json",
                        help="write the report as JSON")
    parser.add_argument("--model", type=Path, metavar="MODEL.onnx",
                        help="default: the released one")
    parser.add_argument("--pulses-per-train", dest="pulses",
                        default=2700, metavar="N", type=pulses_per_train,
                        help="default: 2700")
    parser.add_argument("--preset", default="realistic",
                        choices=["easy", "realistic", "hard"])
    parser.add_argument("--engine", default="fused",
                        choices=["fused", "numpy"])
    parser.add_argument("--faults", dest="kinds", nargs="+",
                        default=tuple(EXPECTED), choices=tuple(EXPECTED),
                        metavar="FAULT",
                        help=f"only these: {', '.join(EXPECTED)}")
    options = parser.parse_args(arguments)
    options.kinds = tuple(options.kinds)
    return Options(**vars(options))
