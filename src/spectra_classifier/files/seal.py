"""The checksum of a file of ours, as its last line.

It covers every byte before it. HDF5 and zip archives end where they say, so
that other programs do not see the line. The file itself states that it has
one: without it, it is not whole.
"""
import hashlib
import os
import zipfile

from ..errors import DataFileError
from ..model.plain import AnyPath

#: name of the attribute or array that states it, and what it says
NAME, STATED = "checksum", "SHA-256 of all bytes before the last line"
_BEGIN, _END = b"\nspectra_classifier sha256 ", b"\n"
_LENGTH = len(_BEGIN) + 2 * hashlib.sha256().digest_size + len(_END)


def seal(path: AnyPath) -> None:
    """Add the line to a finished file."""
    with open(path, "rb+") as file:
        line = _line(hashlib.file_digest(file, "sha256").hexdigest())
        file.seek(0, os.SEEK_END)
        file.write(line)


def seal_archive(path: AnyPath) -> None:
    """As `seal`, with the line as the comment of a zip archive."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = bytes(_LENGTH)
    os.truncate(path, os.path.getsize(path) - _LENGTH)
    seal(path)


def need_seal(path: AnyPath, stated: object = None) -> bool:
    """Check a file against its last line.

    Parameters
    ----------
    path
        Any file.
    stated
        What the file says under `NAME`.

    Returns
    -------
    bool
        Whether it has such a line; other programs write none.

    Raises
    ------
    DataFileError
        If the checksum is another one, or the line is not there and is
        stated.
    """
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        file.seek(max(size - _LENGTH, 0))
        line = file.read()
        if line.startswith(_BEGIN):
            file.seek(0)
            found, left = hashlib.sha256(), size - _LENGTH
            while left > 0 and (part := file.read(min(left, 2**20))):
                found.update(part)
                left -= len(part)
            if line == _line(found.hexdigest()):
                return True
        elif stated is None:
            return False
    raise DataFileError(
        f"{path}: is not what was written, its checksum is another one; copy "
        f"it again, or remove {NAME} from it if it was changed on purpose")


def _line(digest: str) -> bytes:
    return _BEGIN + digest.encode() + _END
