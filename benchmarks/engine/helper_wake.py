"""How soon a helper thread of the engine begins at the pace of trains.

    python benchmarks/engine/helper_wake.py [--rounds 80]

Every 85 ms a thread shares arithmetic with one helper, as the engine does with
a train: with helpers that the system places alone, and with those that keep
off the processor of their waker (`core/engine/helper_placement.py`). Prints
how often the helper began on that processor, how much later, and when both
were done, next to the time that each has to work.
"""
import argparse
import ctypes
import threading
import time

import numpy as np

from spectra_classifier.cli.benchmark import limits
from spectra_classifier.core.engine.helper_placement import HelperPlacement
from spectra_classifier.core.engine.thread_team import Team

#: s between two trains, and rounds of multiply-adds, some 3 ms
PAUSE, WORK = .085, 150_000
processor = ctypes.CDLL(None).sched_getcpu


class AsPlaced(HelperPlacement):
    """Leaves helpers where the system puts them."""

    def away_from_here(self):
        """Does nothing."""


def work():
    """What caller and helper do, each once."""
    limits._multiply_add(np.ones(128, np.float32), np.float32(.5), WORK)


def measure(team, rounds):
    """Rows of (same processor, ms until the helper began, ms in all).

    Rounds in which the caller had done both parts by then have NaN.
    """
    found = []
    for _ in range(rounds):
        seen = {}

        def part(start, stop, seen=seen):
            name = threading.current_thread().name.partition("_")[0]
            seen.setdefault(name, (processor(), time.perf_counter()))
            work()

        time.sleep(PAUSE)
        here, begin = processor(), time.perf_counter()
        team.share(2, 1, part)
        end = time.perf_counter()
        where, when = seen.get("helper", (None, np.nan))
        found.append((where == here, 1e3 * (when - begin),
                      1e3 * (end - begin)))
    return np.array(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=80)
    rounds = parser.parse_args().rounds
    work()      # compiles
    begin = time.perf_counter()
    work()
    print(f"each part: {1e3 * (time.perf_counter() - begin):.2f} ms")
    alone, kept = Team(2, "helper"), Team(2, "helper")
    alone._placement = AsPlaced()
    for name, team in ("placed by the system", alone), ("kept off", kept):
        same, begun, whole = measure(team, rounds).T
        late = np.isnan(begun)
        print(f"{name}: on the caller's processor {same.mean():.0%}, not "
              f"begun {late.mean():.0%}, else after "
              f"{np.median(begun[~late]):.2f} ms; all done after "
              f"{np.median(whole):.2f} ms")


if __name__ == "__main__":
    main()
