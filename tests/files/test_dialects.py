"""Text files as programs and laboratories write them: read equal or refused,
never read otherwise."""
from itertools import product

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier import files
from spectra_classifier.errors import ConfigurationError, DataFileError
from spectra_classifier.files.spectra.delimited import TextOptions

X = 9010 + 0.1 * np.arange(12)
NUMBERS = st.floats(-1e9, 1e9).map(lambda value: round(value, 4))


def read(path, content, **options):
    path.write_bytes(content if isinstance(content, bytes)
                     else content.encode())
    return files.read(path, text=TextOptions(**options) if options else None)


@st.composite
def tables(draw):
    count = draw(st.integers(3, 15))
    first, step = draw(st.integers(-500, 9000)), draw(
        st.sampled_from((0.01, 0.1, 1, 7.5)))
    x = np.round(first + step * np.arange(count), 4)
    y = np.array(draw(st.lists(NUMBERS, min_size=count, max_size=count)))
    return x, y


@settings(deadline=None, max_examples=300)
@given(table=tables(), separator=st.sampled_from(" \t,;"),
       decimal=st.sampled_from(".,"), ending=st.sampled_from(
           ("\n", "\r\n", "\r")), header=st.sampled_from(
           ("", "# a b", "Energy (eV);Counts", "; 5.0 90.0", "12\n",
            "written … by\x85 12 5")), places=st.integers(0, 6),
       mark=st.sampled_from(("utf-8", "utf-8-sig", "latin-1", "utf-16")),
       index=st.booleans(), names=st.booleans(),
       thousands=st.booleans())
def test_pandas_and_numpy_dialects(tmp_path_factory, table, separator,
                                   decimal, ending, header, places, mark,
                                   index, names, thousands):
    x, y = table

    def number(value):
        text = f"{value:{',' if thousands else ''}.{places}f}"
        swap = str.maketrans(",.", ".,") if decimal == "," else {}
        return text.translate(swap)

    x, y = np.round(x, places), np.round(y, places)
    frame = [[str(row)] * index + [number(a), number(b)]
             for row, (a, b) in enumerate(zip(x, y, strict=True))]
    lines = [header] if header else []
    if names:
        lines.append(separator.join([""] * index + ["energy", "counts"]))
    lines += [separator.join(cells) for cells in frame]
    path = tmp_path_factory.mktemp("dialect") / "a.xy"
    content = (ending.join(lines).replace("\n", ending) + ending).encode(
        mark, "replace")
    try:
        data = read(path, content)
    except DataFileError as error:
        assert path.name in str(error)
        return
    order = slice(None) if x[0] < x[-1] else slice(None, None, -1)
    np.testing.assert_allclose(data.axis.values, x[order], rtol=1e-12)
    np.testing.assert_allclose(data.spectra[0], y[order], rtol=1e-12)


OPTIONS_OF_PANDAS = [
    dict(sep=","), dict(sep=";"), dict(sep="\t"), dict(sep=" "),
    dict(sep=";", decimal=","), dict(sep="\t", decimal=",")]


def test_tables_of_pandas_without_index_are_read(subtests, tmp_path):
    y = np.arange(12) + 0.0625
    frame = pandas.DataFrame({"energy": X, "counts": y})
    for options in OPTIONS_OF_PANDAS:
        with subtests.test(options=options):
            text = frame.to_csv(index=False, **options)
            data = read(tmp_path / "a.xy", text)
            np.testing.assert_allclose(data.axis.values, X, rtol=1e-15)
            np.testing.assert_array_equal(data.spectra, [y])
            assert data.axis.quantity == "energy"
            columns = data.provenance["dialect"]["columns"]
            assert columns == ["energy", "counts"]


def test_an_index_of_pandas_is_a_question(subtests, tmp_path):
    for options, names in product(
            [dict(sep=","), dict(sep=" "), dict(sep="\t", decimal=",")],
            [("energy", "counts"), ("counts", "error")]):
        with subtests.test(options=options, names=names):
            text = pandas.DataFrame(dict.fromkeys(names, X)).to_csv(**options)
            with pytest.raises(DataFileError, match="--columns"):
                read(tmp_path / "a.xy", text)
            data = read(tmp_path / "a.xy", text, columns="x=2,y=3")
            np.testing.assert_allclose(data.axis.values, X, rtol=1e-15)


DOUBTFUL = [
    ("10\t1,413\n11\t1,578\n", "--decimal"),
    ("10.0\t1,413\n11.0\t1,578\n", "comma in 1,413"),
    ("10\t1'413\n11\t8\n", "line 1: 1'413 is not"),
    ("10\t1 413\n11\t8\n", "line 2: 2 columns, but 3 in line 1"),
    ("10;1_413\n11;8\n", "line 1: 1_413 is not"),
    ("10;-\n11;8\n12;9\n", "line 1: - is not"),
    ("10\tN/A\n11\t8\n12\t9\n", "line 1: N/A is not"),
    ("10;\n11;8\n12;9\n", "line 1: an empty cell is not"),
    ("0.1 1,000.0\n0.2 9.0\n0.3 8.0\n", "line 1: 1,000.0 is not"),
    ("1 2\n2 1_000\n", "line 2: '1_000' is not a number"),
    ("1 2\n2 ١٢\n", "line 2: '١٢' is not a number"),
    ("1 2\n2 0x10\n", "line 2: '0x10' is not a number"),
    ("1 2\n2\x0c3\n", "line 2: "),
    ("# a\x85b\n1 2\n2 nan\n", "line 3: intensity is nan"),
    ("1 2 3\n2 3 4\n3 4 5\n", "counts the lines"),
    ("5 2 3\n6 3 4\n", "nothing states that the third"),
    ("# e i0 itrans\n5 2 3\n6 3 4\n", "i0, itrans; nothing states"),
    ("# e i err\n5 2 3\n6 3 -4\n", "line 3: the third column cannot"),
    ("5 2 3 4\n6 3 4 5\n", "4 columns"),
    ("1500 2\n" + "".join(f"{x:.1f} 3\n" for x in X), "line 1: the position"),
    ("".join(f"{x:.1f} 3\n" for x in X) + "99999 12\n",
     "line 13: the position")]


def test_what_is_in_doubt_is_refused(subtests, tmp_path):
    for content, message in DOUBTFUL:
        with subtests.test(content=content):
            with pytest.raises(DataFileError) as caught:
                read(tmp_path / "a.xy", content)
            assert message in str(caught.value)


@pytest.mark.parametrize("decimal, expected", [(",", 1.413), (".", 1413)])
def test_the_option_decides_what_a_comma_is(tmp_path, decimal, expected):
    data = read(tmp_path / "a.xy", "10\t1,413\n11\t1,578\n",
                decimal=decimal)
    assert data.spectra[0, 0] == expected


def test_columns_by_name_and_number(tmp_path):
    text = "# energy i0 itrans\n1 2 3\n2 4 5\n"
    for columns in "x=energy,y=itrans", "y=3,x=1", " x = 1 , y = itrans ":
        data = read(tmp_path / "a.xy", text, columns=columns)
        np.testing.assert_array_equal(data.spectra, [[3, 5]])
    for columns in "x=1,y=9", "x=1,y=nothing":
        with pytest.raises(DataFileError, match="has "):
            read(tmp_path / "a.xy", text, columns=columns)


EMPTY_OPTIONS = [
    dict(columns="1,2"), dict(columns="x=1"), dict(columns="x=1,y=2,z=3"),
    dict(decimal=";")]


def test_options_that_say_nothing(subtests):
    for options in EMPTY_OPTIONS:
        with (subtests.test(options=options),
              pytest.raises(ConfigurationError)):
            TextOptions(**options)


def test_a_line_that_counts_the_others_is_header(tmp_path):
    data = read(tmp_path / "a.xy", "3 2\n40 1\n41 1\n42 2\n")
    np.testing.assert_array_equal(data.axis.values, [40, 41, 42])
    for text in ("3 2\n4 1\n5 1\n6 2\n", "3 2\n2 1\n1 1\n0 2\n"):
        with pytest.raises(DataFileError, match="the number of lines"):
            read(tmp_path / "a.xy", text)
        assert len(read(tmp_path / "a.xy", text,
                        columns="x=1,y=2").axis) == 4


def test_a_number_above_the_points_may_be_one_of_them(tmp_path):
    for text in "0 \n1 5\n2 6\n", "# a\n9,5\n9,0 1\n8,5 1\n":
        with pytest.raises(DataFileError, match="has no intensity"):
            read(tmp_path / "a.xy", text)
    for text in "1455\n0.1 5\n0.2 6\n", "2\n3 5\n4 6\n", "5\n5 1\n6 1\n":
        assert len(read(tmp_path / "a.xy", text).axis) == 2


def test_units_below_names_and_a_padded_header(tmp_path):
    data = read(tmp_path / "a.xy", b"channel 1\0\0\0\0\r\nEnergy;Signal\r\n"
                b"[meV];[counts]\r\n10.0;1\r\n10.1;2\r\n")
    assert (data.axis.quantity, data.axis.unit) == ("energy", "meV")
    np.testing.assert_array_equal(data.axis.values, [10, 10.1])


XYE_HEADINGS = [
    (".xye", "", ("two_theta", "deg")),
    (".xye", "# TOF(us) I err\n", ("tof", "us")),
    (".xye", "# 2th_rad I err\n", ("two_theta", "rad")),
    (".xye", "# q_nm^-1 I sigma\n", ("q", "1/nm"))]


def test_custom_is_for_files_without_a_heading(subtests, tmp_path):
    for suffix, header, expected in XYE_HEADINGS:
        with subtests.test(header=header):
            data = read(tmp_path / f"a{suffix}", header + "10 1 1\n20 2 1\n")
            assert (data.axis.quantity, data.axis.unit) == expected


def test_a_stated_axis_is_not_replaced(tmp_path):
    (tmp_path / "a.xy").write_text("# Energy (keV) I\n1 2\n2 3\n")
    with pytest.raises(DataFileError, match="states an axis of energy in"):
        files.read(tmp_path / "a.xy", axis=("two_theta", "deg"))


def test_a_folder_is_read_whole_or_not(tmp_path):
    for zeros in (2, 5, 0, 3):
        (tmp_path / f"r_{'0' * zeros}1.xy").write_text(f"1 {zeros}\n2 3\n")
    assert files.read(tmp_path).spectra[:, 0].tolist() == [0, 2, 3, 5]
    (tmp_path / "Labels.CSV").write_text('"index","label"\n0,"a"\n1,"b, c"\n'
                                         '2,"a"\n3,-\n')
    assert files.read(tmp_path).classes == ("a", "b, c")
    (tmp_path / "labels.txt").write_text("a\nb\na\nb\n")
    with pytest.raises(DataFileError, match=r"Labels\.CSV and labels\.txt"):
        files.read(tmp_path)
    (tmp_path / "labels.txt").unlink()
    (tmp_path / "z.xy").symlink_to("nowhere")
    with pytest.raises(DataFileError, match=r"z\.xy: is a link to nothing"):
        files.read(tmp_path)


def test_names_need_not_be_utf_8(tmp_path):
    import os
    with open(os.fsencode(tmp_path) + b"/sp\xe9ctre.xy", "w") as file:
        file.write("1 2\n2 3\n")
    data = files.read(tmp_path)
    files.write_dataset(tmp_path / "out.h5", data)
    assert len(files.read(tmp_path / "out.h5")) == 1
    assert len(files.checksum(tmp_path)) == 64


@settings(deadline=None, max_examples=100)
@given(count=st.integers(2, 6), spare=st.integers(0, 2),
       seed=st.integers(0, 2**32 - 1), separator=st.sampled_from("\t,; "),
       named=st.booleans(), folder=st.booleans(), last=st.booleans())
def test_several_spectra_in_one_table(tmp_path_factory, count, spare, seed,
                                      separator, named, folder, last):
    """A spectrum in each column only where that was asked for."""
    y = np.random.default_rng(seed).normal(size=(len(X), count + spare))
    names = ["energy", *(f"s{column}" for column in range(count + spare))]
    table = pandas.DataFrame(np.column_stack([X, y]), columns=names)
    path = tmp_path_factory.mktemp("table") / "table.csv"
    table.to_csv(path, sep=separator, index=False, header=named)
    data = path.parent if folder else path
    with pytest.raises(DataFileError, match=r"--columns x=1,y=2.* each col"
                       if count + spare > 2 else "nothing states"):
        files.read(data)
    wanted = f"x=1,y={2 + spare}-{'' if last else 1 + spare + count}"
    found = files.read(data, text=TextOptions(columns=wanted))
    np.testing.assert_array_equal(found.spectra, y[:, spare:].T)
    assert found.files == tuple(
        f"table.csv:{f's{spare + k}' if named else spare + k + 2}"
        for k in range(count))
    for wrong in "x=2,y=2-", "x=1,y=3-2", "x=1,y=2-99":
        with pytest.raises(DataFileError, match=r"table\.csv"):
            files.read(data, text=TextOptions(columns=wrong))


@pytest.mark.parametrize("word", ["1\u00b2", "\uff11\uff12", "\u2460",
                                  "1\u2075"])
def test_digits_of_other_forms_are_no_header(tmp_path, word):
    with pytest.raises(DataFileError, match="line 1"):
        read(tmp_path / "a.dat", f"{word} 5\n2 6\n3 7\n4 8\n")
