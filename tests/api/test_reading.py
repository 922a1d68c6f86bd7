"""What the commands read, and what was understood."""
import numpy as np
import pandas as pd
import pytest
from mock_runs import gotthard_run

import spectra_classifier
from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.errors import ConfigurationError, DataFileError
from tests.api.conftest import states
from tests.api.test_models import AXIS


@pytest.fixture
def path(tmp_path):
    spectra, labels, captures = states()
    path = tmp_path / "a.h5"
    files.write_dataset(path, Dataset(
        AXIS, spectra, (labels == "hot").astype(int), ("cold", "hot"),
        captures, np.arange(48) + 100))
    return path


def test_everything_that_is_in_the_file(path):
    spectra, labels, captures = states()
    data = spectra_classifier.read(path)
    np.testing.assert_array_equal(data.spectra, spectra)
    np.testing.assert_array_equal(np.asarray(data), spectra)
    assert data.labels.tolist() == labels.tolist()
    assert data.captures.tolist() == captures.tolist()
    assert data.numbers[0] == 100 and len(data) == 48
    assert data.axis.mismatch(AXIS) == "" and data.unit == "eV"
    assert data.files is None


def test_the_report_is_that_of_convert(path, command, tmp_path):
    outcome = command("convert", path, "-o", tmp_path / "b.npz", "--json")
    document = outcome.document
    assert document.pop("written") == str(tmp_path / "b.npz")
    assert spectra_classifier.read(path).report == document
    assert document["classes"] == {"cold": 24, "hot": 24}


def test_containers_and_words(path):
    data = spectra_classifier.read(path)
    frame = data.to_pandas()
    assert frame.shape == (48, 40) and frame.index.name == "spectrum"
    assert frame.columns[0] == AXIS.values[0]
    array = data.to_xarray()
    assert array.dims == ("spectrum", "energy")
    assert array.energy.attrs["units"] == "eV"
    assert array.sel(spectrum=106).label == "hot"
    assert isinstance(array.to_dataframe(), pd.DataFrame)
    assert "48 x 40 channels" in repr(data) and len(repr(data)) < 300
    assert "<table>" in data._repr_html_()
    assert repr(data.axis) == "<Axis: 40 channels, 9000 to 9039 eV (energy)>"


def test_text_files_and_their_names(tmp_path):
    for name in "b_10", "b_2":
        (tmp_path / f"{name}.xy").write_text("1,5;2\n2,5;3\n3,5;4\n")
    (tmp_path / "labels.csv").write_text(
        "file,label\nb_2.xy,cold\nb_10.xy,hot\n")
    data = spectra_classifier.read(tmp_path, axis="energy:eV", decimal=",")
    assert data.files == ("b_2.xy", "b_10.xy")
    assert data.labels.tolist() == ["cold", "hot"]
    assert data.report["dialect"]["decimal"] == ","
    assert data.to_xarray().file.values.tolist() == list(data.files)
    one = data.dataset.select([1])
    assert one.files == ("b_10.xy",)


def test_names_of_files_stay_with_their_spectra(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.xy").write_text("1 2\n2 3\n3 4\n")
    (tmp_path / "labels.csv").write_text("x\n-\ny\n")
    data = files.read(tmp_path)
    assert data.files == ("a.xy", "c.xy")
    for ending in "h5", "npz":
        out = tmp_path / f"out.{ending}"
        files.write_dataset(out, data)
        assert files.read(out).files == data.files


def test_names_of_files_that_are_none(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(3.), Y=np.ones((2, 3)),
             file_names=np.array(["a", "b", "c"]))
    with pytest.raises(DataFileError, match="one name for each of 2"):
        files.read(tmp_path / "a.npz")


def test_runs(tmp_path):
    gotthard_run(tmp_path / "r0001", np.ones((3, 2, 6), np.uint16))
    data = spectra_classifier.read(f"run:{tmp_path / 'r0001'}", trains="0:2")
    assert data.spectra.shape == (4, 6)
    with pytest.raises(ConfigurationError, match="no positions"):
        spectra_classifier.read(f"run:{tmp_path / 'r0001'}", axis="energy:eV")
    with pytest.raises(ConfigurationError, match="tains"):
        spectra_classifier.read(f"run:{tmp_path / 'r0001'}", tains="0:2")


def test_refusals_are_those_of_the_command(path, tmp_path):
    with pytest.raises(ConfigurationError, match="for runs"):
        spectra_classifier.read(path, source="A/B/C")
    with pytest.raises(ValueError, match="no such file"):
        spectra_classifier.read(tmp_path / "absent.h5")
    with pytest.raises(DataFileError, match="states an axis"):
        spectra_classifier.read(path, axis="two_theta:deg")
    with pytest.raises(ConfigurationError, match="expected a quantity"):
        spectra_classifier.read(path, axis="eV")
