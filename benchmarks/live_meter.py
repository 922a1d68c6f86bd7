"""Memory and processor time of processes while something runs."""
import os
import threading
import time
from pathlib import Path

import numpy as np

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Meter(threading.Thread):
    """Looks at processes once a second, from `start` to `stop`.

    `processes`: {name: pid}; `watched`: the name whose memory matters;
    `settling`: seconds at the start that compile, connect and fill caches.
    """

    def __init__(self, processes, watched, settling):
        super().__init__(daemon=True)
        self._processes = processes
        self._watched = watched
        self._settling = settling
        self._rows = []     # (s, MB resident, CPU s of all, CPU s of each...)
        self._end = threading.Event()

    def run(self):
        begin = time.monotonic()
        while not self._end.wait(1.):
            self._rows.append((
                time.monotonic() - begin,
                resident(self._processes[self._watched]), machine_seconds(),
                *session_seconds(self._processes.values())))

    def stop(self):
        self._end.set()
        self.join()

    def report(self):
        """Memory after settling, at the end and as the median of each quarter
        of the time between; cores used on average."""
        rows = np.array(self._rows)
        rows = rows[rows[:, 0] >= min(self._settling, rows[-1, 0] / 2)]
        seconds = rows[-1, 0] - rows[0, 0]
        cores = (rows[-1, 2:] - rows[0, 2:]) / max(seconds, 1.)
        later = rows[len(rows) // 2:]
        names = dict(zip(self._processes, map(float, cores[1:]), strict=True))
        return {
            "rss_mb_first": float(rows[0, 1]),
            "rss_mb_last": float(rows[-1, 1]),
            "rss_mb_max": float(rows[:, 1].max()),
            "rss_mb_quarters": [float(np.median(part)) for part in
                                np.array_split(rows[:, 1], 4) if len(part)],
            "rss_mb_minutes": minutes(rows),
            "rss_mb_per_minute": slope(rows),
            "rss_mb_per_minute_second_half": slope(later),
            "cores": names | {
                "everything else": float(cores[0] - cores[1:].sum())}}


def slope(rows):
    """MB per minute of rows (s, MB, ...)."""
    if len(rows) < 3:
        return 0.
    return float(np.polyfit(rows[:, 0] / 60, rows[:, 1], 1)[0])


def minutes(rows):
    """Median MB of every minute of rows (s, MB, ...)."""
    minute = ((rows[:, 0] - rows[0, 0]) // 60).astype(int)
    return [float(np.median(rows[minute == each, 1]))
            for each in np.unique(minute)]


def processes_below(folder):
    """{name: pid} of the programs with a pid file below `folder`."""
    return {path.stem: int(path.read_text().split()[0])
            for path in sorted(Path(folder).rglob("*.pid"))}


def resident(pid):
    """Resident memory in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * PAGE / 2 ** 20


def session_seconds(pids):
    """CPU seconds (n,) of the sessions that these processes lead.

    A broker's server is a child of the script with the pid file.
    """
    seconds = dict.fromkeys(pids, 0)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue        # it has ended meanwhile
        leader = next((pid for pid in (int(stat.parent.name), int(fields[3]))
                       if pid in seconds), None)
        if leader is not None:
            seconds[leader] += sum(map(int, fields[11:13])) / TICK
    return list(seconds.values())


def machine_seconds():
    """CPU seconds that all cores have been busy."""
    with open("/proc/stat") as file:
        words = [int(word) for word in file.readline().split()[1:9]]
    return (sum(words) - words[3] - words[4]) / TICK
