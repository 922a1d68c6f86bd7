"""Files that appear whole or not at all."""
import errno
import os
import re
import secrets
import stat
from contextlib import contextmanager
from pathlib import Path

from ..errors import ConfigurationError, DataFileError


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
    if path.is_symlink():
        raise DataFileError(f"{path}: is a link, and would be replaced by "
                            "the file; name the file itself")
    if path.is_dir():
        raise DataFileError(f"{path}: is a folder; name a file to write")
    if path.exists():
        _check_old(path)
    if not path.parent.is_dir():
        raise DataFileError(f"{path}: the folder {path.parent} does not "
                            "exist; create it first")
    if not os.access(path.parent, os.W_OK):
        raise DataFileError(f"{path}: no right to write into {path.parent}")


def _check_old(path):
    """`DataFileError` where the file that is there must stay."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise DataFileError(f"{path}: is a device, not a file; name a file "
                            "to write")
    # a rename asks for no right to write the old file, and root has any
    if not mode & 0o222 or not os.access(path, os.W_OK):
        raise DataFileError(f"{path}: is write-protected; name another file, "
                            "or make it writable")


def check_folder(name, text):
    """The writable folder that a property names, or `ConfigurationError`."""
    if not text:
        raise ConfigurationError(f"{name} is empty: name the absolute path "
                                 "of a folder on this host")
    path = Path(text) if "\0" not in text else Path()
    if not path.is_absolute() or not path.is_dir():
        raise ConfigurationError(f"{name} {text!r}: expected the absolute "
                                 "path of a folder on this host")
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError(f"{name} {text}: no right to write there")
    return path


def publish(temporary, path):
    """Makes the finished `temporary` appear as `path`, on disk for good."""
    with open(temporary, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(Path(path).parent)


def sync_folder(folder):
    """Brings the names of the files in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:    # some network file systems have no such call
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


@contextmanager
def naming(path):
    """Errors of the system in the block name `path`, not a part of it."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


@contextmanager
def replaced(path):
    """A temporary name; becomes `path` if the block ends well, else goes."""
    check_target(path)
    temporary = temporary_name(path)
    with naming(path):
        try:
            yield temporary
            publish(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
