"""Spectra of the last minutes in one file, for the process that clusters."""
from pathlib import Path

import numpy as np

from ..core.recent_spectra import RecentSpectra
from ..core.spectra import Axis
from ..model.plain import AnyPath
from .atomic import replaced
from .captures import Background
from .refusals import refusals

_DAMAGED = "explore once more"


def write_recent(path: AnyPath, recent: RecentSpectra, axis: Axis,
                 background: Background) -> None:
    """Write them with the background that is to be taken off."""
    none = np.zeros(0, np.float32)
    with replaced(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file, spectra=recent.spectra, train_id=recent.train_id,
            pulse=recent.pulse, seconds=recent.seconds, axis=axis.values,
            quantity=axis.quantity, unit=axis.unit,
            dark=none if background.dark is None else background.dark,
            masked=none if background.masked is None else background.masked)


def read_recent(path: AnyPath) -> tuple[RecentSpectra, Axis, Background]:
    """What `write_recent` has written.

    Raises
    ------
    DataFileError
        If it cannot be read.
    """
    with (refusals(path, _DAMAGED),
          Path(path).open("rb") as file,
          np.load(file, allow_pickle=False) as found):
        dark, masked = found["dark"], found["masked"]
        return (RecentSpectra(found["spectra"], found["train_id"],
                              found["pulse"], found["seconds"]),
                Axis(found["axis"], str(found["quantity"]),
                     str(found["unit"])),
                Background(dark if len(dark) else None,
                           masked.astype(bool) if len(masked) else None))
