"""What people and the device decided, kept over restarts in bounded size.

Journals of JSON lines in one folder: `audit` (models, configurations, arming,
acknowledging), `states` (changes of the sample state) and `alarms`, so that a
sample that flickers or an alarm that flaps cannot push out who armed what.
Written by one thread:
neither a slow nor a full disk ever holds up a train. What cannot be written
waits, is tried again, and is counted and shown.
"""
import json
import os
import threading
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

from ...errors import ConfigurationError
from ...files.device_names import device_name
from ..threads import logged

#: bytes of a file before the next one is begun, files that are kept
MAX_BYTES, FILES = 1_000_000, 8
#: records of each journal that may wait for a disk that does not take them
WAITING = 2000
#: s between two attempts on such a disk
RETRY = 5.
NOWHERE = "set auditDirectory, or KARABO in the environment of the server"
#: names of the journals
AUDIT, STATES, ALARMS = NAMES = "audit", "states", "alarms"


def audit_folder(text, device_id, environment=os.environ):
    """The folder for the journals of a device; None where none is named.

    `text`: the property auditDirectory; empty for the data folder of Karabo.
    Raises `ConfigurationError` for a path that is not absolute.
    """
    if not text:
        karabo = environment.get("KARABO")
        if not karabo:
            return None
        text = str(Path(karabo) / "var" / "data" / "spectra_classifier")
    if "\0" in text or not Path(text).is_absolute():
        raise ConfigurationError(f"auditDirectory {text!r}: expected the "
                                 "absolute path of a folder")
    return Path(text) / device_name(device_id)


class Journal:
    """JSON lines in a file, and in older ones up to a number of files.

    Not thread safe. `append` raises `OSError`; a line that was torn by that,
    or by the end of a process, is passed over by `read`.
    """

    def __init__(self, folder, name, max_bytes=MAX_BYTES, files=FILES):
        self._folder, self._name = Path(folder), name
        self._max_bytes, self._files = max_bytes, files
        self._torn = True       # nobody knows how the last process ended

    def path(self, age=0):
        """The file that is written, or an older one."""
        return self._folder / (
            f"{self._name}.{age}.jsonl" if age else f"{self._name}.jsonl")

    def append(self, records):
        """Write records (dicts) behind the others; whole, or `OSError`."""
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

    def _rotate(self):
        for age in range(self._files - 2, -1, -1):
            if self.path(age).exists():
                self.path(age).replace(self.path(age + 1))

    def read(self, last=None):
        """The records, oldest first; the `last` ones if a number is given.

        Lines that are no record, such as a torn one, are left out.
        """
        found = deque(maxlen=last)
        for age in range(self._files - 1, -1, -1):
            try:
                text = self.path(age).read_bytes()
            except OSError:
                continue
            found.extend(filter(None, map(_record, text.split(b"\n"))))
        return list(found)


def _record(line):
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


class AuditLog:
    """Takes records at any time and writes them in a thread of its own.

    `folder`: None for a log that keeps nothing, for the reason `problem`.
    """

    def __init__(self, folder, problem="", clock=lambda: datetime.now(UTC)):
        self._clock = clock
        self._journals = {} if folder is None else {
            name: Journal(folder, name) for name in NAMES}
        self._folder, self._problem = folder, problem
        self._waiting = {name: deque() for name in NAMES}
        self._changed = threading.Condition()
        self._closed = False
        self._error = ""
        self.written = self.dropped = 0
        self._thread = None

    def start(self):
        if self._journals:
            self._thread = threading.Thread(
                target=logged(self._run, "audit"), name="audit", daemon=True)
            self._thread.start()

    @property
    def kept(self):
        """Whether anything is written."""
        return bool(self._journals)

    @property
    def alive(self):
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def record(self, kind, journal=AUDIT, **fields):
        """Note something; returns at once."""
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

    def history(self, last):
        """The last records of sample states, oldest first. Blocks."""
        if not self._journals:
            return []
        return self._journals[STATES].read(last)

    def records(self):
        """All records of the audit proper, oldest first. Blocks."""
        if not self._journals:
            return []
        return self._journals[AUDIT].read()

    def status(self):
        """Where it is written, and what was not, in one sentence."""
        if not self._journals:
            return f"kept nowhere: {self._problem or NOWHERE}"
        text = f"{self.written} records written to {self._folder}"
        if self._error:
            text += f"; {self._waits()} wait: {self._error}"
        if self.dropped:
            text += f"; {self.dropped} lost"
        return text

    def _waits(self):
        return sum(map(len, self._waiting.values()))

    def close(self, timeout=2.):
        """Write what waits, as far as the time allows. Blocks."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self):
        while True:
            with self._changed:
                while not self._waits() and not self._closed:
                    self._changed.wait()
                batch = self._waiting
                self._waiting = {name: deque() for name in NAMES}
                closed = self._closed
            left = self._write(batch)
            self._put_back(left)
            if closed:
                return
            if left:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, RETRY)

    def _put_back(self, left):
        """Records that wait again, before the others; the oldest may go."""
        with self._changed:
            for name, records in left.items():
                waiting = self._waiting[name]
                room = max(WAITING - len(waiting), 0)
                kept = records[max(len(records) - room, 0):]
                self.dropped += len(records) - len(kept)
                waiting.extendleft(reversed(kept))

    def _write(self, batch):
        """What of it could not be written, by journal."""
        left = {}
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
