"""Files that we write, in the tools of others."""
import json
from itertools import product

import h5py
import numpy as np
import pytest
import scippnexus
import silx.io
import xarray
from nexusformat.nexus import nxload
from nexusformat.nexus.validate import validate_file
from silx.io import nxdata

from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset
from tests.files.written import (
    AXIS,
    CLASSES,
    IDENTIFIED,
    PLOTS,
    from_a_run,
    labelled,
    result,
    snapshot,
)

#: fields and attributes that base classes do not name, warned of one by one:
#: that a file has a checksum; what a replay needs beside the process (engine,
#: threads, graph, hashes)
OWN_FIELDS, OF_A_REPLAY = 1, {snapshot: 13}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The file of every writer."""
    return {write: write(tmp_path_factory.mktemp(write.__name__) / "file.h5")
            for write in PLOTS}


def complaints(path):
    """(warnings, errors) of the checker of the NeXus definitions."""
    return validate_file(str(path))


def test_the_nexus_definitions_hold(subtests, written):
    for write, path in written.items():
        with subtests.test(writer=write.__name__):
            assert complaints(path) == (
                OWN_FIELDS + OF_A_REPLAY.get(write, 0), 0)


def test_the_checker_sees_what_is_wrong(tmp_path):
    path = labelled(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["entry/data"].attrs["axes"] = ["nowhere", "energy"]
        file["entry/title"].attrs["units"] = "m"
        file["entry/start_time"] = "yesterday"
    assert sum(complaints(path)) > 0


def test_nexus_readers_find_what_to_plot(subtests, written):
    for write, path in written.items():
        with subtests.test(writer=write.__name__):
            group, signal, axes = PLOTS[write]
            plot = nxload(path).get_default()
            assert plot.nxpath == f"/{group}"
            assert plot.nxsignal.nxname == signal
            assert tuple(axis.nxname for axis in plot.nxaxes) == axes


def test_h5py_reads_every_dataset(subtests, written):
    for write, path in written.items():
        with subtests.test(writer=write.__name__):
            read = []

            def look(name, item, read=read):
                if isinstance(item, h5py.Dataset):
                    read.append(np.asarray(item[()]).size)

            with h5py.File(path) as file:
                file.visititems(look)
            assert len(read) > 3 and sum(read) > 10


def groups_of(path):
    """Names of the groups of NeXus data."""
    with h5py.File(path) as file:
        return [name for name, item in file["entry"].items()
                if item.attrs.get("NX_class") == "NXdata"]


#: None: the one that xarray takes by itself
ENGINES = ("h5netcdf", "netcdf4", None)


def test_xarray_has_dimensions_and_coordinates(subtests, written):
    for write, engine in product(written, ENGINES):
        with subtests.test(writer=write.__name__, engine=str(engine)):
            group, signal, axes = PLOTS[write]
            with xarray.open_dataset(written[write], group=group,
                                     engine=engine) as data:
                assert data[signal].dims == axes
                assert set(axes) <= set(data.coords)
                assert data.attrs["title"]
                if write is result:
                    assert data["label"].sel(index=1) == 1
                    assert data["label"].attrs["class_names"] == list(CLASSES)
                elif "energy" in axes:
                    np.testing.assert_array_equal(data["energy"], AXIS.values)
                    assert data["energy"].attrs["units"] == "eV"
                    assert set(data.sizes) == set(axes)


def test_xarray_opens_every_group(subtests, written):
    """Those of NeXus data, with all that is in them."""
    for write, engine in product(written, ENGINES):
        with subtests.test(writer=write.__name__, engine=str(engine)):
            for group in groups_of(written[write]):
                with xarray.open_dataset(
                        written[write], group=f"entry/{group}",
                        engine=engine) as data:
                    assert data.load().sizes


def test_xarray_reads_labels_by_name(written):
    with xarray.open_dataset(written[labelled], group="entry/data") as data:
        names = np.array(data["labels"].attrs["class_names"])
        assert names[data["labels"]].tolist() == ["cold", "hot"] * 2
        frame = data[["labels", "groups"]].to_dataframe()
    assert frame.index.name == "index"
    assert frame["groups"].tolist() == [0, 1, 2, 3]


@pytest.mark.filterwarnings("ignore::UserWarning:scippnexus")
def test_scippnexus_reads_every_group(subtests, written):
    """As it is meant: signals with coordinates, not loose datasets."""
    for write, path in written.items():
        with subtests.test(writer=write.__name__), scippnexus.File(
                path) as file:
            assert set(groups_of(path)) == set(file["entry"][
                scippnexus.NXdata])
            for name, group in file["entry"][scippnexus.NXdata].items():
                found = group[...]
                assert type(found).__name__ in ("DataArray", "Dataset"), name
            whole = file[...]["entry"]
            assert set(groups_of(path)) <= set(whole)


def test_scippnexus_reads_labelled_sets(written):
    with scippnexus.File(written[labelled]) as file:
        data = file["entry/data"][...]
        names = file["entry/classes/class_names"][...]
    assert data.dims == ("index", "energy")
    assert data.coords["energy"].unit == "eV"
    np.testing.assert_array_equal(data.coords["energy"].values, AXIS.values)
    np.testing.assert_array_equal(data.values, np.arange(24).reshape(4, 6))
    assert data.coords["labels"].values.tolist() == [0, 1, 0, 1]
    assert data.coords["groups"].values.tolist() == [0, 1, 2, 3]
    assert list(names.values) == list(CLASSES)


def test_silx_draws_what_is_meant(subtests, written):
    for write, path in written.items():
        with subtests.test(writer=write.__name__), silx.io.open(
                str(path)) as file:
            plot = nxdata.get_default(file)
            group, signal, axes = PLOTS[write]
            assert plot.is_valid and not plot.issues
            assert plot.group.name == f"/{group}"
            assert plot.signal_dataset_name == signal
            assert tuple(plot.axes_dataset_names) == axes
            assert plot.title
            # spectra as curves, not as an image
            assert plot.is_curve
            assert plot.signal.ndim < 2 or plot.interpretation == "spectrum"


def test_files_are_named_in_the_tools_of_others(tmp_path):
    """Those of a folder of curves, in labelled sets and in results."""
    names = ("a.xy", "b \u03b5.xy")
    path = tmp_path / "named.h5"
    files.write_dataset(path, Dataset(
        AXIS, np.arange(12.).reshape(2, 6), [0, 1], CLASSES, files=names))
    assert files.read(path).files == names
    for engine in ENGINES:
        with xarray.open_dataset(path, group="entry/data",
                                 engine=engine) as data:
            assert data["file_names"].values.tolist() == list(names)
            assert data["file_names"].dims == ("index",)
    assert complaints(path) == (OWN_FIELDS, 0)


def test_xarray_groups_pulses_by_train(tmp_path):
    path = result(tmp_path / "a.h5")
    with xarray.open_dataset(path, group="entry/scores",
                             engine="h5netcdf") as scores, \
            xarray.open_dataset(path, group="entry/trains",
                                engine="h5netcdf") as trains:
        assert scores["scores"].dims == ("index", "class_index")
        assert trains["pulses"].sel(train_id=7) == 4


def test_everything_has_a_name_and_a_licence(subtests, written):
    for write in IDENTIFIED:
        with (subtests.test(writer=write.__name__),
              h5py.File(written[write]) as file):
            entry = file["entry"]
            assert len(entry["entry_identifier_uuid"].asstr()[()]) == 36
            assert entry["licence/data"].asstr()[()] == (
                "CC-BY-4.0" if write in (labelled, result)
                else "not stated")
            if write in (from_a_run, result):
                collection = entry["collection_identifier"].asstr()[()]
                assert collection == "r0012"


def test_equal_contents_have_equal_names(tmp_path):
    def name(path):
        with h5py.File(path) as file:
            return file["entry/entry_identifier_uuid"].asstr()[()]

    one, two = labelled(tmp_path / "1.h5"), labelled(tmp_path / "2.h5")
    assert name(one) == name(two)
    data = files.read(one)
    files.write_dataset(two, Dataset(
        AXIS, data.spectra, 1 - data.labels, CLASSES))
    assert name(one) != name(two)


def test_a_result_leads_to_its_model_and_its_input(tmp_path):
    with h5py.File(result(tmp_path / "a.h5")) as file:
        model = file["entry/process/model"]
        assert json.loads(model["data"].asstr()[()])["id"] == "m-1"
        assert model["identifier_model"].asstr()[()] == "m-1"
        assert model["checksum"].asstr()[()] == "1" * 64
        assert file["entry/process/input/checksum"].asstr()[()] == "0" * 64


def test_the_detector_is_named(tmp_path):
    """Its data have one name: netCDF finds their dimensions there alone."""
    with h5py.File(from_a_run(tmp_path / "a.h5")) as file:
        detector = file["entry/instrument/detector"]
        assert "RECEIVER" in detector["local_name"].asstr()[()]
        assert "data" not in detector
