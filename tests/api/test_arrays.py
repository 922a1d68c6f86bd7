"""Spectra and labels of any container: read equal, or refused."""
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spectra_classifier import Axis
from spectra_classifier.api.arrays import captures_of, given, labels_of
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.errors import InputError, SpectraError

#: real types, of both byte orders
REAL = ("?", "u1", ">u2", "u2", "i2", ">i4", "i8", "u8", "f2", ">f4", "f4",
        "f8", "g")
OTHER = ("c8", "c16", "U3", "S3", "M8[s]", "m8[s]", "O")
X = np.array([9000., 9001., 9003., 9004.])
Y = np.arange(12.).reshape(3, 4)

same = np.testing.assert_array_equal
numbers = st.sampled_from(REAL).flatmap(lambda dtype: arrays.arrays(
    dtype, st.tuples(st.integers(1, 4), st.integers(2, 5)),
    elements=arrays.from_dtype(np.dtype(dtype), allow_nan=True)
    if np.dtype(dtype).kind != "f" else st.floats(
        -1000, 1000, width=16) | st.just(np.nan)))


@settings(max_examples=200)
@hypothesis_given(numbers, st.sampled_from((
    "plain", "transposed", "strided", "reversed", "list", "object",
    "frame", "data array", "masked", "read-only")))
def test_equal_or_refused(values, form):
    """Whatever the type, the order in memory and the container."""
    shown = {
        "plain": lambda v: v, "transposed": lambda v: np.asfortranarray(v),
        "strided": lambda v: np.repeat(v, 2, axis=1)[:, ::2],
        "reversed": lambda v: v[::-1][::-1], "list": lambda v: v.tolist(),
        "object": lambda v: v.astype(object),
        "frame": lambda v: pd.DataFrame(v.astype(v.dtype.newbyteorder("="))),
        "data array": lambda v: xr.DataArray(v, dims=("n", "channel")),
        "masked": np.ma.masked_invalid if values.dtype.kind == "f"
        else np.ma.array, "read-only": lambda v: v}[form](values)
    if form == "read-only":
        values.flags.writeable = False
    try:
        found = given(shown)
    except SpectraError:
        # digits that float64 does not have
        assert (values.dtype.kind in "iu" and values.dtype.itemsize == 8) or (
            values.dtype.char == "g")
        return
    assert found.spectra.dtype in (np.uint16, np.float32, np.float64)
    same(found.spectra.astype(np.longdouble),
         np.asarray(values).astype(np.longdouble))
    assert found.axis is None


@settings(max_examples=60)
@hypothesis_given(st.sampled_from(OTHER).flatmap(lambda dtype: arrays.arrays(
    dtype, (2, 3)) if dtype != "O" else st.just(np.array(
        [[1., "2", 3.], [None, 1j, 2.]], object))))
def test_what_is_no_real_number_is_refused(values):
    with pytest.raises(SpectraError, match="real numbers"):
        given(values)


def test_other_shapes_are_refused(subtests):
    for spectra, said in (
            (np.ones((2, 3, 4)), "expected .spectra, channels"),
            (np.ones(()), "expected .spectra, channels"),
            (np.ones((0, 4)), "expected at least one"),
            ([], "expected at least one"),
            ([[1, 2], [1]], "different lengths"), ("abc", "shape"),
            ([[1, None]], "None"), (None, "None")):
        with subtests.test(spectra=repr(spectra)):
            with pytest.raises(InputError, match=said) as error:
                given(spectra)
            assert isinstance(error.value, ValueError)


def test_one_spectrum_is_one_spectrum():
    assert given([1, 2, 3]).spectra.shape == (1, 3)


def test_masked_values_are_not_a_number():
    found = given(np.ma.masked_equal(np.array([[1, 2], [3, 4]], "u2"), 3))
    same(found.spectra, [[1, 2], [np.nan, 4]])


def test_missing_values_of_pandas_are_not_a_number():
    frame = pd.DataFrame({"a": pd.array([1, None], "Int64"),
                          "b": pd.array([2, 3], "Float32")})
    same(given(frame).spectra, [[1, 2], [np.nan, 3]])


@pytest.mark.parametrize("columns, positions", [
    (X, X), (X.astype(str), X), (X[::-1], X), (list("abcd"), None),
    (range(4), None), ([True, False, 1, 2], None), ([1, "a", 2, 3], None)])
def test_headings_that_are_positions_are_the_axis(columns, positions):
    found = given(pd.DataFrame(Y, columns=list(columns),
                               index=["r1", "r2", "r3"]))
    assert found.index.tolist() == ["r1", "r2", "r3"]
    if positions is None:
        assert found.axis is None
        same(found.spectra, Y)
        return
    same(found.axis.values, positions)
    down = float(columns[0]) > float(columns[1])
    same(found.spectra, Y[:, ::-1] if down else Y)


def test_headings_out_of_order_are_refused():
    with pytest.raises(SpectraError, match=r"columns.*must increase"):
        given(pd.DataFrame(Y, columns=[1., 3., 2., 4.]))


def test_a_coordinate_is_the_axis_with_its_unit():
    array = xr.DataArray(Y, dims=("pulse", "energy"), coords={
        "energy": ("energy", X, {"units": "eV"}), "pulse": [4, 8, 9]})
    for each in array, array.transpose():
        found = given(each)
        assert found.axis.mismatch(Axis(X, "energy", "eV")) == ""
        same(found.spectra, Y)
        assert found.index.tolist() == [4, 8, 9]
        assert found.index_name == "pulse"
    assert given(array.drop_vars("energy")).axis is None
    with pytest.raises(InputError, match="expected two"):
        given(array.expand_dims("train"))


@pytest.mark.parametrize("axis, quantity", [
    (X, "unknown"), (X.tolist(), "unknown"), (pd.Index(X), "unknown"),
    (Axis(X, "energy", "eV"), "energy"), (np.arange(4), "channel"),
    (xr.DataArray(X, dims="energy", name="energy",
                  attrs={"units": "eV"}), "energy")])
def test_an_axis_of_any_container(axis, quantity):
    assert given(Y, axis).axis.quantity == quantity


def test_a_decreasing_axis_turns_the_spectra():
    found = given(Y, X[::-1])
    same(found.axis.values, X)
    same(found.spectra, Y[:, ::-1])


@pytest.mark.parametrize("axis, said", [
    (X[:3], "3 positions for spectra of 4"), (X[[0, 2, 1, 3]], "increase"),
    ([X], "one position per channel"), (list("abcd"), "one position"),
    ([1, 2, 3, np.nan], "finite"), ("energy:eV", "one position")])
def test_an_axis_that_is_none_is_refused(axis, said):
    with pytest.raises(SpectraError, match=said):
        given(Y, axis)


def test_two_axes_have_to_agree():
    frame = pd.DataFrame(Y, columns=X)
    assert given(frame, Axis(X, "energy", "eV")).axis.unit == "eV"
    for axis in X + 1, X[::-1], Axis(np.arange(4.)):
        with pytest.raises(InputError, match="axis of their own"):
            given(frame, axis)


def test_a_data_set_keeps_its_numbers_and_files():
    data = Dataset(Axis(X), Y, indices=np.array([5, 7, 6]),
                   files=("a", "b", "c"), provenance={"path": "p"})
    found = given(data)
    assert found.index.tolist() == [5, 7, 6]
    assert found.files == ("a", "b", "c")
    assert found.provenance == {"path": "p"}


NAMES = st.text("abc xyzäß", min_size=1, max_size=5).map(str.strip).filter(
    bool)
LABELS = st.one_of(
    st.lists(NAMES, min_size=1, max_size=12),
    st.lists(st.integers(0, 2**40), min_size=1, max_size=12),
    st.lists(st.booleans(), min_size=1, max_size=12),
    st.lists(st.integers(0, 100).map(float), min_size=1, max_size=12))


@settings(max_examples=150)
@hypothesis_given(LABELS, st.sampled_from((
    list, np.array, lambda v: np.array(v, object), pd.Series, tuple,
    lambda v: np.array(v)[:, None], lambda v: xr.DataArray(v, dims="n"))))
def test_labels_of_any_type(labels, container):
    index, names = labels_of(container(labels), len(labels))
    assert len(set(names)) == len(set(labels))
    back = [names[place] for place in index]
    if isinstance(labels[0], str):
        assert back == labels
    else:
        assert [float(word) for word in back] == [float(v) for v in labels]
        assert list(names) == sorted(names, key=float)


def test_categories_keep_their_order():
    labels = pd.Categorical(["hot", "cold", "hot"],
                            ["hot", "warm", "cold"], ordered=True)
    for each in labels, pd.Series(labels):
        index, names = labels_of(each, 3)
        assert names == ("hot", "cold")
        assert index.tolist() == [0, 1, 0]


def test_labels_that_are_none_are_refused(subtests):
    for labels, said in (
            (["a", None], "label 1 is None"), ([0., np.nan], "nan"),
            ([0.5, 1], "0.5"), (["a", ""], "empty"), ([-1, 0], "negative"),
            # of a list numpy makes texts, objects stay
            (np.array(["a", 1], object), "texts and numbers"),
            (pd.array([1, None], "Int64"), "label 1"), ([[1, 2]], "shape"),
            (["a"], "1 labels"), (["a", "\x01"], "screen"),
            ([1j, 2], "complex"), (pd.Series(["a", pd.NA]), "label 1")):
        with (subtests.test(said=said),
              pytest.raises(SpectraError, match=said)):
            labels_of(labels, 2)


def test_captures_are_numbered_as_they_come():
    assert captures_of([7, 7, 3], 3).tolist() == [7, 7, 3]
    assert captures_of(["b", "a", "b"], 3).tolist() == [0, 1, 0]
    assert captures_of(pd.Series([2.5, 1.5, 2.5]), 3).tolist() == [0, 1, 0]
    for groups in [1, None, 2], [1., np.nan, 2.], ["a", "", "b"], [1, 2]:
        with pytest.raises(InputError, match="groups"):
            captures_of(groups, 3)
