"""Files that appear whole or not at all."""
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ConfigurationError, DataFileError
from ..model.plain import AnyPath


def temporary_name(path: AnyPath) -> Path:
    """A free name in the folder of `path`, where os.replace is atomic."""
    path = Path(path)
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def drop_leftovers(path: AnyPath) -> None:
    """Remove what killed processes have left of writing `path`.

    Only for a caller that knows that no other process is writing it.
    """
    path = Path(path)
    left = re.compile(re.escape(f".{path.name}.") + r"[0-9a-f]{8}\.part")
    for file in path.parent.iterdir():
        if left.fullmatch(file.name):
            if file.is_dir():
                shutil.rmtree(file, ignore_errors=True)
            else:
                file.unlink(missing_ok=True)


def check_target(path: AnyPath, suffixes: Sequence[str] | None = None) -> None:
    """Check that `path` can become a file.

    Parameters
    ----------
    path
        File to write; a regular file may exist there.
    suffixes
        Endings that it may have, the usual one first; None for any.

    Raises
    ------
    DataFileError
        If the ending, the folder or what exists at `path` does not allow it.
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


def _check_old(path: Path) -> None:
    """`DataFileError` where the file that is there must stay."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise DataFileError(f"{path}: is a device, not a file; name a file "
                            "to write")
    # a rename asks for no right to write the old file, and root has any
    if not mode & 0o222 or not os.access(path, os.W_OK):
        raise DataFileError(f"{path}: is write-protected; name another file, "
                            "or make it writable")


def check_folder(name: str, text: str) -> Path:
    """The writable folder that a property names.

    Parameters
    ----------
    name
        Name of the property, for messages.
    text
        Its value.

    Raises
    ------
    ConfigurationError
        If this is not the absolute path of a writable folder.
    """
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


def publish(temporary: AnyPath, path: AnyPath) -> None:
    """Rename the finished `temporary` to `path`, synchronised to the disk."""
    with open(temporary, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(Path(path).parent)


def sync_folder(folder: AnyPath) -> None:
    """Synchronise the names of the files in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:    # some network file systems have no such call
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


@contextmanager
def naming(path: AnyPath) -> Iterator[None]:
    """Errors of the system in the block name `path`, not a temporary file."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


@contextmanager
def replaced(path: AnyPath) -> Iterator[Path]:
    """A temporary name that becomes `path` if the block succeeds.

    Raises
    ------
    DataFileError
        As `check_target`.
    OSError
        If the file cannot be written.
    """
    check_target(path)
    temporary = temporary_name(path)
    with naming(path):
        try:
            yield temporary
            publish(temporary, path)
        finally:
            with suppress(OSError):     # it must not hide how the block ended
                temporary.unlink(missing_ok=True)
