"""Processes of low priority that do one job, seen from the device."""
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from ..errors import InputError

#: what the processes run; a device itself imports nothing of the training
TRAINING = "spectra_classifier.cli.trainer_process"
EXPLORING = "spectra_classifier.cli.exploration_process"
COMPILING = "spectra_classifier.cli.compile_process"
#: nice value of the process unless the device has another one
NICE = 15
#: share of the work from which the time left can be estimated
_TELLING = 0.15
_LINES = 8


#: called with share, step, and seconds left or None
type Progress = Callable[[float, str, float | None], None]


class Cancelled(Exception):
    """An operator has ended the job."""


def lower_priority(pid: int, niceness: int = NICE) -> None:
    """Give a process a lower priority than the others of the machine.

    Where Linux shares time between sessions first (autogroups), a nice value
    counts within a session only, and the session has its own value.
    """
    with suppress(ProcessLookupError):      # it has ended already
        os.setpriority(os.PRIO_PROCESS, pid, max(
            niceness, os.getpriority(os.PRIO_PROCESS, pid)))
    with suppress(OSError):                 # no autogroups here
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness))


class Job:
    """One run of a process; `run` blocks, so call it in a thread.

    `work`: plain JSON values, with the key `result` for the file it leaves;
    `module`: what runs, see `cli.job_process`.
    """

    def __init__(self, work: Mapping[str, Any], folder: str | Path,
                 name: str, module: str) -> None:
        self.work = work
        self._module = module
        self.begun = time.monotonic()
        self._path = Path(folder) / f"{name}.job.json"
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = False
        self._lock = Lock()

    def run(self, on_progress: Progress,
            niceness: int = NICE) -> dict[str, Any]:
        """The result; `on_progress(share, step, seconds left or None)`.

        `niceness` (0 to 19) is set before the process does any work.
        Raises `InputError` with the reason of a failure, or `Cancelled`.
        """
        self._path.write_text(json.dumps(self.work))
        with self._lock:
            if self._cancelled:
                raise Cancelled
            # in a session of its own: see `lower_priority`
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, self._path],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, start_new_session=True)
            lower_priority(process.pid, niceness)
        with process:
            assert process.stdout and process.stdin     # both are pipes
            problem = self._follow(process.stdout, on_progress)
            process.stdin.close()
        if self._cancelled:
            raise Cancelled
        if process.returncode:
            raise InputError(problem or "the process has ended with status "
                             f"{process.returncode}")
        return json.loads(Path(self.work["result"]).read_text())

    def _follow(self, lines: Iterable[str], on_progress: Progress) -> str:
        """Reads to the end; what went wrong, or the last words."""
        last: list[str] = []
        for line in lines:
            try:
                said = json.loads(line)
                if "error" in said:
                    return said["error"]
                on_progress(said["progress"], said["step"],
                            self._left(said["progress"]))
            except (ValueError, KeyError, TypeError):
                last = [*last, line.strip()][-_LINES:]
        return " ".join(last)

    def _left(self, share: float) -> float | None:
        if share < _TELLING:
            return None
        return (time.monotonic() - self.begun) * (1 - share) / share

    def cancel(self) -> None:
        """End the process, in whatever it is doing."""
        with self._lock:
            self._cancelled = True
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
