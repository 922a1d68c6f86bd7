"""One capture being taken: from the trains of the source to the disk."""
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from karabo.middlelayer import Hash
from numpy.typing import NDArray

from ...core.capture import Capture, Tally, misfit
from ...core.spectra import Train
from ...errors import DataFileError, InputError
from ...files.captures import (
    Background,
    abandon,
    is_written,
    start_capture,
    write_train,
)
from ..common.pulse_reader import AxisSettings, PulseReader, Source

#: bytes that must stay free on the disk of the captures
KEEP_FREE = 1024**3


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
        self._more = dict(more or {})
        self._reader = PulseReader(source, cut)
        self._seen: set[int] = set()
        self._begun = False

    def take(self, train_id: int, data: Hash) -> bool:
        """Keep one more train; False where this one was here before.

        Raises `InputError` where the train cannot be part of the capture
        and `DataFileError` where it cannot be written.
        """
        if train_id and train_id in self._seen:
            return False
        prepared = self._reader.prepared(train_id, data)
        channels = prepared.train.spectra.shape[1]
        problem = misfit((*self._others, self.capture), channels)
        if problem:
            raise InputError(f"the source sends {problem}")
        train, used, tally = self._reader.usable(prepared)
        assert self._reader.background is not None      # of this train
        require_space(self.directory, train.spectra.nbytes)
        try:
            self._write(train, used, tally, channels,
                        self._reader.background)
        except (OSError, RuntimeError) as error:    # h5py raises either
            raise DataFileError(f"train {train_id} cannot be written: "
                                f"{error}") from None
        finally:
            if not self.capture.trains:
                self._begun = False
                abandon(self.directory, self.capture)
        self._seen.add(train_id)
        return True

    def _write(self, train: Train, used: NDArray[np.bool_], tally: Tally,
               channels: int, background: Background) -> None:
        axis = self._axis.axis(channels)
        if not self._begun:
            self.capture = replace(self.capture, time=time.strftime(
                "%Y-%m-%dT%H:%M:%S"))
            start_capture(self.directory, self.capture, axis, background)
            self._begun = True
        after = self.capture.with_train(tally, channels)
        try:
            write_train(self.directory, after, axis, train, used, tally,
                        self._more | {"background": self._source.origin})
        finally:
            if is_written(self.directory, after):
                self.capture = after


def require_space(directory: Path, size: int) -> None:
    """Raise `DataFileError` where the disk has no room for so many bytes."""
    free = shutil.disk_usage(directory).free
    if free < KEEP_FREE + size:
        raise DataFileError(
            f"the disk of {directory} is full: "
            f"{free / 1024**3:.1f} GiB are free, "
            f"{KEEP_FREE / 1024**3:.0f} must stay free; make room or "
            "name another captureDirectory")
