"""Arguments and options that several commands share."""
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class EngineKind(StrEnum):
    """Engines by name."""
    FUSED = "fused"
    NUMPY = "numpy"
    ONNXRUNTIME = "onnxruntime"


Data = Annotated[Path, typer.Argument(
    metavar="DATA", help="Folder or pattern of text curves (.xy, .dat, .csv "
    "...), .npz file with x, Y and labels, NeXus/HDF5 file, or run:PATH for a "
    "run of the European XFEL.")]
Model = Annotated[Path, typer.Argument(
    metavar="MODEL", help="Model file, .onnx, or the name of a released "
    "model.")]
Labels = Annotated[Path | None, typer.Option(
    help="Label file that replaces the labels of DATA: one label per line, "
    "or columns such as first,last,label; for a run "
    "first_train,last_train,label.")]
Indices = Annotated[Path | None, typer.Option(
    help="JSON file with a list of spectrum numbers, from 0: only these.")]
Dark = Annotated[Path | None, typer.Option(
    metavar="DATA", help="Spectra without beam on the same channels; their "
    "mean is subtracted.")]
AxisOption = Annotated[str | None, typer.Option(
    "--axis", metavar="QUANTITY:UNIT",
    help="What the axis is where DATA does not say, such as energy:eV.")]
Licence = Annotated[str, typer.Option(
    help="Licence of what is written, for those who find it, such as "
    "CC-BY-4.0.", show_default="not stated")]
Plot = Annotated[Path | None, typer.Option(
    metavar="FILE.png", help="Draw label, confidence and votes of the "
    "spectra.", show_default=False)]
Engine = Annotated[EngineKind, typer.Option(
    help="All engines give the same labels; fused is the fastest.")]
Json = Annotated[bool, typer.Option(
    "--json", help="Print one JSON document on stdout, nothing else.")]
