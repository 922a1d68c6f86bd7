"""convert and simulate."""
import json

import h5py
import numpy as np
import pytest

from spectra_classifier import files


def test_convert_to_both_forms_and_back(run, spectra_file, tmp_path):
    first = files.read(spectra_file)
    assert run("convert", spectra_file, "-o", tmp_path / "a.npz").code == 0
    assert run("convert", tmp_path / "a.npz", "-o",
               tmp_path / "b.nxs").code == 0
    last = files.read(tmp_path / "b.nxs")
    np.testing.assert_array_equal(last.spectra, first.spectra)
    np.testing.assert_array_equal(last.groups, first.groups)
    assert last.classes == first.classes
    origin = last.provenance["origin"]["origin"]["sha256"]
    assert origin == files.checksum(spectra_file)


def test_convert_a_selection_with_other_labels(run, spectra_file, tmp_path):
    (tmp_path / "labels.csv").write_text(
        "first,last,label\n0,9,odd\n10,59,even\n")
    (tmp_path / "some.json").write_text("[5, 50, 20]")
    outcome = run("convert", spectra_file, "-o", tmp_path / "a.h5",
                  "--labels", tmp_path / "labels.csv", "--indices",
                  tmp_path / "some.json", "--axis", "two_theta:deg", "--json")
    assert outcome.document["spectra"] == 3
    assert outcome.document["classes"] == {"even": 2, "odd": 1}
    data = files.read(tmp_path / "a.h5")
    np.testing.assert_array_equal(data.indices, [5, 50, 20])
    assert data.axis.unit == "deg"


@pytest.mark.parametrize("text, message", [
    ("[1, 60]", "no spectrum 60 in the data; numbers go from 0 to 59"),
    ("[-1]", "names spectrum -1"),
    ("[]", "not an empty one"),
    ("[1, 1]", "names a spectrum twice"),
    ("[true]", "list of whole numbers"),
    ('{"a": 1}', "list of whole numbers"),
    ("oops", "cannot be read as JSON")])
def test_bad_indices(run, spectra_file, tmp_path, text, message):
    (tmp_path / "some.json").write_text(text)
    outcome = run("convert", spectra_file, "-o", tmp_path / "a.h5",
                  "--indices", tmp_path / "some.json")
    assert outcome.code == 2
    assert message in outcome.stderr


def test_bad_axis_option(run, spectra_file, tmp_path):
    outcome = run("convert", spectra_file, "-o", tmp_path / "a.h5", "--axis",
                  "eV")
    assert outcome.code == 2
    assert "such as energy:eV" in outcome.stderr


def test_convert_says_what_changed(run, tmp_path):
    (tmp_path / "a.xy").write_text("3 1\n2 5\n1 4\n")
    outcome = run("convert", tmp_path / "a.xy", "-o", tmp_path / "a.h5")
    assert "reversed" in outcome.stdout
    assert "not stated" in outcome.stdout


def test_the_published_ramp(run, tmp_path):
    outcome = run("simulate", "ramp", "-o", tmp_path / "ramp.h5", "--seed",
                  3, "--json")
    assert outcome.document["classes"] == {
        "low pressure": 185, "high pressure": 164}
    data = files.read(tmp_path / "ramp.h5")
    assert data.spectra.shape == (349, 4023)
    with h5py.File(tmp_path / "ramp.h5") as file:
        record = json.loads(file["entry/provenance/data"].asstr()[()])
    assert record["seed"] == 3


@pytest.mark.parametrize("raw, dtype", [
    ((), np.float32), (("--raw",), np.uint16)])
def test_captures_of_a_gotthard(run, tmp_path, raw, dtype):
    outcome = run("simulate", "realistic", "-o", tmp_path / "g.npz",
                  "--scenario", "shift", "--captures", 2, "--trains", 1,
                  "--pulses", 10, *raw)
    assert outcome.code == 0, outcome.stderr
    data = files.read(tmp_path / "g.npz")
    assert data.spectra.dtype == dtype
    assert data.classes == ("ground", "excited")
    np.testing.assert_array_equal(np.unique(data.groups), range(4))
