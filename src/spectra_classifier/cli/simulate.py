"""`simulate`: labelled spectra of a simulated source, into a file."""
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import arguments, convert

if TYPE_CHECKING:
    from ..core.dataset import Dataset

#: first curve of the second class in the published analysis
RAMP_BOUNDARY = 185


class Source(StrEnum):
    """Simulated sources."""
    RAMP = "ramp"
    EASY = "easy"
    REALISTIC = "realistic"
    HARD = "hard"


class ScenarioName(StrEnum):
    """Changes of the sample, for a Gotthard-II."""
    RAMP = "ramp"
    REDISTRIBUTION = "redistribution"
    SHIFT = "shift"
    RAMP3 = "ramp3"


def simulate(
        source: Annotated[Source, typer.Argument(
            metavar="SOURCE", help="ramp: the 349 curves of the published "
            "ramp; easy, realistic, hard: captures with a Gotthard-II.")],
        output: Annotated[Path, typer.Option(
            "--output", "-o", metavar="OUT",
            help="File to write: .h5 (NeXus) or .npz.")],
        seed: Annotated[int, typer.Option(
            min=0, help="Equal seeds give equal spectra.")] = 0,
        noise: Annotated[float, typer.Option(
            min=0, help="ramp: share of the published noise.")] = 1.,
        boundary: Annotated[int, typer.Option(
            min=1, max=348, help="ramp: first curve of the second class.",
        )] = RAMP_BOUNDARY,
        scenario: Annotated[ScenarioName, typer.Option(
            help="Gotthard-II: what the sample does.",
        )] = ScenarioName.RAMP,
        captures: Annotated[int, typer.Option(
            min=1, help="Gotthard-II: captures of each class.")] = 4,
        trains: Annotated[int, typer.Option(
            min=1, help="Gotthard-II: trains of a capture.")] = 5,
        pulses: Annotated[int, typer.Option(
            min=1, max=2720, help="Gotthard-II: pulses of a train.")] = 60,
        raw: Annotated[bool, typer.Option(
            help="Gotthard-II: uint16 as recorded, dark not subtracted.",
        )] = False,
        as_json: arguments.Json = False) -> None:
    """Write simulated spectra with their labels.

    ramp gives the published ramp: 349 powder patterns of 4023 points. The
    other sources give 1280 channels of a Gotthard-II, taken as captures of
    the pure states in turn, with all that makes the preset hard.
    """
    from ..files import write_dataset

    if source is Source.RAMP:
        dataset = _ramp(seed, noise, boundary)
    else:
        dataset = _captures(source, scenario, seed, captures, trains, pulses,
                            raw)
    write_dataset(output, dataset)
    convert.report(output, dataset, as_json)


def _ramp(seed: int, noise: float, boundary: int) -> "Dataset":
    import numpy as np

    from ..core.dataset import Dataset
    from ..core.spectra import Axis
    from ..simulation.published_ramp import ramp

    x, spectra = ramp.curves(seed=seed, noise=noise)
    labels = (np.arange(len(spectra)) >= boundary).astype(np.int64)
    return Dataset(
        Axis(x, "two_theta", "deg"), spectra, labels,
        ("low pressure", "high pressure"), provenance={
            "format": "simulated", "source": "published ramp", "seed": seed,
            "noise": noise, "boundary": boundary})


def _captures(source: Source, scenario: ScenarioName, seed: int, captures: int,
              trains: int, pulses: int, raw: bool) -> "Dataset":
    from ..simulation.captures import take_captures
    from ..simulation.gotthard import GotthardSource
    from ..simulation.presets import preset

    detector = GotthardSource(preset(str(source)), str(scenario), seed)
    return take_captures(detector, captures, trains, pulses,
                         subtract_dark=not raw)
