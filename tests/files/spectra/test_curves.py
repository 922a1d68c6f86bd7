"""Text curves: single files and folders."""
import hashlib
import time

import numpy as np
import pytest

from spectra_classifier import files
from spectra_classifier.errors import DataFileError

X = 9.56 + 0.004 * np.arange(50)


def write(path, x=X, y=None, header="", separator=" ", columns=2):
    y = np.arange(len(x)) + 0.25 if y is None else y
    rows = [separator.join([repr(float(a)), repr(float(b)), "0.5"][:columns])
            for a, b in zip(x, y, strict=True)]
    path.write_text(header + "\n".join(rows) + "\n")
    return path


def folder_of(tmp_path, count=12, **options):
    for number in range(1, count + 1):
        write(tmp_path / f"ramp_{number}.xy",
              y=np.full(len(X), number * 1.1), **options)
    return tmp_path


def test_every_separator_gives_the_same_numbers(subtests, tmp_path):
    for separator in " ", "\t", ", ", ",", ";", "  ":
        with subtests.test(separator=separator):
            data = files.read(write(tmp_path / "a.xy", separator=separator))
            np.testing.assert_array_equal(data.axis.values, X)
            np.testing.assert_array_equal(data.spectra,
                                          [np.arange(len(X)) + 0.25])
            assert data.spectra.dtype == np.float64


def test_semicolons_allow_a_decimal_comma(tmp_path):
    path = tmp_path / "a.xy"
    path.write_text("9,5;1,25\n9,6;2,5\n")
    data = files.read(path)
    np.testing.assert_array_equal(data.axis.values, [9.5, 9.6])
    np.testing.assert_array_equal(data.spectra, [[1.25, 2.5]])


def test_decimal_commas_between_blanks(tmp_path):
    path = tmp_path / "a.xy"
    path.write_text("9,5 1,25\n9,6 2,5\n")
    data = files.read(path)
    np.testing.assert_array_equal(data.axis.values, [9.5, 9.6])
    np.testing.assert_array_equal(data.spectra, [[1.25, 2.5]])
    assert data.provenance["dialect"]["decimal"] == ","


def test_header_lines_of_any_kind_are_found(tmp_path):
    header = "detector LAMBDA\n# 2021 01\n\n1024\n" + "text 3 4\n" * 21
    data = files.read(write(tmp_path / "a.xy", header=header))
    assert data.provenance["header_lines"] == 25
    assert len(data.axis) == len(X)


HEADINGS = [
    ("# 2th_deg I", ("two_theta", "deg")),
    ("2theta intensity", ("two_theta", "deg")),
    ("energy (keV), counts", ("energy", "keV")),
    ("Energy intensity", ("energy", "unknown")),
    ("# q_A^-1 I", ("q", "1/angstrom")),
    ("channel counts", ("channel", "channel")),
    ("# 2th_deg I\n# ---", ("two_theta", "deg")),
    ("nothing to see", ("unknown", "unknown"))]


def test_headings_name_the_axis(subtests, tmp_path):
    for heading, expected in HEADINGS:
        with subtests.test(heading=heading):
            data = files.read(write(tmp_path / "a.xy", header=heading + "\n"))
            assert (data.axis.quantity, data.axis.unit) == expected


def test_xye_is_diffraction_and_its_errors_are_no_spectrum(tmp_path):
    data = files.read(write(tmp_path / "a.xye", columns=3))
    assert (data.axis.quantity, data.axis.unit) == ("two_theta", "deg")
    assert data.spectra.shape == (1, len(X))
    assert data.provenance["columns"] == 3


def test_stated_axis_wins(tmp_path):
    data = files.read(write(tmp_path / "a.xye", columns=3),
                      axis=("energy", "eV"))
    assert data.axis.quantity == "energy"


def test_comments_and_empty_lines_between_data(tmp_path):
    path = tmp_path / "a.xy"
    path.write_text("\ufeff1 2\n\n# pause\n! more\n2 3\n", "utf-8")
    np.testing.assert_array_equal(files.read(path).spectra, [[2, 3]])


def test_latin_1_header(tmp_path):
    path = tmp_path / "a.xy"
    path.write_bytes("2theta [\xb0]\n1 2\n2 3\n".encode("latin-1"))
    assert files.read(path).axis.quantity == "two_theta"


BAD_FILES = [
    ("", "is empty"),
    ("\n \n", "is empty"),
    ("# only\nwords here\n", "none of its 2 lines holds two numbers"),
    ("1 2\n", "single point, line 1"),
    ("h\n1 2\n2 3 4\n", "line 3: 3 columns, but 2 in line 2"),
    ("1 2\n2\n", "line 2: 1 column, but 2 in line 1"),
    ("1 2\n2 oops\n", "line 2: 'oops' is not a number"),
    ("1 2\n2 nan\n", "line 2: intensity is nan"),
    ("1 2\ninf 3\n", "line 2: position is inf"),
    ("1 2\n3 4\n2 5\n", "axis values 1 and 2 are 3 and 2"),
    ("1 2\n1 4\n", "axis values 0 and 1 are 1 and 1"),
    ("1 2\0", "not a text file")]


def test_bad_file_says_where_and_what(subtests, tmp_path):
    for content, message in BAD_FILES:
        with subtests.test(content=content):
            path = tmp_path / "bad.xy"
            path.write_text(content)
            with pytest.raises(DataFileError) as caught:
                files.read(path)
            assert str(caught.value).startswith(str(path))
            assert message in str(caught.value)


def test_folder_in_natural_order_with_progress(tmp_path):
    steps = []
    data = files.read(folder_of(tmp_path),
                      progress=lambda *step: steps.append(step))
    np.testing.assert_allclose(data.spectra[:, 0],
                               1.1 * np.arange(1, 13), rtol=1e-15)
    assert data.provenance["files"] == {
        "count": 12, "first": "ramp_1.xy", "last": "ramp_12.xy"}
    assert steps == [(i, 12) for i in range(1, 13)]


def test_decreasing_axis_is_reversed_with_its_spectra(tmp_path):
    write(tmp_path / "a.xy", x=X[::-1], y=np.arange(len(X)))
    data = files.read(tmp_path)
    np.testing.assert_array_equal(data.axis.values, X)
    np.testing.assert_array_equal(data.spectra[0],
                                  np.arange(len(X))[::-1])
    assert "reversed" in data.provenance["changes"][0]


@pytest.mark.parametrize("x, message", [
    (X[:-1], "49 channels instead of 50"),
    (X + 0.004, "channel 0 lies at"),
    (np.where(np.arange(50) == 9, 0, X), "axis values 8 and 9")])
def test_files_must_share_the_axis(tmp_path, x, message):
    write(tmp_path / "b_1.xy")
    write(tmp_path / "b_2.xy", x=x)
    with pytest.raises(DataFileError) as caught:
        files.read(tmp_path)
    assert str(tmp_path / "b_2.xy") in str(caught.value)
    assert message in str(caught.value)


def test_folder_without_spectra(tmp_path):
    (tmp_path / "notes.md").write_text("nothing")
    with pytest.raises(DataFileError, match="holds no spectra"):
        files.read(tmp_path)


def test_folder_with_two_kinds(tmp_path):
    write(tmp_path / "a.xy")
    write(tmp_path / "a.xye", columns=3)
    with pytest.raises(DataFileError, match="one kind per folder"):
        files.read(tmp_path)


def test_labels_of_the_folder(tmp_path):
    folder_of(tmp_path, 4)
    (tmp_path / "labels.csv").write_text(
        "first,last,label,capture\n0,1,hcp,5\n2,3,bcc,6\n")
    data = files.read(tmp_path)
    assert data.classes == ("bcc", "hcp")
    np.testing.assert_array_equal(data.labels, [1, 1, 0, 0])
    np.testing.assert_array_equal(data.groups, [5, 5, 6, 6])
    assert len(data.provenance["labels"]["sha256"]) == 64


def test_left_out_spectra_keep_their_numbers(tmp_path):
    folder_of(tmp_path, 4)
    labels = tmp_path / "my.csv"
    labels.write_text("file;label\nramp_1.xy;a\nramp_2.xy;-\n"
                      "ramp_4.xy;b\nramp_3.xy;b\n")
    data = files.read(tmp_path, labels=labels)
    np.testing.assert_array_equal(data.indices, [0, 2, 3])
    np.testing.assert_array_equal(data.labels, [0, 1, 1])
    assert "1 of 4 spectra left out" in data.provenance["changes"][0]


def test_checksum_depends_on_names_and_contents_alone(tmp_path):
    folder_of(tmp_path, 2)
    before = files.read(tmp_path).provenance["sha256"]
    (tmp_path / "notes.txt").write_text("hello")
    assert files.checksum(tmp_path) == before
    write(tmp_path / "ramp_2.xy")
    assert files.checksum(tmp_path) != before


def test_checksum_of_a_file_is_its_sha256(tmp_path):
    path = write(tmp_path / "a.xy")
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert files.checksum(path) == expected
    assert files.read(path).provenance["sha256"] == expected


def test_a_folder_of_a_run_is_read_as_one(tmp_path):
    (tmp_path / "RAW-R0012-HED01-S00000.h5").write_bytes(b"")
    with pytest.raises(DataFileError, match="EXtra-data cannot read"):
        files.read(tmp_path)
    with pytest.raises(DataFileError, match="there is no such run"):
        files.read("run:/some/where")


@pytest.mark.parametrize("name, message", [
    ("absent.xy", "no such file"), ("a.pkl", "ending in .pkl"),
    ("plain", "ending in nothing")])
def test_unknown_paths(tmp_path, name, message):
    if name != "absent.xy":
        (tmp_path / name).write_bytes(b"\x80\x04\0")
    with pytest.raises(DataFileError, match=message):
        files.read(tmp_path / name)


def test_text_of_any_suffix_is_read_where_it_is_named(tmp_path):
    for name in "a.ttt", "plain", "B.XY":
        (tmp_path / name).write_text("1304U1 \0\0\n1 2\n2 3\n")
        np.testing.assert_array_equal(
            files.read(tmp_path / name).spectra, [[2, 3]])


@pytest.mark.parametrize(("text", "words"), [
    ("1.5 " * 3_000_000, "line 1: is longer than"),
    ("1 2\n" * 50 + "7" * 200_000 + "\n", "line 51: is longer than"),
    ("1 2\n" * 2_100_000, "more than 1,000,000 lines")],
    ids=["one line", "a long line", "many lines"])
def test_a_text_that_is_no_curve_is_refused_at_once(tmp_path, text, words):
    """Not after minutes of trying every dialect."""
    (tmp_path / "a.xy").write_text(text)
    started = time.process_time()
    with pytest.raises(DataFileError, match=words):
        files.read(tmp_path / "a.xy")
    assert time.process_time() - started < 3


def folders(path):
    """Two classes of two curves each, and what else lies there."""
    for number, name in enumerate(("hcp", "bcc", ".hidden")):
        (path / name).mkdir()
        for place in (10, 9):
            (path / name / f"c_{place}.dat").write_text(
                f"1 {number}\n2 {place}\n")
    (path / "plots").mkdir()
    (path / "plots" / "a.png").write_bytes(b"\x89PNG")
    (path / "readme.md").write_text("1 2\n")
    return path


def test_a_folder_for_each_class(tmp_path):
    data = files.read(folders(tmp_path))
    assert data.classes == ("bcc", "hcp")
    np.testing.assert_array_equal(data.labels, [0, 0, 1, 1])
    np.testing.assert_array_equal(data.spectra,
                                  [[1, 9], [1, 10], [0, 9], [0, 10]])
    before = files.checksum(tmp_path)
    assert before == data.provenance["sha256"]
    assert tmp_path / "hcp" / "c_9.dat" in files.inputs_of(tmp_path)
    (tmp_path / "hcp" / "c_9.dat").rename(tmp_path / "bcc" / "c_99.dat")
    assert files.checksum(tmp_path) != before
    (tmp_path / "labels.csv").write_text(
        "file,label\nbcc/c_9.dat,a\nbcc/c_10.dat,-\nbcc/c_99.dat,b\n"
        "hcp/c_10.dat,b\n")
    assert files.read(tmp_path).classes == ("a", "b")


def test_a_pattern_names_curves(tmp_path):
    pattern = folders(tmp_path) / "*" / "c_9.dat"
    data = files.read(pattern)
    np.testing.assert_array_equal(data.spectra[:, 1], [9, 9])
    assert data.labels is None
    assert files.checksum(pattern) == data.provenance["sha256"]
    assert files.inputs_of(pattern) == [
        tmp_path / "bcc" / "c_9.dat", tmp_path / "hcp" / "c_9.dat"]
    with pytest.raises(DataFileError, match="no file fits"):
        files.read(tmp_path / "*.xyz")
    with pytest.raises(DataFileError, match="not a text curve"):
        files.read(tmp_path / "*.md")
    (tmp_path / "a[1].xy").write_text("1 2\n2 3\n")      # is no pattern
    assert len(files.read(tmp_path / "a[1].xy")) == 1


def test_notes_next_to_curves_and_two_kinds(tmp_path):
    (tmp_path / "a.dat").write_text("1 2\n2 3\n")
    for name in "notes.txt", "table.csv":
        (tmp_path / name).write_text("1 2 3\n")
    assert len(files.read(tmp_path)) == 1
    (tmp_path / "a.chi").write_text("1 2\n2 3\n")
    with pytest.raises(DataFileError, match=r"\.chi and \.dat.*/\*\.chi'"):
        files.read(tmp_path)
    for name in "a.dat", "a.chi":
        (tmp_path / name).unlink()
    with pytest.raises(DataFileError, match=r"\.csv and \.txt"):
        files.read(tmp_path)


HEADERS = [
    ("2-Theta Angle (Degrees)\n\n      2\n", ("two_theta", "deg")),
    ("# Column.1: energy eV\n# Column.2: i0\n# energy i0\n",
     ("energy", "eV")),
    ("# Column.1: angle degrees\n# a b\n", ("unknown", "deg")),
    ("name\nSciMode:IT1=448.99ms:(9/28/2012 3:47:08 PM)\n", None),
    ("energy of the electrons was low\n", None), ("E0 = 8979\n", None),
    ("# Energy (keV) I\n", ("energy", "keV")),
    ("# d*2_A^-2 I\n", None)]


def test_what_headers_state_of_the_axis(subtests, tmp_path):
    for header, expected in HEADERS:
        with subtests.test(header=header):
            (tmp_path / "a.dat").write_text(header + "10 1\n20 2\n")
            axis = files.read(tmp_path / "a.dat").axis
            assert (axis.quantity, axis.unit) == (
                expected or ("unknown", "unknown"))


def test_two_theta_by_custom_ends_at_half_a_turn(tmp_path):
    for last, expected in (6, "unknown"), (180, "two_theta"), (
            181, "unknown"), (9001, "unknown"):
        (tmp_path / "a.xye").write_text(f"1 1 1\n{last} 2 1\n")
        assert files.read(tmp_path / "a.xye").axis.quantity == expected


def test_long_lines_take_no_longer(tmp_path):
    from time import process_time

    (tmp_path / "a.csv").write_text((",".join(["1.5"] * 24_000) + "\n") * 20)
    start = process_time()
    with pytest.raises(DataFileError, match="24000 columns"):
        files.read(tmp_path / "a.csv")
    assert process_time() - start < 10      # was minutes


def test_curves_of_a_folder_in_another_form(tmp_path):
    (tmp_path / "a1.dat").write_text("1 2\n2 3\n")
    (tmp_path / "a2.dat").write_text("1;2\n2;3\n")
    changes = files.read(tmp_path).provenance["changes"]
    assert changes == ["1 of 2 files: written in another form than a1.dat"]
    (tmp_path / "a3.dat").write_text("# Energy (eV) I\n1 2\n2 3\n")
    with pytest.raises(DataFileError, match=r"energy in eV, and a1\.dat one"):
        files.read(tmp_path)
