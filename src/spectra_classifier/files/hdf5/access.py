"""HDF5 files that are written whole, and read with every filter."""
import io
import os
import signal
import subprocess
import sys
from collections.abc import Buffer, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import h5py

from ...errors import DataFileError
from ...model.plain import AnyPath
from ..refusals import need_file
from ..seal import NAME, STATED, need_seal, seal

#: pieces that HDF5 may want to read again, metadata; bytes
_SMALL = 1024**2
#: filters that hdf5plugin brings, by number
_FILTERS = {32001: "blosc", 32004: "LZ4", 32008: "bitshuffle", 32013: "ZFP",
            32015: "Zstandard", 32026: "blosc2", 307: "bzip2", 32017: "SZ",
            32018: "FCIDECOMP", 32024: "SZ3"}


class Target(io.RawIOBase):
    """The bytes of an HDF5 file on their way to the disk.

    HDF5 does not survive a disk that is full: a file whose last bytes it
    cannot write stays open, and closing it once more ends the process. To
    HDF5 this file never fails. The first error is kept for `check`; from
    then on nothing reaches the disk.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path
        self.error: OSError | None = None
        self._lost: list[tuple[int, bytes]] = []
        self._file = Path(path).open(  # noqa: SIM115 (closed by close)
            "xb+", buffering=0)

    def check(self) -> None:
        """`OSError` where something could not be written."""
        if self.error is not None:
            raise OSError(self.error.errno, self.error.strerror,
                          str(self.path))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def write(self, data: Buffer) -> int:
        data = memoryview(data).cast("B")
        start, done = self._file.tell(), 0
        try:
            while self.error is None and done < len(data):
                done += self._file.write(data[done:])
        except OSError as error:
            self.error = error
        if self.error is not None and len(data) <= _SMALL:
            self._lost.append((start, bytes(data)))
        return len(data)

    def readinto(self, buffer: Buffer) -> int:
        buffer = memoryview(buffer).cast("B")
        start = self._file.tell()
        read = self._file.readinto(buffer)
        buffer[read:] = bytes(len(buffer) - read)
        for offset, data in self._lost:
            first = max(offset, start)
            last = min(offset + len(data), start + len(buffer))
            if first < last:
                buffer[first - start:last - start] = (
                    data[first - offset:last - offset])
        return len(buffer)

    def truncate(self, size: int | None = None) -> int:
        size = self.tell() if size is None else size
        try:
            if self.error is None:
                self._file.truncate(size)
        except OSError as error:
            self.error = error
        return size

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def created(path: AnyPath, complete: bool = True) -> Iterator[h5py.File]:
    """A new HDF5 file, open in the block, that states its checksum.

    Parameters
    ----------
    path
        The file.
    complete
        Whether nothing more is written after the block; else the caller calls
        `seal` when it is.

    Raises
    ------
    OSError
        If the disk is full.
    """
    with Target(path) as target:
        with h5py.File(target, "w") as file:
            file.attrs[NAME] = STATED
            yield file
        target.check()
    if complete:
        seal(path)


#: reads whatever a file holds, in a process of its own
_PROBE = """
import sys, h5py
try:
    import hdf5plugin
except ImportError:
    pass

def values(item):
    if isinstance(item, h5py.Dataset) and item.shape is not None and (
            item.size * item.dtype.itemsize <= 2 ** 24
            and not item.is_virtual and not item.external):
        item[()]

def look(name, item):
    for read in (lambda: list(item.attrs.items()), lambda: values(item)):
        try:
            read()
        except Exception:
            pass        # for the reader to explain

with h5py.File(sys.argv[1], "r") as file:
    look("/", file)
    file.visititems(look)
"""
#: runs before it: a machine that is busy is no file that is damaged
_LIMIT = "import resource as r; r.setrlimit(r.RLIMIT_CPU, ({0}, {0} + 5))"
#: s that it may compute, and that it may take
_COMPUTING, _PATIENCE = 20, 600


@contextmanager
def opened(path: AnyPath) -> Iterator[h5py.File]:
    """An HDF5 file of any origin, open for reading in the block.

    Raises
    ------
    DataFileError
        As `need_sound` and, for a file of ours, `need_seal`.
    """
    need_file(path)
    sealed = need_seal(path)
    need_sound(path)
    with h5py.File(path, "r") as file:
        if not sealed:
            need_seal(path, file.attrs.get(NAME))
        yield file


def need_sound(path: AnyPath) -> None:
    """Check that HDF5 neither crashes nor loops for ever over a file.

    Damaged bytes can do that without an exception. Costs the start of a
    process, once for a file that does not change.

    Raises
    ------
    DataFileError
        If it does.
    """
    need_file(path)
    found = os.stat(path)
    _probe(os.path.abspath(path), found.st_dev, found.st_ino, found.st_size,
           found.st_mtime_ns)


@lru_cache(maxsize=1024)
def _probe(path: str, *_state: int) -> None:
    """As `need_sound`; only what is sound is remembered."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c",
             f"{_LIMIT.format(_COMPUTING)}\n{_PROBE}", path],
            timeout=_PATIENCE, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        problem = f"does not end within {_PATIENCE} s"
    else:
        if done.returncode >= 0:     # errors are for the reader to explain
            return
        problem = (f"does not end within {_COMPUTING} s of computing"
                   if -done.returncode == signal.SIGXCPU else
                   f"crashes (signal {-done.returncode})")
    raise DataFileError(f"{path}: is damaged, HDF5 {problem} when it reads "
                        "it; copy it again")


def load_filters() -> None:
    """Register the filters of hdf5plugin, where it is installed."""
    with suppress(ImportError):
        import hdf5plugin  # noqa: F401


def need_filters(where: str, dataset: h5py.Dataset) -> None:
    """Check that a dataset can be decompressed here.

    Raises
    ------
    DataFileError
        Opened by `where`: if a filter is not installed.
    """
    layout = dataset.id.get_create_plist()
    for place in range(layout.get_nfilters()):
        number, _, _, name = layout.get_filter(place)
        if not h5py.h5z.filter_avail(number):
            name = _FILTERS.get(number) or name.decode("utf-8", "replace")
            raise DataFileError(
                f"{where}: is compressed with HDF5 filter {number} ({name}), "
                "which is not installed: install hdf5plugin, or save it "
                "with gzip")
