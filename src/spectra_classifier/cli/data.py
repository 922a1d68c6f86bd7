"""Input of commands: read, selected, on the axis of a model."""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, DataFileError
from .console import progress, say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..core.dataset import Dataset
    from ..core.model_definition import Preprocessing
    from ..core.preprocessing.memory_cells import Darks
    from ..core.spectra import Axis
    from ..files import RunOptions
    from ..model.strict_json import JsonObject
    from .run_options import RunChoice


def load(path: str | Path, labels: Path | None = None, axis: str | None = None,
         *, run: RunChoice, dark: Path | None = None,
         quiet: bool = False) -> Dataset:
    """The `Dataset` of DATA, with a progress bar for folders and runs.

    What was understood is printed on stderr, unless `quiet`. `run`: the
    options for runs and text files. `dark`: what is subtracted later; its
    memory cells count where each frame is known.
    """
    from ..api import reading
    from ..files import is_run
    from ..files.understood import understood

    if is_run(path):
        dataset = _load_run(path, labels, axis, run, dark)
    else:
        run.refuse_for(path)
        with progress(f"Reading {path}", "files") as update:
            dataset = reading.read(path, labels=labels, axis=axis,
                                   progress=update, **run.dialect).dataset
    if not quiet:
        show(understood(dataset), dataset.axis)
    return dataset


def show(report: Mapping[str, Any], axis: Axis) -> None:
    """Print what was understood of DATA on stderr."""
    from ..files.understood import facts

    for name, words in facts(report, axis):
        say(f"{name}: {words}")


def model_first(model: str | Path, source: str | Path) -> None:
    """Refuse arguments DATA and MODEL in the wrong order."""
    if str(source).endswith(".onnx") and not str(model).endswith(".onnx"):
        raise ConfigurationError(f"{source} is a model and {model} is not: "
                                 "MODEL comes first, then DATA")


def keep_inputs(outputs: Iterable[Path | None],
                inputs: Iterable[str | Path | None]) -> None:
    """Refuse an output that would replace an input.

    Both are files and folders; None are ignored.
    """
    from ..files import inputs_of

    read = [file for each in inputs if each is not None
            for file in inputs_of(each) if file.exists()]
    for output in outputs:
        if output is not None and output.exists() and any(
                output.samefile(file) for file in read):
            raise ConfigurationError(f"{output}: is an input, too; name "
                                     "another file to write")


def _load_run(path: str | Path, labels: Path | None, axis: str | None,
              run: RunChoice, dark: Path | None) -> Dataset:
    from ..api.inputs import parse_axis
    from ..files.runs.matched_runs import run_source
    from ..files.runs.run_dataset import read_run

    channels = run_source(path, run.options).channels
    darks, _ = dark_spectrum(dark, channels, run)
    with progress(f"Reading {path}", "trains") as update:
        return read_run(path, run.options, run.labels(labels),
                        run.axis(channels, parse_axis(axis)), update, darks)


def read_indices(path: Path) -> NDArray[np.int64]:
    """Spectrum numbers (n,) of a JSON file."""
    import numpy as np

    from ..files.refusals import read_text

    text = read_text(path)
    try:
        numbers = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataFileError(f"{path}: cannot be read as JSON ({error}); "
                            "expected a list such as [0, 20, 40]") from None
    if not (isinstance(numbers, list) and numbers
            and all(type(number) is int for number in numbers)):
        raise DataFileError(f"{path}: expected a list of whole numbers such "
                            "as [0, 20, 40], and not an empty one")
    if not all(0 <= number < 2**63 for number in numbers):
        raise DataFileError(f"{path}: names spectrum "
                            f"{next(n for n in numbers if not 0 <= n < 2**63)}"
                            "; numbers count from 0")
    if len(set(numbers)) < len(numbers):
        raise DataFileError(f"{path}: names a spectrum twice")
    return np.array(numbers, np.int64)


def select(dataset: Dataset, path: Path | None) -> Dataset:
    """The spectra whose numbers are in the JSON file, in that order."""
    if path is None:
        return dataset
    own = (list(range(len(dataset))) if dataset.indices is None
           else dataset.indices.tolist())
    row = {number: row for row, number in enumerate(own)}
    numbers = read_indices(path).tolist()
    if len(row) < len(own):
        twice = {number for number in row if own.count(number) > 1}
        for number in numbers:
            if number in twice:
                raise DataFileError(
                    f"{path}: number {number} belongs to more than one "
                    "spectrum of the data; give every spectrum a number "
                    "of its own first")
    absent = [number for number in numbers if number not in row]
    if absent:
        raise DataFileError(
            f"{path}: there is no spectrum {absent[0]} in the data; numbers "
            f"go from {min(row)} to {max(row)}")
    return dataset.select([row[number] for number in numbers])


def dark_spectrum(
        path: Path | None, channels: int, run: RunChoice | None = None,
        axis: Axis | None = None,
        ) -> tuple[Darks | None, dict[str, Any] | None]:
    """Mean of the spectra of a dark file or run, and its origin.

    Of a run, for even and odd memory cells where they differ.

    Parameters
    ----------
    channels
        Number of channels expected.
    axis
        That of the spectra: a dark with another axis is rejected.

    Returns
    -------
    darks
    origin
        Keys `path` and `sha256`; both are None without a path.
    """
    from .. import files
    from ..api.inputs import mean_dark, need_dark_channels

    if path is None:
        return None, None
    record: Mapping[str, Any]
    if files.is_run(path):
        dark, record = _dark_of_run(
            path, None if run is None else run.options)
    else:
        dataset = files.read(path, text=None if run is None else run.text)
        dark = mean_dark(dataset, channels, axis, path)
        record = dataset.provenance
    need_dark_channels(dark, channels, path)
    return dark, {"path": str(path), "sha256": record["sha256"]}


@lru_cache(maxsize=1)
def _dark_of_run(path: Path,
                 options: RunOptions | None) -> tuple[Darks, JsonObject]:
    from ..files.runs.run_dataset import dark_of_run

    with progress(f"Averaging {path}", "trains") as update:
        return dark_of_run(path, options, update)


def minus_dark(dataset: Dataset, path: Path | None,
               run: RunChoice | None = None) -> Dataset:
    """The data in float32 minus the mean of a dark; unchanged without a path.
    """
    from dataclasses import replace

    import numpy as np

    from ..core.large_arrays import blocks, empty

    dark, origin = dark_spectrum(path, len(dataset.axis), run, dataset.axis)
    if dark is None:
        return dataset
    record = {**dataset.provenance, "dark": origin}
    spectra = empty(dataset.spectra.shape, np.float32)
    for rows in blocks(spectra):
        spectra[rows] = dataset.spectra[rows] - dark.mean
    return replace(dataset, spectra=spectra, provenance=record)


def need_energies(preprocessing: Preprocessing, path: str | Path) -> None:
    """Refuse a run where spectra are to be divided by the pulse energy.

    `ConfigurationError`: those of a run are not.
    """
    from ..files import is_run

    if preprocessing.by_monitor and is_run(path):
        raise ConfigurationError(
            f"{path}: the normalisation is by monitor, and the spectra of a "
            "run are counts; divide them by the pulse energy first, and give "
            "the file")
