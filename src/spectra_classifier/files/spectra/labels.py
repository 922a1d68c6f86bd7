"""Labels: their text file, and class indices from words or numbers.

A label file has one of two forms. One column without a header: one label
per line, in the order of the spectra. Several columns with a header line:
`file,label`, `index,label` or `first,last,label` (both ends included,
numbers start at 0), and optionally `capture`. The label `-` leaves a
spectrum out; every other spectrum must have exactly one label. Columns are
separated by commas, semicolons or tabs, whichever makes the first line a
header; cells may be quoted. Lines that start with # and empty lines do not
count.
"""
import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.describe import unprintable
from ...errors import DataFileError
from ...model.plain import AnyPath
from ..refusals import read_text

LEFT_OUT = "-"
_NONE = "a negative number is not a class; leave such spectra out"
_PLACES = (("file",), ("index",), ("first", "last"))
_EXAMPLE = 'such as "first,last,label"'


def natural_key(text: str) -> tuple[list[tuple[int, str]], int, str]:
    """Sort key with numbers by value: run2 before run10.

    Where only zeros differ, the shorter one is first.
    """
    text = str(text)
    parts = [(int(part), "") if part.isdecimal() else (-1, part)
             for part in re.split(r"([0-9]{1,18})", text)]
    return parts, len(text), text


def encode(values: ArrayLike, class_names: ArrayLike | None, count: int,
           where: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Encode labels as class indices.

    Parameters
    ----------
    values
        Labels (count,): words or integers.
    class_names
        Names in the order of their index. Words are looked up there, integers
        are indices into it. If None, the labels are sorted (numbers by value,
        words with the numbers in them by value).
    count
        Number of spectra.
    where
        Opens the message of errors.

    Returns
    -------
    indices : (count,)
    names
        Class names in the order of their index.

    Raises
    ------
    DataFileError
        If a label is none, or is not one of the names.
    """
    values = np.asarray(values)
    if values.shape != (count,):
        raise DataFileError(f"{where}: {values.size} labels of shape "
                            f"{values.shape} for {count} spectra; expected "
                            "one label for each")
    if values.dtype.kind == "S":
        values = np.array([decoded(word) for word in values.tolist()])
    if values.dtype.kind == "U":
        values = np.char.strip(values)
        for row, word in enumerate(values.tolist()):
            check_word(f"{where}: label {row}", word)
    if values.dtype.kind == "f":
        whole = (np.abs(values) < 2**53) & (values == np.floor(values))
        if not whole.all():
            bad = int(np.flatnonzero(~whole)[0])
            raise DataFileError(f"{where}: label {bad} is {values[bad]}; "
                                "expected integers or words")
        values = values.astype(np.int64)
    if values.dtype.kind not in "iubU":
        raise DataFileError(f"{where}: labels of type {values.dtype}; "
                            "expected integers or words")
    if values.dtype.kind == "b":
        values = values.astype(np.int64)
    if values.dtype.kind == "i" and class_names is None and (
            values < 0).any():
        bad = int(np.flatnonzero(values < 0)[0])
        raise DataFileError(f"{where}: label {bad} is {values[bad]}; {_NONE}")
    if class_names is None:
        found, index = np.unique(values, return_inverse=True)
        if values.dtype.kind != "U":
            return index.astype(np.int64), tuple(map(str, found))
        class_names = tuple(sorted(found.tolist(), key=natural_key))
    names = tuple(str(name).strip() for name in np.ravel(class_names))
    for number, name in enumerate(names):
        check_word(f"{where}: class name {number}", name)
    if len(set(names)) < len(names):
        raise DataFileError(f"{where}: the class names {list(names)} are not "
                            "all different")
    if values.dtype.kind == "U":
        place = {name: index for index, name in enumerate(names)}
        strange = sorted(set(values.tolist()) - set(place))
        if strange:
            raise DataFileError(f"{where}: label {strange[0]!r} is not one "
                                f"of the class names {list(names)}")
        return np.array([place[v] for v in values.tolist()], np.int64), names
    outside = (values < 0) | (values >= len(names))
    if outside.any():
        bad = int(np.flatnonzero(outside)[0])
        raise DataFileError(f"{where}: label {bad} is {values[bad]}; with "
                            f"{len(names)} class names expected 0 to "
                            f"{len(names) - 1}")
    return values.astype(np.int64), names


def read_labels(path: AnyPath, count: int, names: Sequence[str] | None = None
               ) -> tuple[list[str | None], NDArray[np.int64] | None]:
    """Read the labels of spectra.

    Parameters
    ----------
    path
        Label file.
    count
        Number of spectra.
    names
        File of every spectrum, or None if they are not files.

    Returns
    -------
    labels
        One for each spectrum, None where it is left out.
    captures
        (count,), or None if the file has no such column.

    Raises
    ------
    DataFileError
        Names the line.
    """
    rows = _rows(path, lambda header: _place(header) is not None)
    if not rows:
        raise DataFileError(f"{path}: is empty; expected a label for each of "
                            f"{count} spectra")
    if max(len(cells) for _, cells in rows) == 1:
        if len(rows) != count:
            raise DataFileError(f"{path}: {len(rows)} labels for {count} "
                                "spectra; expected one label per line, "
                                f"or a header {_EXAMPLE}")
        return [_word(path, number, cells[0]) for number, cells in rows], None
    header = [cell.lower() for cell in rows[0][1]]
    place = _place(header)
    if place is None:
        raise DataFileError(
            f"{path}, line {rows[0][0]}: {','.join(rows[0][1])!r} is not a "
            "header; the first line names the columns file or index or "
            f"first and last, then label, then perhaps capture, {_EXAMPLE}")
    words, captures = {}, {}
    for number, cells in rows[1:]:
        if len(cells) != len(header):
            raise _columns(path, number, len(cells), len(header))
        row = dict(zip(header, cells, strict=True))
        for spectrum in _spectra(path, number, row, place, count, names):
            if spectrum in words:
                raise DataFileError(f"{path}, line {number}: spectrum "
                                    f"{_name(spectrum, names)} has a label "
                                    "already; remove one of them")
            words[spectrum] = _word(path, number, row["label"])
            captures[spectrum] = row.get("capture", "")
    missing = [i for i in range(count) if i not in words]
    if missing:
        raise DataFileError(
            f"{path}: {len(missing)} of {count} spectra have no label, the "
            f"first is {_name(missing[0], names)}; label them, or leave them "
            f"out with the label {LEFT_OUT}")
    order = range(count)
    groups = (_numbers([captures[i] for i in order])
              if "capture" in header else None)
    return [words[i] for i in order], groups


def _place(header: Iterable[str]) -> tuple[str, ...] | None:
    """The columns of a header that name the spectrum, None if it is none."""
    header = [cell.lower() for cell in header]
    place = next((p for p in _PLACES if set(p) <= set(header)), None)
    if place is None or "label" not in header or set(header) - {
            *place, "label", "capture"} or len(set(header)) < len(header):
        return None
    return place


def table_rows(path: AnyPath, header_of: Iterable[str]
              ) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Read a table with a header.

    Parameters
    ----------
    path
        Text file.
    header_of
        Names of which at least one is in the header.

    Returns
    -------
    header
        Names of the columns in lower case.
    rows
        [(line number, {column: cell})].

    Raises
    ------
    DataFileError
        If a line has another number of columns.
    """
    rows = _rows(path, lambda header: bool(
        set(header_of) & {cell.lower() for cell in header}))
    if len(rows) < 2:
        raise DataFileError(f"{path}: expected a header and at least one "
                            "line")
    header = [cell.lower() for cell in rows[0][1]]
    for number, cells in rows[1:]:
        if len(cells) != len(header):
            raise _columns(path, number, len(cells), len(header))
    return header, [(number, dict(zip(header, cells, strict=True)))
                    for number, cells in rows[1:]]


def _rows(path: AnyPath, is_header: Callable[[list[str]], bool]
         ) -> list[tuple[int, list[str]]]:
    """[(line number, cells)] of the lines that count.

    The separator is the one that makes the first line a header; without a
    header, the first of them that occurs outside quotation marks.
    """
    lines = [(number, line.strip()) for number, line in enumerate(
        re.split(r"\r\n|\n|\r", read_text(path)), 1)
        if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        return []
    separator = next((s for s in ",;\t" if is_header(
        _cells(path, *lines[0], s))), None)
    if separator is None:
        separator = next((s for s in ",;\t" if any(
            len(_cells(path, *line, s)) > 1 for line in lines)), ",")
    return [(number, _cells(path, number, line, separator))
            for number, line in lines]


def _cells(path: AnyPath, number: int, line: str, separator: str) -> list[str]:
    try:
        cells, = csv.reader([line], delimiter=separator, strict=True,
                            skipinitialspace=True)
    except (csv.Error, ValueError) as error:
        raise DataFileError(f"{path}, line {number}: is not CSV ({error}); "
                            "correct its quotation marks") from None
    return [cell.strip() for cell in cells]


def _columns(path: AnyPath, number: int, found: int,
             expected: int) -> DataFileError:
    return DataFileError(f"{path}, line {number}: {found} column"
                         f"{'s' * (found != 1)}, expected "
                         f"{expected} as in the first line")


def _word(path: AnyPath, number: int, cell: str) -> str | None:
    """The label of a cell, None where it leaves its spectrum out."""
    if cell == LEFT_OUT:
        return None
    check_word(f"{path}, line {number}: the label", cell)
    return cell


def check_word(where: str, word: str) -> None:
    """Check that `word` can be the name of a class.

    Raises
    ------
    DataFileError
        Opened by `where`: if it cannot.
    """
    if not word:
        raise DataFileError(f"{where} is empty; give the spectrum a class, "
                            "or leave it out")
    if re.fullmatch("-[0-9]+", word):
        raise DataFileError(f"{where} is {word}; {_NONE}")
    if unprintable(word):
        raise DataFileError(f"{where}, {word!a}, holds "
                            f"{unprintable(word)!a}, which no screen "
                            "can show; rename the class")


def decoded(word: bytes) -> str:
    """Decode UTF-8, else Latin-1, which old programs write."""
    try:
        return word.decode()
    except UnicodeDecodeError:
        return word.decode("latin-1")


def _name(spectrum: int, names: Sequence[str] | None) -> str:
    return f"{spectrum}" if names is None else f"{names[spectrum]}"


def _spectra(path: AnyPath, number: int, row: Mapping[str, str],
             place: tuple[str, ...], count: int,
             names: Sequence[str] | None) -> Iterable[int]:
    """The spectra that a line of the label file names."""
    if place == ("file",):
        if names is None:
            raise DataFileError(f"{path}: names files, but the spectra do "
                                "not come from a folder; use index, or "
                                "first and last")
        try:
            return [names.index(row["file"])]
        except ValueError:
            raise DataFileError(f"{path}, line {number}: there is no "
                                f"spectrum file {row['file']!r}") from None
    ends = []
    for column in place:
        cell = row[column]
        if not re.fullmatch("[0-9]{1,18}", cell) or not 0 <= int(cell) < count:
            raise DataFileError(f"{path}, line {number}: {column} is "
                                f"{cell!r}; expected a number from 0 to "
                                f"{count - 1}")
        ends.append(int(cell))
    if ends[0] > ends[-1]:
        raise DataFileError(f"{path}, line {number}: first, {ends[0]}, is "
                            f"greater than last, {ends[-1]}")
    return range(ends[0], ends[-1] + 1)


def _numbers(captures: Sequence[str]) -> NDArray[np.int64]:
    """Integers as they are; other names numbered as they first appear."""
    if all(re.fullmatch(r"\d{1,18}", name) for name in captures):
        return np.array([int(name) for name in captures], np.int64)
    number: dict[str, int] = {}
    return np.array([number.setdefault(name, len(number))
                     for name in captures], np.int64)
