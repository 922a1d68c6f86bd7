"""convert and simulate."""
import json

import h5py
import numpy as np
import pytest
from mock_runs import gotthard_run

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


BAD_INDICES = [
    ("[1, 60]", "no spectrum 60 in the data; numbers go from 0 to 59"),
    ("[-1]", "names spectrum -1"),
    ("[]", "not an empty one"),
    ("[1, 1]", "names a spectrum twice"),
    ("[true]", "list of whole numbers"),
    ('{"a": 1}', "list of whole numbers"),
    ("oops", "cannot be read as JSON")]


def test_bad_indices(run, spectra_file, tmp_path, subtests):
    for text, message in BAD_INDICES:
        with subtests.test(text=text):
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


@pytest.mark.parametrize("kind", ["input", "link", "protected", "folder"])
def test_nothing_is_overwritten_that_must_stay(run, spectra_file, tmp_path,
                                               kind):
    target = {"input": spectra_file, "link": tmp_path / "link.h5",
              "protected": tmp_path / "old.h5",
              "folder": tmp_path / "folder.h5"}[kind]
    (tmp_path / "old.h5").write_bytes(b"old")
    if kind == "link":
        target.symlink_to("old.h5")
    elif kind == "protected":
        target.chmod(0o444)
    elif kind == "folder":
        target.mkdir()
    before = spectra_file.read_bytes()
    outcome = run("convert", spectra_file, "-o", target)
    assert outcome.code == 2
    assert target.name in outcome.stderr
    assert spectra_file.read_bytes() == before
    assert (tmp_path / "old.h5").read_bytes() == b"old"


@pytest.mark.parametrize("option", ["--labels", "--dark", "--indices"])
def test_no_option_is_overwritten(run, spectra_file, tmp_path, option):
    other = tmp_path / "other.npz"
    other.write_bytes(spectra_file.read_bytes())
    outcome = run("convert", spectra_file, option, other, "-o", other)
    assert outcome.code == 2
    assert "is an input, too" in outcome.stderr


def test_a_report_does_not_replace_the_data(run, model_file, spectra_file):
    data = spectra_file.rename(spectra_file.with_name("a.report.h5"))
    outcome = run("evaluate", model_file, data, "--report",
                  data.with_name("a.html"))
    assert "a.report.h5: is an input, too" in outcome.stderr


def test_a_number_of_two_spectra_is_a_question(run, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(4.), Y=np.ones((4, 4)),
             indices=[0, 1, 0, 2])
    for text, code in ("[0]", 2), ("[1, 2]", 0):
        (tmp_path / "i.json").write_text(text)
        outcome = run("convert", tmp_path / "a.npz", "--indices",
                      tmp_path / "i.json", "-o", tmp_path / "b.npz")
        assert outcome.code == code
    assert len(files.read(tmp_path / "b.npz")) == 2


ABSURD_INDICES = ["[" * 100_000, "[1e999]", "[0, 1", f"[{'9' * 5000}]",
                  "[99999999999999999999]"]


def test_absurd_indices_are_one_line(run, spectra_file, tmp_path, subtests):
    for text in ABSURD_INDICES:
        with subtests.test(text=text[:20]):
            (tmp_path / "i.json").write_text(text)
            outcome = run("convert", spectra_file, "--indices",
                          tmp_path / "i.json", "-o", tmp_path / "b.npz")
            assert outcome.code == 2
            assert "i.json" in outcome.stderr
            assert outcome.stderr.count("\n") == 1


def test_how_text_was_understood_is_shown(run, tmp_path):
    (tmp_path / "a.xy").write_text("# e i0 itrans\n1,5\t2\t3\n2,5\t3\t4\n")
    outcome = run("convert", tmp_path / "a.xy", "-o", tmp_path / "a.npz",
                  "--columns", "x=e,y=itrans", "--json")
    assert outcome.document["dialect"] == {
        "separator": "tab", "decimal": ",", "columns": ["e", "i0", "itrans"],
        "x": 1, "y": 3, "first_line": 2, "last_line": 3,
        "left_out": [[1, 1]], "lines_left_out": 1}
    assert "column 3 (itrans)" in run(
        "convert", tmp_path / "a.xy", "-o", tmp_path / "a.npz", "--columns",
        "x=e,y=itrans").stdout
    outcome = run("convert", tmp_path / "a.npz", "-o", tmp_path / "b.npz",
                  "--decimal", ",")
    assert outcome.code == 2
    assert "for text curves" in outcome.stderr


def test_every_command_reports_what_it_read(run, model_file, spectra_file,
                                            tmp_path):
    commands = {
        "train": ["train", spectra_file, "-o", tmp_path / "m.onnx",
                  "--members", "linear", "--bins", 4],
        "evaluate": ["evaluate", model_file, spectra_file],
        "classify": ["classify", model_file, spectra_file, "-o",
                     tmp_path / "r.h5"],
        "convert": ["convert", spectra_file, "-o", tmp_path / "c.h5"]}
    for name, command in commands.items():
        outcome = run(*command, "--json")
        found = outcome.document
        found = found if name == "convert" else found["data"]
        assert found["axis"] == {
            "quantity": "two_theta", "unit": "deg", "first": 10., "last": 20.,
            "from": "name and units of /entry/data/two_theta"}
        assert (found["spectra"], found["channels"]) == (60, 40)
        if name != "classify":
            assert list(found["classes"].items()) == [
                ("cold", 30), ("hot", 30)]
        if name != "convert":
            assert "10 to 20 deg" in outcome.stderr


def test_what_was_read_of_a_run(run, model_file, tmp_path):
    folder = gotthard_run(tmp_path / "r0001", np.ones((3, 2, 40), np.uint16))
    source = f"run:{folder}"
    outcome = run("classify", model_file, source, "-o", tmp_path / "r.h5",
                  "--json")
    assert outcome.document["data"]["spectra"] == 6
    assert outcome.document["data"]["axis"]["from"].startswith("the model")
    outcome = run("convert", source, "-o", tmp_path / "c.npz", "--axis",
                  "energy:eV", "--calibration", "9000,1")
    assert "from the calibration" in outcome.stdout


def test_lines_left_out_and_files_of_classes(run, tmp_path):
    for name in "bcc", "hcp":
        (tmp_path / "s" / name).mkdir(parents=True)
        for number in range(2):
            (tmp_path / "s" / name / f"a{number}.dat").write_text(
                "# Energy (eV) I\n\n# 1\n1 2\n2 3\n# end\n3 4\n>>>>>End\n")
    outcome = run("convert", tmp_path / "s", "-o", tmp_path / "a.npz",
                  "--json")
    assert outcome.document["classes"] == {"bcc": 2, "hcp": 2}
    assert outcome.document["files"] == {
        "count": 4, "first": "bcc/a0.dat", "last": "hcp/a1.dat"}
    assert outcome.document["dialect"]["left_out"] == [[1, 3], [6, 6], [8, 8]]
    assert outcome.document["axis"]["from"].startswith("the header")
    assert "lines 1 to 3, 6, 8" in run(
        "convert", tmp_path / "s", "-o", tmp_path / "a.npz").stdout
    outcome = run("convert", tmp_path / "s" / "*" / "a1.dat", "-o",
                  tmp_path / "a.npz", "--json")
    assert outcome.document["spectra"] == 2
    assert outcome.document["classes"] is None


@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_check_draws_the_first_spectra(run, spectra_file, tmp_path,
                                       json_option):
    outcome = run("convert", spectra_file, "-o", tmp_path / "a.h5",
                  "--check", *json_option)
    assert outcome.code == 0
    shown = outcome.stderr if json_option else outcome.stdout
    assert "spectrum 2, cold" in shown and "spectrum 3" not in shown
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    if json_option:
        assert outcome.document["picture"] == str(tmp_path / "a.png")


def test_a_dark_on_another_axis_is_refused(run, spectra_file, tmp_path):
    data = files.read(spectra_file)
    for shift, code in (0, 0), (1, 2):
        np.savez(tmp_path / "dark.npz", x=data.axis.values + shift,
                 Y=data.spectra[:3])
        outcome = run("convert", spectra_file, "--dark",
                      tmp_path / "dark.npz", "-o", tmp_path / "b.npz")
        assert outcome.code == code
    assert "another axis" in outcome.stderr


def test_model_and_data_in_the_wrong_order(run, model_file, spectra_file,
                                           tmp_path):
    for command in ("evaluate", "classify"):
        more = [] if command == "evaluate" else ["-o", tmp_path / "r.h5"]
        outcome = run(command, spectra_file, model_file, *more)
        assert "MODEL comes first" in outcome.stderr
