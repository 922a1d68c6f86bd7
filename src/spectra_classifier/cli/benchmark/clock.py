"""Time of thread and wall, and ratios of things that take turns."""
import ctypes
import os
import time
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

#: what pins the thread pools of numerical libraries; set before they load
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
    cpu: np.ndarray
    wall: np.ndarray

    def median(self):
        return float(np.median(self.cpu)), float(np.median(self.wall))


def take_turns(functions, rounds):
    """`Times` of each function; all have one turn per round, in order.

    A turn repeats what is short until it has taken `TURN` seconds, at most
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


def keep_memory():
    """Tells glibc to keep freed memory, as device servers of ours do.

    Else arrays of some 100 kB are mapped and unmapped for every train. Does
    nothing with another C library.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        for option, size in _MALLOC:
            mallopt(option, size)


def ratio(slow, fast, scale):
    """(median, lowest, highest) CPU time of `slow` over `fast`, in pairs.

    `scale` makes the work equal: spectra of `fast` over those of `slow`.
    """
    pairs = slow.cpu / fast.cpu * scale
    return tuple(float(f(pairs)) for f in (np.median, np.min, np.max))


def faster(slow, fast):
    """(median, 5 %, 95 %) wall time of `slow` over `fast`, in pairs."""
    return tuple(map(float, np.percentile(slow.wall / fast.wall,
                                          (50, 5, 95))))


def machine():
    """What the numbers depend on."""
    model = "unknown"
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next((line.split(":", 1)[1].strip() for line in file
                          if line.startswith("model name")), model)
    except OSError:
        pass
    return {"cpu": model, "cores": os.cpu_count(),
            "load": os.getloadavg()[0]}
