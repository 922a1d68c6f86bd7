"""Snapshots on disk: a thread that writes them within a quota.

The live path never waits for it: a full, slow or absent disk loses snapshots
and nothing else.
"""
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, Full, Queue

from ...core.trains.train_buffer import RecordedTrain
from ...errors import ConfigurationError, SpectraError
from ...files.device_names import device_name
from ...files.snapshots.snapshot import KINDS, MANUAL, Event, RunContext
from ...files.snapshots.writing import write_snapshot
from ..configuration.configuration import Configuration
from ..threads import logged
from .trigger import Limits

#: bytes that must stay free on the disk of the snapshots
KEEP_FREE = 2 * 1024**3
#: snapshots that may wait while one is written
WAITING = 2


type Job = tuple[Event, Sequence[RecordedTrain], Limits]
type Report = Callable[[Path | None, str], None]


def check_directory(text: str) -> Path:
    """The folder for snapshots; raises `ConfigurationError` with the reason.

    Blocks on a slow disk.
    """
    if not text:
        raise ConfigurationError("snapshots.directory is empty: name the "
                                 "absolute path of a folder")
    path = Path(text) if "\0" not in text else Path()
    if not path.is_absolute() or not path.is_dir():
        raise ConfigurationError(f"snapshots.directory {text!r}: expected the "
                                 "absolute path of a folder on this host")
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError(f"snapshots.directory {text}: no right to "
                                 "write there")
    return path


def store(event: Event, trains: Sequence[RecordedTrain],
          limits: Limits) -> Path:
    """Write a snapshot into its folder; returns the path. Blocks.

    Makes room within the quota first. An incomplete file is removed.

    Raises
    ------
    SpectraError, OSError
        Where it cannot be written.
    """
    directory = check_directory(limits.directory)
    folder = SnapshotFolder(directory, event.device)
    folder.sweep()
    contexts = {}
    for train in trains:
        if train.result is not None and id(train.context) not in contexts:
            contexts[id(train.context)] = context_of(train.context)
    trains = [replace(train, context=contexts.get(id(train.context)))
              for train in trains]
    size = sum(train.nbytes for train in trains) + sum(
        len(context.graph) for context in contexts.values())
    folder.make_room(size, limits)
    path = folder.free_name(event)
    write_snapshot(path, event, trains)
    return path


def context_of(configuration: Configuration) -> RunContext:
    """Model and configuration of a classified train, for a snapshot."""
    model = configuration.model
    assert model is not None        # it has classified the train
    definition = model.definition
    return RunContext(
        axis=definition.axis, classes=definition.classes,
        model_id=definition.model_id, model_sha256=model.identity,
        manifest=model.loaded.manifest, graph=model.loaded.graph,
        path=model.path, engine=model.engine.name,
        threads=configuration.values["load.threads"],
        values=dict(configuration.values), hash=configuration.hash)


class SnapshotFolder:
    """The snapshots of one device in a folder; ignores other files."""

    def __init__(self, path: Path, device: str) -> None:
        self._path = path
        self._prefix = device_name(device)
        self._name = re.compile(
            rf"{re.escape(self._prefix)}_\d{{8}}T\d{{6}}_train\d+_({'|'.join(KINDS)})"
            r"(_\d+)?\.h5")

    def free_name(self, event: Event) -> Path:
        """A path that does not exist yet."""
        stem = (f"{self._prefix}_"
                f"{time.strftime('%Y%m%dT%H%M%S', time.localtime(event.time))}"
                f"_train{event.train_id}_{event.kind}")
        path, number = self._path / f"{stem}.h5", 1
        while path.exists():
            number += 1
            path = self._path / f"{stem}_{number}.h5"
        return path

    def sweep(self) -> None:
        """Remove incomplete files of a process that was killed."""
        for path in self._path.glob(f".{self._prefix}_*.part"):
            if self._name.match(path.name[1:]):
                path.unlink(missing_ok=True)

    def make_room(self, size: int, limits: Limits) -> None:
        """Remove the oldest snapshots until one of `size` bytes fits.

        Snapshots requested by a person are removed last.

        Raises
        ------
        ConfigurationError
            Where there is no room even then.
        """
        if size > limits.quota:
            raise ConfigurationError(
                f"a snapshot of {size / 1e9:.2f} GB does not fit into "
                f"snapshots.quota, {limits.quota / 1e9:g} GB: allow more, or "
                "fewer trains")
        kept = self._oldest_first()
        total = sum(bytes_ for _, bytes_ in kept)
        while kept and (len(kept) >= limits.max_files
                        or total + size > limits.quota):
            path, bytes_ = kept.pop(0)
            path.unlink(missing_ok=True)
            total -= bytes_
        free = shutil.disk_usage(self._path).free
        if free < size + KEEP_FREE:
            raise ConfigurationError(
                f"snapshots.directory {self._path}: {free / 1e9:.1f} GB are "
                f"free, {size / 1e9:.2f} are needed and "
                f"{KEEP_FREE / 1e9:.1f} must stay free: make room")

    def _oldest_first(self) -> list[tuple[Path, int]]:
        found = []
        for path in self._path.iterdir():
            kind = self._name.fullmatch(path.name)
            if kind:
                with suppress(FileNotFoundError):
                    status = path.stat()
                    found.append((kind[1] == MANUAL, status.st_mtime,
                                  path, status.st_size))
        return [(path, size) for _, _, path, size in sorted(found)]


class SnapshotThread:
    """Writes one snapshot after the other.

    The thread has normal priority: on a busy machine a thread of low
    priority that holds the interpreter lock would block all others.

    Parameters
    ----------
    report
        Called in the thread as `report(path, "")` after a success, and as
        `report(None, sentence)` after a failure.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._jobs: Queue[Job] = Queue(WAITING)
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        # a daemon: a disk that hangs must not keep the process alive
        self._thread = threading.Thread(
            target=logged(self._run, "snapshots"), name="snapshots",
            daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def submit(self, event: Event, trains: Sequence[RecordedTrain],
               limits: Limits) -> bool:
        """Queue a snapshot; False where too many wait. Never blocks."""
        try:
            self._jobs.put_nowait((event, trains, limits))
        except Full:
            return False
        return True

    def stop(self, timeout: float = 2.) -> bool:
        """Write the waiting snapshots; True if done within `timeout` s."""
        self._end.set()
        if self._thread is not None:
            self._thread.join(timeout)
        return not self.alive

    def _run(self) -> None:
        while not (self._end.is_set() and self._jobs.empty()):
            try:
                job = self._jobs.get(timeout=0.2)
            except Empty:
                continue
            self._attempt(job)

    def _attempt(self, job: Job) -> None:
        path: Path | None
        try:
            path, problem = store(*job), ""
        except (SpectraError, OSError) as error:
            path, problem = None, str(error)
        except Exception as error:
            # an unexpected error must not end the thread
            path, problem = None, f"{type(error).__name__}: {error}"
        self._report(path, problem)
