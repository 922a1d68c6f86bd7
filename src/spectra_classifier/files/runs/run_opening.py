"""A run opened through EXtra-data: its source, keys and files."""
import os
from contextlib import contextmanager
from functools import lru_cache

import h5py
import numpy as np

from ...errors import DataFileError, InputError, SpectraError
from ..hdf5 import load_filters
from ..hdf5.virtual_datasets import missing_rows

#: file names that the data acquisition gives
PATTERN = "*-R[0-9]*-*-S[0-9]*.h5"
#: arrays beside the spectra, by the names that `core.frames` takes
_BESIDE = {"gain": "gain", "frame_number": "frameNumber",
           "pulse_id": "bunchId", "mask": "mask"}
PER_STRIP = ("gain", "mask")
#: what karabo-hdf5writer calls its acquisition library
_WRITER = "42.0.0"


def open_run(path):
    """(run, number of suspect trains that had to be left out)."""
    try:
        import extra_data
    except ModuleNotFoundError as error:
        raise DataFileError(
            f"{path}: runs are read with EXtra-data, and {error.name} is not "
            "installed: install spectra_classifier[offline]") from None
    load_filters()
    if path.is_dir():
        def opened(**options):
            # in this process: workers of a cluster may not start others
            return extra_data.RunDirectory(str(path), parallelize=False,
                                           **options)
    elif path.is_file():
        def opened(**options):
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


def unreadable(path, run):
    """Names of files of the run that EXtra-data had to pass over."""
    if not path.is_dir():
        return []
    opened = {os.path.basename(file.filename) for file in run.files}
    there = {file.name for file in path.glob(PATTERN)}
    # an overview file stands for all of them
    return sorted(there - opened) if there & opened else []


def only_source(path, run, key):
    """The one source that has the key, or `DataFileError` naming them."""
    have = sorted(name for name in run.instrument_sources
                  if key in keys_of_source(run, name))
    if len(have) == 1:
        return have[0]
    known = ", ".join(have or sorted(run.instrument_sources)) or "none"
    raise DataFileError(
        f"{path}: {len(have)} sources have {key}; name one with --source, "
        f"and another key with --key; sources are {known}")


def keys_of_source(run, name):
    """Keys that were written of a source; none may be."""
    try:
        return run.keys_for_source(name)
    except KeyError:      # named by the file, but nothing of it was written
        return ()


def keys_of(path, run, source, options):
    """{name: KeyData} of the spectra and of what stands beside them."""
    if source not in run.all_sources:
        raise DataFileError(
            f"{path}: has no source {source}; its sources are "
            f"{', '.join(sorted(run.all_sources)) or 'none'}")
    known = run.keys_for_source(source)
    if options.key not in known:
        raise DataFileError(f"{path}: {source} has no key {options.key}; its "
                            f"keys are {', '.join(sorted(known))}")
    group = options.key.rpartition(".")[0]
    names = {name: f"{group}.{last}" for name, last in _BESIDE.items()}
    names = {name: key for name, key in names.items()
             if key in known and key != options.key}
    if options.mask_key is not None:
        names.pop("mask", None)
        if options.mask_key:
            if options.mask_key not in known:
                raise DataFileError(f"{path}: {source} has no key "
                                    f"{options.mask_key} for the mask")
            names["mask"] = options.mask_key
    return {name: run[source, key] for name, key
            in ({"data": options.key} | names).items()}


def spectra_shape(path, key):
    """Shape of an entry, [channels] or [pulses, channels]."""
    shape = tuple(key.entry_shape)
    if len(shape) not in (1, 2) or key.dtype.kind not in "buif":
        raise DataFileError(
            f"{path}: {key.source} {key.key} holds {key.dtype} of shape "
            f"{shape} per entry; expected spectra, [channels] or [pulses, "
            "channels]")
    return shape


def counts_of(places, train_ids):
    """Number of entries of each train, int64; 0 where it has no place."""
    return np.array([stop - first for _, first, stop in (
        places.get(train_id, (None, 0, 0))
        for train_id in train_ids.tolist())], np.int64)


def places_of(key):
    """{train id: (file, first, stop)} of the trains that have data.

    `KeyData.train_from_id` finds the same, but looks through all trains of
    the run each time.
    """
    places = {}
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


def rows_of(key, file, first, stop):
    """The rows `first` to `stop` of a key in one file of a run.

    Raises `InputError` where the index names more rows than there are, or
    where the file that a virtual dataset takes them from is not there.
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
def _missing(filename, path):
    """`virtual.missing_rows` of a dataset, found once per process."""
    with h5py.File(filename, "r") as file:
        return tuple(missing_rows(file[path]))


def _empty_rows(file, key, firsts, counts):
    """Rows before the first train that hold nothing.

    karabo-hdf5writer starts every array of more than one number with one,
    which its index does not count. It names no version of its own but this.
    """
    library = file.metadata().get("daqLibrary")
    rows = len(file.file[key.hdf5_data_path])
    return int(library == _WRITER and len(firsts) > 0
               and rows == (firsts + counts).max() + 1)


def suspects_of(file):
    """Train ids that a file doubts.

    A file that doubts all of them has not judged any: karabo-hdf5writer
    leaves the flags at 0.
    """
    good = file.validity_flag
    return file.train_ids[~good].tolist() if good.any() else []


def metadata_of(run):
    """Numbers of proposal and run, as far as the files say them."""
    found = run.run_metadata()
    return {name: int(found[key]) for name, key in (
        ("proposal", "proposalNumber"), ("run", "runNumber")) if key in found}


@contextmanager
def explained(path):
    """Errors of EXtra-data, of files and of HDF5 as `DataFileError`."""
    try:
        yield
    except SpectraError:
        raise
    except Exception as error:    # EXtra-data raises Exception itself
        raise DataFileError(f"{path}: EXtra-data cannot read the run "
                            f"({error}); copy it again, or look at it with "
                            "extra-data-validate") from error
