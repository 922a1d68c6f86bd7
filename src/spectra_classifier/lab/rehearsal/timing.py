"""Times from fault to safe: distributions, not single values."""
import numpy as np


class Times:
    """Seconds from each kind of fault to the closed shutter."""

    def __init__(self):
        self._seconds = {}

    def add(self, kind, seconds):
        self._seconds.setdefault(kind, []).append(seconds)

    def table(self):
        """{kind: {"n", "median", "p95", "max"}}, s, rounded to ms."""
        return {kind: {
            "n": len(seconds),
            "median": round(float(np.median(seconds)), 3),
            "p95": round(float(np.percentile(seconds, 95)), 3),
            "max": round(max(seconds), 3)}
            for kind, seconds in sorted(self._seconds.items())}


class Memory:
    """Resident memory of processes over their lives.

    `look(name, pid)` now and then; `growth()`: MB between the second and
    the last quarter of the longest life of each name, None where it was
    shorter than `SHORTEST` looks: what is taken once at the start is no
    growth.
    """
    SHORTEST = 40

    def __init__(self):
        self._lives = {}

    def look(self, name, pid):
        try:
            with open(f"/proc/{pid}/statm") as file:
                pages = int(file.read().split()[1])
        except (OSError, IndexError):
            return
        self._lives.setdefault((name, pid), []).append(
            pages * 4096 / 1e6)

    def growth(self):
        longest = {}
        for (name, _), looks in self._lives.items():
            if len(looks) > len(longest.get(name, ())):
                longest[name] = looks
        return {name: _growth(looks) for name, looks in longest.items()}

    def growth_of(self, name):
        return self.growth().get(name)


def _growth(looks):
    if len(looks) < Memory.SHORTEST:
        return None
    quarter = len(looks) // 4
    return round(float(np.median(looks[-quarter:])
                       - np.median(looks[quarter:2 * quarter])), 2)
