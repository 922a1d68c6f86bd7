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
    read_curve_file,
    read_folder,
)
from .spectra.delimited import TextOptions
from .spectra.npz import read_npz

HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf", ".nxs", ".nx", ".nx5", ".cxi")
KINDS = ("a NeXus/HDF5 file (.h5, .nxs), a folder of .xy or .xye files, "
         "one .xy or .xye file, or an .npz file with x and Y")


def read(path: AnyPath, labels: AnyPath | None = None,
         axis: QuantityUnit | None = None,
         progress: Callable[[int, int], None] | None = None,
         text: TextOptions | None = None) -> Dataset:
    """Read the spectra of a file or a folder.

    Parameters
    ----------
    path
        NeXus/HDF5 file, folder of .xy or .xye files, one such file, .npz file,
        or a run as `run:PATH` (`run_dataset.read_run` has more options).
    labels
        Label file that replaces the labels of `path`; None for those of the
        file, or of `labels.csv` or `labels.txt` in the folder.
    axis
        (quantity, unit) of the axis where the file does not state them, for
        example ("energy", "eV").
    progress
        Called with (files read, files in all).
    text
        Dialect of .xy and .xye files.

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
    if not os.path.lexists(path):
        raise DataFileError(f"{path}: there is no such file or folder")
    suffix = path.suffix.lower()
    if text not in (None, TextOptions()) and not (
            path.is_dir() or suffix in SUFFIXES):
        raise DataFileError(f"{path}: --columns and --decimal are for .xy "
                            "and .xye files")
    if path.is_dir():
        return read_folder(path, labels, axis, progress, text)
    need_file(path)
    if suffix == ".npz":
        return read_npz(path, labels, axis)
    if suffix in SUFFIXES:
        return read_curve_file(path, labels, axis, text)
    if suffix in HDF5_SUFFIXES:
        from .spectra.nexus import read_nexus
        return read_nexus(path, labels, axis)
    raise DataFileError(f"{path}: files ending in {suffix or 'nothing'} are "
                        f"not known; expected {KINDS}")


def checksum(path: AnyPath) -> str:
    """SHA-256 of a data file, or of the curves of a folder.

    The value of a folder depends on the names and contents of its .xy or .xye
    files, and on nothing else in it.
    """
    path = Path(path)
    if not path.is_dir():
        return file_sha256(path)
    return combined_sha256({file.name: file_sha256(file)
                            for file in curve_files(path)})


def inputs_of(path: AnyPath) -> list[Path]:
    """The files that `read` would open for a path, as far as names tell."""
    found = run_path(path)
    if not found.is_dir():
        return [found]
    return [file for file in found.iterdir()
            if file.suffix.lower() in SUFFIXES
            or file.name.lower() in LABEL_FILES or file.match(PATTERN)]
