"""Text curves: one .xy or .xye file per spectrum, and folders of them.

Two columns, position and intensity, and perhaps a third, the error of the
intensity, which is checked and not used. Lines before the first one with
two numbers are the header. Later lines that start with #, ! or % are
comments. Columns are separated by blanks, tabs, commas or semicolons; with
semicolons, a comma is a decimal comma.
"""
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.spectra import Axis
from ..errors import DataFileError, InputError
from .assembly import assemble, increasing, make_axis
from .checksum import combined_sha256
from .labels import natural_key

SUFFIXES = (".xy", ".xye")
LABEL_FILES = ("labels.csv", "labels.txt")
_COMMENTS = ("#", "!", "%")
#: what column headings say of the axis, tried in this order
_HEADINGS = (
    (r"2th|2[ _-]?theta|two[ _-]?theta|\btth\b", ("two_theta", "deg")),
    (r"energy.*\bkev\b|\bkev\b", ("energy", "keV")),
    (r"\benergy\b|\bev\b", ("energy", "eV")),
    (r"\bq[ _(]*(a|å)\^?-1", ("q", "1/angstrom")),
    (r"\bq[ _(]*nm\^?-1", ("q", "1/nm")),
    (r"\bchannel|\bpixel|\bstrip", ("channel", "channel")),
)


@dataclass(frozen=True, eq=False)
class Curve:
    """One text file: `x`, `y` (channels,) float64, what the header tells."""
    x: np.ndarray
    y: np.ndarray
    columns: int
    header_lines: int
    quantity_unit: tuple
    sha256: str


def curve_files(folder):
    """The .xy or .xye files of a folder, numbers in names by value."""
    found = [file for file in Path(folder).iterdir()
             if file.suffix.lower() in SUFFIXES and file.is_file()
             and not file.name.startswith(".")]
    if not found:
        raise DataFileError(f"{folder}: holds no spectra, expected files "
                            "ending in .xy or .xye")
    if len({file.suffix.lower() for file in found}) > 1:
        raise DataFileError(f"{folder}: holds .xy and .xye files; keep one "
                            "kind per folder, so that no spectrum counts "
                            "twice")
    return sorted(found, key=lambda file: natural_key(file.name))


def read_folder(folder, labels=None, axis=None, progress=None):
    """A `Dataset` of all curves of a folder; see `files.read`."""
    files = curve_files(folder)
    first, spectra, digests = None, None, {}
    changes = []
    for number, file in enumerate(files):
        curve = read_curve(file)
        x, y, change = increasing(curve.x, curve.y[None], file.name)
        if first is None:
            first = curve
            common = make_axis(x, axis or curve.quantity_unit, file)
            spectra = np.empty((len(files), len(x)))
        else:
            _check_axis(file, x, common, files[0])
        spectra[number] = y[0]
        changes += change
        digests[file.name] = curve.sha256
        if progress:
            progress(number + 1, len(files))
    if labels is None:
        labels = next((Path(folder) / name for name in LABEL_FILES
                       if (Path(folder) / name).is_file()), None)
    if len(changes) > 1:
        changes = [f"{len(changes)} of {len(files)} files: the axis "
                   "decreased, channels reversed"]
    return assemble(
        folder, f"folder of {files[0].suffix.lower()} files", common,
        spectra, label_file=labels, names=[file.name for file in files],
        sha256=combined_sha256(digests), changes=changes,
        files={"count": len(files), "first": files[0].name,
               "last": files[-1].name},
        columns=first.columns, header_lines=first.header_lines)


def read_curve_file(path, labels=None, axis=None):
    """A `Dataset` of the single spectrum of one file."""
    curve = read_curve(path)
    x, spectra, changes = increasing(curve.x, curve.y[None], path)
    return assemble(
        path, f"{path.suffix.lower()} file",
        make_axis(x, axis or curve.quantity_unit, path), spectra,
        label_file=labels, names=[path.name], sha256=curve.sha256,
        changes=changes, columns=curve.columns,
        header_lines=curve.header_lines)


def read_curve(path):
    """The `Curve` of a text file; `DataFileError` names the bad line."""
    lines, sha256 = _lines(path)
    start = next((i for i, line in enumerate(lines) if _is_data(line)), None)
    if start is None:
        raise DataFileError(
            f"{path}: is empty" if not any(map(str.strip, lines)) else
            f"{path}: none of its {len(lines)} lines holds two numbers; "
            "expected columns of position and intensity")
    rows = [(number, _split(line)) for number, line
            in enumerate(lines[start:], start + 1)
            if line.strip() and not line.lstrip().startswith(_COMMENTS)]
    table = _table(path, rows)
    if len(table) < 2:
        raise DataFileError(f"{path}: holds a single point, line "
                            f"{rows[0][0]}; a spectrum has at least two")
    _check_numbers(path, rows, table)
    return Curve(table[:, 0], table[:, 1], table.shape[1], start,
                 _quantity(lines[:start], Path(path).suffix.lower()), sha256)


def _lines(path):
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read "
                            f"({error.strerror or error})") from None
    if b"\0" in content:
        raise DataFileError(f"{path}: is not a text file; expected columns "
                            "of position and intensity in plain text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")     # a degree sign in the header
    return text.splitlines(), hashlib.sha256(content).hexdigest()


def _split(line):
    if ";" in line:
        return line.replace(",", ".").replace(";", " ").split()
    return line.replace(",", " ").split()


def _is_data(line):
    cells = _split(line)
    try:
        return len(cells) > 1 and all(map(_number, cells))
    except ValueError:
        return False


def _number(cell):
    float(cell)
    return True


def _table(path, rows):
    """(points, columns) float64 of the split lines, all of one length."""
    columns = len(rows[0][1])
    if columns > 3:
        raise DataFileError(
            f"{path}, line {rows[0][0]}: {columns} columns; expected "
            "position, intensity and perhaps its error (a decimal comma "
            "must be a point, unless semicolons separate the columns)")
    for number, cells in rows:
        if len(cells) != columns:
            raise DataFileError(
                f"{path}, line {number}: {len(cells)} column"
                f"{'s' * (len(cells) != 1)}, but {columns} in line "
                f"{rows[0][0]}; complete or remove it")
    try:
        return np.array([cells for _, cells in rows], np.float64)
    except ValueError:
        pass
    for number, cells in rows:
        for cell in cells:
            try:
                float(cell)
            except ValueError:
                raise DataFileError(
                    f"{path}, line {number}: {cell!r} is not a number; "
                    "correct it, or start the line with # if it is a "
                    "comment") from None
    raise DataFileError(f"{path}: cannot be read as numbers")


def _check_numbers(path, rows, table):
    bad = np.argwhere(~np.isfinite(table[:, :2]))
    if len(bad):
        row, column = bad[0]
        raise DataFileError(
            f"{path}, line {rows[row][0]}: "
            f"{('position', 'intensity')[column]} is {rows[row][1][column]}; "
            "leave the file out or interpolate the bad point")


def _check_axis(file, x, common, first):
    try:
        mismatch = common.mismatch(Axis(x, common.quantity, common.unit))
    except InputError as error:
        raise DataFileError(f"{file}: {error}") from None
    if mismatch:
        raise DataFileError(
            f"{file}: {mismatch}, which {first.name} has; all files of a "
            "folder share one axis: bring them to it, or put them into "
            "folders of their own")


def _quantity(header, suffix):
    """(quantity, unit) as the column headings say, or None.

    The line before the data is the heading; .xye files without one are
    powder diffraction by convention.
    """
    heading = next((line for line in reversed(header) if line.strip()), "")
    for pattern, quantity_unit in _HEADINGS:
        if re.search(pattern, heading, re.IGNORECASE):
            return quantity_unit
    if any("2th_deg" in line for line in header) or suffix == ".xye":
        return "two_theta", "deg"
    return None
