"""Runs of the European XFEL, train by train, through EXtra-data.

A run is never read as a whole: `RunSource` gets the number of spectra of each
train from the index, and reads single trains.
"""
import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ... import __version__
from ...core.preprocessing.raw_frames import Selection
from ...core.preprocessing.source_layout import PRESETS
from ...core.trains.bunch_pattern import Frames
from ...errors import ConfigurationError, DataFileError, InputError
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from .run_opening import (
    PATTERN,
    PER_STRIP,
    counts_of,
    explained,
    keys_of,
    metadata_of,
    only_source,
    open_run,
    places_of,
    rows_of,
    spectra_shape,
    suspects_of,
    unreadable,
)

PREFIX = "run:"


@dataclass(frozen=True)
class RunOptions:
    """Which spectra of a run are meant; plain values.

    Attributes
    ----------
    source
        "" where only one source has `key`.
    key
        Key of the spectra.
    mask_key
        Key of the mask; None for the key `mask` of the source where there is
        one, "" for none.
    pulse_id_key
        Key of the ids of the pulses; "" for their positions.
    calibrated
        Whether counts are corrected; None where the type shows it (the
        correction writes float32).
    pulses, trains
        Positions, "first:stop:step" or a list, "" for all.
    follower
        Source of a second module, "" for none.
    follower_join
        How its strips are joined to those of the first.
    monitor, monitor_key
        Source and key of the pulse energies, "" for none.
    min_energy
        Least energy of a pulse with beam.
    pattern
        Source of the bunch pattern: the channel of a time server, or a pulse
        pattern decoder; "" for none.
    branch, frames, first_place, place_step
        Which pulses, and which frame has them; see
        `core.trains.bunch_pattern`.
    preset
        One of `source_layout.PRESETS`, whose other arrays are taken; "" for
        those that are found next to the spectra.
    """
    source: str = ""
    key: str = "data.adc"
    mask_key: str | None = None
    calibrated: bool | None = None
    pulses: str = ""
    trains: str = ""
    follower: str = ""
    follower_join: str = "appended"
    monitor: str = ""
    monitor_key: str = "data.intensityTD"
    min_energy: float = 0.
    pulse_id_key: str = ""
    preset: str = ""
    pattern: str = ""
    branch: str = "SA1"
    frames: str = Frames.PLACE.value
    first_place: int = 0
    place_step: int = 1

    @classmethod
    def of_preset(cls, preset: str, **given: Any) -> Self:
        """The options of a preset; what is given and not None wins.

        Raises
        ------
        ConfigurationError
            If there is no such preset.
        """
        given = {name: value for name, value in given.items()
                 if value is not None}
        if not preset:
            return cls(**given)
        if preset not in PRESETS:
            raise ConfigurationError(f"preset {preset!r}: use one of "
                                     f"{', '.join(PRESETS)}")
        layout = PRESETS[preset]
        own: dict[str, Any] = {
            "key": layout.data, "mask_key": layout.mask,
            "calibrated": layout.calibrated,
            "pulse_id_key": layout.pulse_id, "preset": preset}
        return cls(**own | given)

    @property
    def alone(self) -> Self:
        """The same without what is joined to the source."""
        return replace(self, follower="", monitor="", pattern="")


def is_run(path: AnyPath) -> bool:
    """Whether a path names a run: by its prefix, or by its files."""
    text = str(path)
    return text.startswith(PREFIX) or (
        Path(text).is_dir() and any(Path(text).glob(PATTERN)))


def run_path(path: AnyPath) -> Path:
    """The folder or file of a run, without the prefix."""
    return Path(str(path).removeprefix(PREFIX))


class RunSource:
    """The trains of one source and key of a run.

    Attributes
    ----------
    train_ids
        (T,) of the selected trains.
    pulses
        (T,) number of pulses, 0 where the source has missed the train.
    first
        (T,) number of the first spectrum of the train, counted through the
        whole run.
    suspect
        (T,) whether the data acquisition itself marks the train id as suspect.
    channels
        Number of strips.
    dtype
        Type of the spectra.
    calibrated
        Whether counts are corrected.
    """
    monitored = False
    files: tuple[str, ...] | None = None

    def __init__(self, path: AnyPath,
                 options: RunOptions | None = None) -> None:
        self.path = run_path(path)
        self.options = options or RunOptions()
        self.selection = Selection.parse(self.options.pulses)
        with explained(self.path):
            run, self.left_out = open_run(self.path)
            self._run = run
            self.source = self.options.source or only_source(
                self.path, run, self.options.key)
            self._keys = keys_of(self.path, run, self.source, self.options)
            self._places = {name: places_of(key)
                            for name, key in self._keys.items()}
            self._metadata = metadata_of(run)
            self._unreadable = unreadable(self.path, run)
            data = self._keys["data"]
            entry = spectra_shape(self.path, data)
            self.channels, self.dtype = entry[-1], data.dtype
            ids = np.array(data.train_ids, np.uint64)
            pulses = counts_of(self._places["data"], ids)
            if len(entry) == 2:
                pulses *= entry[0]
        self.calibrated = (data.dtype.kind == "f"
                           if self.options.calibrated is None
                           else self.options.calibrated)
        self._all = ids, pulses
        chosen = ~_trains(self.options.trains).left_out(len(ids))
        suspect = [id_ for file in data.files for id_ in suspects_of(file)]
        self.train_ids, self.pulses = ids[chosen], pulses[chosen]
        self.first = (np.cumsum(pulses) - pulses)[chosen]
        self.suspect = np.isin(self.train_ids, suspect)
        if not len(self):
            raise DataFileError(f"{self.path}: no train left of {len(ids)}; "
                                "ask for others with --trains")

    def __len__(self) -> int:
        return len(self.train_ids)

    def arrays(self, position: int) -> dict[str, NDArray[Any]]:
        """{name: array} of a train for `raw_frames.prepare`.

        Raises
        ------
        InputError
            If an array that the source has in other trains is missing.
        DataFileError
            If the file cannot be read.
        """
        with explained(self.path):
            return {name: self._read(name, position)
                    for name in self._keys}

    def indices(self, position: int) -> NDArray[np.int64]:
        """Numbers of the spectra of a train, counted through the whole run."""
        first = self.first[position]
        return np.arange(first, first + self.pulses[position])

    def beam(self, position: int) -> None:
        """A source without a monitor knows no beam."""

    def machine(self, position: int) -> None:
        """Nor the pulses of the machine."""

    def values(self, source: str, key: str) -> NDArray[np.float64]:
        """One value per train of another source, (T,).

        NaN where it has none; the mean where it has several.

        Raises
        ------
        DataFileError
            If the source does not have one number per entry.
        """
        with explained(self.path):
            data = keys_of(self.path, self._run, source,
                         RunOptions(source, key, mask_key=""))["data"]
            if data.entry_shape or data.dtype.kind not in "buif":
                raise DataFileError(
                    f"{self.path}: {source} {key} holds {data.dtype} of "
                    f"shape {tuple(data.entry_shape)} per entry; expected "
                    "one number")
            for train in list(places_of(data).values()):
                rows_of(data, *train)
            found = data.ndarray().astype(np.float64)
            ids = data.train_id_coordinates()
        place = {train_id: row for row, train_id
                 in enumerate(self.train_ids.tolist())}
        rows = np.array([place.get(int(i), -1) for i in ids], np.int64)
        known = rows >= 0
        count = np.bincount(rows[known], minlength=len(self))
        total = np.bincount(rows[known], found[known], minlength=len(self))
        with np.errstate(invalid="ignore"):
            return total / count

    def _read(self, name: str, position: int) -> NDArray[Any]:
        key = self._keys[name]
        wide = name == "data" or name in PER_STRIP
        shape = (-1, self.channels) if wide else (-1,)
        if not self.pulses[position]:
            return np.empty((0, *shape[1:]), key.dtype)
        place = self._places[name].get(int(self.train_ids[position]))
        if place is None:
            raise InputError(f"{self.source} has no {key.key} in this train")
        values = rows_of(key, *place)
        if wide and values.shape[-1] != self.channels:
            raise InputError(f"{key.key} of shape {values.shape} for "
                             f"{self.channels} channels")
        values = values.reshape(shape)
        # one mask for all pulses of the train
        return values[0] if name == "mask" and len(values) == 1 else values

    @cached_property
    def provenance(self) -> JsonObject:
        """Where the spectra come from, JSON values.

        `sha256` covers names and sizes of the files, train ids and numbers of
        spectra, not the counts: terabytes are not read twice.
        """
        ids, pulses = self._all
        # in whatever order EXtra-data has them
        paths = sorted(file.filename for file in self._keys["data"].files)
        files = [{"name": os.path.basename(path),
                  "bytes": os.path.getsize(path)} for path in paths]
        known = json.dumps([self.source, self.options.key, files]).encode()
        digest = hashlib.sha256(known)
        digest.update(ids.astype("<u8").tobytes())
        digest.update(pulses.astype("<i8").tobytes())
        return {
            "path": str(self.path), "format": "European XFEL run",
            "sha256": digest.hexdigest(),
            "sha256_of": "names and sizes of the files, train ids, counts",
            "reader": f"spectra_classifier {__version__}",
            **self._metadata, "source": self.source,
            "options": asdict(self.options),
            "counts_calibrated": bool(self.calibrated),
            "keys": {name: key.key for name, key in self._keys.items()},
            "files": files, "unreadable_files": self._unreadable,
            "trains_in_run": len(ids),
            "trains": len(self), "first_train": int(self.train_ids[0]),
            "last_train": int(self.train_ids[-1]),
            "trains_without_data": int((self.pulses == 0).sum()),
            "suspect_trains": int(self.suspect.sum()),
            "suspect_trains_left_out": self.left_out, "changes": []}


    @cached_property
    def state(self) -> str:
        """`provenance` and when each file was written last."""
        times = [os.stat(file.filename).st_mtime_ns
                 for file in self._keys["data"].files]
        return json.dumps([self.provenance["sha256"], sorted(times)])


class RunValues:
    """Values of another source of a run, by train id."""

    def __init__(self, path: AnyPath, source: str, key: str) -> None:
        path = run_path(path)
        with explained(path):
            run, _ = open_run(path)
            data = keys_of(path, run, source,
                           RunOptions(source, key, mask_key=""))["data"]
            self._data = data
            self._places = places_of(data)
            if data.dtype.kind not in "buif" or len(data.entry_shape) > 1:
                raise DataFileError(
                    f"{path}: {source} {key} holds {data.dtype} of shape "
                    f"{tuple(data.entry_shape)} per entry; expected one "
                    "number, or one per pulse")

    def of_train(self, train_id: int) -> NDArray[Any] | None:
        """The entry of a train, None where there is none."""
        place = self._places.get(train_id)
        if place is None:
            return None
        file, first, _ = place
        return rows_of(self._data, file, first, first + 1)[0]


def _trains(text: str) -> Selection:
    try:
        return Selection.parse(text)
    except InputError as error:
        raise DataFileError(f"--trains {text}: expected positions such as "
                            f"0:6000:10 ({error})") from None
