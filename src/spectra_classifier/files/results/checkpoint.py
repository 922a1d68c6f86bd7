"""Work in pieces that survives an interruption at any moment.

Next to the file to be written is a folder `.NAME.parts` with one file per
finished chunk. Every piece appears whole or not at all, so whatever stopped
the work, the next start finds exactly the finished chunks and computes the
others. The folder is removed when the result is in its place.
"""
import fcntl
import json
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import h5py

from ...errors import ConfigurationError
from ...model.plain import AnyPath
from ...model.strict_json import Json
from ..atomic import drop_leftovers, replaced, temporary_name
from ..hdf5 import created
from ..refusals import refusals
from ..seal import NAME, need_seal
from .columns import Chunk

_JOB, _LOCK = "job.json", "lock"
_PART = re.compile(r"chunk-(\d{6})\.h5")


class Checkpoint:
    """The finished chunks of a job; a context manager that holds a lock.

    Parameters
    ----------
    path
        The result to come.
    job
        Everything that its content depends on, JSON values.
    restart
        Whether chunks of another job are dropped.

    Raises
    ------
    ConfigurationError
        In the context: if another process holds the lock, or the chunks belong
        to another job.
    """

    def __init__(self, path: AnyPath, job: Json,
                 restart: bool = False) -> None:
        path = Path(path)
        self.path = path
        self.folder = path.with_name(f".{path.name}.parts")
        self._job = json.dumps(job, sort_keys=True)
        self._restart = restart
        self._lock: TextIO | None = None

    def __enter__(self) -> Self:
        self._lock = lock = self._locked()
        try:
            drop_leftovers(self.path)
            self._claim()
        except BaseException:
            lock.close()
            raise
        return self

    def __exit__(
            self,
            *error: type[BaseException] | BaseException | TracebackType | None
            ) -> None:
        if self._lock is not None:
            self._lock.close()

    def _locked(self) -> TextIO:
        """The lock file that is in the folder, locked.

        The process that had the lock before may have removed the folder
        after this one opened its file: a lock on that would exclude none.
        """
        while True:
            with suppress(FileExistsError):
                self.folder.mkdir()
            try:
                lock = open(self.folder / _LOCK, "w")   # noqa: SIM115
            except FileNotFoundError:       # removed just now
                continue
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                raise ConfigurationError(
                    f"{self.path}: another process is writing it; wait for "
                    "it, or name another file") from None
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(lock.fileno()),
                                    os.stat(self.folder / _LOCK)):
                    return lock
            lock.close()

    def _claim(self) -> None:
        note = self.folder / _JOB
        same = note.exists() and note.read_text() == self._job
        if note.exists() and not same and not self._restart:
            raise ConfigurationError(
                f"{self.path}: was begun with another model, other data or "
                "other settings; start over with --restart, or name another "
                "file")
        if not same or self._restart:
            self._clear()
        with replaced(note) as temporary:
            temporary.write_text(self._job)

    def _clear(self) -> None:
        for file in self.folder.iterdir():
            if file.name != _LOCK:
                file.unlink()

    def done(self) -> set[int]:
        """Numbers of the finished chunks."""
        names = (file.name for file in self.folder.iterdir())
        return {int(match[1]) for name in names
                if (match := _PART.fullmatch(name))}

    def write(self, number: int, chunk: Chunk) -> None:
        """Keep a finished chunk."""
        with replaced(self._part(number)) as temporary, \
                created(temporary) as file:
            for group in "pulses", "trains":
                for name, values in getattr(chunk, group).items():
                    file[f"{group}/{name}"] = values
            file.attrs.update({
                "problems": json.dumps(chunk.problems),
                "sha256": chunk.sha256, "seconds": chunk.seconds,
                "waited": chunk.waited})

    def read(self, number: int) -> Chunk:
        """The chunk with that number."""
        path = self._part(number)
        with (refusals(path, "it is damaged: start over with --restart"),
              h5py.File(path) as file):
            need_seal(path, file.attrs.get(NAME))
            pulses, trains = (
                {name: item[()] for name, item in file[group].items()}
                for group in ("pulses", "trains"))
            return Chunk(
                pulses, trains,
                [tuple(row) for row in json.loads(file.attrs["problems"])],
                file.attrs["sha256"], float(file.attrs["seconds"]),
                float(file.attrs["waited"]))

    def remove(self) -> None:
        """Remove the chunks, once the result is in its place."""
        # under another name: the next process may make its own at once
        removed = temporary_name(self.path)
        self.folder.rename(removed)
        shutil.rmtree(removed, ignore_errors=True)

    def _part(self, number: int) -> Path:
        return self.folder / f"chunk-{number:06d}.h5"
