"""The dark spectrum on disk: whole or not at all, and never code."""
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ConfigurationError, DataFileError, SpectraError
from .atomic import replaced
from .device_names import device_name
from .seal import NAME, STATED, need_seal, seal_archive

#: size of a file with 16384 channels, with a margin
MAX_BYTES = 1_000_000
SUFFIX = ".npz"


@dataclass(frozen=True, eq=False)
class StoredDark:
    """A recorded dark spectrum.

    Attributes
    ----------
    mean
        (channels,), or (2, channels) of even and odd memory cells, raw units.
    created
        Seconds since 1970.
    train_id
        First train of the recording.
    trains, frames
        Number of trains and of frames that were averaged.
    """
    mean: NDArray[np.float32]
    created: float
    train_id: int
    trains: int
    frames: int

    def is_in_force(self, values: ArrayLike) -> bool:
        """Whether `values`, the property, are this very dark."""
        return self.mean.size > 0 and np.array_equal(
            np.asarray(values, np.float32), self.mean.ravel())


def dark_path(text: str, device_id: str) -> Path:
    """The file with the dark of a device.

    Parameters
    ----------
    text
        Absolute path of an .npz file, or "" for the usual place.
    device_id
        Part of the usual name.

    Raises
    ------
    ConfigurationError
        If `text` is not such a path.
    """
    if not text:
        folder = Path(os.environ.get("KARABO", "")) / "var" / "data"
        return (folder.resolve() / "spectra_classifier"
                / f"dark_{device_name(device_id)}{SUFFIX}")
    path = Path(text) if "\0" not in text else Path()
    if not path.is_absolute() or path.suffix != SUFFIX:
        raise ConfigurationError(f"dark.path {text!r}: expected the absolute "
                                 f"path of a {SUFFIX} file")
    return path


def write_dark(path: Path, dark: StoredDark) -> None:
    """Write a dark spectrum.

    Raises
    ------
    SpectraError, OSError
        If the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as temporary:
        with open(temporary, "wb") as file:
            np.savez(file, mean=dark.mean, created=dark.created,
                     train_id=dark.train_id, trains=dark.trains,
                     frames=dark.frames, checksum=np.array(STATED))
        seal_archive(temporary)


def read_dark(path: Path) -> StoredDark | None:
    """Read a dark spectrum; None if there is no file.

    Raises
    ------
    DataFileError
        If the file was not written by `write_dark`, or is damaged.
    """
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > MAX_BYTES:
            raise DataFileError(f"{path}: too large for a dark")
        with (open(path, "rb") as file,     # numpy leaves it open on errors
              np.load(file, allow_pickle=False) as arrays):
            need_seal(path, arrays.get(NAME))
            dark = StoredDark(
                arrays["mean"].astype(np.float32), float(arrays["created"]),
                int(arrays["train_id"]), int(arrays["trains"]),
                int(arrays["frames"]))
    except SpectraError:
        raise
    except (OSError, ValueError, KeyError, TypeError, EOFError,
            zipfile.BadZipFile) as error:
        raise DataFileError(f"{path}: not a dark that can be read: "
                            f"{error}") from None
    if (dark.mean.shape[:-1] not in ((), (2,))
            or not np.isfinite(dark.mean).all()):
        raise DataFileError(f"{path}: not one or two finite spectra")
    return dark
