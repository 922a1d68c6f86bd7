"""Processes of our own: started apart, known by a pid file, stopped by pid.

Each runs in a session of its own, so that a Ctrl-C in the terminal reaches
only the program that then stops them in order. The pid file holds the start
time too: a pid that was given to somebody else in the meantime is never
signalled. A program that dies without cleaning up leaves the pid files, and
`python -m spectra_lab.processes DIR` stops what they name.
"""
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

POLL = 0.05     # s


def start_time(pid: int) -> int | None:
    """Start time of a live process in clock ticks, None if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(fields[18])


def wait_until(condition: Callable[[], bool], timeout: float) -> bool:
    """True as soon as `condition()` holds, False after `timeout` seconds."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL)
    return True


class ManagedProcess:
    """A program with a name, a log and a pid file in `directory`.

    `command`: its words; `env`: the whole environment; `cwd`: folder it
    runs in. The output goes to `directory`/<name>.log.
    """

    def __init__(self, name: str, command: Iterable[str | Path | int],
                 directory: str | os.PathLike[str],
                 env: Mapping[str, str] | None = None,
                 cwd: Path | None = None) -> None:
        self.name = name
        self.command = [str(word) for word in command]
        self.directory = Path(directory).resolve()
        self.env = env
        self.cwd = cwd
        stem = name.replace("/", "_")
        self.log = self.directory / f"{stem}.log"
        self.pid_file = self.directory / f"{stem}.pid"
        self.pid: int | None = None
        self._started: int | None = None
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start the program; raises `RuntimeError` if it still runs."""
        if self.running:
            raise RuntimeError(f"{self.name} is running already, "
                               f"pid {self.pid}")
        self._reap()
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env=self.env, cwd=self.cwd,
                start_new_session=True)
        self.pid = self._popen.pid
        self._started = start_time(self.pid)
        self.pid_file.write_text(f"{self.pid} {self._started}\n")
        return self

    @classmethod
    def from_pid_file(cls, path: Path) -> Self:
        """The process that an earlier program left behind."""
        self = cls(path.stem, [], path.parent)
        pid, started = path.read_text().split()
        self.pid = int(pid)
        self._started = None if started == "None" else int(started)
        return self

    @property
    def running(self) -> bool:
        return (self.pid is not None and self._started is not None
                and start_time(self.pid) == self._started)

    @property
    def returncode(self) -> int | None:
        """Exit status of a program that we started, None while it runs."""
        return None if self._popen is None else self._popen.poll()

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that the program printed."""
        if not self.log.exists():
            return ""
        text = self.log.read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def require_running(self) -> None:
        """Raises `RuntimeError` with the end of its log if it has ended."""
        if not self.running:
            raise RuntimeError(f"{self.name} has ended; the end of {self.log}:"
                               f"\n{self.log_tail()}")

    def signal(self, number: int) -> None:
        """Send a signal to the program and its children."""
        if self.pid is not None and self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def pause(self) -> None:
        """SIGSTOP: it hangs, its connections stay open."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT after `pause`."""
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL: gone at once, nothing is said to anybody."""
        self.signal(signal.SIGKILL)
        self._await_end(10)

    def stop(self, timeout: float = 15) -> bool:
        """SIGTERM, and SIGKILL for what is left after `timeout` seconds.

        Returns True if it ended by itself."""
        self.signal(signal.SIGTERM)
        self.resume()       # a paused process gets its SIGTERM only then
        ended = wait_until(lambda: not self.running, timeout)
        if not ended:
            self.signal(signal.SIGKILL)
        self._await_end(10)
        return ended

    def _await_end(self, timeout: float) -> None:
        if not wait_until(lambda: not self.running, timeout):
            raise TimeoutError(f"{self.name}, pid {self.pid}, does not end")
        self._reap()
        self.pid_file.unlink(missing_ok=True)

    def _reap(self) -> None:
        if self._popen is not None and self._popen.returncode is None:
            # not yet reaped: the pid is still ours, so is its group
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()

    def __enter__(self) -> Self:
        if not self.running:
            self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def stop_all(directory: str | os.PathLike[str]) -> list[str]:
    """Stop every process with a pid file below `directory`.

    All at once are asked, then each is waited for. Returns their names.
    """
    processes = [ManagedProcess.from_pid_file(path) for path in
                 sorted(Path(directory).rglob("*.pid"), reverse=True)]
    # what depends on the broker first: a server without one ends slowly
    brokers = [p for p in processes if p.name in ("broker", "epmd")]
    for group in [p for p in processes if p not in brokers], brokers:
        for process in group:
            process.signal(signal.SIGTERM)
        for process in group:
            process.stop()
    return [process.name for process in processes]


if __name__ == "__main__":
    for stopped in stop_all(sys.argv[1]):
        print("stopped", stopped)
