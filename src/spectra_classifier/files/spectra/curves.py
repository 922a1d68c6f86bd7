"""Text curves: one file per spectrum, and folders of them.

Two columns, position and intensity, and perhaps a third, the error of the
intensity, which is checked and not used; `delimited` describes how columns
are separated. Lines above the first one with two numbers are the header. Lines
that start with #, !, %, ; or // are comments.
"""
import glob
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.dataset import Dataset
from ...core.spectra import Axis
from ...errors import DataFileError
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from ..checksum import combined_sha256
from ..refusals import need_file, read_bytes
from .assembly import assemble, axis_origin, increasing, make_axis
from .axis_names import QuantityUnit, axis_by_custom, axis_of_header
from .delimited import (
    Table,
    TextOptions,
    check_lone_number,
    check_steps,
    choose,
    count_line,
    read_table,
)
from .foreign import read_foreign
from .formats import HEAD, Format, format_of, refuse_others
from .labels import natural_key

SUFFIXES: tuple[str, ...] = (
    ".xy", ".xye", ".dat", ".chi", ".xdi", ".xmu", ".nor", ".asc", ".dpt",
    ".prn", ".tsv", ".jdx", ".dx", ".spc", ".csv", ".txt")
#: next to curves of another kind these are notes and tables
_NOTES = (".csv", ".txt")
LABEL_FILES = ("labels.csv", "labels.txt")
#: groups of lines left out that are listed
_SHOWN = 10


@dataclass(frozen=True, eq=False)
class Curve:
    """One text file.

    Attributes
    ----------
    x
        (channels,)
    y
        (spectra, channels); more than one only where that was asked for.
    parts
        Names of these spectra within the file; "" for a single one.
    columns
        Number of columns of the file.
    header_lines
        Number of lines above the data.
    quantity_unit
        What the header states of the axis, or None.
    by_custom
        Axis of files that do not state it, or None.
    sha256
        Checksum of the file.
    dialect
        How the text was understood, JSON values.
    """
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    parts: list[str]
    columns: int
    header_lines: int
    quantity_unit: QuantityUnit | None
    by_custom: QuantityUnit | None
    sha256: str
    dialect: JsonObject

    def axis(self, x: NDArray[np.float64], where: AnyPath,
             wanted: QuantityUnit | None) -> Axis:
        """The axis of positions `x`; see `assembly.make_axis`."""
        own = self.quantity_unit or (None if wanted else self.by_custom)
        return make_axis(x, own, where, wanted)

    def axis_from(self, axis: Axis, wanted: QuantityUnit | None) -> str:
        """Where quantity and unit of `axis` come from."""
        if self.quantity_unit is None and not wanted and self.by_custom:
            return "custom for .xye files without a heading"
        columns = self.dialect["columns"]
        return axis_origin(axis, self.quantity_unit, "the header" + (
            f" ({columns[self.dialect['x'] - 1]})" if columns else ""),
            wanted)

    @property
    def form(self) -> tuple[object, ...]:
        """What files of one program have in common."""
        return tuple(str(self.dialect.get(name)) for name in (
            "format", "separator", "decimal", "columns", "x", "y"))

    def names(self, file: str) -> list[str]:
        """Names of its spectra; `file` is that of the file."""
        return [f"{file}:{part}" if part else file for part in self.parts]


def is_pattern(path: AnyPath) -> bool:
    """Whether a path is none, but names files by a pattern: `ramp/*.dat`."""
    return glob.has_magic(os.fspath(path)) and not os.path.lexists(path)


def curve_files(path: AnyPath) -> list[Path]:
    """The curves of a folder or a pattern, numbers in names by value.

    Those of a folder without curves are in its folders, one for each class.

    Raises
    ------
    DataFileError
        If there are none, or files of more than one kind.
    """
    if is_pattern(path):
        found = [Path(name) for name in glob.glob(os.fspath(path))]
        found = [file for file in found if not file.is_dir()]
        if not found:
            raise DataFileError(f"{path}: no file fits this pattern")
    else:
        found = _curves_in(path) or [
            file for folder in sorted(Path(path).iterdir())
            if folder.is_dir() and not folder.name.startswith(".")
            for file in _curves_in(folder)]
    for file in found:
        need_file(file)
    kinds = sorted({file.suffix.lower() for file in found})
    if not set(kinds) <= set(SUFFIXES):
        odd = next(file for file in found
                   if file.suffix.lower() not in SUFFIXES)
        raise DataFileError(f"{odd}: is not a text curve; expected files "
                            f"ending in {', '.join(SUFFIXES)}")
    if not found:
        raise DataFileError(f"{path}: holds no spectra, expected files "
                            f"ending in {', '.join(SUFFIXES)}")
    if len(kinds) > 1:
        raise DataFileError(
            f"{path}: holds {' and '.join(kinds)} files; keep one kind per "
            "folder, so that no spectrum counts twice, or name one, such as "
            f"'{'' if is_pattern(path) else path}/*{kinds[0]}'")
    return sorted(found, key=lambda file: (
        natural_key(str(file.parent)), natural_key(file.name)))


def _curves_in(folder: AnyPath) -> list[Path]:
    """Files of one folder that have the suffix of a curve."""
    found = [file for file in Path(folder).iterdir()
             if file.suffix.lower() in SUFFIXES
             and not file.name.startswith(".")
             and file.name.lower() not in LABEL_FILES and not file.is_dir()]
    return [file for file in found
            if file.suffix.lower() not in _NOTES] or found


def read_curves(path: AnyPath, labels: AnyPath | None = None,
                axis: QuantityUnit | None = None,
                progress: Callable[[int, int], None] | None = None,
                text: TextOptions | None = None) -> Dataset:
    """Read all curves of a folder or a pattern; see `files.read`."""
    files = curve_files(path)
    names = names_of(path, files)
    folders = _folders(path, files)
    digests: dict[str, str] = {}
    changes: list[str] = []
    spectra: list[NDArray[np.float64]] = []
    parts: list[str] = []
    classes: list[str] = []
    others = 0
    for number, (file, name) in enumerate(zip(files, names, strict=True)):
        curve = read_curve(file, text)
        x, y, change = increasing(curve.x, curve.y, name)
        if not number:
            first = curve
            common = curve.axis(x, file, axis)
        else:
            _check_axis(file, x, curve.axis(x, file, axis), common, files[0])
            others += curve.form != first.form
        spectra.append(y)
        parts += curve.names(name)
        if folders is not None:
            classes += [folders[number]] * len(y)
        changes += change
        digests[name] = curve.sha256
        if progress:
            progress(number + 1, len(files))
    if labels is None and not is_pattern(path):
        labels = _own_labels(path)
    if len(changes) > 1:
        changes = [f"{len(changes)} of {len(files)} files: the axis "
                   "decreased, channels reversed"]
    if others:
        changes.append(f"{others} of {len(files)} files: written in another "
                       f"form than {names[0]}")
    return assemble(
        path, f"folder of {files[0].suffix.lower()} files", common,
        np.concatenate(spectra), labels=classes or None, label_file=labels,
        file_names=parts,
        sha256=combined_sha256(digests), changes=changes,
        files={"count": len(files), "first": names[0], "last": names[-1]},
        columns=first.columns, header_lines=first.header_lines,
        axis_from=first.axis_from(common, axis), dialect=first.dialect)


def names_of(path: AnyPath, files: Sequence[Path]) -> list[str]:
    """Names of curves: of a folder per class with the folder."""
    if is_pattern(path):
        names = [file.name for file in files]
        return (names if len(set(names)) == len(names)
                else [str(file) for file in files])
    return [file.relative_to(path).as_posix() for file in files]


def _folders(path: AnyPath, files: Sequence[Path]) -> list[str] | None:
    """Class of each curve by its folder; None where all are in `path`."""
    if is_pattern(path) or files[0].parent == Path(path):
        return None
    return [file.parent.name for file in files]


def _own_labels(folder: AnyPath) -> Path | None:
    """The label file of a folder, however its name is capitalised."""
    found = sorted(file for file in Path(folder).iterdir()
                   if file.name.lower() in LABEL_FILES)
    if len(found) > 1:
        raise DataFileError(
            f"{folder}: holds {' and '.join(file.name for file in found)}; "
            "keep one of them, or name one with --labels")
    return found[0] if found else None


def read_curve_file(path: Path, labels: AnyPath | None = None,
                    axis: QuantityUnit | None = None,
                    text: TextOptions | None = None) -> Dataset:
    """Read the single spectrum of one file; see `files.read`."""
    curve = read_curve(path, text)
    x, spectra, changes = increasing(curve.x, curve.y, path)
    made = curve.axis(x, path, axis)
    return assemble(
        path, f"{path.suffix.lower()} file", made, spectra,
        label_file=labels, file_names=curve.names(path.name),
        sha256=curve.sha256,
        changes=changes, columns=curve.columns,
        header_lines=curve.header_lines, dialect=curve.dialect,
        axis_from=curve.axis_from(made, axis))


def read_curve(path: AnyPath, text: TextOptions | None = None) -> Curve:
    """Read one text file.

    Raises
    ------
    DataFileError
        Names the bad line.
    """
    content = read_bytes(path)
    refuse_others(path, content[:HEAD])
    foreign = format_of(content[:HEAD])
    if foreign is not None:
        return _foreign(path, content, foreign, text)
    suffix = Path(path).suffix.lower()
    table = read_table(path, _decoded(content), text)
    x_column, y_columns = choose(path, table, text, suffix)
    skip = int(count_line(path, table, text))
    x = np.ascontiguousarray(table.values[skip:, x_column])
    y = np.ascontiguousarray(table.values[skip:, y_columns].T)
    lines, largest = table.lines[skip:], np.abs(x).max(initial=0)
    if len(x) < 2:
        raise DataFileError(f"{path}: holds a single point, line "
                            f"{table.lines[0]}; a spectrum has at least two")
    left_out = table.left_out
    if skip:
        left_out = sorted([*left_out, (table.lines[0], table.lines[0])])
    _check_numbers(path, table, skip, [x_column, *y_columns])
    check_steps(path, x, lines)
    check_lone_number(path, table, x)
    return Curve(
        x, y, _parts(table, y_columns), table.values.shape[1],
        len(table.header) + skip,
        axis_of_header(table.header, table.names, x_column, largest),
        axis_by_custom(table.header, suffix, largest),
        hashlib.sha256(content).hexdigest(),
        {"separator": table.separator, "decimal": table.decimal,
         "columns": table.names, "x": x_column + 1,
         "y": (y_columns[0] + 1 if len(y_columns) == 1
               else [column + 1 for column in y_columns]),
         "first_line": lines[0], "last_line": lines[-1],
         "left_out": [list(each) for each in left_out[:_SHOWN]],
         "lines_left_out": sum(last - first + 1 for first, last
                               in left_out)})


def _foreign(path: AnyPath, content: bytes, form: Format,
             text: TextOptions | None) -> Curve:
    """A file that a library reads."""
    if text not in (None, TextOptions()):
        raise DataFileError(f"{path}: is {form.name}; --columns and --decimal "
                            "are for text curves")
    x, y, quantity_unit = read_foreign(path, form.library)
    for name, values in ("position", x), ("intensity", y):
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise DataFileError(f"{path}, point {bad[0]}: {name} is "
                                f"{values[bad[0]]}; leave the file out or "
                                "interpolate the bad point")
    return Curve(x, y[None], [""], 2, 0, quantity_unit, None,
                 hashlib.sha256(content).hexdigest(),
                 {"format": form.name, "library": form.library,
                  "columns": None})


def _parts(table: Table, columns: list[int]) -> list[str]:
    """Names of the spectra of a table: headings, or numbers of columns."""
    if len(columns) == 1:
        return [""]
    names = [table.names[column] if table.names else "" for column in columns]
    if len(set(names)) < len(names):
        return [str(column + 1) for column in columns]
    return [name or str(column + 1)
            for name, column in zip(names, columns, strict=True)]


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")     # a degree sign in the header


def _check_numbers(path: AnyPath, table: Table, skip: int,
                   columns: list[int]) -> None:
    bad = np.argwhere(~np.isfinite(table.values[skip:, columns]))
    if len(bad):
        row, which = bad[0]
        raise DataFileError(
            f"{path}, line {table.lines[skip + row]}: "
            f"{('position', 'intensity')[min(which, 1)]} is "
            f"{table.cell(skip + row, columns[which])}; "
            "leave the file out or interpolate the bad point")


def _check_axis(file: Path, x: NDArray[np.float64], own: Axis, common: Axis,
                first: Path) -> None:
    if (own.quantity, own.unit) != (common.quantity, common.unit):
        raise DataFileError(
            f"{file}: states an axis of {own.quantity} in {own.unit}, and "
            f"{first.name} one of {common.quantity} in {common.unit}; all "
            "files of a folder share one axis")
    mismatch = common.mismatch(own)
    if mismatch:
        raise DataFileError(
            f"{file}: {mismatch}, which {first.name} has; all files of a "
            "folder share one axis: bring them to it, or put them into "
            "folders of their own")
