"""CPU and wall time, and ratios of functions that are run in turn."""
import ctypes
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: pins the thread pools of numerical libraries; set before they load
ONE_THREAD = dict.fromkeys((
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS"), "1")

#: M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD of malloc.h; glibc takes no
#: larger value for the last one
_MALLOC = (-1, 1 << 28), (-2, 1 << 28), (-3, 1 << 25)
#: seconds that a turn takes at least, and how often it repeats at most
TURN, MOST = .02, 20


@dataclass(frozen=True)
class Times:
    """Seconds of repeated runs: CPU of the process and wall, (rounds,)."""
    cpu: NDArray[np.float64]
    wall: NDArray[np.float64]

    def median(self) -> tuple[float, float]:
        """Median CPU and wall time."""
        return float(np.median(self.cpu)), float(np.median(self.wall))


def take_turns(functions: Sequence[Callable[[], object]],
               rounds: int) -> list[Times]:
    """`Times` of each function; all have one turn per round, in order.

    A turn repeats a short function until it has taken `TURN` seconds, at most
    `MOST` times, and counts the mean. Two rounds before the first one warm
    up. CPU seconds are those of the whole process: other work in it would
    count.
    """
    cpu = np.empty((len(functions), rounds))
    wall = np.empty_like(cpu)
    repeats = [1] * len(functions)
    for k in range(-2, rounds):
        for f, function in enumerate(functions):
            start, start_wall = time.process_time(), time.perf_counter()
            for _ in range(repeats[f]):
                function()
            took = (time.perf_counter() - start_wall) / repeats[f]
            if k >= 0:
                cpu[f, k] = (time.process_time() - start) / repeats[f]
                wall[f, k] = took
            else:
                repeats[f] = int(np.clip(TURN / took, 1, MOST))
    return [Times(*pair) for pair in zip(cpu, wall, strict=True)]


def keep_memory() -> None:
    """Make glibc keep freed memory, as the device servers do.

    Without that, arrays of some 100 kB are mapped and unmapped for every
    train. No effect with another C library.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        for option, size in _MALLOC:
            mallopt(option, size)


def ratio(slow: Times, fast: Times, scale: float) -> tuple[float, ...]:
    """(median, lowest, highest) CPU time of `slow` over `fast`, in pairs.

    `scale` makes the work equal: spectra of `fast` over those of `slow`.
    """
    pairs = slow.cpu / fast.cpu * scale
    return tuple(float(f(pairs)) for f in (np.median, np.min, np.max))


def faster(slow: Times, fast: Times) -> tuple[float, ...]:
    """(median, 5 %, 95 %) wall time of `slow` over `fast`, in pairs."""
    return tuple(map(float, np.percentile(slow.wall / fast.wall,
                                          (50, 5, 95))))


def machine() -> dict[str, Any]:
    """The machine on which the numbers were measured."""
    model = "unknown"
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next((line.split(":", 1)[1].strip() for line in file
                          if line.startswith("model name")), model)
    except OSError:
        pass
    return {"cpu": model, "cores": os.cpu_count(),
            "load": os.getloadavg()[0]}
