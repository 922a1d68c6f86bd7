"""What numpy, pandas, h5py, xarray and silx write is read equal or refused.

Nothing is read otherwise. Every test draws numbers and a way to write them;
what is written plainly must be read. SPECTRA_TRIES=3000 tries more of them.
"""
import itertools
import os
import warnings
from collections import Counter

import h5py
import numpy as np
import pandas
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st
from silx.io.nxdata import save_NXdata
from silx.io.utils import save1D

from spectra_classifier import files
from spectra_classifier.errors import DataFileError
from spectra_classifier.files.hdf5 import access

tries = settings(max_examples=int(os.environ.get("SPECTRA_TRIES", "12")))
NAMES = ("energy", "Energy (eV)", "2th_deg", "x", "q_A^-1", "", "0", "tof")
MORE = ("err", "sigma", "i0", "", "counts", "2")
NUMBER = st.one_of(
    st.integers(-9, 99_999).map(float),
    st.floats(-1e9, 1e9, width=32),
    st.sampled_from((0., 1e-12, 1e15, -0., np.nan, np.inf, 1234.5, 1413.)))


@pytest.fixture(scope="module", autouse=True)
def healthy_files():
    """What these tests write is sound: no process of its own looks first."""
    patch = pytest.MonkeyPatch()
    patch.setattr(access, "_probe", lambda *state: None)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A new path at every call; at most one file is kept."""
    folder, last = tmp_path_factory.mktemp("written"), []

    def path(name):
        for old in last:
            old.unlink(missing_ok=True)
        last[:] = [folder / f"{next(_NUMBERS)}{name}"]
        return last[0]
    return path


_NUMBERS = itertools.count()
#: (test, read or refused): how often
TALLY = Counter()


@st.composite
def curves(draw, spectra=1, bad=True):
    """x (channels,) in some order, Y (spectra, channels)."""
    channels = draw(st.integers(2, 12))
    first = draw(st.sampled_from((0, 1, -3, 7, 0.5, 9010, 1e-3, 700)))
    step = draw(st.sampled_from((1, 0.1, -0.25, 2.5e-3, 1000)))
    numbers = NUMBER if bad else NUMBER.filter(np.isfinite)
    y = draw(st.lists(st.lists(numbers, min_size=channels, max_size=channels),
                      min_size=spectra, max_size=spectra))
    return first + step * np.arange(channels), np.array(y)


def judge(name, path, x, y, plain=False, rtol=0.):
    """Equal, or a refusal that names the file; what is plain is read."""
    x, y = np.asarray(x, float), np.atleast_2d(np.asarray(y, float))
    try:
        data = files.read(path)
    except DataFileError as error:
        TALLY[name, "refused"] += 1
        assert str(path) in str(error)
        assert "\n" not in str(error)
        if plain and np.isfinite(y).all():
            raise
        return None
    TALLY[name, "read"] += 1
    if x[0] > x[-1]:
        x, y = x[::-1], y[:, ::-1]
    np.testing.assert_array_equal(data.axis.values, x)
    np.testing.assert_allclose(data.spectra, y, rtol, rtol)
    return data


def as_written(values, form):
    """The numbers that a text of this format holds."""
    return np.array([float(form % value) for value in np.ravel(values)]
                    ).reshape(np.shape(values))


@tries
@given(curve=curves(), form=st.sampled_from(("%.18e", "%.4f", "%g", "%d")),
       delimiter=st.sampled_from((" ", "\t", ",", ";", "  ", ", ", "|")),
       newline=st.sampled_from(("\n", "\r\n", "\r")),
       header=st.sampled_from(("", "energy counts", "1 2", "a\nb c", "5")),
       footer=st.sampled_from(("", "end", "1 2")),
       comments=st.sampled_from(("# ", "", "% ", "; ")),
       encoding=st.sampled_from(("latin1", "utf-8", "utf-16")),
       suffix=st.sampled_from((".xy", ".xye", ".dat", ".txt", ".csv")))
def test_numpy_text(place, curve, form, delimiter, newline, header, footer,
                    comments, encoding, suffix):
    x, (y,) = curve
    path = place(suffix)
    if form == "%d" and not np.isfinite(y).all():
        form = "%g"
    np.savetxt(path, np.column_stack([x, y]), form, delimiter, newline,
               header, footer, comments, encoding)
    x, y = as_written(x, form), as_written(y, form)
    text = header + footer
    if comments == "" and "1 2" in (header, footer) and (
            not delimiter.strip()):
        return      # numbers that nothing marks may be a point
    judge("numpy text", path, x, y, plain=(
        not text and delimiter != "|" and len(set(x)) == len(x)
        and form != "%d" and not _far(x) and y[0] != 2))


def _far(x):
    steps = np.abs(np.diff(x))
    return len(steps) >= 4 and steps.max() > 9 * steps.min()


@tries
@given(curve=curves(), sep=st.sampled_from((",", ";", "\t", " ", "|")),
       decimal=st.sampled_from((".", ",")), index=st.booleans(),
       header=st.booleans(), names=st.tuples(
           st.sampled_from(NAMES), st.sampled_from(("counts", "I", "0"))),
       third=st.one_of(st.none(), st.sampled_from(MORE)),
       form=st.sampled_from((None, "%.3f", "%.6e")),
       encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "latin-1")),
       quoting=st.sampled_from((0, 1, 2)),
       newline=st.sampled_from(("\n", "\r\n", "\r")),
       missing=st.sampled_from(("", "NaN", "-")),
       suffix=st.sampled_from((".xy", ".xye", ".csv", ".txt", ".dat")))
def test_pandas_text(place, curve, sep, decimal, index, header, names, third,
                     form, encoding, quoting, newline, missing, suffix):
    if header and quoting != 2 and all(name.isdigit() for name in names):
        return      # a heading of numbers that nothing marks may be a point
    x, (y,) = curve
    path = place(suffix)
    frame = pandas.DataFrame({"x": x, "y": y})
    frame.columns = list(names)
    if third is not None:
        frame.insert(2, third, np.arange(len(x)) + 7., allow_duplicates=True)
    frame.to_csv(path, sep=sep, decimal=decimal, index=index, header=header,
                 float_format=form, encoding=encoding, quoting=quoting,
                 lineterminator=newline, na_rep=missing)
    if form is not None:
        x, y = as_written(x, form), as_written(y, form)
    plain = (sep != "|" and decimal == "." and not index and third is None
             and quoting == 0 and sep != " " and len(set(x)) == len(x)
             and not (header and (names[0].isdigit() or "" in names))
             and not _far(x)
             and tuple(y[:1]) != (2,))      # may count the lines
    judge("pandas text", path, x, y, plain)


@tries
@given(curve=curves(), separator=st.sampled_from(("\t", ";", " ")),
       decimal=st.sampled_from(".,"), places=st.integers(0, 4),
       mark=st.sampled_from(("", " ", "'", ".", ",")))
def test_marks_between_thousands(place, curve, separator, decimal, places,
                                 mark):
    x, (y,) = curve
    y = y[np.isfinite(y)]
    x = np.abs(np.round(x[:len(y)], places))
    y = np.round(y, places)
    if mark == decimal or len(y) < 2 or (mark == "." and not places):
        return      # 1.234 is no 1234 unless --decimal , states it

    def number(value):
        return f"{value:,.{places}f}".replace(".", "D").replace(
            ",", mark).replace("D", decimal)
    path = place(".xy")
    path.write_text("\n".join(
        number(a) + separator + number(b)
        for a, b in zip(x, y, strict=True)))
    judge("thousands", path, x, y)


DTYPES = ("i1", "u1", "<i2", ">u2", "<u4", ">i4", "<i8", "f2", "<f4", ">f4",
          "<f8", ">f8", "?", "c8", "S3")


@st.composite
def arrays(draw):
    """x, Y of some type and layout, and what a reader may find in them."""
    x, y = draw(curves(spectra=draw(st.integers(1, 4)),
                       bad=draw(st.booleans())))
    kind = draw(st.sampled_from(DTYPES))
    with np.errstate(all="ignore"):
        y = np.nan_to_num(y, nan=0, posinf=1, neginf=2) if (
            np.dtype(kind).kind in "iub?S") else y
        values = (np.abs(y) % 100).astype(kind)
    return x, values, np.dtype(kind).kind in "uifb"


@tries
@given(data=arrays(), order=st.sampled_from("CF"), zipped=st.booleans(),
       labels=st.sampled_from((None, "int", "str", "bytes", "object",
                               "float")),
       axis=st.sampled_from((np.float64, np.float32, ">f8", "column")))
def test_numpy_archives(place, data, order, zipped, labels, axis):
    x, y, real = data
    path = place(".npz")
    words = [("b", "a", "c", "a")[row] for row in range(len(y))]
    arrays = {"x": x[:, None] if axis == "column" else x.astype(axis),
              "Y": np.asarray(y, order=order)}
    if labels is not None:
        arrays["labels"] = {
            "int": np.arange(len(y)) % 2, "str": np.array(words),
            "bytes": np.array(words, "S"), "object": np.array(words, object),
            "float": np.arange(len(y)) % 2 + 0.5}[labels]
    (np.savez_compressed if zipped else np.savez)(path, **arrays)
    found = judge("numpy archive", path, arrays["x"].ravel(), y if real else
                  np.full(y.shape, np.nan), plain=real and axis != "column"
                  and labels not in ("object", "float"))
    if found is not None and labels is not None:
        assert labels in ("int", "str", "bytes") or real
        if labels != "int":
            assert [found.classes[each] for each in found.labels] == words


@tries
@given(data=arrays(), layout=st.sampled_from((
           {}, {"chunks": True}, {"compression": "gzip"}, {"shuffle": True},
           {"fletcher32": True}, {"compression": "lzf"},
           {"maxshape": (None, None)})),
       form=st.sampled_from(("plain", "new", "transposed", "indices", "old",
                             "edges", "no axes")),
       units=st.sampled_from((None, "eV", b"eV", "", "keV", ["deg"])),
       library=st.sampled_from(("earliest", "latest")))
def test_h5py(place, data, layout, form, units, library):
    x, y, real = data
    path = place(".h5")
    with h5py.File(path, "w", libver=library) as file:
        group = file if form == "plain" else file.create_group("e/d")
        turned = form in ("transposed", "indices")
        stored = x
        if form == "edges":
            half = (x[1] - x[0]) / 2
            stored = np.append(x, x[-1] + 2 * half) - half
            x = (stored[:-1] + stored[1:]) / 2
        group.create_dataset("Y", data=y.T if turned else y, **layout)
        axis = "x" if form == "plain" else "energy"
        group[axis] = stored
        if units is not None:
            group[axis].attrs["units"] = units
        if turned:
            group["index"] = np.arange(len(y))
        if form != "plain":
            group.attrs["NX_class"] = "NXdata"
        if form == "old":
            group["Y"].attrs["signal"] = 1
            group[axis].attrs["axis"] = 2
        elif form != "plain":
            group.attrs["signal"] = "Y"
        if form in ("new", "edges"):
            group.attrs["axes"] = [".", axis]
        elif form == "transposed":
            group.attrs["axes"] = [axis, "index"]
        elif form == "indices":
            group.attrs.update({"axes": ["index", axis], "index_indices": 1,
                                f"{axis}_indices": 0})
    found = judge("h5py", path, x, y if real else np.full(y.shape, np.nan),
                  plain=real and form in ("plain", "new", "old"))
    if found is not None and units and form != "no axes":
        assert found.axis.unit == (units if isinstance(units, str) else
                                   {b"eV": "eV"}.get(units, "deg")
                                   if isinstance(units, bytes) else units[0])


@tries
@given(data=curves(spectra=3), dtype=st.sampled_from(
           (None, "i2", "u2", "i4", "f4")),
       scale=st.sampled_from((None, 1., 0.5)),
       offset=st.sampled_from((None, 10.)),
       fill=st.sampled_from((None, 99, 0)), turned=st.booleans())
def test_xarray(place, data, dtype, scale, offset, fill, turned):
    x, y = data
    path = place(".h5")
    whole = dtype is not None and dtype != "f4"
    if whole:
        y = np.nan_to_num(y, nan=3, posinf=1, neginf=2) % 100 // 1
    elif dtype == "f4":
        y = y.astype("f4").astype(float)
    encoding = {name: value for name, value in (
        ("dtype", dtype), ("scale_factor", scale), ("add_offset", offset),
        ("_FillValue", fill)) if value is not None}
    dimensions = ("x", "spectrum") if turned else ("spectrum", "x")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")     # of values that a type cannot hold
        xarray.Dataset(
            {"Y": (dimensions, y.T if turned else y)}, {"x": x}
        ).to_netcdf(path, engine="h5netcdf", encoding={"Y": encoding})
    with xarray.open_dataset(path, engine="h5netcdf") as back:
        y = back["Y"].to_numpy()
        y = y.T if turned else y
    if turned and len(x) == 3:
        return      # square: nothing states which is which
    # it computes in float32 where that is the type of the file
    judge("xarray", path, x, y, not turned,
          1e-6 if scale or offset else 0.)


@tries
@given(data=curves(spectra=2), kind=st.sampled_from(("nexus", "csv", "dat")),
       one=st.booleans(), named=st.booleans(),
       label=st.sampled_from(("Energy (eV)", "energy", "2th_deg", "x y")),
       form=st.sampled_from(("%.7g", "%.18e")),
       delimiter=st.sampled_from((";", ",", "\t")), header=st.booleans())
def test_silx(place, data, kind, one, named, label, form, delimiter, header):
    x, y = data
    y = y[:1] if one else y
    if kind == "nexus":
        path = place(".h5")
        save_NXdata(path, y[0] if one else y,
                    [x] if one else [np.arange(len(y)), x],
                    axes_names=["energy"] if one else ["index", "energy"])
        judge("silx", path, x, y, plain=True)
        return
    path = place(f".{kind}")
    save1D(str(path), x, list(y), xlabel=label, ylabels=["I", "J"][:len(y)],
           filetype=kind if kind == "csv" else "txt", fmt=form,
           csvdelim=delimiter, autoheader=header or named)
    # a second intensity is a question
    judge("silx", path, as_written(x, form), as_written(y[:1], form))


def test_enough_was_read():
    """The tests above do not pass by refusing everything."""
    for name in {name for name, _ in TALLY}:
        share = TALLY[name, "read"] / (
            TALLY[name, "read"] + TALLY[name, "refused"])
        assert share > 0.02, (name, TALLY)


@pytest.mark.parametrize("first", ['0,""', '"0",""', "0,''", '"0","NaN"'])
def test_a_first_point_without_a_value_is_no_header_in_quotes_either(
        tmp_path, first):
    path = tmp_path / "curve.csv"
    path.write_text(first + "\n1,0.0\n2,0.0\n3,1.0\n")
    try:
        data = files.read(path)
    except DataFileError as error:
        assert "line 1: " in str(error)
    else:
        assert list(data.axis.values) == [0., 1., 2., 3.]
