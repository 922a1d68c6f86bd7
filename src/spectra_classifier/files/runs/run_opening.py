"""A run opened through EXtra-data: its source, keys and files."""
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ...core.preprocessing.source_layout import PRESETS
from ...errors import DataFileError, InputError, SpectraError
from ..hdf5 import load_filters
from ..hdf5.virtual_datasets import missing_rows

if TYPE_CHECKING:
    from extra_data import DataCollection, KeyData
    from extra_data.file_access import FileAccess

    from .runs import RunOptions

#: entries of a train: file, first row, row after the last
type Place = tuple[FileAccess, int, int]

#: file names that the data acquisition gives
PATTERN = "*-R[0-9]*-*-S[0-9]*.h5"
#: arrays that belong to the spectra, by the names of `raw_frames`
_BESIDE = {"gain": "gain", "frame_number": "frameNumber", "mask": "mask"}
PER_STRIP = ("gain", "mask")
#: what karabo-hdf5writer calls its acquisition library
_WRITER = "42.0.0"


def open_run(path: Path) -> tuple["DataCollection", int]:
    """Open a run.

    Returns
    -------
    run
    suspects
        Number of suspect trains that had to be left out.

    Raises
    ------
    DataFileError
        If there is no such run, or EXtra-data is not installed.
    """
    try:
        import extra_data
    except ModuleNotFoundError as error:
        raise DataFileError(
            f"{path}: runs are read with EXtra-data, and {error.name} is not "
            "installed: pip install EXtra-data hdf5plugin") from None
    load_filters()
    if path.is_dir():
        def opened(**options: bool) -> "DataCollection":
            # in this process: workers of a cluster may not start others
            return extra_data.RunDirectory(str(path), parallelize=False,
                                           **options)
    elif path.is_file():
        def opened(**options: bool) -> "DataCollection":
            return extra_data.H5File(str(path), **options)
    else:
        raise DataFileError(f"{path}: there is no such run; expected the "
                            "folder of its files, such as raw/r0001")
    try:
        return opened(), 0
    except ValueError:      # a suspect train has the id of another one
        run = opened(inc_suspect_trains=False)
        return run, sum(int((~file.validity_flag).sum())
                        for file in run.files)


def unreadable(path: Path, run: "DataCollection") -> list[str]:
    """Names of files of the run that EXtra-data could not open."""
    if not path.is_dir():
        return []
    opened = {os.path.basename(file.filename) for file in run.files}
    there = {file.name for file in path.glob(PATTERN)}
    # an overview file replaces all of them
    return sorted(there - opened) if there & opened else []


def only_source(path: Path, run: "DataCollection", key: str) -> str:
    """The one source that has the key.

    Raises
    ------
    DataFileError
        If there is none, or more than one.
    """
    have = sorted(name for name in run.instrument_sources
                  if key in keys_of_source(run, name))
    if len(have) == 1:
        return have[0]
    known = ", ".join(have or sorted(run.instrument_sources)) or "none"
    raise DataFileError(
        f"{path}: {len(have)} sources have {key}; name one with --source, "
        f"and another key with --key; sources are {known}")


def keys_of_source(run: "DataCollection", name: str) -> Collection[str]:
    """Keys that were written of a source; there may be none."""
    try:
        return run.keys_for_source(name)
    except KeyError:      # named by the file, but nothing of it was written
        return ()


def keys_of(path: Path, run: "DataCollection", source: str,
            options: "RunOptions") -> dict[str, "KeyData"]:
    """{name: key} of the spectra and of the arrays that belong to them.

    Raises
    ------
    DataFileError
        If the source or a key is missing.
    """
    if source not in run.all_sources:
        raise DataFileError(
            f"{path}: has no source {source}; its sources are "
            f"{', '.join(sorted(run.all_sources)) or 'none'}")
    known = run.keys_for_source(source)
    if options.key not in known:
        raise DataFileError(f"{path}: {source} has no key {options.key}; its "
                            f"keys are {', '.join(sorted(known))}")
    names = {name: key for name, key in _beside(options).items()
             if key in known and key != options.key}
    needed = {"mask": options.mask_key, "pulse_id": options.pulse_id_key}
    for name, key in needed.items():
        if key is None:
            continue
        names.pop(name, None)
        if key:
            if key not in known:
                raise DataFileError(f"{path}: {source} has no key {key} for "
                                    f"the {name.replace('_', ' ')}")
            names[name] = key
    return {name: run[source, key] for name, key
            in ({"data": options.key} | names).items()}


def _beside(options: "RunOptions") -> dict[str, str]:
    """{name: key} of the arrays that may be next to the spectra."""
    if options.preset:
        layout = PRESETS[options.preset]
        return {name: key for name in _BESIDE if (key := getattr(
            layout, name))}
    group = options.key.rpartition(".")[0]
    return {name: f"{group}.{last}" for name, last in _BESIDE.items()}


def spectra_shape(path: Path, key: "KeyData") -> tuple[int, ...]:
    """Shape of an entry, (channels,) or (pulses, channels).

    Raises
    ------
    DataFileError
        If the entries are no spectra.
    """
    shape = tuple(key.entry_shape)
    if len(shape) not in (1, 2) or key.dtype.kind not in "buif":
        raise DataFileError(
            f"{path}: {key.source} {key.key} holds {key.dtype} of shape "
            f"{shape} per entry; expected spectra, [channels] or [pulses, "
            "channels]")
    return shape


def counts_of(places: Mapping[int, Place],
              train_ids: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Number of entries of each train, (T,); 0 where it has no place."""
    return np.array([stop - first for _, first, stop in (
        places.get(train_id, (None, 0, 0))
        for train_id in train_ids.tolist())], np.int64)


def places_of(key: "KeyData") -> dict[int, Place]:
    """{train id: place} of the trains that have data.

    `KeyData.train_from_id` finds the same, but searches all trains of the run
    each time.
    """
    places: dict[int, Place] = {}
    for file in key.files:
        firsts, counts = file.get_index(key.source, key.index_group)
        known = counts > 0
        if not key.inc_suspect_trains:
            known &= file.validity_flag
        firsts = firsts + _empty_rows(file, key, firsts, counts)
        stops = firsts + counts
        for train_id, first, stop in zip(
                file.train_ids[known].tolist(), firsts[known].tolist(),
                stops[known].tolist(), strict=True):
            places.setdefault(train_id, (file, first, stop))
    return places


def rows_of(key: "KeyData", file: "FileAccess", first: int,
            stop: int) -> NDArray[Any]:
    """The rows `first` to `stop` of a key in one file of a run.

    Raises
    ------
    InputError
        If the index names more rows than there are, or the file that a virtual
        dataset takes them from is missing.
    """
    dataset = file.file[key.hdf5_data_path]
    if stop > len(dataset):
        raise InputError(f"the index names rows {first} to {stop - 1} of "
                         f"{key.key}, which has {len(dataset)}")
    if dataset.is_virtual:
        for begin, end, problem in _missing(file.filename,
                                            key.hdf5_data_path):
            if first < end and begin < stop:
                raise InputError(f"{key.key}: {problem}")
    return dataset[first:stop]


@lru_cache
def _missing(filename: str, path: str) -> tuple[tuple[int, int, str], ...]:
    """`virtual.missing_rows` of a dataset, found once per process."""
    with h5py.File(filename, "r") as file:
        return tuple(missing_rows(file[path]))


def _empty_rows(file: "FileAccess", key: "KeyData", firsts: NDArray[np.uint64],
                counts: NDArray[np.uint64]) -> int:
    """Rows before the first train that hold nothing.

    karabo-hdf5writer starts every array of more than one number with one,
    which its index does not count. It names no version of its own but this.
    """
    library = file.metadata().get("daqLibrary")
    rows = len(file.file[key.hdf5_data_path])
    return int(library == _WRITER and len(firsts) > 0
               and rows == (firsts + counts).max() + 1)


def suspects_of(file: "FileAccess") -> list[int]:
    """Train ids that a file marks as suspect.

    A file that marks all of them has not judged any: karabo-hdf5writer leaves
    the flags at 0.
    """
    good = file.validity_flag
    return file.train_ids[~good].tolist() if good.any() else []


def metadata_of(run: "DataCollection") -> dict[str, int]:
    """Numbers of proposal and run, as far as the files state them."""
    found = run.run_metadata()
    return {name: int(found[key]) for name, key in (
        ("proposal", "proposalNumber"), ("run", "runNumber")) if key in found}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of EXtra-data, of files and of HDF5 into `DataFileError`."""
    try:
        yield
    except SpectraError:
        raise
    except Exception as error:    # EXtra-data raises Exception itself
        raise DataFileError(f"{path}: EXtra-data cannot read the run "
                            f"({error}); copy it again, or look at it with "
                            "extra-data-validate") from error
