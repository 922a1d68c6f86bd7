"""numpy archives in and out."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from spectra_classifier import files
from spectra_classifier.errors import DataFileError
from spectra_classifier.files.spectra.assembly import exact_type

X = np.linspace(1, 2, 7)
Y = np.arange(21, dtype=np.float32).reshape(3, 7)


@pytest.fixture
def archive(tmp_path):
    def save(**arrays):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        return path
    return save


def test_labels_names_groups_and_unit(archive):
    data = files.read(archive(
        x=X, Y=Y, labels=[1, 0, 1], class_names=["cold", "hot"],
        groups=[4, 4, 9], quantity="energy", unit="eV", T=[1., 2., 3.]))
    assert data.classes == ("cold", "hot")
    np.testing.assert_array_equal(data.labels, [1, 0, 1])
    np.testing.assert_array_equal(data.groups, [4, 4, 9])
    assert (data.axis.quantity, data.axis.unit) == ("energy", "eV")
    assert data.provenance["sha256"] == files.checksum(
        data.provenance["path"])


def test_channel_numbers_are_channels(archive):
    data = files.read(archive(x=np.arange(7), Y=Y))
    assert data.axis.quantity == "channel"
    assert data.labels is None
    assert files.read(archive(x=X, Y=Y)).axis.quantity == "unknown"


def test_decreasing_axis_is_reversed(archive):
    data = files.read(archive(x=X[::-1], Y=Y))
    np.testing.assert_array_equal(data.axis.values, X)
    np.testing.assert_array_equal(data.spectra, Y[:, ::-1])
    assert len(data.provenance["changes"]) == 1


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_type_is_kept(archive, dtype):
    data = files.read(archive(x=X, Y=Y.astype(dtype)))
    assert data.spectra.dtype == dtype
    np.testing.assert_array_equal(data.spectra, Y)


@given(hnp.arrays(st.sampled_from(["?", "u1", "i1", "i2", "f2", "i4", "u4",
                                   ">u2", ">f4", ">f8"]), (2, 3)))
def test_other_types_change_no_value(values):
    exact = exact_type(values, "Y")
    assert exact.dtype in (np.uint16, np.float32, np.float64)
    assert exact.dtype.isnative
    np.testing.assert_array_equal(exact, values)


def test_integers_too_long_for_float64_are_refused():
    assert exact_type(np.array([2**53]), "Y").dtype == np.float64
    with pytest.raises(DataFileError, match="more digits"):
        exact_type(np.array([2**53 + 1]), "Y")


def with_nan():
    bad = Y.copy()
    bad[1, 4] = np.nan
    return bad


BAD_ARCHIVES = [
    (dict(Y=Y), "has no array x, only Y"),
    (dict(x=X), "has no array Y, only x"),
    (dict(x=X, Y=Y.T), "shape (7, 3) and x (7,)"),
    (dict(x=X, Y=Y.T), "transpose Y"),
    (dict(x=X, Y=Y[0]), "shape (7,)"),
    (dict(x=X, Y=Y[:0]), "holds no spectra"),
    (dict(x=X, Y=with_nan()), "Y, spectrum 1, channel 4: the value is nan"),
    (dict(x=X, Y=Y + 1j), "Y: holds complex"),
    (dict(x=X, Y=np.full((3, 7), "a")), "Y: holds <U1"),
    (dict(x=X[[0, 1, 1, 2, 3, 4, 5]], Y=Y), "x: axis values 1 and 2"),
    (dict(x=np.where(X > 1.5, np.nan, X), Y=Y), "axis value 4 is nan"),
    (dict(x=X, Y=Y, labels=[0, 1]), "labels: 2 labels"),
    (dict(x=X, Y=Y, labels=[0, 1, 2], class_names=["a", "b"]),
     "label 2 is 2"),
    (dict(x=X, Y=Y, groups=[0, 1]), "groups: shape (2,)"),
    (dict(x=X, Y=Y, groups=[0., 1., 2.]), "groups: shape (3,), type float"),
]


def test_bad_archive_says_what_and_where(subtests, archive):
    for arrays, message in BAD_ARCHIVES:
        with subtests.test(message=message):
            path = archive(**arrays)
            with pytest.raises(DataFileError) as caught:
                files.read(path)
            assert str(path) in str(caught.value)
            assert message in str(caught.value)


def test_objects_are_never_loaded(tmp_path):
    path = tmp_path / "evil.npz"
    np.savez(path, allow_pickle=True, x=X,
             Y=np.array([{"a": 1}, None], object))
    with pytest.raises(DataFileError, match="Y holds Python objects"):
        files.read(path)


def test_archive_that_is_none(tmp_path, archive):
    path = archive(x=X, Y=np.tile(Y, (100, 1)))
    whole = path.read_bytes()
    path.write_bytes(whole[:len(whole) // 2])
    with pytest.raises(DataFileError, match=r"not an \.npz archive or is cut"):
        files.read(path)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + b"####" + whole[middle + 4:])
    with pytest.raises(DataFileError, match=r"cannot be read .*copy it again"):
        files.read(path)


def test_label_file_replaces_labels(tmp_path, archive):
    labels = tmp_path / "labels.txt"
    labels.write_text("warm\ncold\nwarm\n")
    data = files.read(archive(x=X, Y=Y, labels=[0, 1, 2]), labels=labels)
    assert data.classes == ("cold", "warm")
    np.testing.assert_array_equal(data.labels, [1, 0, 1])


def test_everything_may_be_left_out_but_not_all(tmp_path, archive):
    labels = tmp_path / "labels.txt"
    labels.write_text("-\n-\n-\n")
    with pytest.raises(DataFileError, match="leaves every spectrum out"):
        files.read(archive(x=X, Y=Y), labels=labels)
