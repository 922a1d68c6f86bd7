"""The codes of every pulse as a table: for pandas, and as CSV."""
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...core.spectra import Code
from ...model.plain import AnyPath
from ..atomic import check_target, naming, publish, temporary_name
from .columns import Chunk, Columns, joined

SUFFIX = ".csv"


def code_word(code: int) -> str:
    """The name of a negative code: "unknown", "low intensity" ..."""
    return Code(code).name.lower().replace("_", " ")


def class_words(label: NDArray[np.int8],
                classes: Sequence[str]) -> NDArray[np.str_]:
    """The class of each pulse (P,), the name of its code where it has none."""
    words = np.array([*classes, *(
        code_word(code) for code in range(min(Code), 0))])
    return words[label]         # negative codes count from the end


def table(pulses: Columns, classes: Sequence[str],
          names: Sequence[str] | None = None,
          trains: bool = False) -> dict[str, NDArray[Any]]:
    """{heading: values (P,)} of the columns of a chunk.

    Parameters
    ----------
    pulses
        `Chunk.pulses`.
    classes
        Class names in the order of their index.
    names
        File of each pulse, or None.
    trains
        Whether the pulses belong to trains, whose ids become columns.
    """
    ids = ("train_id", "pulse_id") if trains else ()
    return {
        "index": pulses["index"],
        **({} if names is None else {"file": np.array(names, object)}),
        **{name: pulses[name] for name in ids},
        "label": class_words(pulses["label"], classes),
        "code": pulses["label"],
        **{name: pulses[name]
           for name in ("confidence", "residual", "intensity")},
        **{f"{kind} {name}": pulses[key][:, number]
           for kind, key in (("score", "scores"), ("mixture", "mixture"))
           for number, name in enumerate(classes)}}


class CsvWriter:
    """Writes the codes of trains as CSV; used like `ResultWriter`.

    One line for every pulse, with the headings of `table`, UTF-8. Numbers
    have the digits that give the same float32 again. The file gets its name
    when the block ends without exception.

    Parameters
    ----------
    path
        File to write.
    classes
        Class names in the order of their index.
    names
        File of each spectrum, in the order of the rows, or None.
    trains
        Whether the spectra belong to trains.

    Raises
    ------
    DataFileError
        If the file cannot be written there.
    OSError
        If the disk is full.
    """

    def __init__(self, path: AnyPath, *, classes: Iterable[str],
                 names: Sequence[str] | None = None,
                 trains: bool = False) -> None:
        self.path = Path(path)
        check_target(self.path, (SUFFIX,))
        self._classes, self._names = tuple(classes), names
        self._trains, self._rows = trains, 0
        self._temporary = temporary_name(self.path)
        with naming(self.path):
            self._file = open(                      # noqa: SIM115
                self._temporary, "w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(self._table(joined([], len(self._classes))))

    def add(self, chunk: Chunk) -> None:
        """Add a chunk of trains."""
        columns = self._table(chunk.pulses)
        with naming(self.path):
            self._writer.writerows(zip(
                *map(_texts, columns.values()), strict=True))

    def _table(self, pulses: Columns) -> dict[str, NDArray[Any]]:
        first = self._rows
        self._rows += len(pulses["index"])
        return table(pulses, self._classes, None if self._names is None
                     else self._names[first:self._rows], self._trains)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        try:
            with naming(self.path):
                self._file.close()
                if kind is None:
                    publish(self._temporary, self.path)
        finally:
            self._temporary.unlink(missing_ok=True)


def _texts(values: NDArray[Any]) -> list[str]:
    """As text; NaN is an empty cell."""
    if values.dtype.kind == "f":
        return ["" if np.isnan(value) else str(value) for value in values]
    return [str(value) for value in values.tolist()]
