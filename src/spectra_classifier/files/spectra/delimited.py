"""Numbers in columns: which characters separate columns and decimals.

Nothing is guessed silently. A dialect is a separator (semicolon, tab, comma
or blanks) and a decimal sign. The one that reads most lines is taken, in the
order of `_DIALECTS` where several do; a file that can be understood in two
ways is refused with the option that decides.
"""
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from ...errors import ConfigurationError, DataFileError
from ...model.plain import AnyPath

#: the last one frames the data of Ocean Optics
COMMENTS = ("#", "!", "%", ";", "//", ">>>>>")
_SEPARATORS = {"semicolon": r"[ \t]*;[ \t]*", "tab": r" *\t *",
               "comma": r"[ \t]*,[ \t]*", "blanks": r"[ \t]+"}
_DIALECTS = [(separator, decimal)
             for separator in ("semicolon", "tab", "comma", "blanks")
             for decimal in (".", ",")
             if (separator, decimal) != ("comma", ",")]
_NUMBER = {sign: re.compile(
    rf"[+-]?([0-9]+{re.escape(sign)}?[0-9]*|{re.escape(sign)}[0-9]+)"
    r"([eEdD][+-]?[0-9]+)?|[+-]?(nan|inf|infinity)",
    re.ASCII | re.IGNORECASE) for sign in ".,"}
#: 1,413: a decimal comma, or one between thousands
_THOUSANDS = {sign: re.compile(
    rf"[+-]?[1-9][0-9]{{0,2}}({re.escape(sign)}[0-9]{{3}})+"
    r"(\.[0-9]*)?" if sign == "," else
    rf"[+-]?[1-9][0-9]{{0,2}}({re.escape(sign)}[0-9]{{3}})+(,[0-9]*)?")
    for sign in ",."}
#: lines of a file, and characters of a line
MAX_LINES, MAX_LINE = 1_000_000, 100_000
#: lines that show the dialect, where there are numbers among them
_SAMPLE = 200
#: numbers of any dialect and nothing else
_PLAIN = re.compile(r"[0-9eEdD.,; \t\n+-]*")
_LIKE_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*([eEdD][+-]?[0-9]+)?")
#: a number with marks between the thousands, of whatever kind
_BROADLY = re.compile(r"[+-]?[0-9][0-9.,'\u2019_ \u00a0\u2009\u202f]*"
                      r"([eEdD][+-]?[0-9]+)?")
#: what programs write for no value
_MISSING = re.compile(r"|-+|\*+|\?|n\.?/?a\.?n?|none|null|missing|#n/a",
                      re.IGNORECASE)
_EXPONENTS = str.maketrans("dD", "ee")
_TO_FLOAT = str.maketrans("dD,", "ee.")
#: what an error of the intensity is called
_ERROR = re.compile(r"(y[ _-]?)?(err(or)?s?|sigma|e\.?s\.?d\.?s?|std|stdev|"
                    r"stddev|unc(ertainty)?|d[iy]|e|weight)"
                    r"([ _(\[].*)?|.*[ _](err(or)?|sigma|esd|std)s?"
                    r"([ (\[].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class TextOptions:
    """What the user states of the text files.

    Attributes
    ----------
    columns
        "x=1,y=2", numbers from 1 or headings, or "x=1,y=2-9" and "x=1,y=2-"
        for a spectrum in each column; "" where the file states it.
    decimal
        "." or ","; "" where the file shows it.
    """
    columns: str = ""
    decimal: str = ""

    def __post_init__(self) -> None:
        if self.decimal not in ("", ".", ","):
            raise ConfigurationError(f"--decimal {self.decimal}: use . or ,")
        if self.columns:
            self.wanted()

    def wanted(self) -> dict[str, str]:
        """{"x": column, "y": column}, as they were given."""
        found = dict(re.findall(r"(?:^|,)\s*([xy])\s*=\s*([^,=]+?)\s*"
                                r"(?=,|$)", self.columns))
        if set(found) != {"x", "y"} or self.columns.count("=") != 2:
            raise ConfigurationError(
                f"--columns {self.columns}: expected the columns of position "
                "and intensity, such as x=1,y=2 or x=energy,y=counts, or "
                "x=1,y=2- for a spectrum in each of the others")
        return found


@dataclass(frozen=True, eq=False)
class Table:
    """The numbers of a text file and how they were understood.

    Attributes
    ----------
    values
        (points, columns)
    lines
        Line number of each point.
    header
        The lines above the points.
    names
        Headings of the columns; None where there are none that fit.
    separator, decimal
        The dialect.
    texts
        The lines of the points.
    left_out
        First and last number of lines in a row that hold text and no points;
        empty lines between them count for nothing.
    """
    values: NDArray[np.float64]
    lines: list[int]
    header: list[str]
    names: list[str] | None
    separator: str
    decimal: str
    texts: list[str]
    left_out: list[tuple[int, int]]

    def cell(self, row: int, column: int) -> str:
        """A number as it is written."""
        return _cells(self.texts[row], self.separator)[column]


def is_number(word: str) -> bool:
    """Whether a word is a number with a decimal point, and finite."""
    return bool(_NUMBER["."].fullmatch(word)) and word.strip("+-")[
        :1] not in "niNI" and "d" not in word.lower()


def split_lines(text: str) -> list[str]:
    """Lines as editors count them: U+0085 and form feeds end none."""
    return re.split(r"\r\n|\n|\r", text)


def read_table(path: AnyPath, text: str,
               options: TextOptions | None = None) -> Table:
    """Read the numbers of a text.

    Raises
    ------
    DataFileError
        Names the bad line.
    """
    options = options or TextOptions()
    _check_size(path, text)
    lines = split_lines(text)
    _check_lengths(path, lines)
    separator, decimal = _dialect(path, lines, options)
    thousands = bool(options.decimal)

    def number(line: str) -> list[float] | None:
        return _numbers(line, separator, decimal, thousands)

    start = next(i for i, line in enumerate(lines) if number(line))
    _check_header(path, lines[:start], separator, decimal)
    data = [(place, line) for place, line
            in enumerate(lines[start:], start + 1)
            if line.strip(" \t\f") and not line.lstrip().startswith(COMMENTS)]
    values = None if thousands else _at_once(data, separator, decimal)
    if values is None:
        values = _one_by_one(path, data, number, separator, decimal)
    header = [line.replace("\0", "") for line in lines[:start]]
    return Table(values, [place for place, _ in data], header,
                 _headings(header, separator, values.shape[1]), separator,
                 decimal, [line for _, line in data],
                 _left_out(lines, {place for place, _ in data}))


def _left_out(lines: Sequence[str],
              points: set[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    joined = False
    for place, line in enumerate(lines, 1):
        if place in points:
            joined = False
        elif line.strip():
            first = found.pop()[0] if joined else place
            found.append((first, place))
            joined = True
    return found


def _check_size(path: AnyPath, text: str) -> None:
    """`DataFileError` for a text that no curve needs and that takes minutes.
    """
    if text.count("\n") + text.count("\r") > 2 * MAX_LINES:
        raise DataFileError(f"{path}: has more than {MAX_LINES:,} lines; "
                            "expected the points of one spectrum")


def _check_lengths(path: AnyPath, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            raise DataFileError(
                f"{path}, line {number}: is longer than {MAX_LINE:,} "
                "characters; expected columns of position and intensity, one "
                "point a line")


def _check_header(path: AnyPath, header: Sequence[str], separator: str,
                  decimal: str) -> None:
    """`DataFileError` where a line above the data is a point, too, but of
    another form: the first may be the only one above a thousand, or have no
    value."""
    other = ",." [decimal == ","]
    for place, line in enumerate(header, 1):
        if line.lstrip().startswith(COMMENTS):
            continue
        words = re.split(r"[;\t ]+", line.strip(" \t"))
        bad = None
        if len(words) > 1 and all(map(_LIKE_NUMBER.fullmatch, words)):
            bad = next((word for word in words if other in word), None)
        cells = [cell.strip().strip("\"'").strip() for cell in re.split(
            _SEPARATORS[separator], line if separator != "blanks"
            else line.strip(" \t"))]
        # digits of any form: 1\u00b2 is a number that is not written as one
        plain = [normalize("NFKC", cell) for cell in cells]
        if len(cells) > 1 and any(map(_BROADLY.fullmatch, plain)) and all(
                _BROADLY.fullmatch(cell) or _MISSING.fullmatch(cell)
                for cell in plain):
            bad = bad or next((cell for cell in cells if not
                               _NUMBER[decimal].fullmatch(cell)),
                              line.strip())
        if bad is not None:
            raise DataFileError(
                f"{path}, line {place}: {bad or 'an empty cell'} is not a "
                f"number with the decimal sign {decimal} of the lines below; "
                "write it as they are, or start the line with # if it is no "
                "point")


def _at_once(data: Sequence[tuple[int, str]], separator: str,
             decimal: str) -> NDArray[np.float64] | None:
    """The numbers of all lines, or None where a line is not plain."""
    text = "\n".join(line for _, line in data)
    if not _PLAIN.fullmatch(text) or (separator != "comma" and (
            "," if decimal == "." else ".") in text):
        return None
    cells = [_cells(line, separator) for line in text.translate(
        _TO_FLOAT if decimal == "," else _EXPONENTS).split("\n")]
    try:
        values = np.array(cells, np.float64)
    except ValueError:
        return None
    return values if values.ndim == 2 and values.shape[1] > 1 else None


def _one_by_one(path: AnyPath, data: Sequence[tuple[int, str]],
                number: Callable[[str], list[float] | None], separator: str,
                decimal: str) -> NDArray[np.float64]:
    """As `_at_once`; `DataFileError` names the bad line."""
    rows: list[list[float]] = []
    first = data[0][0]
    for place, line in data:
        row = number(line)
        if row is None:
            _refuse_line(path, place, line, separator, decimal,
                         len(rows[0]), first)
        if rows and len(row) != len(rows[0]):
            raise DataFileError(
                f"{path}, line {place}: {len(row)} column"
                f"{'s' * (len(row) != 1)}, but {len(rows[0])} in line "
                f"{first}; complete or remove it")
        rows.append(row)
    return np.array(rows, np.float64)


def _dialect(path: AnyPath, lines: Sequence[str],
             options: TextOptions) -> tuple[str, str]:
    """(separator, decimal sign) that reads most lines."""
    for some in lines[:_SAMPLE], lines:
        count = {dialect: sum(
            _numbers(line, *dialect, bool(options.decimal)) is not None
            for line in some) for dialect in _DIALECTS
            if options.decimal in ("", dialect[1])}
        best = max(count, key=count.__getitem__)
        if count[best]:
            break
    else:
        _refuse_text(path, lines)
    if best[1] == "," and not options.decimal:
        words = [cell for line in lines if _numbers(line, *best)
                 for cell in _cells(line, best[0]) if "," in cell]
        if all(map(_THOUSANDS[","].fullmatch, words)):
            raise DataFileError(
                f"{path}: {words[0]} has a decimal comma or one between "
                "thousands; choose with --decimal , or --decimal .")
    return best


def _refuse_text(path: AnyPath, lines: Sequence[str]) -> NoReturn:
    if not any(line.strip() for line in lines):
        raise DataFileError(f"{path}: is empty")
    for number, line in enumerate(lines, 1):
        cells = re.split(r"[;\t ]+", line.strip(" \t"))
        if len(cells) > 1 and all(map(_LIKE_NUMBER.fullmatch, cells)):
            comma = next((cell for cell in cells if "," in cell), None)
            if comma is not None:
                raise DataFileError(
                    f"{path}, line {number}: the comma in {comma} is neither "
                    "a decimal comma in all columns nor a separator; state "
                    "with --decimal , or --decimal . what it is, or write "
                    "points")
    if any("\0" in line for line in lines):
        raise DataFileError(f"{path}: is not a text file; expected columns "
                            "of position and intensity in plain text")
    raise DataFileError(
        f"{path}: none of its {len(lines) - (not lines[-1])} lines holds two "
        "numbers; expected columns of position and intensity")


def _refuse_line(path: AnyPath, place: int, line: str, separator: str,
                 decimal: str, columns: int, first: int) -> NoReturn:
    if "\0" in line:
        raise DataFileError(f"{path}, line {place}: holds NUL characters; "
                            "the file is damaged or no text file")
    cells = _cells(line, separator)
    if len(cells) != columns:
        raise DataFileError(
            f"{path}, line {place}: {len(cells)} column"
            f"{'s' * (len(cells) != 1)}, but {columns} in line {first}; "
            "complete or remove it")
    bad = next((cell for cell in cells
                if not _NUMBER[decimal].fullmatch(cell)), line.strip())
    raise DataFileError(
        f"{path}, line {place}: {bad[:40]!r} is not a number; correct it, or "
        "start the line with # if it is a comment")


def _cells(line: str, separator: str) -> list[str]:
    """Cells of a line; one separator at its end is none."""
    line = line.strip(" \t")
    if separator in ("semicolon", "comma"):
        line = line.removesuffix({"semicolon": ";", "comma": ","}[separator])
    return re.split(_SEPARATORS[separator], line.strip(" \t"))


def _numbers(line: str, separator: str, decimal: str,
             thousands: bool = False) -> list[float] | None:
    """The numbers of a line in a dialect, or None where it holds others."""
    mark = {"semicolon": ";", "tab": "\t", "comma": ","}.get(separator)
    if (mark and mark not in line) or line.lstrip().startswith(COMMENTS):
        return None
    cells = _cells(line, separator)
    if len(cells) < 2:
        return None
    other = ",." [decimal == ","]
    numbers = []
    for cell in cells:
        if (thousands and separator != "comma"
                and _THOUSANDS[other].fullmatch(cell)):
            cell = cell.replace(other, "")
        if not _NUMBER[decimal].fullmatch(cell):
            return None
        word = cell.replace(",", ".").lower()
        numbers.append(float(word if word.strip("+-")[:1] in "ni"
                             else word.replace("d", "e")))
    return numbers


def _headings(header: Sequence[str], separator: str,
              columns: int) -> list[str] | None:
    """Headings of the columns from the last lines above them, or None.

    A line of units below the names is joined with it.
    """
    found = [line.strip(" \t").lstrip("#!%").strip(" ")
             if separator != "comma" else line.strip().lstrip("#!%")
             for line in header if line.strip("#!% \t=-*_")]
    rows = [cells for line in found[-2:]
            if (cells := _split_heading(line, separator, columns))]
    if not found or not rows or _split_heading(
            found[-1], separator, columns) is None:
        return None
    units = [cell.strip("[]()") for cell in rows[-1]]
    if len(rows) == 2 and all(re.fullmatch(r"[\[(].*[\])]|", cell)
                              for cell in rows[-1]):
        return [f"{name} ({unit})" for name, unit
                in zip(rows[0], units, strict=True)]
    return rows[-1]


def _split_heading(line: str, separator: str,
                   columns: int) -> list[str] | None:
    for pattern in (_SEPARATORS[separator] if separator != "blanks"
                    else r"\t+", r"\t+| {2,}", r"[ \t]+", r" *, *"):
        cells = [cell.strip().strip("\"'").strip()
                 for cell in re.split(pattern, line)]
        if len(cells) == columns:
            return cells
    return None


def choose(path: AnyPath, table: Table, options: TextOptions | None,
           suffix: str) -> tuple[int, list[int]]:
    """Choose the columns of position and intensity, one for each spectrum.

    Raises
    ------
    DataFileError
        If more than one choice is possible.
    """
    columns = table.values.shape[1]
    if options is not None and options.columns:
        wanted = options.wanted()
        x = _column(path, table, wanted["x"])
        return x, _columns(path, table, wanted["y"], x)
    names = table.names
    stated = (", ".join(name or "(no name)" for name in names) if names
            else f"{columns} without names")
    choice = "name them, such as --columns x=1,y=2"
    if columns > 2 and names and (
            not names[0] or names[0].lower() in ("index", "unnamed: 0")):
        raise DataFileError(f"{path}: its columns are {stated}; the first is "
                            f"an index: {choice.replace('1,y=2', '2,y=3')}")
    if columns > 3:
        raise DataFileError(
            f"{path}, line {table.lines[0]}: {columns} columns ({stated}); "
            f"expected position, intensity and perhaps its error: {choice}, "
            "or x=1,y=2- for a spectrum in each column; a table with a "
            "spectrum in each line is not read: transpose it")
    if columns < 3:
        return 0, [1]
    if names is None and (np.diff(table.values[:, 0]) == 1).all() and (
            table.values[0, 0] in (0, 1)):
        raise DataFileError(f"{path}: the first of 3 columns counts the "
                            f"lines; {choice}, or x=2,y=3")
    if (suffix != ".xye" if names is None
            else not _ERROR.fullmatch(names[2])):
        raise DataFileError(
            f"{path}: its columns are {stated}; nothing states that the third "
            f"is the error of the second: {choice}")
    negative = np.flatnonzero(table.values[:, 2] < 0)
    if len(negative):
        raise DataFileError(
            f"{path}, line {table.lines[negative[0]]}: the third column "
            f"cannot be an error, it is negative "
            f"({table.cell(negative[0], 2)}); {choice}")
    return 0, [1]


def _columns(path: AnyPath, table: Table, word: str, x: int) -> list[int]:
    """The columns of the spectra: 2, a heading, 2-9 or 2-."""
    some = re.fullmatch("([0-9]{1,4})-([0-9]{0,4})", word)
    if not some:
        return [_column(path, table, word)]
    first = _column(path, table, some[1])
    last = (_column(path, table, some[2]) if some[2]
            else table.values.shape[1] - 1)
    if not first <= last or first <= x <= last:
        raise DataFileError(
            f"{path}: the columns {word} of the spectra are empty, or hold "
            f"that of the position, {x + 1}")
    return list(range(first, last + 1))


def _column(path: AnyPath, table: Table, word: str) -> int:
    columns = table.values.shape[1]
    if re.fullmatch("[0-9]{1,4}", word):
        if not 1 <= int(word) <= columns:
            raise DataFileError(f"{path}: has no column {word}; it has "
                                f"{columns}, counted from 1")
        return int(word) - 1
    fit = [place for place, name in enumerate(table.names or ())
           if name.lower() == word.lower()]
    if len(fit) != 1:
        raise DataFileError(
            f"{path}: has {len(fit)} columns called {word!r}, its columns are"
            f" {', '.join(table.names) if table.names else 'without names'}; "
            "give numbers such as --columns x=1,y=2")
    return fit[0]


def count_line(path: AnyPath, table: Table,
               options: TextOptions | None) -> bool:
    """Whether the first line is the number of lines and columns.

    Raises
    ------
    DataFileError
        If it could be a point as well.
    """
    values = table.values
    if len(values) < 3 or values.shape[1] != 2 or not (
            values[0] == (len(values) - 1, 2)).all():
        return False
    if options is not None and options.columns:
        return False
    if _continues(values[0, 0], values[1:, 0]):
        raise DataFileError(
            f"{path}, line {table.lines[0]}: may be the first point, or the "
            "number of lines and columns; start it with # if it is a "
            "count, write --columns x=1,y=2 if it is a point")
    return True


def check_lone_number(path: AnyPath, table: Table,
                      x: NDArray[np.float64]) -> None:
    """Check that no point without an intensity ends the header.

    Raises
    ------
    DataFileError
        If the last line of the header is a position that fits.
    """
    last = table.header[-1].strip() if table.header else ""
    if not _NUMBER[table.decimal].fullmatch(last):
        return
    number = float(last.translate(_TO_FLOAT))
    if number != len(x) and _continues(number, x):
        raise DataFileError(
            f"{path}, line {len(table.header)}: {last} has no intensity, and "
            "would be the position before the next; complete or remove it, "
            "or start it with #")


def _continues(number: float, x: NDArray[np.float64]) -> bool:
    """Whether a number could be the position in front of others."""
    steps = np.diff(x)
    step = x[0] - number
    return bool(len(steps) and step and (
        (np.sign(steps) == np.sign(step)).all()
        and abs(step) <= 10 * np.abs(steps).max()))


def check_steps(path: AnyPath, x: NDArray[np.float64],
                lines: Sequence[int]) -> None:
    """Check that the first and the last point are not far from the rest.

    Such a line belongs to the header or the footer.

    Raises
    ------
    DataFileError
        Names the line.
    """
    steps = np.abs(np.diff(x))
    if len(steps) < 4:
        return
    for place, others in ((0, steps[1:]), (-1, steps[:-1])):
        if steps[place] > 10 * others.max():
            raise DataFileError(
                f"{path}, line {lines[place]}: the position {x[place]:g} "
                f"lies {steps[place]:g} apart from the next, all others at "
                f"most {others.max():g}; start the line with # if it is no "
                "point of the spectrum")
