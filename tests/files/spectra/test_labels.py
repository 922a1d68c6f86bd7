"""Label files and the encoding of labels."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.errors import DataFileError
from spectra_classifier.files.spectra.labels import (
    encode,
    natural_key,
    read_labels,
)


@pytest.fixture
def label_file(tmp_path):
    def write(text):
        path = tmp_path / "labels.csv"
        path.write_text(text)
        return path
    return write


def test_one_label_per_line(label_file):
    words, groups = read_labels(label_file("# mine\nbcc\n\nhcp\n-\n"), 3)
    assert words == ["bcc", "hcp", None]
    assert groups is None


def test_index_column_and_named_captures(label_file):
    words, groups = read_labels(label_file(
        "index\tlabel\tcapture\n1\thot\tsecond\n0\tcold\tfirst\n"), 2)
    assert words == ["cold", "hot"]
    np.testing.assert_array_equal(groups, [0, 1])


BAD_FILES = [
    ("", "is empty"),
    ("a\nb\n", "2 labels for 3 spectra"),
    ("a\nb,c\nd\n", "line 1: 'a' is not a header"),
    ("name,label\n0,a\n", "line 1: 'name,label' is not a header"),
    ("index,label,colour\n0,a,red\n", "is not a header"),
    ("index,label\n0,a\n1\n", "line 3: 1 column, expected 2"),
    ("index,label\n0,a\n3,b\n", "line 3: index is '3'; expected a number "
     "from 0 to 2"),
    ("index,label\nx,a\n", "index is 'x'"),
    ("index,label\n0,a\n0,b\n", "line 3: spectrum 0 has a label already"),
    ("index,label\n0,a\n", "2 of 3 spectra have no label, the first is 1"),
    ("first,last,label\n2,0,a\n", "first, 2, is greater than last, 0"),
    ("file,label\na.xy,b\n", "do not come from a folder")]


def test_bad_label_file_says_where_and_what(subtests, label_file):
    for text, message in BAD_FILES:
        with subtests.test(text=text):
            with pytest.raises(DataFileError) as caught:
                read_labels(label_file(text), 3)
            assert "labels.csv" in str(caught.value)
            assert message in str(caught.value)


def test_unknown_file_name(label_file):
    with pytest.raises(DataFileError, match=r"line 2: .*'c\.xy'"):
        read_labels(label_file("file,label\nc.xy,1\n"), 1, ["a.xy"])


def test_label_file_that_is_no_text(tmp_path):
    path = tmp_path / "l.csv"
    path.write_bytes(b"\xff\x00a")
    with pytest.raises(DataFileError, match="UTF-8"):
        read_labels(path, 1)
    with pytest.raises(DataFileError, match="cannot be read"):
        read_labels(tmp_path / "absent.csv", 1)


ENCODED = [
    ([10, 9, 10], None, [1, 0, 1], ("9", "10")),
    (["b10", "b9"], None, [1, 0], ("b9", "b10")),
    ([0., 1.], None, [0, 1], ("0", "1")),
    ([True, False], None, [1, 0], ("0", "1")),
    ([b"x", b"y"], None, [0, 1], ("x", "y")),
    ([1, 0], ["off", "on"], [1, 0], ("off", "on")),
    (["on", "off"], ["on", "off", "never"], [0, 1],
     ("on", "off", "never"))]


def test_encoding(subtests):
    for values, names, indices, classes in ENCODED:
        with subtests.test(values=values, names=names):
            found, found_classes = encode(values, names, len(values), "here")
            np.testing.assert_array_equal(found, indices)
            assert found.dtype == np.int64
            assert found_classes == classes


IMPOSSIBLE = [
    ([0, 1], None, "here: 2 labels"),
    ([0.5, 1, 2], None, "label 0 is 0.5"),
    ([np.nan, 1, 2], None, "label 0 is nan"),
    ([1j, 2, 3], None, "labels of type complex"),
    ([0, 1, 2], ["a", "b"], "label 2 is 2; with 2 class names"),
    ([0, 1, -1], ["a", "b"], "label 2 is -1"),
    (["a", "b", "c"], ["a", "b"], "'c' is not one of"),
    ([0, 1, 0], ["a", "a"], "not all different")]


def test_labels_that_cannot_be(subtests):
    for values, names, message in IMPOSSIBLE:
        with subtests.test(message=message):
            with pytest.raises(DataFileError) as caught:
                encode(values, names, 3, "here")
            assert message in str(caught.value)


@given(st.lists(st.integers(0, 2**40), min_size=1))
def test_encoding_of_integers_can_be_undone(values):
    indices, classes = encode(values, None, len(values), "here")
    assert [int(classes[i]) for i in indices] == values
    assert sorted(map(int, classes)) == list(map(int, classes))


@given(st.lists(st.integers(0, 10**9), unique=True))
def test_natural_order_is_the_order_of_the_numbers(numbers):
    names = [f"ramp_{n}_m1.xy" for n in numbers]
    assert sorted(names, key=natural_key) == [
        f"ramp_{n}_m1.xy" for n in sorted(numbers)]


FOREIGN_FILES = [
    ('"index","label"\n0,"bcc"\n1,"Fe, bcc"\n', ["bcc", "Fe, bcc"]),
    ("index;label\n0;0,5 GPa\n1;1,5 GPa\n", ["0,5 GPa", "1,5 GPa"]),
    ('"bcc"\n"h ""c"" p"\n', ["bcc", 'h "c" p']),
    ("10²\n10³\n", ["10²", "10³"]),
    ("a\x85b\nc\n", ["a\x85b", "c"])]


def test_labels_as_others_write_them(subtests, label_file):
    for text, expected in FOREIGN_FILES:
        with subtests.test(text=text):
            if "\x85" in text:
                # no line end, and no name of a class either
                with pytest.raises(DataFileError, match="no screen can show"):
                    read_labels(label_file(text), 2)
                continue
            words, _ = read_labels(label_file(text), 2)
            assert words == expected
            assert encode(words, None, 2, "here")[1] == tuple(
                sorted(expected, key=natural_key))


CLASSLESS_FILES = [
    ("index,label\n0,a\n1,\n", "line 3: the label is empty"),
    ("index,label\n0,a\n1,-1\n", "line 3: the label is -1"),
    ('index,label\n0,a\n1,"b\n', "line 3: is not CSV"),
    ("index,index,label\n0,0,a\n", "is not a header")]


def test_labels_that_name_no_class(subtests, label_file):
    for text, message in CLASSLESS_FILES:
        with subtests.test(text=text):
            with pytest.raises(DataFileError) as caught:
                read_labels(label_file(text), 2)
            assert message in str(caught.value)


CLASSLESS = [
    ([0, -1], "label 1 is -1"), (["a", ""], "label 1 is empty"),
    (["a", "-1"], "label 1 is -1"), ([0., 1e300], "label 1 is 1e[+]300"),
    (["a", "b\x1b[31m"], "no screen can show"),
    (["a", "\ud800"], "no screen can show")]


def test_values_that_name_no_class(subtests):
    for values, message in CLASSLESS:
        with (subtests.test(values=ascii(values)),
              pytest.raises(DataFileError, match=message)):
            encode(values, None, 2, "here")


def test_blanks_around_a_label_do_not_count():
    assert encode(["bcc", "bcc ", " hcp"], None, 3, "")[1] == ("bcc", "hcp")


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=8))
def test_csv_of_any_words_is_read_equal_or_refused(tmp_path_factory, words):
    import csv
    path = tmp_path_factory.mktemp("words") / "labels.csv"
    with path.open("w", newline="", encoding="utf-8",
                   errors="surrogatepass") as file:
        writer = csv.writer(file)
        writer.writerow(["index", "label"])
        writer.writerows(enumerate(words))
    try:
        found, _ = read_labels(path, len(words))
    except DataFileError:
        return
    assert [word or "-" for word in found] == [w.strip() for w in words]
