"""What the demonstration is asked for."""
import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spectra_classifier.model.engines import ENGINES

SIMULATED = "simulated"
MOST_PULSES = 2720


@dataclass(frozen=True)
class Options:
    """`seconds` None: until Ctrl-C; `source` a Path or `SIMULATED`."""
    lab: Path
    seconds: float | None = None
    summary: Path | None = None
    source: Path | str = SIMULATED
    model: Path | None = None
    pulses: int | None = None
    preset: str = "realistic"
    picture: Path | None = None
    engine: str = "fused"


def parse(arguments: Sequence[str] | None = None) -> Options:
    """`Options` of a command line; ends the program where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="demo.sh", description="Classify spectra on a private Karabo "
        "and watch it.")
    parser.add_argument("--lab", type=Path, required=True,
                        help="folder for broker, servers and logs")
    parser.add_argument("--seconds", type=_positive, metavar="N",
                        help="end after N seconds of data (default: with "
                             "Ctrl-C)")
    parser.add_argument("--summary", type=Path, metavar="FILE.json",
                        help="write the summary")
    parser.add_argument("--source", default=SIMULATED, type=_source,
                        metavar="simulated|FILE",
                        help="simulated, or a file of spectra to replay")
    parser.add_argument("--model", type=_file, metavar="MODEL.onnx",
                        help="model to classify with (default: the released "
                             "one for the simulated source)")
    parser.add_argument("--pulses-per-train", dest="pulses", metavar="N",
                        type=pulses_per_train, help=f"1 to {MOST_PULSES}")
    parser.add_argument("--preset", default="realistic",
                        choices=["easy", "realistic", "hard"],
                        help="how hard the simulated beamline makes it")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg",
                        help="keep the last view as a picture")
    parser.add_argument("--engine", default="fused", choices=ENGINES,
                        help="what computes the codes")
    options = Options(**vars(parser.parse_args(arguments)))
    if options.source != SIMULATED and options.model is None:
        parser.error("--source FILE needs --model: a model that was trained "
                     "on such spectra")
    return options


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text}: expected more than 0")
    return value


def pulses_per_train(text: str) -> int:
    """A number of pulses, for argparse."""
    value = int(text)
    if not 1 <= value <= MOST_PULSES:
        raise argparse.ArgumentTypeError(
            f"{text}: expected 1 to {MOST_PULSES}")
    return value


def _file(text: str) -> Path:
    path = Path(text).resolve()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text}: no such file")
    return path


def _source(text: str) -> Path | str:
    if text == SIMULATED:
        return text
    path = Path(text).resolve()
    if not path.exists():
        raise argparse.ArgumentTypeError(
            f"{text}: no such file (or 'simulated')")
    return path
