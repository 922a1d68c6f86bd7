"""One capture being taken: from the trains of the source to the disk."""
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from karabo.middlelayer import Hash
from numpy.typing import NDArray

from ...core.capture import Capture, Tally, misfit, usable
from ...core.preprocessing import raw_frames
from ...core.preprocessing.memory_cells import Darks, leveller
from ...core.preprocessing.raw_frames import Selection
from ...core.preprocessing.source_layout import Layout
from ...core.spectra import Axis, Train
from ...errors import DataFileError, InputError
from ...files.captures import (
    Background,
    abandon,
    is_written,
    start_capture,
    write_train,
)
from ..common.decoding import Reader

#: bytes that must stay free on the disk of the captures
KEEP_FREE = 1024**3


@dataclass(frozen=True, eq=False)
class Source:
    """How the trains are read: as the classifier reads them.

    `dark` (channels,) float32, or (2, channels) for even and odd memory
    cells, or None, `strips` numbers of dead ones,
    `origin`: where these come from; `saturation`: raw level, inf for none.
    """
    layout: Layout = field(default_factory=Layout)
    selection: Selection = field(default_factory=Selection)
    dark: NDArray[np.float32] | None = None
    strips: tuple[int, ...] = ()
    saturation: float = np.inf
    origin: str = "none"


@dataclass(frozen=True)
class AxisSettings:
    quantity: str = "channel"
    unit: str = "channel"
    first: float = 0.
    step: float = 1.

    def axis(self, channels: int) -> Axis:
        """The `Axis` of so many channels."""
        return Axis(np.asarray(
            self.first + self.step * np.arange(channels), np.float64),
                    self.quantity, self.unit)

    def as_dict(self, channels: int) -> dict[str, Any]:
        """For the process that trains; plain JSON values."""
        return {"quantity": self.quantity, "unit": self.unit,
                "first": self.first, "step": self.step,
                "channels": channels}


class Recorder:
    """Takes the trains of one capture; blocks, so run `take` in a thread.

    `capture`: as it is now; `others`: all captures before it. Nothing is
    made on disk before the first train has proved usable.
    """

    def __init__(self, directory: Path, capture: Capture,
                 others: Sequence[Capture], source: Source, axis: AxisSettings,
                 cut: float, more: Mapping[str, Any] | None = None) -> None:
        self.directory = Path(directory)
        self.capture = replace(capture, dark=source.dark is not None)
        self._others = others
        self._source = source
        self._axis = axis
        self._cut = cut
        self._more = dict(more or {})
        self._reader = Reader(source.layout)
        self._level: Callable[[Train], Train] | None = None
        self._typical = 0.
        self._seen: set[int] = set()
        self._background: Background | None = None

    def take(self, train_id: int, data: Hash) -> bool:
        """Keep one more train; False where this one was here before.

        Raises `InputError` where the train cannot be part of the capture
        and `DataFileError` where it cannot be written.
        """
        if train_id and train_id in self._seen:
            return False
        arrays = self._reader.read(data)
        prepared = raw_frames.prepare(train_id, arrays, self._source.selection,
                                  self._source.layout.calibrated)
        channels = prepared.train.spectra.shape[1]
        problem = misfit((*self._others, self.capture), channels)
        if problem:
            raise InputError(f"the source sends {problem}")
        background = self._background or self._first(channels, prepared.mask)
        train = prepared.train
        if self._level is not None:
            train = self._level(train)
        used, tally, self._typical = usable(
            train, background.dark, background.masked,
            self._source.saturation, self._cut, self._typical)
        self._require_space(train.spectra.nbytes)
        try:
            self._write(train, used, tally, channels, background)
        except (OSError, RuntimeError) as error:    # h5py raises either
            raise DataFileError(f"train {train_id} cannot be written: "
                                f"{error}") from None
        finally:
            if not self.capture.trains:
                self._background = None
                abandon(self.directory, self.capture)
        self._seen.add(train_id)
        return True

    def _first(self, channels: int,
               mask: NDArray[np.bool_] | None) -> Background:
        source = self._source
        masked = np.zeros(channels, bool)
        strips = np.asarray(source.strips, int)
        if (source.dark is not None and source.dark.shape[-1] != channels
                ) or (len(strips) and strips.max() >= channels):
            raise InputError(
                f"the source sends {channels} channels, which the dark "
                f"spectrum and dead strips of {source.origin} do not fit: "
                "take a new dark there, or clear it")
        masked[strips] = True
        if mask is not None:
            masked |= mask
        mask = masked if masked.any() else None
        if source.dark is None:
            return Background(None, mask)
        darks = Darks(source.dark)
        self._level = leveller(darks, mask)
        return Background(darks.mean, mask)

    def _write(self, train: Train, used: NDArray[np.bool_], tally: Tally,
               channels: int, background: Background) -> None:
        axis = self._axis.axis(channels)
        if self._background is None:
            self.capture = replace(self.capture, time=time.strftime(
                "%Y-%m-%dT%H:%M:%S"))
            start_capture(self.directory, self.capture, axis, background)
            self._background = background
        after = self.capture.with_train(tally, channels)
        try:
            write_train(self.directory, after, axis, train, used, tally,
                        self._more | {"background": self._source.origin})
        finally:
            if is_written(self.directory, after):
                self.capture = after

    def _require_space(self, size: int) -> None:
        free = shutil.disk_usage(self.directory).free
        if free < KEEP_FREE + size:
            raise DataFileError(
                f"the disk of {self.directory} is full: "
                f"{free / 1024**3:.1f} GiB are free, "
                f"{KEEP_FREE / 1024**3:.0f} must stay free; make room or "
                "name another captureDirectory")
