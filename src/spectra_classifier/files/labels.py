"""Labels: their text file, and from words or numbers to class indices.

A label file has one of two forms. One column without a header: one label
per line, in the order of the spectra. Several columns with a header line:
`file,label`, `index,label` or `first,last,label` (both ends included,
numbers start at 0), and optionally `capture`. The label `-` leaves a
spectrum out; every other spectrum must have exactly one label. Columns are
separated by commas, semicolons or tabs; lines that start with # and empty
lines do not count.
"""
import re
from pathlib import Path

import numpy as np

from ..errors import DataFileError

LEFT_OUT = "-"
_PLACES = (("file",), ("index",), ("first", "last"))
_EXAMPLE = 'such as "first,last,label"'


def natural_key(text):
    """Sort key with numbers by value: run2 before run10."""
    return [(int(part), "") if part.isdigit() else (-1, part)
            for part in re.split(r"(\d+)", str(text))]


def encode(values, class_names, count, where):
    """Class indices (count,) int64 and the class names in their order.

    Words and numbers are sorted (numbers by value, words with the numbers in
    them by value); with `class_names`, words are looked up there and
    integers are indices into it. Raises `DataFileError`, opened by `where`.
    """
    values = np.asarray(values)
    if values.shape != (count,):
        raise DataFileError(f"{where}: {values.size} labels of shape "
                            f"{values.shape} for {count} spectra; expected "
                            "one label for each")
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8")
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (values == np.floor(values))
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
    if class_names is None:
        found, index = np.unique(values, return_inverse=True)
        if values.dtype.kind != "U":
            return index.astype(np.int64), tuple(map(str, found))
        class_names = tuple(sorted(found.tolist(), key=natural_key))
    names = tuple(map(str, class_names))
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


def read_labels(path, count, names=None):
    """Labels of `count` spectra: words (None: left out) and captures.

    `names`: the file of every spectrum, or None where there are no files.
    Captures are (count,) int64 or None. Raises `DataFileError` with the line.
    """
    rows = _rows(path)
    if not rows:
        raise DataFileError(f"{path}: is empty; expected a label for each of "
                            f"{count} spectra")
    if max(len(cells) for _, cells in rows) == 1:
        if len(rows) != count:
            raise DataFileError(f"{path}: {len(rows)} labels for {count} "
                                "spectra; expected one label per line, "
                                f"or a header {_EXAMPLE}")
        return [_word(cells[0]) for _, cells in rows], None
    header = [cell.lower() for cell in rows[0][1]]
    place = next((p for p in _PLACES if set(p) <= set(header)), None)
    if place is None or "label" not in header or set(header) - {
            *place, "label", "capture"}:
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
            words[spectrum] = _word(row["label"])
            captures[spectrum] = row.get("capture")
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


def table_rows(path):
    """Header (lower case) and [(line number, {column: cell})] of a table.

    Raises `DataFileError` where a line has another number of columns.
    """
    rows = _rows(path)
    if len(rows) < 2:
        raise DataFileError(f"{path}: expected a header and at least one "
                            "line")
    header = [cell.lower() for cell in rows[0][1]]
    for number, cells in rows[1:]:
        if len(cells) != len(header):
            raise _columns(path, number, len(cells), len(header))
    return header, [(number, dict(zip(header, cells, strict=True)))
                    for number, cells in rows[1:]]


def _rows(path):
    """[(line number, cells)] of the lines that count."""
    try:
        text = Path(path).read_text("utf-8-sig")
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read "
                            f"({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise DataFileError(f"{path}: is not a text file in UTF-8; save it "
                            "as plain text or CSV") from None
    lines = [(number, line.strip()) for number, line
             in enumerate(text.splitlines(), 1)
             if line.strip() and not line.lstrip().startswith("#")]
    separator = next((s for s in ",;\t"
                      if any(s in line for _, line in lines)), None)
    return [(number, [cell.strip() for cell in line.split(separator)]
             if separator else [line]) for number, line in lines]


def _columns(path, number, found, expected):
    return DataFileError(f"{path}, line {number}: {found} column"
                         f"{'s' * (found != 1)}, expected "
                         f"{expected} as in the first line")


def _word(cell):
    return None if cell == LEFT_OUT else cell


def _name(spectrum, names):
    return f"{spectrum}" if names is None else f"{names[spectrum]}"


def _spectra(path, number, row, place, count, names):
    """The spectra that a line of the label file speaks of."""
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
        if not cell.isdecimal() or not 0 <= int(cell) < count:
            raise DataFileError(f"{path}, line {number}: {column} is "
                                f"{cell!r}; expected a number from 0 to "
                                f"{count - 1}")
        ends.append(int(cell))
    if ends[0] > ends[-1]:
        raise DataFileError(f"{path}, line {number}: first {ends[0]} lies "
                            f"behind last {ends[-1]}")
    return range(ends[0], ends[-1] + 1)


def _numbers(captures):
    """Integers as they are; other names numbered as they first appear."""
    if all(re.fullmatch(r"\d{1,18}", name) for name in captures):
        return np.array([int(name) for name in captures], np.int64)
    number = {}
    return np.array([number.setdefault(name, len(number))
                     for name in captures], np.int64)
