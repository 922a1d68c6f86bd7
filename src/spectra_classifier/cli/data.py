"""Data as the commands want them: read, selected, on a model's axis."""
import json
from pathlib import Path

from ..errors import ConfigurationError, DataFileError, InputError
from .arguments import parse_axis
from .console import progress, say


def load(path, labels=None, axis=None, run=None):
    """The `Dataset` of DATA, with a progress bar for folders and runs.

    `run`: the `RunChoice` of a command that takes runs.
    """
    from .. import files

    if run is not None and files.is_run(path):
        return _load_run(path, labels, axis, run)
    if run is not None:
        run.refuse_for(path)
    need_sound(path)
    with progress(f"Reading {path}", "files") as update:
        dataset = files.read(path, labels, parse_axis(axis), update,
                             None if run is None else run.text)
    for change in dataset.provenance.get("changes", []):
        say(f"note: {change}")
    return dataset


def need_sound(path):
    """`DataFileError` where `path` is an HDF5 file that no reader survives.
    """
    from ..files.hdf5 import need_sound
    from ..files.reading import HDF5_SUFFIXES

    if Path(path).suffix.lower() in HDF5_SUFFIXES and Path(path).is_file():
        need_sound(path)


def model_first(model, source):
    """`ConfigurationError` where DATA and MODEL were swapped."""
    if str(source).endswith(".onnx") and not str(model).endswith(".onnx"):
        raise ConfigurationError(f"{source} is a model and {model} is none: "
                                 "MODEL comes first, then DATA")


def keep_inputs(outputs, inputs):
    """`ConfigurationError` where an output would replace an input.

    Both are paths of files and folders, those that are None left out.
    """
    from ..files import inputs_of

    inputs = [file for each in inputs if each is not None
              for file in inputs_of(each) if file.exists()]
    for output in outputs:
        if output is not None and output.exists() and any(
                output.samefile(file) for file in inputs):
            raise ConfigurationError(f"{output}: is an input, too; name "
                                     "another file to write")


def _load_run(path, labels, axis, run):
    from ..files.runs.matched_runs import run_source
    from ..files.runs.run_dataset import read_run

    channels = run_source(path, run.options).channels
    with progress(f"Reading {path}", "trains") as update:
        return read_run(path, run.options, run.labels(labels),
                        run.axis(channels, parse_axis(axis)), update)


def read_indices(path):
    """Spectrum numbers of a JSON file, (n,) int64."""
    import numpy as np

    from ..files.refusals import read_text

    try:
        numbers = json.loads(read_text(path))
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


def select(dataset, path):
    """The spectra whose numbers stand in the JSON file, in that order."""
    if path is None:
        return dataset
    own = dataset.indices.tolist()
    row = {number: row for row, number in enumerate(own)}
    numbers = read_indices(path).tolist()
    if len(row) < len(own):
        twice = {number for number in row if own.count(number) > 1}
        for number in numbers:
            if number in twice:
                raise DataFileError(
                    f"{path}: number {number} stands for more than one "
                    "spectrum of the data; give the spectra numbers of "
                    "their own first")
    absent = [number for number in numbers if number not in row]
    if absent:
        raise DataFileError(
            f"{path}: there is no spectrum {absent[0]} in the data; numbers "
            f"go from {min(row)} to {max(row)}")
    return dataset.select([row[number] for number in numbers])


def dark_spectrum(path, channels, run=None, axis=None):
    """Mean of the spectra of a dark file or run, and where it is from.

    ((channels,) float32, {"path", "sha256"}), or (None, None) without one.
    `axis` of the spectra: a dark that states another one is refused.
    """
    from .. import files
    from ..files.runs.run_dataset import dark_of_run

    if path is None:
        return None, None
    if files.is_run(path):
        with progress(f"Averaging {path}", "trains") as update:
            dark, record = dark_of_run(path, run and run.options, update)
    else:
        need_sound(path)
        dataset = files.read(path, text=None if run is None else run.text)
        if len(dataset.axis) == channels and axis is not None and (
                dataset.axis.quantity != "channel"):
            mismatch = _mismatch(axis, dataset.axis)
            if mismatch:
                raise InputError(
                    f"{path}: is on another axis than the spectra, with "
                    f"{mismatch}; take a dark of the same detector and "
                    "region")
        dark, record = _mean(dataset)
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

    dark, origin = dark_spectrum(path, len(dataset.axis), run, dataset.axis)
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

    The dataset as it is where its labels are words or where it has the same
    names. `InputError` where the numbers are not 0 to the last class: 1 and
    2 of three classes may count from 0 or from 1.
    """
    from dataclasses import replace

    import numpy as np

    numbers = dataset.classes
    if set(numbers) <= set(names) or not all(
            number.isascii() and number.isdecimal() for number in numbers):
        return dataset
    if {int(number) for number in numbers} != set(range(len(names))):
        raise InputError(
            f"the labels are the numbers {', '.join(numbers)}, and the model "
            f"knows {', '.join(names)}: nothing says which is which; give "
            "names with --labels, or class_names in the file")
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
    mismatch = _mismatch(definition.axis, own)
    if mismatch:
        raise InputError(f"{path}: does not fit model {definition.model_id}, "
                         f"it has {mismatch}; use spectra on the axis that "
                         "the model was trained on, or train a model for "
                         "these")


def _mismatch(axis, own):
    """`Axis.mismatch`; what one of the two does not know agrees."""
    from ..core.spectra import Axis

    known = [(mine, other) if "unknown" not in (mine, other) else ("", "")
             for mine, other in zip((axis.quantity, axis.unit),
                                    (own.quantity, own.unit), strict=True)]
    (mine, other), (unit, other_unit) = known
    return Axis(axis.values, mine or axis.quantity, unit or axis.unit
                ).mismatch(Axis(own.values, other or axis.quantity,
                                other_unit or axis.unit))
