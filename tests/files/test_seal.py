"""A byte that has changed since we wrote a file is never read as data."""
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import DataFileError, SpectraError
from spectra_classifier.files import captures
from spectra_classifier.files.dark import read_dark
from spectra_classifier.files.results.checkpoint import Checkpoint
from spectra_classifier.files.results.columns import (
    Chunk,
    of_result,
    of_train,
)
from spectra_classifier.files.results.sequence import read_sequence
from spectra_classifier.files.results.summary import summarise
from spectra_classifier.files.snapshots.reading import open_snapshot
from tests.faults.writers import write_dark_file, write_snapshot
from tests.files.on_purpose import changed
from tests.files.results.test_writer import result
from tests.files.results.test_writer import writer as result_writer
from tests.files.test_captures import AXIS, take


def write_spectra(path):
    files.write_dataset(path, Dataset(
        Axis(np.linspace(1, 2, 20), "energy", "eV"),
        np.random.default_rng(0).random((9, 20)).astype(np.float32),
        np.arange(9) % 2, ("bcc", "hcp"), np.arange(9) // 3))


def write_result(path):
    with result_writer(path) as out:
        out.append(result(1, 30))


def write_chunk(path):
    with Checkpoint(path.with_name("result.h5"), {}) as parts:
        parts.write(0, Chunk(of_result(result(1, 9), np.arange(9)),
                             of_train(1, 9, 0)))
        (parts.folder / "chunk-000000.h5").rename(path)


def read_chunk(path):
    with Checkpoint(path.with_name("result.h5"), {}) as parts:
        shutil.copy(path, parts.folder / "chunk-000000.h5")
        return parts.read(0)


def write_capture(path):
    folder = path.parent / "captures"
    folder.mkdir()
    take(folder, 1, "solid", trains=1)
    shutil.copy(folder / "0001_solid" / "train_00001.h5", path)


def read_capture(path):
    folder = path.parent / "captures"
    shutil.copy(path, folder / "0001_solid" / "train_00001.h5")
    found, problems = captures.find_captures(folder)
    if problems:
        raise DataFileError(problems[0])
    return captures.load_captures(folder, found, AXIS, 100)


def read_snapshot(path):
    with open_snapshot(path) as snapshot:
        return list(snapshot.trains())


#: name: (write, read, ...)
KINDS = {
    "spectra.h5": (write_spectra, files.read),
    "spectra.npz": (write_spectra, files.read),
    "result.h5": (write_result, read_sequence, summarise),
    "event0.h5": (lambda path: write_snapshot(path.parent, 0),
                  read_snapshot),
    "dark.npz": (lambda path: write_dark_file(path.parent, 0), read_dark),
    "chunk.h5": (write_chunk, read_chunk),
    "train.h5": (write_capture, read_capture),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """{name: (path, content)} of files that can be read."""
    found = {}
    for name, (write, *readers) in KINDS.items():
        path = tmp_path_factory.mktemp(name.partition(".")[0]) / name
        write(path)
        for read in readers:
            read(path)
        found[name] = path, path.read_bytes()
    return found


@given(name=st.sampled_from(sorted(KINDS)), place=st.floats(
    0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=300, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(name="spectra.h5", place=1 - 1e-9, bit=0)
@example(name="spectra.npz", place=0., bit=7)
def test_a_flipped_bit_is_refused_wherever_it_is(written, name, place, bit):
    path, whole = written[name]
    spoiled = bytearray(whole)
    spoiled[int(place * len(whole))] ^= 1 << bit
    path.write_bytes(spoiled)
    for read in KINDS[name][1:]:
        with pytest.raises(SpectraError, match=str(path.parent)):
            read(path)
    path.write_bytes(whole)


@given(name=st.sampled_from(sorted(KINDS)), keep=st.floats(
    0, 1, exclude_max=True))
@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_part_of_a_file_is_refused(written, name, keep):
    path, whole = written[name]
    path.write_bytes(whole[:int(keep * len(whole))])
    for read in KINDS[name][1:]:
        with pytest.raises(SpectraError, match=str(path.parent)):
            read(path)
    path.write_bytes(whole)


def test_who_changes_a_file_on_purpose_says_so(tmp_path):
    path = tmp_path / "spectra.h5"
    write_spectra(path)
    with changed(path) as file:
        file["entry/title"][()] = "mine"
    assert len(files.read(path)) == 9
