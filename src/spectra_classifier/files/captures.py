"""Captures on disk: a folder each, one NeXus file a train, written at once.

    <directory>/0001_solid/train_00001.h5   used pulses, raw, of one train
                          /dark.h5          dark spectrum, dead strips
                          /discarded        why it does not take part

Every file is whole or absent, and states what it belongs to: whatever ends
the process, what was written is found again. A capture appears with its first
train. The number of a folder is given once, whatever is in it.
"""
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.capture import Capture, Tally
from ..core.dataset import FROM_CLUSTERS, LABELS_FROM, Dataset
from ..core.preprocessing.preprocess import correct
from ..core.spectra import Axis, Train
from ..errors import DataFileError, SpectraError
from ..model.plain import AnyPath
from ..model.strict_json import JsonObject
from .atomic import replaced
from .checksum import combined_sha256, file_sha256
from .hdf5.nexus_groups import read_note
from .refusals import refusals
from .seal import NAME, need_seal
from .writing import write_dataset

_FOLDER = re.compile(r"(\d{4,})_.+")
DARK, DISCARDED = "dark.h5", "discarded"
_DAMAGED = "it is damaged or no train of a capture"


@dataclass(frozen=True, eq=False)
class Background:
    """What is subtracted and bridged.

    Attributes
    ----------
    dark
        Dark spectrum (channels,), or None.
    masked
        (channels,), True where a strip is bridged, or None.
    """
    dark: NDArray[np.float32] | None = None
    masked: NDArray[np.bool_] | None = None


def folder_of(directory: AnyPath, capture: Capture) -> Path:
    """The folder of a capture."""
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", capture.sample_class).strip("-.")
    return Path(directory) / f"{capture.number:04d}_{name or 'state'}"


def next_number(directory: AnyPath) -> int:
    """The number of the next capture: above all that were ever given."""
    return 1 + max((int(found[1]) for path in Path(directory).iterdir()
                    if (found := _FOLDER.fullmatch(path.name))), default=0)


def _begun(directory: AnyPath, capture: Capture) -> Path:
    """Where a capture is kept before its first train is whole."""
    folder = folder_of(directory, capture)
    return folder.with_name(f".{folder.name}.part")


def start_capture(directory: AnyPath, capture: Capture, axis: Axis,
                  background: Background) -> Path:
    """Make the folder of a new capture, with its background.

    Returns
    -------
    Path
        The folder; it gets its final name with the first train.

    Raises
    ------
    DataFileError
        If the folder cannot be made.
    """
    folder = _begun(directory, capture)
    try:
        shutil.rmtree(folder, ignore_errors=True)   # of a killed process
        if folder_of(directory, capture).exists():
            raise FileExistsError(17, "it exists")
        folder.mkdir(parents=True)
    except OSError as error:
        raise DataFileError(f"{folder}: cannot be made "
                            f"({error.strerror})") from None
    if background.dark is not None or background.masked is not None:
        none = np.zeros(len(axis), np.float32)
        masked = () if background.masked is None else np.flatnonzero(
            background.masked).tolist()
        write_dataset(folder / DARK, Dataset(
            axis, np.asarray(none if background.dark is None
                             else background.dark, np.float32)[None],
            provenance={"kind": "dark", "masked_strips": list(masked),
                        "subtract": background.dark is not None}))
    return folder


def write_train(directory: AnyPath, capture: Capture, axis: Axis, train: Train,
                used: NDArray[np.bool_], tally: Tally,
                more: Mapping[str, Any]) -> Path:
    """Write the used pulses of one train of a capture.

    Parameters
    ----------
    directory
        Folder of all captures.
    capture
        The capture after this train.
    axis
        Axis of the spectra.
    train
        The train.
    used
        (pulses,), True where a pulse is used.
    tally
        Counts of this train.
    more
        Further facts of the train, JSON values.

    Returns
    -------
    Path
        The file.
    """
    rows = np.flatnonzero(used)
    folder = folder_of(directory, capture)
    path = (_begun(directory, capture) if capture.trains == 1
            else folder) / f"train_{capture.trains:05d}.h5"
    note = {"kind": "capture", "capture": capture.number,
            "class": capture.sample_class, "trains_wanted": capture.wanted,
            "time": capture.time, "train_id": int(train.train_id),
            "pulses": int(train.pulses), "used": tally.used,
            "left_out": dict(tally.left_out), "intensity": tally.intensity,
            "dark": capture.dark, **more}
    if capture.chosen:
        note[LABELS_FROM] = FROM_CLUSTERS
    write_dataset(path, Dataset(
        axis, train.spectra[rows], labels=np.zeros(len(rows), int),
        classes=(capture.sample_class,),
        groups=np.full(len(rows), capture.number), indices=rows,
        provenance=note))
    if path.parent != folder:
        path.parent.rename(folder)
    return folder / path.name


def is_written(directory: AnyPath, capture: Capture) -> bool:
    """Whether the last train of a capture is on disk.

    An error does not tell: it may have come after the file was complete.
    """
    return (folder_of(directory, capture)
            / f"train_{capture.trains:05d}.h5").exists()


def is_discarded(directory: AnyPath, capture: Capture) -> bool:
    """Whether a capture is marked as discarded on disk."""
    return (folder_of(directory, capture) / DISCARDED).exists()


def abandon(directory: AnyPath, capture: Capture) -> None:
    """Remove what was begun of a capture without a train, if possible."""
    shutil.rmtree(_begun(directory, capture), ignore_errors=True)


def discard(directory: AnyPath, capture: Capture) -> None:
    """Mark a capture: it stays on disk and takes no part."""
    with replaced(folder_of(directory, capture) / DISCARDED) as temporary:
        temporary.write_text(f"{capture.problem}\n")


def find_captures(directory: AnyPath) -> tuple[tuple[Capture, ...], list[str]]:
    """Find the captures in a directory.

    Files that a killed process has left half-written have temporary names and
    are ignored.

    Returns
    -------
    captures
        In the order of their numbers.
    problems
        One sentence for each folder that cannot be read.
    """
    captures, problems = [], []
    for folder in sorted(Path(directory).iterdir()):
        if not (folder.is_dir() and _FOLDER.fullmatch(folder.name)):
            continue
        try:
            captures.append(_found(folder))
        except SpectraError as error:
            problems.append(str(error))
        except (OSError, ValueError, KeyError, TypeError) as error:
            problems.append(f"{folder}: is not a capture ({error!r})")
    return tuple(sorted(captures, key=lambda each: each.number)), problems


def _found(folder: Path) -> Capture:
    capture = None
    for path in trains_of(folder):
        note, shape = _note(path)
        tally = Tally(note["used"], note["intensity"],
                      MappingProxyType(note["left_out"]))
        if capture is None:
            capture = Capture(note["capture"], note["class"],
                              note["trains_wanted"], dark=note["dark"],
                              time=note["time"], chosen=note.get(
                                  LABELS_FROM) == FROM_CLUSTERS)
        capture = capture.with_train(tally, shape[1])
    if capture is None:
        raise DataFileError(f"{folder}: holds no trains")
    if folder_of(folder.parent, capture) != folder:
        raise DataFileError(
            f"{folder}: holds capture {capture.number} of "
            f"{capture.sample_class!r}, and its name says otherwise")
    if (folder / DISCARDED).exists():
        return capture.discarded((folder / DISCARDED).read_text(
            errors="replace").strip())
    if not capture.complete:
        return replace(capture, problem=f"ended after {capture.trains} of "
                                        f"{capture.wanted} trains")
    return capture


def trains_of(folder: Path) -> list[Path]:
    """The files of the trains of a capture, in order."""
    return sorted(folder.glob("train_*.h5"))


def _note(path: Path) -> tuple[JsonObject, tuple[int, ...]]:
    with (refusals(path, _DAMAGED),
          h5py.File(path) as file):
        return (read_note(file["entry/provenance"]),
                file["entry/data/intensity"].shape)


def load_captures(directory: AnyPath, captures: Sequence[Capture], axis: Axis,
                  most: int, skip: ArrayLike = ()) -> Dataset:
    """Load captures as one dataset, dark subtracted, dead strips bridged.

    Parameters
    ----------
    directory
        Folder of all captures.
    captures
        Captures to load.
    axis
        Axis of the spectra.
    most
        Approximate number of spectra of each capture, spread evenly over its
        trains.
    skip
        Indices that are not to be loaded again.

    Returns
    -------
    Dataset
        float32; `indices` count the used pulses of all given captures,
        `groups` are their numbers. One capture that was chosen by the data
        makes it a data set that was.
    """
    names = tuple(dict.fromkeys(each.sample_class for each in captures))
    spectra, labels, groups, indices = [], [], [], []
    digests: dict[str, str] = {}
    known, first = np.asarray(skip, int), 0
    for capture in captures:
        count = capture.tally.used
        own = np.setdiff1d(np.arange(count), known - first)
        take = min(most, len(own))
        own = own[np.arange(take) * len(own) // max(take, 1)]
        folder = folder_of(directory, capture)
        spectra.append(_spectra(folder, own, len(axis)))
        labels += [names.index(capture.sample_class)] * take
        groups += [capture.number] * take
        indices.append(own + first)
        digests |= {f"{folder.name}/{path.name}": file_sha256(path)
                    for path in trains_of(folder)}
        first += count
    return Dataset(
        axis, np.concatenate(spectra), np.array(labels, int), names,
        np.array(groups, int), np.concatenate(indices),
        {"path": str(directory), "format": "captures",
         "sha256": combined_sha256(digests),
         "captures": [each.number for each in captures],
         **({LABELS_FROM: FROM_CLUSTERS} if any(
             each.chosen for each in captures) else {})})


def _spectra(folder: Path, rows: NDArray[np.int64],
             channels: int) -> NDArray[np.float32]:
    """Spectra `rows` of the capture in a folder, float32, corrected."""
    parts, first = [np.empty((0, channels), np.float32)], 0
    background = read_background(folder)
    for path in trains_of(folder):
        with refusals(path, _DAMAGED), h5py.File(path) as file:
            need_seal(path, file.attrs.get(NAME))
            data = file["entry/data/intensity"]
            own = rows[(rows >= first) & (rows < first + len(data))] - first
            if len(own):
                raw = data[()][own]
                parts.append(correct(raw, background.dark, background.masked)
                             .astype(np.float32))
            first += len(data)
    return np.concatenate(parts)


def read_background(folder: AnyPath) -> Background:
    """The background of the capture in a folder."""
    path = Path(folder) / DARK
    if not path.exists():
        return Background()
    note, _ = _note(path)
    with refusals(path, _DAMAGED), h5py.File(path) as file:
        need_seal(path, file.attrs.get(NAME))
        dark = file["entry/data/intensity"][0]
    masked = np.zeros(len(dark), bool)
    masked[note["masked_strips"]] = True
    return Background(dark if note["subtract"] else None,
                      masked if masked.any() else None)
