"""Decisions of people and of the device, on disk, in bounded size.

Three journals of JSON lines in one folder: `audit` (models, configurations,
arming, acknowledgements), `states` (changes of the sample state) and
`alarms`. They are separate so that a flickering sample or a flapping alarm
cannot displace the records of who armed what.

One thread writes them, so that a slow or full disk never delays a train. A
record that cannot be written is kept in memory and tried again; failures are
counted and shown.
"""
import json
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...errors import ConfigurationError
from ...files.device_names import device_name
from ..threads import logged

#: a record as JSON has it
type Record = dict[str, Any]

#: bytes of a file before the next one is started, files that are kept
MAX_BYTES, FILES = 1_000_000, 8
#: records of each journal that may wait while the disk does not accept them
WAITING = 2000
#: s between two attempts on such a disk
RETRY = 5.
NOWHERE = "set auditing.directory, or KARABO in the environment of the server"
#: names of the journals
AUDIT, STATES, ALARMS = NAMES = "audit", "states", "alarms"


def audit_folder(text: str, device_id: str,
                 environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder for the journals of a device; None where none is set.

    Parameters
    ----------
    text
        The property auditing.directory; empty for the data folder of Karabo.

    Raises
    ------
    ConfigurationError
        For a path that is not absolute.
    """
    if not text:
        karabo = environment.get("KARABO")
        if not karabo:
            return None
        text = str(Path(karabo) / "var" / "data" / "spectra_classifier")
    if "\0" in text or not Path(text).is_absolute():
        raise ConfigurationError(f"auditing.directory {text!r}: expected the "
                                 "absolute path of a folder")
    return Path(text) / device_name(device_id)


class Journal:
    """JSON lines in a file, rotated over a limited number of older files.

    Not thread-safe. A line left incomplete by an `OSError`, or by the end of
    a process, is skipped by `read`.
    """

    def __init__(self, folder: Path, name: str, max_bytes: int = MAX_BYTES,
                 files: int = FILES) -> None:
        self._folder, self._name = Path(folder), name
        self._max_bytes, self._files = max_bytes, files
        self._torn = True       # the last process may have died while writing

    def path(self, age: int = 0) -> Path:
        """The current file (age 0) or an older one."""
        return self._folder / (
            f"{self._name}.{age}.jsonl" if age else f"{self._name}.jsonl")

    def append(self, records: Sequence[Record]) -> None:
        """Append all records, or raise `OSError`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        data = b"".join(json.dumps(record, default=str).encode() + b"\n"
                        for record in records)
        try:
            if self.path().stat().st_size > self._max_bytes:
                self._rotate()
        except FileNotFoundError:
            pass
        with self.path().open("ab") as file:
            torn, self._torn = self._torn, True
            if torn and file.tell():
                data = b"\n" + data
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self._torn = False

    def _rotate(self) -> None:
        for age in range(self._files - 2, -1, -1):
            if self.path(age).exists():
                self.path(age).replace(self.path(age + 1))

    def read(self, last: int | None = None) -> list[Record]:
        """All records or the `last` ones, oldest first.

        Lines that do not hold a record are skipped.
        """
        found: deque[Record] = deque(maxlen=last)
        for age in range(self._files - 1, -1, -1):
            try:
                text = self.path(age).read_bytes()
            except OSError:
                continue
            found.extend(filter(None, map(_record, text.split(b"\n"))))
        return list(found)


def _record(line: bytes) -> Record | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _empty_queues() -> dict[str, deque[Record]]:
    return {name: deque() for name in NAMES}


class AuditLog:
    """Accepts records at any time and writes them in its own thread.

    Parameters
    ----------
    folder
        None for a log that keeps nothing.
    problem
        Why nothing is kept.
    clock
        The time of day, with a time zone.
    """

    def __init__(
            self, folder: Path | None, problem: str = "",
            clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._journals = {} if folder is None else {
            name: Journal(folder, name) for name in NAMES}
        self._folder, self._problem = folder, problem
        self._waiting = _empty_queues()
        self._changed = threading.Condition()
        self._closed = False
        self._error = ""
        self.written = self.dropped = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._journals:
            self._thread = threading.Thread(
                target=logged(self._run, "audit"), name="audit", daemon=True)
            self._thread.start()

    @property
    def kept(self) -> bool:
        """Whether anything is written."""
        return bool(self._journals)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def record(self, kind: str, journal: str = AUDIT, **fields: Any) -> None:
        """Queue a record; returns at once."""
        if not self._journals:
            return
        record = {"time": self._clock().isoformat(timespec="milliseconds"),
                  "kind": kind} | fields
        with self._changed:
            waiting = self._waiting[journal]
            if len(waiting) >= WAITING:
                waiting.popleft()
                self.dropped += 1
            waiting.append(record)
            self._changed.notify()

    def history(self, last: int) -> list[Record]:
        """The last records of the sample state, oldest first. Blocks."""
        if not self._journals:
            return []
        return self._journals[STATES].read(last)

    def records(self) -> list[Record]:
        """All records of the journal `audit`, oldest first. Blocks."""
        if not self._journals:
            return []
        return self._journals[AUDIT].read()

    def status(self) -> str:
        """One sentence: where records are written, and which could not be."""
        if not self._journals:
            return f"kept nowhere: {self._problem or NOWHERE}"
        text = f"{self.written} records written to {self._folder}"
        if self._error:
            text += f"; {self._waits()} wait: {self._error}"
        if self.dropped:
            text += f"; {self.dropped} lost"
        return text

    def _waits(self) -> int:
        return sum(map(len, self._waiting.values()))

    def close(self, timeout: float = 2.) -> None:
        """Write the waiting records within `timeout` s. Blocks."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waits() and not self._closed:
                    self._changed.wait()
                batch = self._waiting
                self._waiting = _empty_queues()
                closed = self._closed
            left = self._write(batch)
            self._put_back(left)
            if closed:
                return
            if left:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, RETRY)

    def _put_back(self, left: Mapping[str, list[Record]]) -> None:
        """Requeue records before the others; the oldest may be dropped."""
        with self._changed:
            for name, records in left.items():
                waiting = self._waiting[name]
                room = max(WAITING - len(waiting), 0)
                kept = records[max(len(records) - room, 0):]
                self.dropped += len(records) - len(kept)
                waiting.extendleft(reversed(kept))

    def _write(self,
               batch: Mapping[str, deque[Record]]) -> dict[str, list[Record]]:
        """Write a batch; returns the records that failed, by journal."""
        left: dict[str, list[Record]] = {}
        for name, journal in self._journals.items():
            records = list(batch[name])
            if not records:
                continue
            try:
                journal.append(records)
                self.written += len(records)
                self._error = ""
            except OSError as error:
                self._error = f"{error.strerror or error}"
                left[name] = records
        return left
