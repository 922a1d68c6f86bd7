"""Files that we write, in the tools of others."""
import json

import h5py
import numpy as np
import pytest
import xarray
from mock_runs import gotthard_run
from nexusformat.nexus import nxload
from nexusformat.nexus.validate import validate_file

from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.results import TrainResult
from spectra_classifier.core.spectra import Axis
from spectra_classifier.files.run_dataset import read_run

CLASSES = ("cold", "hot")
AXIS = Axis(np.linspace(9000, 9001, 6), "energy", "eV")


def labelled(path):
    """A training set, as `convert` writes it."""
    files.write_dataset(path, Dataset(
        AXIS, np.arange(24, dtype=np.uint16).reshape(4, 6), [0, 1, 0, 1],
        CLASSES, [0, 1, 2, 3], provenance={"path": "somewhere"}),
        licence="CC-BY-4.0")
    return path


def from_a_run(path):
    """Spectra out of a run, with their detector."""
    run = gotthard_run(path.parent / "r0012", np.ones((3, 2, 6), np.uint16))
    files.write_dataset(path, read_run(run, axis=AXIS))
    return path


def result(path):
    """What `classify` writes."""
    source = {"path": "r0012", "sha256": "0" * 64, "proposal": 900,
              "run": 12}
    pulses = 4
    with files.ResultWriter(
            path, classes=CLASSES, model={"id": "m-1"}, model_id="m-1",
            model_sha256="1" * 64, source=source, configuration={"a": 1},
            licence="CC-BY-4.0") as out:
        out.append(TrainResult(
            7, np.arange(pulses, dtype=np.uint64),
            np.array([0, 1, -1, -4], np.int8), *(
                np.zeros(shape, np.float32) for shape in (
                    pulses, (pulses, 2), (pulses, 2), pulses, pulses,
                    (pulses, 3, 2))), "m-1", "0f"))
    return path


WRITERS = [labelled, from_a_run, result]
PLOTS = {labelled: "entry/data", from_a_run: "entry/data",
         result: "entry/result"}


@pytest.fixture(params=WRITERS, ids=lambda write: write.__name__)
def written(request, tmp_path):
    """(writer, file)"""
    return request.param, request.param(tmp_path / "file.h5")


def complaints(path):
    """(warnings, errors) of the checker of the NeXus definitions."""
    return validate_file(str(path))


def test_the_nexus_definitions_hold(written):
    _, path = written
    assert complaints(path) == (0, 0)


def test_the_checker_sees_what_is_wrong(tmp_path):
    path = labelled(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["entry/data"].attrs["axes"] = ["nowhere", "energy"]
        file["entry/title"].attrs["units"] = "m"
        file["entry/start_time"] = "yesterday"
    assert sum(complaints(path)) > 0


def test_nexus_readers_find_what_to_plot(written):
    write, path = written
    plot = nxload(path).get_default()
    assert plot.nxpath == f"/{PLOTS[write]}"
    assert plot.nxsignal is not None and len(plot.nxaxes) == plot.nxsignal.ndim


def test_xarray_has_dimensions_and_coordinates(written):
    write, path = written
    with xarray.open_dataset(path, group=PLOTS[write], engine="h5netcdf",
                             phony_dims="sort") as data:
        if write is result:
            assert data["label"].dims == ("index",)
            assert data["label"].sel(index=1) == 1
            assert data["label"].attrs["class_names"] == list(CLASSES)
        else:
            assert data["intensity"].dims == ("index", "energy")
            np.testing.assert_array_equal(data["energy"], AXIS.values)
            assert data["energy"].attrs["units"] == "eV"


def test_xarray_groups_pulses_by_train(tmp_path):
    path = result(tmp_path / "a.h5")
    with xarray.open_dataset(path, group="entry/scores",
                             engine="h5netcdf") as scores, \
            xarray.open_dataset(path, group="entry/trains",
                                engine="h5netcdf") as trains:
        assert scores["scores"].dims == ("index", "class_index")
        assert trains["pulses"].sel(train_id=7) == 4


def test_everything_has_a_name_and_a_licence(written):
    write, path = written
    with h5py.File(path) as file:
        entry = file["entry"]
        assert len(entry["entry_identifier_uuid"].asstr()[()]) == 36
        assert entry["licence/data"].asstr()[()] == (
            "not stated" if write is from_a_run else "CC-BY-4.0")
        if write is not labelled:
            assert entry["collection_identifier"].asstr()[()] == "r0012"


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


def test_the_detector_is_named_and_its_data_are_the_spectra(tmp_path):
    with h5py.File(from_a_run(tmp_path / "a.h5")) as file:
        detector = file["entry/instrument/detector"]
        assert "RECEIVER" in detector["local_name"].asstr()[()]
        assert detector["data"] == file["entry/data/intensity"]
