"""Files of unknown origin: bounded, named in errors, never a traceback."""
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import DataFileError, SpectraError
from ..model.plain import AnyPath

#: spectra are held in memory up to here, bytes
MAX_BYTES = 4 * 1024**3
#: a text file is read as a whole up to here, bytes
MAX_TEXT = 256 * 1024**2


@contextmanager
def refusals(path: AnyPath, remedy: str) -> Iterator[None]:
    """Turn every error in the block into a `DataFileError`.

    Damaged files make the libraries that read them raise any error; the cause
    is kept in `__cause__`.

    Parameters
    ----------
    path
        The file, which opens the message.
    remedy
        Closes the message.
    """
    try:
        yield
    except SpectraError:
        raise
    except MemoryError:
        raise DataFileError(f"{path}: needs more memory than there is; take "
                            "fewer spectra") from None
    except RecursionError as error:
        raise DataFileError(f"{path}: is nested too deeply; {remedy}"
                            ) from error
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read ("
                            f"{error.strerror or error}); {remedy}"
                            ) from error
    except Exception as error:
        raise DataFileError(f"{path}: cannot be read (" + (
            str(error) or type(error).__name__) + f"); {remedy}") from error


def need_file(path: AnyPath) -> None:
    """Check that `path` is a regular file.

    A pipe would wait for ever for a writer.

    Raises
    ------
    DataFileError
        If it is not.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        raise DataFileError(
            f"{path}: is a link to nothing; fetch the file, or remove the "
            "link" if os.path.islink(path) else f"{path}: cannot be read "
            f"({getattr(error, 'strerror', None) or error})") from None
    if not stat.S_ISREG(mode):
        raise DataFileError(f"{path}: is a "
                            f"{'folder' if stat.S_ISDIR(mode) else 'device'}"
                            ", not a file")


def read_bytes(path: AnyPath, most: int = MAX_TEXT) -> bytes:
    """Read a regular file of at most `most` bytes.

    Raises
    ------
    DataFileError
        If it is larger, or cannot be read.
    """
    need_file(path)
    try:
        size = os.path.getsize(path)
        if size > most:
            raise DataFileError(f"{path}: is too large, {_words(size)}; "
                                f"expected at most {_words(most)}")
        return Path(path).read_bytes()
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read "
                            f"({error.strerror or error})") from None


def read_text(path: AnyPath, most: int = MAX_TEXT) -> str:
    """Read a text file in UTF-8, or in UTF-16 with a byte order mark.

    Raises
    ------
    DataFileError
        If it is larger than `most` bytes, or no text.
    """
    content = read_bytes(path, most)
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise DataFileError(f"{path}: is not a text file in UTF-8; save it "
                            "as plain text or CSV")
    return text


def need_room(where: str, shape: tuple[int, ...], itemsize: int) -> None:
    """Check that an array is at most `MAX_BYTES` large.

    Parameters
    ----------
    where
        Opens the message.
    shape
        Shape of the array.
    itemsize
        Bytes of one value.

    Raises
    ------
    DataFileError
        If it is larger.
    """
    size = itemsize
    for length in shape:
        size *= int(length)
    if size > MAX_BYTES:
        raise DataFileError(
            f"{where}: shape {tuple(shape)} is {_words(size)}, and at most "
            f"{_words(MAX_BYTES)} are held in memory; save fewer spectra per "
            "file")


def _words(size: int) -> str:
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB")):
        if size >= 1024**power:
            return f"{size / 1024**power:,.1f} {unit}"
    return f"{size} bytes"
