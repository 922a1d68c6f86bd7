"""HDF5 as other programs write it: read equal or refused."""
import os
from itertools import product

import h5py
import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier import files
from spectra_classifier.errors import DataFileError

X = np.linspace(7000., 7100., 6)
Y = np.arange(24, dtype=np.uint16).reshape(4, 6)


def nxdata(path, **attributes):
    """An open file with an NXdata group that holds counts, energy, time."""
    file = h5py.File(path, "w")
    data = file.create_group("entry/data")
    file["entry"].attrs["NX_class"] = "NXentry"
    data.attrs.update({"NX_class": "NXdata", **attributes})
    data["counts"], data["energy"], data["time"] = Y, X, np.arange(4.)
    data["energy"].attrs["units"] = "eV"
    return file, data


@settings(deadline=None, max_examples=60)
@given(dtype=st.sampled_from(("i1", "u1", "i2", "<u2", ">u2", ">i4", "f4")),
       scale=st.sampled_from((None, 0.01, -2., 1.)),
       offset=st.sampled_from((None, 100., 0.)),
       fill=st.booleans(), layout=st.sampled_from((
           "cf", "nexus attribute", "nexus field", "nexus group")),
       plain=st.booleans())
def test_packed_values_are_unpacked(tmp_path_factory, dtype, scale, offset,
                                    fill, layout, plain):
    path = tmp_path_factory.mktemp("packed") / "a.h5"
    raw = (np.arange(24) % 100).reshape(4, 6).astype(dtype)
    names = {"cf": ("scale_factor", "add_offset"),
             "nexus attribute": ("scaling_factor", "offset"),
             "nexus field": ("counts_scaling_factor", "counts_offset"),
             "nexus group": ("scaling_factor", "offset")}[layout]
    plain = plain and layout in ("cf", "nexus attribute")
    file, data = nxdata(path, signal="counts", axes=[".", "energy"])
    with file:
        if plain:
            del file["entry"]
            file["x"], data = X, file
        else:
            del data["counts"]
        data["Y" if plain else "counts"] = raw
        item = data["Y" if plain else "counts"]
        holder = (item.attrs if layout in ("cf", "nexus attribute")
                  else data)
        for name, value in zip(names, (scale, offset), strict=True):
            if value is not None:
                holder[name] = value
        if fill:
            item.attrs["_FillValue"] = raw[2, 3]
    if fill:
        with pytest.raises(DataFileError, match="spectrum 2, channel 3"):
            files.read(path)
        return
    np.testing.assert_allclose(files.read(path).spectra,
                               raw * (scale or 1.) + (offset or 0.))


WRONG_SCALES = [
    ("scale_factor", 0.), *((name, value)
      for name in ("scale_factor", "add_offset")
      for value in (np.nan, np.inf, [1., 2.], [], "two"))]


def test_a_scale_is_one_finite_number(subtests, tmp_path):
    for name, value in WRONG_SCALES:
        with subtests.test(name=name, value=value):
            file, data = nxdata(tmp_path / "a.h5", signal="counts",
                                axes=[".", "energy"])
            with file:
                data["counts"].attrs[name] = value
            with pytest.raises(DataFileError, match=f"its {name} is"):
                files.read(tmp_path / "a.h5")


@pytest.mark.parametrize("engine", ["h5netcdf"])
@given(dtype=st.sampled_from(("i2", "u2", "f4", "f8")),
       scale=st.sampled_from((1., 0.5, 0.01)))
@settings(deadline=None, max_examples=20)
def test_what_xarray_writes(tmp_path_factory, engine, dtype, scale):
    path = tmp_path_factory.mktemp("xarray") / "a.h5"
    values = np.arange(24.).reshape(4, 6) * scale
    written = xarray.Dataset(
        {"Y": (("spectrum", "x"), values)},
        {"x": ("x", X, {"units": "eV"})})
    written.to_netcdf(path, engine=engine, encoding={"Y": {
        "dtype": dtype, "scale_factor": scale, "_FillValue": 99}})
    data = files.read(path)
    np.testing.assert_allclose(data.spectra, values)
    assert (data.axis.quantity, data.axis.unit) == ("energy", "eV")


@given(order=st.permutations((0, 1)), stated=st.booleans())
@settings(deadline=None, max_examples=8)
def test_the_energy_is_the_axis_wherever_it_lies(tmp_path_factory, order,
                                                 stated):
    """`axes` in any order, dimensions in any order: the indices decide."""
    path = tmp_path_factory.mktemp("axes") / "a.h5"
    names = ["time", "energy"]
    if not stated and order == [1, 0]:
        names = names[::-1]          # without indices, axes are in order
    file, data = nxdata(path, signal="counts", axes=names)
    with file:
        if order == [1, 0]:
            del data["counts"]
            data["counts"] = Y.T
        if stated:
            data.attrs["time_indices"] = order[0]
            data.attrs["energy_indices"] = [order[1]]
    data = files.read(path)
    np.testing.assert_array_equal(data.spectra, Y)
    np.testing.assert_array_equal(data.axis.values, X)
    assert any("transposed" in change for change
               in data.provenance["changes"]) == (order == [1, 0])


@pytest.mark.parametrize("primary", [None, 1, "1"])
def test_axes_of_before_2014(tmp_path, primary):
    file, data = nxdata(tmp_path / "a.h5")
    with file:
        data["counts"].attrs["signal"] = "1"
        data["energy"].attrs["axis"] = 2
        data["time"].attrs["axis"] = "1"
        data["other"] = X * 2
        if primary:
            data["other"].attrs["axis"] = "2"
            data["energy"].attrs["primary"] = primary
    data = files.read(tmp_path / "a.h5")
    np.testing.assert_array_equal(data.axis.values, X)
    assert data.axis.unit == "eV"


def test_two_axes_for_one_dimension_are_a_question(tmp_path):
    file, data = nxdata(tmp_path / "a.h5")
    with file:
        data["counts"].attrs["signal"] = 1
        data["other"] = X * 2
        data["energy"].attrs["axis"] = data["other"].attrs["axis"] = 2
    with pytest.raises(DataFileError, match=r"energy, other .* primary=1"):
        files.read(tmp_path / "a.h5")


def test_a_missing_axis_is_said(tmp_path):
    file, data = nxdata(tmp_path / "a.h5", signal="counts")
    with file:
        del data["energy"]
    data = files.read(tmp_path / "a.h5")
    assert "no axis is named" in data.provenance["changes"][0]


@pytest.mark.parametrize("name", ["energy", "q", "edges"])
@pytest.mark.parametrize("marks", [{}, {"energy_indices": 0}])
def test_an_axis_that_nothing_names_is_a_question(tmp_path, name, marks):
    file, data = nxdata(tmp_path / "a.h5", signal="counts", **marks)
    with file:
        data.move("energy", name)
        if name == "edges":
            del data[name]
            data[name] = np.linspace(7000, 7100, len(X) + 1)
    with pytest.raises(DataFileError, match=f"and {name} could be it"):
        files.read(tmp_path / "a.h5")


def test_the_axes_of_cansas(tmp_path):
    file, _ = nxdata(tmp_path / "a.h5", signal="counts", counts_axes="energy")
    file.close()
    np.testing.assert_array_equal(files.read(tmp_path / "a.h5").axis.values, X)


UNITS = [
    (np.bytes_("Å^-1".encode("latin-1")), ("energy", "1/angstrom")),
    (h5py.Empty("S1"), ("energy", "unknown")), ("", ("energy", "unknown")),
    ("meV", ("energy", "meV")), ([b"keV"], ("energy", "keV"))]


def test_units_of_any_kind(subtests, tmp_path):
    for units, expected in UNITS:
        with subtests.test(units=repr(units)):
            file, data = nxdata(tmp_path / "a.h5", signal="counts",
                                axes=[".", "energy"])
            with file:
                data["energy"].attrs["units"] = units
            axis = files.read(tmp_path / "a.h5").axis
            assert (axis.quantity, axis.unit) == expected


def test_degrees_of_another_name_are_no_two_theta(subtests, tmp_path):
    for name in "theta", "chi", "r", "x":
        with subtests.test(name=name):
            file, data = nxdata(tmp_path / "a.h5", signal="counts",
                                axes=[".", name])
            with file:
                data[name] = X
                data[name].attrs["units"] = "degrees"
            axis = files.read(tmp_path / "a.h5").axis
            assert axis.quantity != "two_theta" and axis.unit == "deg"


def virtual(path, missing=None, rows=6, hole=False):
    layout = h5py.VirtualLayout((4, 6), "u2")
    for row in range(4 - hole):
        source = path.with_name(f"part{row}.h5")
        with h5py.File(source, "w") as file:
            file["d"] = Y[row][:rows]
        layout[row] = h5py.VirtualSource(source.name, "d", (6,))
    with h5py.File(path, "w") as file:
        file["x"] = X
        file.create_virtual_dataset("Y", layout)
    if missing is not None:
        path.with_name(f"part{missing}.h5").unlink()
    return path


def test_a_whole_virtual_dataset_is_read(tmp_path):
    data = files.read(virtual(tmp_path / "a.h5"))
    np.testing.assert_array_equal(data.spectra, Y)


@pytest.mark.parametrize("options, message", [
    (dict(missing=2), "rows 2 to 2: part2.h5, a source"),
    (dict(rows=5), "part0.h5, a source of the virtual dataset, is shorter"),
    (dict(hole=True), "parts without a source")])
def test_parts_that_no_file_backs_are_no_zeros(tmp_path, options, message):
    with pytest.raises(DataFileError) as caught:
        files.read(virtual(tmp_path / "a.h5", **options))
    assert message in str(caught.value)


def test_a_virtual_dataset_of_virtual_ones(tmp_path):
    virtual(tmp_path / "inner.h5", missing=1)
    layout = h5py.VirtualLayout((4, 6), "u2")
    layout[:] = h5py.VirtualSource("inner.h5", "Y", (4, 6))
    with h5py.File(tmp_path / "outer.h5", "w") as file:
        file["x"] = X
        file.create_virtual_dataset("Y", layout)
    with pytest.raises(DataFileError, match=r"part1\.h5"):
        files.read(tmp_path / "outer.h5")


@pytest.mark.timeout(20)
def test_links_to_nowhere_and_in_circles(subtests, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, link in product(["Y", "labels"], [
            h5py.SoftLink("/Z"), h5py.SoftLink("/gone"),
            h5py.ExternalLink("gone.h5", "/Y"),
            h5py.ExternalLink("pipe", "/Y")]):
        with subtests.test(name=name, link=repr(link)):
            with h5py.File(tmp_path / "a.h5", "w") as file:
                file["x"], file["Y"] = X, Y
                if name in file:
                    del file[name]
                file[name] = link
                file["Z"] = h5py.SoftLink(f"/{name}")
            with pytest.raises(DataFileError,
                               match=rf"link /{name} leads nowhere"):
                files.read(tmp_path / "a.h5")


@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(subtests, tmp_path):
    for suffix in ".h5", ".npz", ".xy", "":
        with subtests.test(suffix=suffix):
            os.mkfifo(tmp_path / f"pipe{suffix}")
            with pytest.raises(DataFileError, match="not a file"):
                files.read(tmp_path / f"pipe{suffix}")


def test_sizes_that_no_memory_holds(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = X
        file.create_dataset("Y", (10**12, 6), "f4", chunks=(1024, 6))
    with pytest.raises(DataFileError, match="TiB"):
        files.read(tmp_path / "a.h5")


def test_bytes_of_other_files_are_not_read(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = X
        file.create_dataset("Y", (4, 6), "u2",
                            external=[("/etc/passwd", 0, 48)])
    with pytest.raises(DataFileError, match="/etc/passwd"):
        files.read(tmp_path / "a.h5")


def test_labels_in_latin_1(tmp_path):
    words = ["flüssig", "fest", "fest", "fest"]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["Y"] = X, Y
        file.create_dataset("labels", dtype=h5py.string_dtype("ascii"),
                            data=[w.encode("latin-1") for w in words])
    assert set(files.read(tmp_path / "a.h5").classes) == set(words)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_damaged_files_are_read_or_refused(tmp_path_factory, data):
    """Bits of the metadata of a small file, as a disk or a line loses them:
    whoever reads says so, with no other error."""
    folder = tmp_path_factory.mktemp("damaged")
    path = folder / "a.npz"
    np.savez(path, x=X, Y=Y, labels=["a", "b", "a", "b"])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        found = files.read(path)
    except DataFileError as error:
        assert str(path) in str(error)
    else:
        np.testing.assert_array_equal(found.spectra, Y)
