"""The dark on disk."""
import numpy as np
import pytest

from spectra_classifier.errors import ConfigurationError, DataFileError
from spectra_classifier.files.dark import (
    MAX_BYTES,
    StoredDark,
    dark_path,
    read_dark,
    write_dark,
)

DARK = StoredDark(np.arange(9, dtype=np.float32), 1.7e9, 5, 2, 40)


def test_it_comes_back(tmp_path):
    path = tmp_path / "new folder" / "dark.npz"
    write_dark(path, DARK)
    found = read_dark(path)
    np.testing.assert_array_equal(found.mean, DARK.mean)
    assert (found.created, found.train_id, found.trains, found.frames) == (
        1.7e9, 5, 2, 40)
    assert found.is_in_force(DARK.mean.tolist())
    assert not found.is_in_force([])
    assert not found.is_in_force([1.] * 9)
    assert [item.name for item in path.parent.iterdir()] == ["dark.npz"]


def test_no_file_is_no_dark(tmp_path):
    assert read_dark(tmp_path / "none.npz") is None


NO_DARKS = [
    b"", b"not a zip", b"\x80\x04pickle", b"0" * (MAX_BYTES + 1)]


def test_what_is_no_dark_is_refused(subtests, tmp_path):
    for content in NO_DARKS:
        with subtests.test(content=content[:9]):
            path = tmp_path / "dark.npz"
            path.write_bytes(content)
            with pytest.raises(DataFileError, match="dark"):
                read_dark(path)


def test_a_dark_of_two_kinds_of_cells(tmp_path):
    path = tmp_path / "dark.npz"
    rows = np.arange(18, dtype=np.float32).reshape(2, 9)
    write_dark(path, StoredDark(rows, 1.7e9, 5, 2, 40))
    found = read_dark(path)
    np.testing.assert_array_equal(found.mean, rows)
    # the property holds one row behind the other
    assert found.is_in_force(rows.ravel().tolist())
    assert not found.is_in_force(rows[0].tolist())


NO_DARK_ARRAYS = [
    {}, {"mean": np.array([np.nan])}, {"mean": np.zeros((3, 2))},
    {"mean": np.full((2, 2), np.inf)}, {"mean": np.zeros((2, 2, 2))},
    {"mean": np.array([None, {}], object)}]


def test_arrays_that_are_no_dark_are_refused(subtests, tmp_path):
    for arrays in NO_DARK_ARRAYS:
        with subtests.test(arrays=repr(arrays)):
            path = tmp_path / "dark.npz"
            rest = {"created": 1., "train_id": 1, "trains": 1, "frames": 20}
            np.savez(path, **arrays, **(rest if arrays else {}))
            with pytest.raises(DataFileError):
                read_dark(path)


def test_where_it_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("KARABO", str(tmp_path))
    assert dark_path("", "SPB/CLASSIFIER/1") == (
        tmp_path / "var/data/spectra_classifier"
        / "dark_SPB+CLASSIFIER+1~3ff7.npz")
    assert dark_path("/data/dark.npz", "x").name == "dark.npz"


@pytest.mark.parametrize("path", ["dark.npz", "/data/dark", "/a\0/b.npz"])
def test_a_path_that_is_none(path):
    with pytest.raises(ConfigurationError, match=r"dark\.path"):
        dark_path(path, "x")
