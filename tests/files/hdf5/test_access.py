"""HDF5 files on a disk that is full, and damaged ones."""
import resource
from contextlib import contextmanager

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import DataFileError
from spectra_classifier.files.hdf5 import access, created
from spectra_classifier.files.results.sequence import read_sequence
from spectra_classifier.files.results.summary import summarise
from spectra_classifier.files.snapshots.reading import open_snapshot
from tests.files.results.test_writer import result, writer

DATASET = Dataset(Axis(np.linspace(1, 2, 64), "energy", "eV"),
                  np.random.default_rng(0).random((40, 64)),
                  np.arange(40) % 2, ("a", "b"))


@contextmanager
def files_of_at_most(size):
    """As a full disk does it: writing behind `size` bytes fails."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def write_spectra(path):
    files.write_dataset(path, DATASET)


def write_codes(path):
    with writer(path) as out:
        for train in range(3):
            out.append(result(train + 1, 500))


def write_archive(path):
    files.write_dataset(path.with_suffix(".npz"), DATASET)


@pytest.mark.parametrize("write", [write_spectra, write_codes,
                                   write_archive])
@settings(deadline=None, max_examples=40)
@given(share=st.floats(0, 0.98))
def test_a_full_disk_leaves_the_old_file(tmp_path_factory, write, share):
    folder = tmp_path_factory.mktemp("full")
    write(folder / "file.h5")
    path, = folder.iterdir()
    before = path.read_bytes()
    with files_of_at_most(int(share * len(before))), \
            pytest.raises(OSError, match="File too large") as caught:
        write(folder / "file.h5")
    assert caught.value.filename == str(path)
    assert list(folder.iterdir()) == [path]
    assert path.read_bytes() == before


def test_what_could_not_be_written_can_be_read_back_until_the_end(tmp_path):
    with pytest.raises(OSError, match="too large"), \
            created(tmp_path / "a.h5") as file:
        with files_of_at_most(4096):
            for number in range(300):     # more than the metadata cache holds
                file[f"group{number}/x"] = np.arange(10)
        assert file["group299/x"][9] == 9


CRASH = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
LOOP = "while True: pass"
HANG = "import time; time.sleep(600)"
READERS = {"spectra": files.read, "sequence": read_sequence,
           "summary": summarise,
           "snapshot": lambda path: open_snapshot(path).__enter__()}


@pytest.mark.parametrize(("probe", "words"), [
    (CRASH, r"crashes \(signal 11"), (HANG, "does not end within 2 s when"),
    (LOOP, "does not end within 1 s of computing")])
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_survives_a_file_over_which_hdf5_does_not(
        tmp_path, monkeypatch, reader, probe, words):
    """It is opened in a process of its own first, which really dies."""
    write_spectra(tmp_path / "a.h5")
    monkeypatch.setattr(access, "_PROBE", probe)
    monkeypatch.setattr(access, "_COMPUTING", 1)
    if probe is HANG:
        monkeypatch.setattr(access, "_PATIENCE", 2)
    with pytest.raises(DataFileError, match=words):
        READERS[reader](tmp_path / "a.h5")


def test_a_sound_file_is_probed_once_and_again_when_it_changes(
        tmp_path, monkeypatch):
    path = tmp_path / "a.h5"
    write_spectra(path)
    files.read(path)
    monkeypatch.setattr(access, "_PROBE", CRASH)
    files.read(path)
    write_spectra(path)
    with pytest.raises(DataFileError, match="crashes"):
        files.read(path)


def test_what_is_no_hdf5_is_for_the_reader_to_explain(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(b"anything")
    access.need_sound(path)
    with pytest.raises(DataFileError, match="not HDF5"):
        files.read(path)


def test_a_filter_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(8.)
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_chunk((4, 8))
        layout.set_filter(32999, h5py.h5z.FLAG_OPTIONAL, ())
        h5py.h5d.create(file.id, b"Y", h5py.h5t.IEEE_F32LE,
                        h5py.h5s.create_simple((4, 8)), layout)
    with pytest.raises(DataFileError, match=r"filter 32999.*hdf5plugin"):
        files.read(path)


def test_filters_of_detectors_are_read(subtests, tmp_path):
    import hdf5plugin

    values = np.arange(4 * 64, dtype=np.uint16).reshape(4, 64)
    for name in "Bitshuffle", "Blosc", "LZ4", "Zstd":
        with subtests.test(name=name):
            with h5py.File(tmp_path / f"{name}.h5", "w") as file:
                file["x"] = np.arange(64.)
                file.create_dataset("Y", data=values,
                                    **getattr(hdf5plugin, name)())
            data = files.read(tmp_path / f"{name}.h5")
            np.testing.assert_array_equal(data.spectra, values)


@pytest.mark.parametrize("name", ["intensity", "energy", "labels"])
def test_values_that_changed_on_disk_are_refused(tmp_path, name):
    path = tmp_path / "a.h5"
    files.write_dataset(path, DATASET)
    files.read(path)
    with h5py.File(path, "r+") as file:
        values = file[f"entry/data/{name}"]
        values[-1] = values[-2]
    with pytest.raises(DataFileError, match=r"not what was written|increase"):
        files.read(path)
