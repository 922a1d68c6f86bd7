"""What a train waits for the interpreter's lock beside a busy thread.

    python benchmarks/thread_turns.py [--trains 30] [--kernels 10]

A train is a number of calls that release the lock, as kernels do; a second
thread runs Python code, as the loading of a model does. Prints milliseconds a
train (median and most) without that thread, and beside it with the switch
interval of Python and with that of a live device, in turn.
"""
import argparse
import hashlib
import sys
import threading
import time

import numpy as np

from spectra_classifier.devices.common.switch_interval import TURN

#: bytes that keep a call busy for some milliseconds
DATA = bytes(3_000_000)
#: s between two trains
PAUSE = 0.01


def trains(count: int, kernels: int) -> np.ndarray:
    """Milliseconds that each train took, shape (count,)."""
    found = []
    for _ in range(count):
        begin = time.perf_counter()
        for _ in range(kernels):
            hashlib.sha256(DATA).digest()
        found.append(time.perf_counter() - begin)
        time.sleep(PAUSE)
    return 1e3 * np.array(found)


def main() -> None:
    """Prints a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trains", type=int, default=30)
    parser.add_argument("--kernels", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ended = threading.Event()

    def load() -> None:
        while not ended.is_set():
            sum(number * number for number in range(10_000))

    def report(way: str) -> None:
        found = trains(options.trains, options.kernels)
        print(f"{way}: {np.median(found):.1f} ms, at most {found.max():.1f}")

    report("alone")
    threading.Thread(target=load, daemon=True).start()
    for _ in range(options.rounds):
        for interval in sys.getswitchinterval(), TURN:
            before = sys.getswitchinterval()
            sys.setswitchinterval(interval)
            report(f"beside a busy thread, {1e3 * interval:g} ms")
            sys.setswitchinterval(before)
    ended.set()


if __name__ == "__main__":
    main()
