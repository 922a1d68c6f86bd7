"""Data as the commands want them: read, selected, on a model's axis."""
import json
from pathlib import Path

from ..errors import ConfigurationError, DataFileError, InputError
from .arguments import parse_axis
from .console import progress


def load(path, labels=None, axis=None, run=None):
    """The `Dataset` of DATA, with a progress bar for folders and runs.

    `run`: the `RunChoice` of a command that takes runs.
    """
    from .. import files

    if run is not None and files.is_run(path):
        return _load_run(path, labels, axis, run)
    if run is not None:
        run.refuse_for(path)
    with progress(f"Reading {path}", "files") as update:
        return files.read(path, labels, parse_axis(axis), update)


def _load_run(path, labels, axis, run):
    from ..files.joined_runs import run_source
    from ..files.run_dataset import read_run

    channels = run_source(path, run.options).channels
    with progress(f"Reading {path}", "trains") as update:
        return read_run(path, run.options, run.labels(labels),
                        run.axis(channels, parse_axis(axis)), update)


def read_indices(path):
    """Spectrum numbers of a JSON file, (n,) int64."""
    import numpy as np

    try:
        numbers = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise DataFileError(f"{path}: cannot be read as JSON ({error}); "
                            "expected a list such as [0, 20, 40]") from None
    if not (isinstance(numbers, list) and numbers
            and all(type(number) is int for number in numbers)):
        raise DataFileError(f"{path}: expected a list of whole numbers such "
                            "as [0, 20, 40], and not an empty one")
    if len(set(numbers)) < len(numbers):
        raise DataFileError(f"{path}: names a spectrum twice")
    return np.array(numbers, np.int64)


def select(dataset, path):
    """The spectra whose numbers stand in the JSON file, in that order."""
    if path is None:
        return dataset
    row = {number: row for row, number in enumerate(dataset.indices.tolist())}
    numbers = read_indices(path).tolist()
    absent = [number for number in numbers if number not in row]
    if absent:
        raise DataFileError(
            f"{path}: there is no spectrum {absent[0]} in the data; numbers "
            f"go from {min(row)} to {max(row)}")
    return dataset.select([row[number] for number in numbers])


def dark_spectrum(path, channels, run=None):
    """Mean of the spectra of a dark file or run, and where it is from.

    ((channels,) float32, {"path", "sha256"}), or (None, None) without one.
    """
    from .. import files
    from ..files.run_dataset import dark_of_run

    if path is None:
        return None, None
    if files.is_run(path):
        with progress(f"Averaging {path}", "trains") as update:
            dark, record = dark_of_run(path, run and run.options, update)
    else:
        dark, record = _mean(files.read(path))
    if len(dark) != channels:
        raise InputError(f"{path}: {len(dark)} channels, the spectra have "
                         f"{channels}; take a dark of the same detector and "
                         "region")
    return dark, {"path": str(path), "sha256": record["sha256"]}


def _mean(dataset):
    mean = dataset.spectra.mean(axis=0, dtype="f8").astype("f4")
    return mean, dataset.provenance


def minus_dark(dataset, path, run=None):
    """`dataset` in float32 minus its dark; as it is without one."""
    from dataclasses import replace

    dark, origin = dark_spectrum(path, len(dataset.axis), run)
    if dark is None:
        return dataset
    record = dataset.provenance | {"dark": origin}
    return replace(dataset, spectra=(dataset.spectra - dark).astype("f4"),
                   provenance=record)


def need_energies(preprocessing, path):
    """`ConfigurationError` where spectra are to be per pulse energy, and
    those of a run are not."""
    from ..files import is_run

    if preprocessing.by_monitor and is_run(path):
        raise ConfigurationError(
            f"{path}: the normalisation is by monitor, and the spectra of a "
            "run are counts; divide them by the pulse energy first, and give "
            "the file")


def need_labels(dataset, path):
    """`InputError` where the data have no labels."""
    if dataset.labels is None:
        raise InputError(f"{path}: has no labels; give them with --labels "
                         "FILE, as labels.csv in the folder, or as labels in "
                         "the file")


def with_class_names(dataset, names):
    """Labels that are bare numbers as class indices into `names`.

    The dataset as it is where its labels are words, where it has the same
    names, or where a number has no class.
    """
    from dataclasses import replace

    import numpy as np

    numbers = dataset.classes
    if set(numbers) <= set(names) or not all(
            number.isdecimal() and int(number) < len(names)
            for number in numbers):
        return dataset
    index = np.array([int(number) for number in numbers])[dataset.labels]
    return replace(dataset, labels=index, classes=tuple(names))


def on_axis_of(dataset, definition, path):
    """`dataset` on the axis of a model, or `InputError`."""
    from dataclasses import replace

    check_axis(dataset.axis, definition, path)
    return replace(dataset, axis=definition.axis)


def check_axis(own, definition, path):
    """`InputError` where an axis is not that of a model.

    Where one of the two does not know its quantity and unit, positions
    alone decide.
    """
    from ..core.spectra import Axis

    axis = definition.axis
    if "unknown" in (axis.quantity, own.quantity):
        own = Axis(own.values, axis.quantity, axis.unit)
    mismatch = axis.mismatch(own)
    if mismatch:
        raise InputError(f"{path}: does not fit model {definition.model_id}, "
                         f"it has {mismatch}; use spectra on the axis that "
                         "the model was trained on, or train a model for "
                         "these")
