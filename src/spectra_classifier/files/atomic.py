"""Files that appear whole or not at all."""
import os
import re
import secrets
from contextlib import contextmanager
from pathlib import Path

from ..errors import DataFileError


def temporary_name(path):
    """A free name beside `path`, where os.replace is atomic."""
    path = Path(path)
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def drop_leftovers(path):
    """Removes what killed processes have left of writing `path`.

    Only for who knows that nobody else is writing it.
    """
    path = Path(path)
    left = re.compile(re.escape(f".{path.name}.") + r"[0-9a-f]{8}\.part")
    for file in path.parent.iterdir():
        if left.fullmatch(file.name):
            file.unlink(missing_ok=True)


def check_target(path, suffixes=None):
    """`DataFileError` where `path` cannot become a file.

    `suffixes`: the endings it may have, the usual one first.
    """
    path = Path(path)
    if suffixes and path.suffix.lower() not in suffixes:
        raise DataFileError(f"{path}: cannot write files ending in "
                            f"{path.suffix or 'nothing'}; use {suffixes[0]}")
    if path.is_dir():
        raise DataFileError(f"{path}: is a folder; name a file to write")
    if not path.parent.is_dir():
        raise DataFileError(f"{path}: the folder {path.parent} does not "
                            "exist; create it first")
    if not os.access(path.parent, os.W_OK):
        raise DataFileError(f"{path}: no right to write into {path.parent}")


def publish(temporary, path):
    """Makes the finished `temporary` appear as `path`, on disk for good."""
    with open(temporary, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(temporary, path)


@contextmanager
def replaced(path):
    """A temporary name; becomes `path` if the block ends well, else goes."""
    check_target(path)
    temporary = temporary_name(path)
    try:
        yield temporary
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
