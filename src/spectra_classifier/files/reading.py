"""Read any kind of data file or folder as a `Dataset`."""
import os
from collections.abc import Callable
from pathlib import Path

from ..core.dataset import Dataset
from ..errors import DataFileError
from ..model.plain import AnyPath
from .checksum import combined_sha256, file_sha256
from .refusals import need_file, refusals
from .runs.run_dataset import read_run
from .runs.run_opening import PATTERN
from .runs.runs import is_run, run_path
from .spectra.axis_names import QuantityUnit
from .spectra.curves import (
    LABEL_FILES,
    SUFFIXES,
    curve_files,
    is_pattern,
    names_of,
    read_curve_file,
    read_curves,
)
from .spectra.delimited import TextOptions
from .spectra.formats import (
    HDF5_MAGIC,
    format_of,
    head_of,
    is_binary,
    refuse_others,
)
from .spectra.npz import read_npz

HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf", ".nxs", ".nx", ".nx5", ".cxi")
KINDS = ("a NeXus/HDF5 file (.h5, .nxs), an .npz file with x and Y, or text "
         f"curves ({', '.join(SUFFIXES)}), one or a folder of them")


def read(path: AnyPath, labels: AnyPath | None = None,
         axis: QuantityUnit | None = None,
         progress: Callable[[int, int], None] | None = None,
         text: TextOptions | None = None) -> Dataset:
    """Read the spectra of a file or a folder.

    Parameters
    ----------
    path
        NeXus/HDF5 file, .npz file, text curve (.xy, .xye, .dat, .csv ...),
        folder or pattern of these, folder with a folder of curves for each
        class, or a run as `run:PATH` (`run_dataset.read_run` has more
        options).
    labels
        Label file that replaces the labels of `path`; None for those of the
        file, or of `labels.csv` or `labels.txt` in the folder.
    axis
        (quantity, unit) of the axis where the file does not state them, for
        example ("energy", "eV").
    progress
        Called with (files read, files in all).
    text
        Dialect of text curves.

    Returns
    -------
    Dataset
        With the numeric type of the file where it is uint16, float32 or
        float64; every other real type becomes the smallest of these that holds
        it. A strictly decreasing axis is reversed together with its spectra;
        `provenance["changes"]` states it.

    Raises
    ------
    DataFileError
        Names file, line or dataset, what is wrong and the remedy. NaN and Inf
        are rejected.
    """
    if is_run(path):
        return read_run(path, labels=labels, progress=progress)
    path = Path(path)
    # nothing that a file holds may end in a traceback
    with refusals(path, "copy it again"):
        return _read(path, labels, axis, progress, text)


def _read(path: Path, labels: AnyPath | None, axis: QuantityUnit | None,
          progress: Callable[[int, int], None] | None,
          text: TextOptions | None) -> Dataset:
    if is_pattern(path) or path.is_dir():
        return read_curves(path, labels, axis, progress, text)
    if not os.path.lexists(path):
        raise DataFileError(f"{path}: there is no such file or folder")
    need_file(path)
    suffix, head = path.suffix.lower(), head_of(path)
    if suffix in HDF5_SUFFIXES or head.startswith(HDF5_MAGIC):
        from .spectra.nexus import read_nexus
        _no_text_options(path, text)
        if not head.startswith(HDF5_MAGIC):
            refuse_others(path, head)
        return read_nexus(path, labels, axis)
    if suffix == ".npz":
        _no_text_options(path, text)
        return read_npz(path, labels, axis)
    refuse_others(path, head)
    if suffix not in SUFFIXES and format_of(head) is None and is_binary(head):
        raise DataFileError(f"{path}: files ending in {suffix or 'nothing'} "
                            f"are not known; expected {KINDS}")
    return read_curve_file(path, labels, axis, text)


def _no_text_options(path: Path, text: TextOptions | None) -> None:
    if text not in (None, TextOptions()):
        raise DataFileError(f"{path}: --columns and --decimal are for text "
                            "curves")


def checksum(path: AnyPath) -> str:
    """SHA-256 of a data file, or of the curves of a folder or pattern.

    The value of a folder depends on the names and contents of its curves, and
    on nothing else in it.
    """
    path = Path(path)
    if not (is_pattern(path) or path.is_dir()):
        return file_sha256(path)
    curves = curve_files(path)
    return combined_sha256({
        name: file_sha256(file)
        for name, file in zip(names_of(path, curves), curves, strict=True)})


def inputs_of(path: AnyPath) -> list[Path]:
    """The files that `read` would open for a path, as far as names tell."""
    found = run_path(path)
    if is_pattern(found):
        return curve_files(found)
    if not found.is_dir():
        return [found]
    return [file for file in (*found.iterdir(), *found.glob("*/*"))
            if file.suffix.lower() in SUFFIXES
            or file.name.lower() in LABEL_FILES or file.match(PATTERN)]
