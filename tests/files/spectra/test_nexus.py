"""NeXus and HDF5 files that others wrote."""
import h5py
import numpy as np
import pytest

from spectra_classifier import files
from spectra_classifier.errors import DataFileError

X = np.linspace(7000., 7100., 6)
Y = np.arange(24, dtype=np.uint16).reshape(4, 6)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data.nxs"


def nexus(path, *, default=True, signal="counts", axes=(".", "energy"),
          x=X, y=Y, names=("data",), **beside):
    with h5py.File(path, "w") as file:
        entry = file.create_group("scan")
        entry.attrs["NX_class"] = "NXentry"
        for name in names:
            data = entry.create_group(name)
            data.attrs["NX_class"] = "NXdata"
            if signal:
                data.attrs["signal"] = signal
            if axes:
                data.attrs["axes"] = axes
            data["counts"] = y
            data["energy"] = x
            data["energy"].attrs["units"] = "eV"
            for key, values in beside.items():
                data[key] = values
        if default:
            file.attrs["default"] = "scan"
            entry.attrs["default"] = names[0]
    return path


def test_the_chain_of_defaults_is_followed(path):
    data = files.read(nexus(path, names=("b", "a")))
    np.testing.assert_array_equal(data.spectra, Y)
    assert data.spectra.dtype == np.uint16
    np.testing.assert_array_equal(data.axis.values, X)
    assert (data.axis.quantity, data.axis.unit) == ("energy", "eV")
    assert data.provenance["dataset"] == "/scan/b/counts"


def test_a_single_nxdata_needs_no_default(path):
    assert len(files.read(nexus(path, default=False))) == 4


def test_two_without_a_default_are_a_question(path):
    nexus(path, default=False, names=("a", "b"))
    with pytest.raises(DataFileError, match=r"/scan/a, /scan/b.*default"):
        files.read(path)


def test_labels_in_words_and_captures(path):
    data = files.read(nexus(path, labels=["b", "a", "a", "b"],
                            groups=[1, 1, 2, 2]))
    assert data.classes == ("a", "b")
    np.testing.assert_array_equal(data.labels, [1, 0, 0, 1])
    np.testing.assert_array_equal(data.groups, [1, 1, 2, 2])


def test_labels_in_the_entry(path):
    nexus(path)
    with h5py.File(path, "a") as file:
        file["scan/labels"] = [0, 1, 1, 0]
        file["scan/class_names"] = ["lo", "hi"]
    assert files.read(path).classes == ("lo", "hi")


def test_old_signal_on_the_dataset(path):
    nexus(path, signal=None, axes=None)
    with h5py.File(path, "a") as file:
        file["scan/data/counts"].attrs["signal"] = 1
        file["scan/data/counts"].attrs["axes"] = np.bytes_(b"[.,energy]")
    np.testing.assert_array_equal(files.read(path).axis.values, X)


def test_a_lone_axis_says_where_it_belongs(path):
    nexus(path, axes="energy")
    with h5py.File(path, "a") as file:
        file["scan/data"].attrs["energy_indices"] = [1]
    np.testing.assert_array_equal(files.read(path).axis.values, X)


def test_without_axes_channels_count(path):
    nexus(path, axes=None)
    with h5py.File(path, "a") as file:
        del file["scan/data/energy"]
    assert files.read(path).axis.quantity == "channel"


def test_edges_become_centres(path):
    data = files.read(nexus(path, x=np.arange(7.)))
    np.testing.assert_array_equal(data.axis.values, np.arange(6) + 0.5)


def test_decreasing_axis_is_reversed(path):
    data = files.read(nexus(path, x=X[::-1]))
    np.testing.assert_array_equal(data.axis.values, X)
    np.testing.assert_array_equal(data.spectra, Y[:, ::-1])
    assert "/scan/data/energy" in data.provenance["changes"][0]


def test_one_spectrum_without_a_second_dimension(path):
    data = files.read(nexus(path, y=Y[0], axes="energy"))
    assert data.spectra.shape == (1, 6)


def test_plain_hdf5_is_read_like_npz(path):
    with h5py.File(path, "w") as file:
        file["x"], file["Y"], file["labels"] = X, Y, [0, 1, 0, 1]
    data = files.read(path)
    np.testing.assert_array_equal(data.spectra, Y)
    np.testing.assert_array_equal(data.labels, [0, 1, 0, 1])


BAD_FILES = [
    (dict(signal="gone"), "names 'gone', which is not a dataset"),
    (dict(signal=None), "/scan/data has no attribute signal"),
    (dict(axes=(".", "gone")), "names 'gone', which is not a dataset"),
    (dict(x=X[:-1]), "/scan/data/energy: has shape (5,) for 6 channels"),
    (dict(x=np.tile(X, (4, 1))), "/scan/data/energy: has shape (4, 6)"),
    (dict(x=X[[0, 2, 1, 3, 4, 5]]), "/scan/data/energy: axis values 1 and"),
    (dict(y=Y[:0]), "holds no spectra"),
    (dict(y=Y.reshape(2, 2, 6)), "has shape (2, 2, 6)"),
    (dict(y=np.where(Y == 9, np.inf, Y)),
     "/scan/data/counts, spectrum 1, channel 3: the value is inf"),
    (dict(y=np.full((4, 6), "a", h5py.string_dtype())),
     "expected real numbers"),
    (dict(labels=[0, 1]), "/scan/data/labels: 2 labels"),
    (dict(groups=[0, 1]), "/scan/data/groups: shape (2,)")]


def test_bad_file_names_the_dataset(subtests, path):
    for options, message in BAD_FILES:
        with subtests.test(message=message):
            nexus(path, **options)
            with pytest.raises(DataFileError) as caught:
                files.read(path)
            assert str(path) in str(caught.value)
            assert message in str(caught.value)


def test_default_into_nowhere(path):
    nexus(path)
    with h5py.File(path, "a") as file:
        file["scan"].attrs["default"] = "gone"
    with pytest.raises(DataFileError, match=r"default of /scan .*'gone'"):
        files.read(path)


def test_defaults_in_a_circle_end(path):
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "a"
        file.create_group("a").attrs["default"] = "/"
    with pytest.raises(DataFileError, match="no NXdata"):
        files.read(path)


def test_hdf5_without_spectra(path):
    with h5py.File(path, "w") as file:
        file["other"] = 1
    with pytest.raises(DataFileError, match="only other"):
        files.read(path)


def test_group_where_labels_should_be(path):
    nexus(path)
    with h5py.File(path, "a") as file:
        file.create_group("scan/data/labels")
    with pytest.raises(DataFileError, match="labels is a group"):
        files.read(path)


@pytest.mark.parametrize("keep", [0, 100, 2000])
def test_truncated_file(path, keep):
    nexus(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataFileError, match=r"cannot be read .*copy it again"):
        files.read(path)


def test_file_of_a_run(path):
    with h5py.File(path, "w") as file:
        file.create_group("INDEX")
        file.create_group("METADATA")
    with pytest.raises(DataFileError, match="European XFEL run"):
        files.read(path)
