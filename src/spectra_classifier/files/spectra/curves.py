"""Text curves: one .xy or .xye file per spectrum, and folders of them.

Two columns, position and intensity, and perhaps a third, the error of the
intensity, which is checked and not used; `delimited` describes how columns
are separated. Lines above the first one with two numbers are the header. Lines
that start with #, !, %, ; or // are comments.
"""
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.dataset import Dataset
from ...core.spectra import Axis
from ...errors import DataFileError, InputError
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from ..checksum import combined_sha256
from ..refusals import need_file, read_bytes
from .assembly import assemble, increasing, make_axis
from .axis_names import QuantityUnit, axis_by_custom, axis_of_header
from .delimited import (
    Table,
    TextOptions,
    check_steps,
    choose,
    count_line,
    read_table,
)
from .labels import natural_key

SUFFIXES = (".xy", ".xye")
LABEL_FILES = ("labels.csv", "labels.txt")


@dataclass(frozen=True, eq=False)
class Curve:
    """One text file.

    Attributes
    ----------
    x, y
        (channels,)
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


def curve_files(folder: AnyPath) -> list[Path]:
    """The .xy or .xye files of a folder, numbers in names by value.

    Raises
    ------
    DataFileError
        If there are none, or files of both kinds.
    """
    found = [file for file in Path(folder).iterdir()
             if file.suffix.lower() in SUFFIXES
             and not file.name.startswith(".")]
    for file in found:
        need_file(file)
    if not found:
        raise DataFileError(f"{folder}: holds no spectra, expected files "
                            "ending in .xy or .xye")
    if len({file.suffix.lower() for file in found}) > 1:
        raise DataFileError(f"{folder}: holds .xy and .xye files; keep one "
                            "kind per folder, so that no spectrum counts "
                            "twice")
    return sorted(found, key=lambda file: natural_key(file.name))


def read_folder(folder: AnyPath, labels: AnyPath | None = None,
                axis: QuantityUnit | None = None,
                progress: Callable[[int, int], None] | None = None,
                text: TextOptions | None = None) -> Dataset:
    """Read all curves of a folder; see `files.read`."""
    files = curve_files(folder)
    digests: dict[str, str] = {}
    changes: list[str] = []
    for number, file in enumerate(files):
        curve = read_curve(file, text)
        x, y, change = increasing(curve.x, curve.y[None], file.name)
        if not number:
            first = curve
            common = curve.axis(x, file, axis)
            spectra = np.empty((len(files), len(x)))
        else:
            _check_axis(file, x, common, files[0])
        spectra[number] = y[0]
        changes += change
        digests[file.name] = curve.sha256
        if progress:
            progress(number + 1, len(files))
    if labels is None:
        labels = _own_labels(folder)
    if len(changes) > 1:
        changes = [f"{len(changes)} of {len(files)} files: the axis "
                   "decreased, channels reversed"]
    return assemble(
        folder, f"folder of {files[0].suffix.lower()} files", common,
        spectra, label_file=labels, file_names=[file.name for file in files],
        sha256=combined_sha256(digests), changes=changes,
        files={"count": len(files), "first": files[0].name,
               "last": files[-1].name},
        columns=first.columns, header_lines=first.header_lines,
        dialect=first.dialect)


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
    x, spectra, changes = increasing(curve.x, curve.y[None], path)
    return assemble(
        path, f"{path.suffix.lower()} file",
        curve.axis(x, path, axis), spectra,
        label_file=labels, file_names=[path.name], sha256=curve.sha256,
        changes=changes, columns=curve.columns,
        header_lines=curve.header_lines, dialect=curve.dialect)


def read_curve(path: AnyPath, text: TextOptions | None = None) -> Curve:
    """Read one text file.

    Raises
    ------
    DataFileError
        Names the bad line.
    """
    content = read_bytes(path)
    suffix = Path(path).suffix.lower()
    table = read_table(path, _decoded(content), text)
    x_column, y_column = choose(path, table, text, suffix)
    skip = int(count_line(table))
    x = np.ascontiguousarray(table.values[skip:, x_column])
    y = np.ascontiguousarray(table.values[skip:, y_column])
    lines, largest = table.lines[skip:], np.abs(x).max(initial=0)
    if len(x) < 2:
        raise DataFileError(f"{path}: holds a single point, line "
                            f"{table.lines[0]}; a spectrum has at least two")
    _check_numbers(path, table, skip, (x_column, y_column))
    check_steps(path, x, lines)
    return Curve(
        x, y, table.values.shape[1], len(table.header) + skip,
        axis_of_header(table.header, table.names, x_column, largest),
        axis_by_custom(table.header, suffix, largest),
        hashlib.sha256(content).hexdigest(),
        {"separator": table.separator, "decimal": table.decimal,
         "columns": table.names, "x": x_column + 1, "y": y_column + 1,
         "first_line": lines[0], "last_line": lines[-1]})


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")     # a degree sign in the header


def _check_numbers(path: AnyPath, table: Table, skip: int,
                   columns: tuple[int, int]) -> None:
    bad = np.argwhere(~np.isfinite(table.values[skip:, list(columns)]))
    if len(bad):
        row, which = bad[0]
        raise DataFileError(
            f"{path}, line {table.lines[skip + row]}: "
            f"{('position', 'intensity')[which]} is "
            f"{table.cell(skip + row, columns[which])}; "
            "leave the file out or interpolate the bad point")


def _check_axis(file: Path, x: NDArray[np.float64], common: Axis,
                first: Path) -> None:
    try:
        mismatch = common.mismatch(Axis(x, common.quantity, common.unit))
    except InputError as error:
        raise DataFileError(f"{file}: {error}") from None
    if mismatch:
        raise DataFileError(
            f"{file}: {mismatch}, which {first.name} has; all files of a "
            "folder share one axis: bring them to it, or put them into "
            "folders of their own")
