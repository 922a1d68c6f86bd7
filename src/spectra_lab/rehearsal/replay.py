"""Every snapshot once more through the engine: the same codes, exactly."""
import os
import subprocess
import sys
from collections import deque
from pathlib import Path
from threading import Event, Thread

TIMEOUT = 120       # s for one file
PERIOD = 1.         # s between two looks into the folder


class Replayer:
    """Replays the files of a folder as they appear, in a thread.

    The quota of the snapshots removes them while the rehearsal goes on: a
    second name in `kept`, on the same disk, holds each until it was
    replayed. `snapshots`: files replayed; `mismatches`: of them those that
    gave other codes or could not be replayed, for the reasons in `problems`.
    """

    def __init__(self, folder: Path, kept: Path) -> None:
        self._folder, self._kept = folder, kept
        self.problems: list[str] = []
        self._seen: set[str] = set()
        self._waiting: deque[Path] = deque()
        self._end = Event()
        self._thread = Thread(target=self._run, name="replay", daemon=True)
        self.snapshots = self.mismatches = 0

    def start(self) -> None:
        self._kept.mkdir(exist_ok=True)
        self._thread.start()

    def finish(self) -> None:
        """Replay what is still there; blocks."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        ending = False
        while not ending:
            ending = self._end.wait(PERIOD)
            self._collect()
            while self._waiting:
                self._replay(self._waiting.popleft())
                self._collect()

    def _collect(self) -> None:
        for path in sorted(self._folder.glob("*.h5")):
            if path.name in self._seen:
                continue
            held = self._kept / path.name
            try:
                os.link(path, held)
            except OSError as error:
                self.mismatches += 1
                self.problems.append(f"{path.name} is not replayed: {error}")
            else:
                self._waiting.append(held)
            self._seen.add(path.name)

    def _replay(self, path: Path) -> None:
        # beside the interpreter: the program of this very environment; at
        # the lowest priority, for it is none of the faults
        program = Path(sys.executable).parent / "spectra-classifier"
        try:
            run = subprocess.run(
                ["nice", "-n", "19", program, "replay", str(path)],
                capture_output=True, text=True, timeout=TIMEOUT, check=False)
            right = run.returncode == 0
            words = (run.stderr or run.stdout).strip()[-300:]
        except subprocess.TimeoutExpired:
            right, words = False, f"no end after {TIMEOUT} s"
        self.snapshots += 1
        if not right:
            self.mismatches += 1
            self.problems.append(f"replay of {path.name}: {words}")
        path.unlink()
