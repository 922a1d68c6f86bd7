"""Snapshots, read train by train."""
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ...core.describe import printable
from ...core.model_definition import Settings
from ...core.spectra import (
    LIGHT_NOT_KNOWN,
    Axis,
    Train,
    TrainResult,
    make_train,
)
from ...core.trains.train_buffer import RecordedTrain
from ...errors import DataFileError
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from ..hdf5 import opened
from ..refusals import refusals
from ..understood import report_of
from .snapshot import (
    CODES,
    FACTS,
    FORMAT_VERSION,
    SHARES,
    Event,
    RunContext,
    made_settings,
)


@contextmanager
def open_snapshot(path: AnyPath) -> Iterator["Snapshot"]:
    """A `Snapshot`, open in the block.

    Raises
    ------
    DataFileError
        If the file is no snapshot, of another format, or damaged.
    """
    path = Path(path)
    with (refusals(path, "it is cut off, damaged or no snapshot of this "
                   "program"), opened(path) as file):
        yield Snapshot(path, file)


class Snapshot:
    """An open snapshot.

    Attributes
    ----------
    path
        Its file.
    event
        Why it was taken.
    environment
        {name: version} of what made the codes.
    """

    def __init__(self, path: Path, file: h5py.File) -> None:
        self.path = path
        entry = file.get("entry")
        found = None if entry is None else entry.attrs.get(
            "spectra_classifier_snapshot")
        if found is None:
            raise DataFileError(f"{path}: is not a snapshot of a classifier; "
                                "give a file from its snapshots.directory")
        if found != FORMAT_VERSION:
            raise DataFileError(
                f"{path}: is of format {found}, this program reads "
                f"{FORMAT_VERSION}: use the version that wrote it")
        self._entry = entry
        event = _note(entry["event"])
        self.event = Event(**(event | {"reasons": tuple(event["reasons"])}))
        self.environment = _note(entry["environment"])
        self._segments: dict[int, tuple[RunContext, Settings]] = {}

    def __len__(self) -> int:
        return len(self._entry["trains/train_id"])

    def understood(self) -> JsonObject | None:
        """What was read, see `files.understood.report_of`.

        Classes have the number of recorded labels. None without spectra.
        """
        segments = np.unique(self._entry["trains/segment"][()])
        segments = segments[segments >= 0].tolist()
        if not segments:
            return None
        count: Counter[str] = Counter()
        for segment in segments:
            context, _ = self._process(segment)
            label = self._entry[f"codes_{segment}/label"][()]
            count.update({name: int(np.count_nonzero(label == index))
                          for index, name in enumerate(context.classes)})
        spectra = [self._entry[f"spectra_{each}/spectra"]
                   for each in segments]
        return report_of(
            context.axis, {
                "path": printable(self.path), "format": "event snapshot",
                "axis_from": "the model in the snapshot"},
            sum(map(len, spectra)), str(spectra[-1].dtype), dict(count))

    def trains(self) -> Iterator[RecordedTrain]:
        """Yield the trains in order; their context is a `RunContext`."""
        table = self._entry["trains"]
        columns = {name: table[name].asstr()[()] if kind is str
                   else table[name][()].tolist()
                   for name, kind in FACTS.items()}
        places = zip(*(table[name][()].tolist() for name in (
            "train_id", "pulses", "segment", "first")), strict=True)
        for row, (train_id, pulses, segment, first) in enumerate(places):
            facts = {name: values[row] for name, values in columns.items()}
            if segment < 0:
                yield RecordedTrain(train_id, pulses, 0., None, facts)
                continue
            context, settings = self._process(segment)
            part = slice(first, first + pulses)
            yield RecordedTrain(
                train_id, pulses, 0., context, facts,
                *self._content(segment, part, train_id, context, settings))

    def _content(self, segment: int, part: slice, train_id: int,
                 context: RunContext,
                 settings: Settings) -> tuple[Train, Settings, TrainResult]:
        entry = self._entry
        codes = entry[f"codes_{segment}"]
        found = {name: codes[name][part] for name in CODES}
        found |= {name: entry[f"scores_{segment}"][name][part]
                  for name in SHARES}
        # not in files of versions that knew nothing of it
        light = codes["light"][part] if "light" in codes else None
        if light is not None and (light == LIGHT_NOT_KNOWN).any():
            light = None
        train = make_train(
            train_id, entry[f"spectra_{segment}/spectra"][part],
            found["pulse_ids"], codes["verdict"][part], light=light)
        return train, settings, TrainResult(
            train_id=train_id, model_id=context.model_id,
            votes=np.empty((train.pulses, 0, found["scores"].shape[1]),
                           np.float32),
            config_hash=settings.hash, **found)

    def _process(self, segment: int) -> tuple[RunContext, Settings]:
        if segment not in self._segments:
            process = self._entry[f"process_{segment}"]
            note = process["settings"]
            arrays = {name: note[name][()] for name in ("dark", "mask")
                      if name in note}
            self._segments[segment] = (
                _context(process, self._entry[f"spectra_{segment}"],
                         self._entry[f"codes_{segment}/label"]),
                made_settings(_note(note), arrays))
        return self._segments[segment]


def _context(process: h5py.Group, spectra: h5py.Group,
             label: h5py.Dataset) -> RunContext:
    model = process["model"]
    quantity = spectra.attrs["axes"][1]
    axis = spectra[quantity]
    return RunContext(
        axis=Axis(axis[()], quantity, axis.attrs.get("units", "unknown")),
        classes=tuple(label.attrs["class_names"]),
        model_id=_text(model["identifier"]),
        model_sha256=_text(model["checksum"]), manifest=_note(model),
        graph=(np.asarray(model["onnx"]).tobytes() if "onnx" in model
               else b""),
        path=_text(model["file_name"]), engine=_text(process["engine"]),
        threads=int(process["threads"][()]),
        values=_note(process["configuration"]),
        hash=_text(process["configuration/identifier"]))


def _note(group: h5py.Group) -> Any:
    return json.loads(_text(group["data"]))


def _text(dataset: h5py.Dataset) -> str:
    return dataset.asstr()[()]
