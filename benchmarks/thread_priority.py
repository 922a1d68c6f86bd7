"""Does a thread of low priority hold up the others of its process?

    python benchmarks/thread_priority.py [--seconds 4] [--busy 4] [--rounds 3]

One thread counts in Python, once at the priority of the process and once at a
lower one; the main thread wants to run every millisecond; --busy processes of
the process's priority keep the cores busy. Prints the longest time and the 99
% of the times for which the main thread did not run.
"""
import argparse
import os
import subprocess
import sys
import threading
import time

import numpy as np

from spectra_classifier.devices.common.switch_interval import TURN

#: niceness of everything, and of the thread that gives way
COMMON, LOW = 10, 19
WORK = 600_000


def pauses(niceness, seconds):
    """Milliseconds between two turns of the main thread."""
    end = threading.Event()

    def work():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
        while not end.is_set():
            for _ in range(WORK):
                pass
            time.sleep(0.001)

    thread = threading.Thread(target=work)
    thread.start()
    begin = time.perf_counter()
    turns = [begin]
    while turns[-1] < begin + seconds:
        time.sleep(0.001)
        turns.append(time.perf_counter())
    end.set()
    thread.join()
    return 1e3 * np.diff(turns)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=4.)
    parser.add_argument("--busy", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.setpriority(os.PRIO_PROCESS, 0, COMMON)
    sys.setswitchinterval(TURN)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
            for _ in range(options.busy)]
    try:
        for _ in range(options.rounds):
            for words, niceness in (("equal priority", COMMON),
                                    ("low priority", LOW)):
                found = pauses(niceness, options.seconds)
                print(f"{words}: longest {found.max():.0f} ms, 99 % "
                      f"{np.percentile(found, 99):.0f} ms, "
                      f"{len(found)} turns", flush=True)
    finally:
        for process in busy:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
