"""Write the trains around an event as one NeXus/HDF5 file."""
import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from ...core.model_definition import Settings
from ...core.spectra import LIGHT_NOT_KNOWN, Train, TrainResult
from ...core.trains.train_buffer import RecordedTrain
from ..atomic import check_target, naming, publish, temporary_name
from ..hdf5 import created
from ..hdf5.nexus_groups import add_axis, add_group, add_note, start_file
from ..seal import seal
from .async_datasets import Reserved
from .snapshot import (
    CODES,
    FACTS,
    FORMAT_VERSION,
    SHARES,
    Event,
    RunContext,
    plain_settings,
)

#: a larger model is not kept in the file; its hash and path are
MAX_GRAPH = 64 * 2 ** 20
#: what can change the last bit of a number
_PACKAGES = ("spectra_classifier", "numpy", "numba", "onnxruntime")


class _Classified(NamedTuple):
    """A recorded train that the engine had, and its parts."""
    recorded: RecordedTrain
    context: RunContext
    train: Train
    settings: Settings
    result: TrainResult


def write_snapshot(path: Path, event: Event,
                   trains: Sequence[RecordedTrain]) -> None:
    """Write a snapshot; the file appears whole or not at all.

    Trains with the same settings, model and type of spectra make a segment k
    with the groups spectra_k (NXdata: raw spectra, the default of the file for
    the event's train), codes_k, scores_k (NXdata) and process_k (NXprocess:
    model, engine, configuration). /entry/trains has a row for every train,
    including those without codes.

    Parameters
    ----------
    path
        File to write.
    event
        Why it is written.
    trains
        In order, their `context` a `RunContext` or None.

    Raises
    ------
    OSError
        If the disk is full.
    """
    check_target(path)
    temporary = temporary_name(path)
    reserved = Reserved()
    try:
        # through a file of Python, which lets the lock go while it waits for
        # the disk: HDF5 itself would hold up every other thread
        with naming(path):
            with created(temporary, complete=False) as file:
                entry = start_file(file, path,
                                   f"snapshot: {event.reasons[0]}")
                _fill(entry, event, trains, reserved)
            reserved.write(temporary)
            seal(temporary)
            publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@cache
def environment() -> dict[str, str]:
    """{name: version} of what can change the last bit of a number."""
    found = {"machine": platform.machine(), "processor": _processor()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.partition(":")[2].strip() for line in file
                        if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def _fill(entry: h5py.Group, event: Event, trains: Sequence[RecordedTrain],
          reserved: Reserved) -> None:
    entry.attrs["spectra_classifier_snapshot"] = FORMAT_VERSION
    entry["start_time"] = datetime.fromtimestamp(event.time, UTC).isoformat()
    entry["experiment_description"] = "; ".join(event.reasons)
    add_note(entry, "event", {
        "kind": event.kind, "reasons": list(event.reasons),
        "train_id": event.train_id, "time": event.time,
        "device": event.device}, description="why this was written")
    add_note(entry, "environment", environment(),
             description="versions and processor that made the codes")
    rows: dict[int, tuple[int, int]] = {}
    models: dict[str, str] = {}
    for number, (_, group) in enumerate(groupby(
            _classified(trains), _segment)):
        members = list(group)
        _add_segment(entry, number, members, reserved, models)
        first = 0
        for train, *_ in members:
            rows[id(train)] = number, first
            first += train.pulses
            if number == 0 or train.train_id == event.train_id:
                entry.attrs["default"] = f"spectra_{number}"
    _add_trains(entry, trains, rows)


def _classified(trains: Sequence[RecordedTrain]) -> list[_Classified]:
    return [_Classified(each, each.context, each.train, each.settings,
                        each.result)
            for each in trains if each.train is not None
            and each.settings is not None and each.result is not None]


def _segment(train: _Classified) -> tuple[int, str, str, int]:
    spectra = train.train.spectra
    return id(train.context), train.settings.hash, spectra.dtype.str, \
        spectra.shape[1]


def _add_segment(entry: h5py.Group, number: int, trains: Sequence[_Classified],
                 reserved: Reserved, models: dict[str, str]) -> None:
    context = trains[0].context
    spectra = [train.train.spectra for train in trains]
    pulses = sum(map(len, spectra))
    group = add_group(entry, f"spectra_{number}", "NXdata", signal="spectra",
                      title="raw spectra")
    group.attrs["axes"] = add_axis(group, context.axis, pulses,
                                   np.arange(pulses))
    reserved.add(group, "spectra", spectra, spectra[0].dtype,
                 spectra[0].shape[1:], long_name="raw spectrum")
    group["spectra"].attrs["interpretation"] = "spectrum"
    reserved.add(group, "train_id", [
        np.full(train.recorded.pulses, train.recorded.train_id)
        for train in trains], np.uint64)
    group["pulse_id"] = h5py.SoftLink(f"/entry/codes_{number}/pulse_ids")
    scales = [group[name] for name in group.attrs["axes"]]
    _name_dimensions(group, scales)

    group = add_group(entry, f"codes_{number}", "NXdata", signal="label",
                      title="label of each pulse", axes=["index"],
                      auxiliary_signals=["confidence"])
    group["index"] = h5py.SoftLink(f"/entry/spectra_{number}/index")
    for name, (dtype, long_name) in CODES.items():
        reserved.add(group, name,
                     [getattr(train.result, name) for train in trains], dtype,
                     long_name=long_name)
    group["label"].attrs["class_names"] = list(context.classes)
    reserved.add(group, "verdict", [t.train.verdicts for t in trains],
                 np.int8, long_name="code that was settled before the engine")
    reserved.add(group, "light", [_light(t.train) for t in trains], np.uint8,
                 long_name="light by the bunch pattern: 1 X-rays, 2 laser, "
                 f"{LIGHT_NOT_KNOWN} not known")
    _name_dimensions(group, scales[:1])

    group = add_group(entry, f"scores_{number}", "NXdata", signal="scores",
                      title="share of the vote of each class",
                      axes=["index", "class_index"],
                      auxiliary_signals=["mixture"])
    group["index"] = h5py.SoftLink(f"/entry/spectra_{number}/index")
    group["class_index"] = np.arange(len(context.classes))
    group["class_index"].make_scale("class_index")
    for name, long_name in SHARES.items():
        reserved.add(group, name,
                     [getattr(train.result, name) for train in trains],
                     np.float32, (len(context.classes),), long_name=long_name)
    _name_dimensions(group, [scales[0], group["class_index"]])
    _add_process(entry, number, context, trains[0].settings, models)


def _light(train: Train) -> NDArray[np.uint8]:
    if train.light is None:
        return np.full(train.pulses, LIGHT_NOT_KNOWN, np.uint8)
    return train.light


def _name_dimensions(group: h5py.Group,
                     scales: Sequence[h5py.Dataset]) -> None:
    """Makes `scales` those of the arrays in a group, as far as they go."""
    for name in group:
        if isinstance(group.get(name, getlink=True), h5py.HardLink) and not (
                group[name].is_scale):
            for dimension, scale in zip(group[name].dims, scales,
                                        strict=False):
                dimension.attach_scale(scale)


def _add_process(entry: h5py.Group, number: int, context: RunContext,
                 settings: Settings, models: dict[str, str]) -> None:
    process = add_group(entry, f"process_{number}", "NXprocess")
    process["program"] = "spectra_classifier"
    process["engine"] = context.engine
    process["threads"] = context.threads
    add_note(process, "configuration", context.values,
             description="everything a code or the permit rests on",
             identifier=context.hash)
    values, arrays = plain_settings(settings)
    note = add_note(process, "settings", values,
                    description="what the engine was given",
                    identifier=settings.hash)
    for name, array in arrays.items():
        note[name] = array
    known = models.get(context.identity)
    if known is not None:
        process["model"] = h5py.SoftLink(known)
        return
    note = add_note(process, "model", context.manifest,
                    description="manifest of the model",
                    identifier=context.model_id,
                    checksum=context.model_sha256, algorithm="sha256",
                    file_name=context.path)
    if len(context.graph) <= MAX_GRAPH:
        note["onnx"] = np.frombuffer(context.graph, np.uint8)
    models[context.identity] = note.name


def _add_trains(entry: h5py.Group, trains: Sequence[RecordedTrain],
                rows: dict[int, tuple[int, int]]) -> None:
    group = add_group(entry, "trains", "NXcollection")
    places = [rows.get(id(train), (-1, 0)) for train in trains]
    group["train_id"] = np.array([t.train_id for t in trains], np.uint64)
    group["pulses"] = np.array([t.pulses for t in trains], np.uint32)
    group["segment"] = np.array([p[0] for p in places], np.int32)
    group["first"] = np.array([p[1] for p in places], np.uint32)
    group["segment"].attrs["long_name"] = (
        "k of spectra_k, -1: no spectra, because the engine did not have it")
    group["first"].attrs["long_name"] = "row of the first pulse there"
    for name, kind in FACTS.items():
        values = [train.facts.get(name, kind()) for train in trains]
        group[name] = (np.array(values, h5py.string_dtype()) if kind is str
                       else np.array(values, kind))
    group["other"] = json.dumps([
        {key: value for key, value in train.facts.items()
         if key not in FACTS} for train in trains])
