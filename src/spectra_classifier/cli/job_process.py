"""A process that does one job for a device, and tells how far it is.

The job is a JSON file that names its `task` and the file of its `result`.
Progress is printed as one JSON object a line. The process ends when its
standard input is closed, which means that the device has gone. The device
sets its priority below that of everything else.
"""
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import SpectraError
from ..files.atomic import replaced
from ..process import end_process

FAILED = 2

#: does a job; the result is plain JSON values
type Task = Callable[[dict[str, Any]], dict[str, Any]]


def run(job: dict[str, Any], tasks: Mapping[str, Task]) -> dict[str, Any]:
    """The result of a job, plain JSON values; raises `SpectraError`."""
    begun = time.monotonic(), time.process_time()
    result = tasks[job["task"]](job)
    return result | {
        "seconds_wall": round(time.monotonic() - begun[0], 2),
        "seconds_machine": round(time.process_time() - begun[1], 2)}


def say(share: float, step: str) -> None:
    """Tell the device how far the job is, and what it is at."""
    print(json.dumps({"progress": share, "step": step}), flush=True)


def _end_with_parent() -> None:
    """End the process when its standard input is closed."""
    def watch() -> None:
        while os.read(0, 1024):
            pass
        end_process(FAILED)

    threading.Thread(target=watch, daemon=True).start()


def main(path: str, tasks: Mapping[str, Task]) -> int:
    """Run a job; the exit status is 0, or `FAILED` with the reason printed."""
    _end_with_parent()
    job = json.loads(Path(path).read_text())
    try:
        result = run(job, tasks)
        with replaced(job["result"]) as temporary:
            temporary.write_text(json.dumps(result))
    except (SpectraError, OSError) as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return FAILED
    return 0
