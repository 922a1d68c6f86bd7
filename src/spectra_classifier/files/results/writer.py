"""The codes of every pulse, as NeXus/HDF5."""
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ... import __version__
from ...core.spectra import Code, TrainResult
from ...model.plain import AnyPath
from ...model.strict_json import Json, JsonObject
from ..atomic import check_target, naming, publish, temporary_name
from ..hdf5 import Target
from ..hdf5.nexus_groups import (
    PROGRAM,
    add_group,
    add_identity,
    add_note,
    now,
    start_file,
)
from ..reading import HDF5_SUFFIXES
from ..seal import NAME, STATED, seal
from .columns import (
    CLASSIFIED,
    MATRICES,
    MEAN_CODE,
    STATUS,
    TRAINS,
    VECTORS,
    Chunk,
    of_result,
    of_train,
)

_CHUNK = 4096      # pulses


class ResultWriter:
    """Writes the codes of trains, one after the other; a context manager.

    The file gets its name when the block ends without exception; otherwise
    nothing is left and a file of that name stays as it was.

    In the file: /entry/result (NXdata) has label, confidence, residual,
    intensity, pulse_id, train_id, one value per pulse; /entry/scores
    (NXdata) has scores and mixture (pulses, classes); /entry/trains (NXdata)
    one row per train; `file_name` is in /entry/result where the spectra come
    from files of their own; /entry/process (NXprocess) states which program,
    configuration, model and input made them.

    Parameters
    ----------
    path
        File to write, NeXus/HDF5.
    classes
        Class names in the order of their index.
    model
        Manifest of the model.
    model_id, model_sha256
        Name and identity of the model.
    source
        Provenance of the spectra (`Dataset.provenance`).
    configuration
        Settings that the results depend on, JSON values.
    licence
        Licence of the results, or "" where it is not stated.
    names
        File of each spectrum, in the order of the rows, or None.

    Raises
    ------
    DataFileError
        If the file cannot be written there.
    OSError
        If the disk is full.
    """

    def __init__(self, path: AnyPath, *, classes: Iterable[str],
                 model: JsonObject, model_id: str, model_sha256: str,
                 source: Mapping[str, Any], configuration: Json,
                 licence: str = "",
                 names: Sequence[str] | None = None) -> None:
        self.path = Path(path)
        self.pulses = self.trains = 0
        self._problems: list[tuple[int, str]] = []
        self._checksums: list[tuple[int, str]] = []
        check_target(self.path, HDF5_SUFFIXES)
        self._temporary = temporary_name(self.path)
        with naming(self.path):
            self._target = Target(self._temporary)
        self._file = h5py.File(self._target, "w")
        try:
            self._file.attrs[NAME] = STATED
            self._entry = entry = start_file(self._file, self.path,
                                             "classification of spectra")
            entry.attrs["default"] = "result"
            add_identity(entry, licence, source, PROGRAM, model_sha256,
                         configuration, source.get("sha256", ""))
            self._add_results(entry, tuple(classes))
            if names is not None:
                _add_names(self._result, names)
            _add_process(entry, model, model_id, model_sha256, source,
                         configuration)
        except BaseException:
            self._discard()
            raise

    def append(self, result: TrainResult,
               indices: ArrayLike | None = None) -> None:
        """Add the pulses of a classified train.

        `indices`: number of each spectrum in its source, or None to count.
        """
        if indices is None:
            indices = np.arange(self.pulses, self.pulses + result.pulses)
        self.add(Chunk(of_result(result, indices), of_train(
            result.train_id, result.pulses, CLASSIFIED)))

    def add(self, chunk: Chunk) -> None:
        """Add a chunk of trains."""
        start = self.pulses
        self.pulses += len(chunk.pulses["index"])
        for name, values in chunk.pulses.items():
            group = self._scores if name in MATRICES else self._result
            _extend(group[name], start, self.pulses, values)
        pulses = chunk.trains["pulses"].astype(np.int64)
        rows = dict(chunk.trains, first=start + np.cumsum(pulses) - pulses)
        start = self.trains
        self.trains += len(pulses)
        for name, values in rows.items():
            _extend(self._trains[name], start, self.trains, values)
        self._problems += chunk.problems
        self._checksums.append((self.trains, chunk.sha256))
        with naming(self.path):
            self._target.check()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        if kind is not None:
            self._discard()
            return
        try:
            self._finish()
            self._file.close()
            self._target.close()
            with naming(self.path):
                self._target.check()
                seal(self._temporary)
                publish(self._temporary, self.path)
        finally:
            self._discard()

    def _discard(self) -> None:
        self._file.close()
        self._target.close()
        self._temporary.unlink(missing_ok=True)

    def _add_results(self, entry: h5py.Group,
                     classes: tuple[str, ...]) -> None:
        self._result = group = add_group(
            entry, "result", "NXdata", signal="label", axes=["index"],
            title="label of each spectrum",
            auxiliary_signals=["confidence", "residual"])
        _empty(group, "index", np.int64, "spectrum number in the input")
        group["index"].make_scale("index")
        for name, (dtype, long_name, unit) in VECTORS.items():
            _empty(group, name, dtype, long_name, unit)
            group[name].dims[0].attach_scale(group["index"])
        group["label"].attrs["class_names"] = list(classes)
        group["label"].attrs["codes"] = ", ".join(
            f"{code.value} {code.name.lower()}" for code in Code)
        self._scores = group = add_group(
            entry, "scores", "NXdata", signal="scores",
            title="share of the vote of each class",
            axes=["index", "class_index"], auxiliary_signals=["mixture"])
        group["index"] = self._result["index"]
        group["class_index"] = np.arange(len(classes))
        group["class_index"].attrs["class_names"] = list(classes)
        group["class_index"].make_scale("class_index")
        for name, long_name in MATRICES.items():
            _empty(group, name, np.float32, long_name, "", len(classes))
            for dimension, axis in enumerate(("index", "class_index")):
                group[name].dims[dimension].attach_scale(group[axis])
        self._trains = group = add_group(
            entry, "trains", "NXdata", signal="pulses", axes=["train_id"],
            title="pulses of each train",
            auxiliary_signals=["status"])
        columns = TRAINS | {"first": (
            np.int64, "row of the first pulse in result and scores")}
        for name, (dtype, long_name) in columns.items():
            _empty(group, name, dtype, long_name)
        group["status"].attrs["codes"] = STATUS
        group["mean_code"].attrs["codes"] = MEAN_CODE
        group["train_id"].make_scale("train_id")
        for name in set(columns) - {"train_id"}:
            group[name].dims[0].attach_scale(group["train_id"])

    def _finish(self) -> None:
        """Add to the process what is known only at the end."""
        process = self._entry["process"]
        process["date"] = now()
        add_note(process, "problems", self._problems,
                 description="[train id, why it could not be used]")
        add_note(process, "content", self._checksums, algorithm="sha256",
                 description="[rows of trains so far, checksum of the arrays "
                 "that were read for the last of them]")


def _empty(group: h5py.Group, name: str, dtype: DTypeLike, long_name: str,
           unit: str = "", *more: int) -> None:
    item = group.create_dataset(
        name, (0, *more), dtype, maxshape=(None, *more),
        chunks=(_CHUNK, *more))
    item.attrs["long_name"] = long_name
    if unit:
        item.attrs["units"] = unit


def _add_names(group: h5py.Group, names: Sequence[str]) -> None:
    item = group.create_dataset("file_name", dtype=h5py.string_dtype("utf-8"),
                                data=np.array(names, object))
    item.attrs["long_name"] = "file of the spectrum"
    item.dims[0].attach_scale(group["index"])


def _extend(item: h5py.Dataset, start: int, stop: int,
            values: ArrayLike) -> None:
    item.resize(stop, axis=0)
    item[start:stop] = values


def _add_process(entry: h5py.Group, model: JsonObject, model_id: str,
                 model_sha256: str, source: Mapping[str, Any],
                 configuration: Json) -> None:
    process = add_group(entry, "process", "NXprocess")
    process["program"] = PROGRAM
    process["version"] = __version__
    process["sequence_index"] = 1
    add_note(process, "configuration", configuration,
             description="settings of the engine")
    add_note(process, "model", model, description="manifest of the model",
             identifier_model=model_id, checksum=model_sha256,
             algorithm="sha256")
    add_note(process, "input", source, description="origin of the spectra",
             file_name=source.get("path", ""),
             checksum=source.get("sha256", ""), algorithm="sha256")
