"""Data sets out, and back again."""
import os
from itertools import product

import h5py
import numpy as np
import pytest
from nexusformat.nexus import NXdata, nxload

from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import DataFileError
from spectra_classifier.files.atomic import replaced


def dataset(dtype=np.float32, labels=True):
    noise = np.random.default_rng(3)
    return Dataset(
        Axis(np.linspace(9.5, 25.5, 40), "two_theta", "deg"),
        (noise.random((6, 40)) * 1000).astype(dtype),
        np.array([0, 1, 2, 0, 1, 2]) if labels else None,
        ("bcc", "mixed", "hcp \u03b5") if labels else None,
        np.array([0, 0, 1, 1, 2, 2]) if labels else None,
        np.array([3, 5, 8, 9, 11, 20]), {"path": "a", "sha256": "0" * 64})


def test_round_trip_is_exact(subtests, tmp_path):
    for ending, dtype, labels in product(
            ["h5", "nxs", "npz"], ["u2", "f4", "f8"], [True, False]):
        with subtests.test(ending=ending, dtype=dtype, labels=labels):
            folder = tmp_path / f"{ending}-{dtype}-{labels}"
            folder.mkdir()
            data, path = dataset(dtype, labels), folder / f"out.{ending}"
            files.write_dataset(path, data)
            back = files.read(path)
            assert back.spectra.dtype == dtype
            np.testing.assert_array_equal(back.spectra, data.spectra)
            np.testing.assert_array_equal(back.axis.values, data.axis.values)
            assert back.axis.mismatch(data.axis) == ""
            assert back.classes == data.classes
            for name in "labels", "groups", "indices":
                np.testing.assert_array_equal(getattr(back, name),
                                              getattr(data, name))
            assert back.provenance["origin"] == data.provenance
            assert os.listdir(folder) == [path.name]


def test_a_nexus_reader_finds_the_plot(tmp_path):
    path = tmp_path / "out.h5"
    files.write_dataset(path, dataset())
    root = nxload(path)
    plot = root.get_default()
    assert isinstance(plot, NXdata)
    assert plot.nxsignal.nxname == "intensity"
    assert [axis.nxname for axis in plot.nxaxes] == ["index", "two_theta"]
    assert plot.nxaxes[1].attrs["units"] == "deg"
    assert plot.nxsignal.shape == (6, 40)


def test_an_axis_without_a_quantity_comes_back_without(tmp_path):
    data = dataset()
    plain = Dataset(Axis(data.axis.values, "unknown", "unknown"),
                    data.spectra)
    files.write_dataset(tmp_path / "out.h5", plain)
    assert files.read(tmp_path / "out.h5").axis.quantity == "unknown"


def test_who_wrote_it_stands_in_the_file(tmp_path):
    files.write_dataset(tmp_path / "out.h5", dataset())
    with h5py.File(tmp_path / "out.h5") as file:
        assert file.attrs["NX_class"] == "NXroot"
        assert file["entry/program_name"].asstr()[()] == "spectra_classifier"
        assert file["entry/program_name"].attrs["version"]


def test_unknown_ending_and_impossible_places(tmp_path):
    for path, message in ((tmp_path / "a.csv", "ending in .csv"),
                          (tmp_path / "no" / "a.h5", "does not exist"),
                          (tmp_path / "no" / "a.npz", "does not exist")):
        with pytest.raises(DataFileError, match=message):
            files.write_dataset(path, dataset())
    (tmp_path / "folder.h5").mkdir()
    with pytest.raises(DataFileError, match="is a folder"):
        files.write_dataset(tmp_path / "folder.h5", dataset())


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), replaced(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_colleagues_may_read_what_the_umask_allows(tmp_path):
    path = tmp_path / "out.h5"
    files.write_dataset(path, dataset())
    plain = tmp_path / "plain"
    plain.write_text("")
    assert path.stat().st_mode == plain.stat().st_mode
