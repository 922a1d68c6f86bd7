"""The whole way, live: source, pipeline, classifier, codes at a receiver.

    python benchmarks/live.py --model MODEL.onnx [--seconds 600]
        [--pulses 2700] [--profile gotthard2|curves] [--json FILE]

Starts a private broker and a device server each for source, classifier and
guard, as the demonstration does, and plays 10 trains a second. Reports trains
lost and skipped, latency from handler entry to output written, time from the
source's time stamp to codes at the receiver (another process), and, each
second, memory and processor time of the classifier's server and of everything
else on the machine. Exit status 0 if nothing was lost or skipped.
"""
import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from karabo.middlelayer import Hash

from spectra_classifier import model as models
from spectra_classifier.lab.demo.options import Options
from spectra_classifier.lab.demo.plant import Plant
from spectra_classifier.lab.demo.screen import Screen
from spectra_classifier.lab.demo.session import demonstrate
from spectra_classifier.lab.demo.sources import (
    FIRST_TRAIN,
    LOOPBACK,
    SEED,
    Simulated,
)

CLASSIFIER = "demoClassifier"
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
#: seconds at the start that compile, connect and fill caches
SETTLING = 30


class Curves(Simulated):
    """The published ramp as float32 curves of 4023 points."""

    def __init__(self, options, model_path, loaded):
        self.model_path = model_path
        self.manifest = loaded.manifest
        self.pulses = options.pulses
        self.classes = tuple(loaded.definition.classes)
        self.training_spectra = frozenset()

    title = "published ramp, float32"

    def configuration(self):
        return Hash("profile", "curves", "pulses", self.pulses, "seed", SEED,
                    "firstTrain", FIRST_TRAIN, "output.hostname", LOOPBACK,
                    "truth.hostname", LOOPBACK)

    def classifier_settings(self):
        return {}


class Meter(threading.Thread):
    """Memory and processor time of one process and of the machine."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.rows = []      # (seconds, MB resident, CPU s, CPU s of all)
        self._end = threading.Event()

    def run(self):
        begin = time.monotonic()
        while not self._end.wait(1.):
            self.rows.append((time.monotonic() - begin, *self._read()))

    def _read(self):
        process = Path(f"/proc/{self.pid}")
        resident = int((process / "statm").read_text().split()[1]) * PAGE
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        with open("/proc/stat") as file:
            machine = [int(word) for word in file.readline().split()[1:9]]
        busy = sum(machine) - machine[3] - machine[4]
        return (resident / 2 ** 20, sum(map(int, fields[11:13])) / TICK,
                busy / TICK)

    def stop(self):
        self._end.set()
        self.join()

    def report(self):
        """Memory after settling and at the end, cores used on average."""
        rows = np.array([row for row in self.rows if row[0] >= SETTLING]
                        or self.rows)
        seconds = rows[-1, 0] - rows[0, 0]
        used, busy = rows[-1, 2:] - rows[0, 2:]
        slope = (np.polyfit(rows[:, 0] / 60, rows[:, 1], 1)[0]
                 if len(rows) > 2 else 0.)
        return {"rss_mb_first": rows[0, 1], "rss_mb_last": rows[-1, 1],
                "rss_mb_max": rows[:, 1].max(),
                "rss_mb_per_minute": float(slope),
                "cores_classifier": used / seconds,
                "cores_everything_else": (busy - used) / seconds}


class MeteredPlant(Plant):
    """Measures the classifier's server while it is up."""

    def _start(self):
        super()._start()
        server = next(s for s in self.servers if s.server_id == CLASSIFIER)
        self.meter = Meter(server.pid)
        self.meter.start()

    def stop(self):
        if hasattr(self, "meter"):
            self.meter.stop()
        super().stop()


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=600.)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--profile", default="gotthard2",
                        choices=["gotthard2", "curves"])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    path = arguments.model.resolve()
    loaded = models.load(path)
    screen = Screen()
    with tempfile.TemporaryDirectory() as folder:
        options = Options(Path(folder), arguments.seconds, model=path,
                          pulses=arguments.pulses)
        kind = Simulated if arguments.profile == "gotthard2" else Curves
        source = kind(options, path, loaded)
        with MeteredPlant(folder, screen.say) as plant:
            demonstration = demonstrate(options, source, plant, screen)
        report = summarise(demonstration, plant.meter, loaded)
    print(json.dumps(report, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    numbers = demonstration.numbers
    return int(bool(numbers["trains_lost"] or numbers["pulses_skipped"]))


def summarise(demonstration, meter, loaded):
    """The numbers of the run, all trains included."""
    kept = demonstration.receiver.kept
    latency = [result.latency for result in kept]
    delivered = [result.delivered for result in kept]
    baseline = loaded.definition.preprocessing.baseline
    return {
        **{key: demonstration.numbers[key] for key in (
            "trains_received", "trains_lost", "pulses_received",
            "pulses_skipped", "pulses_unaccounted", "rate_hz", "accuracy")},
        "channels": len(loaded.definition.axis),
        "pulses_per_train": demonstration.source.pulses,
        "members": loaded.definition.members.kind,
        "baseline": baseline.mode, "lam": baseline.lam,
        "knot_step": baseline.knot_step,
        **_percentiles("entry_to_codes_ms", latency),
        **_percentiles("source_to_receiver_ms", delivered),
        **meter.report()}


def _percentiles(name, values):
    return {f"{name}_{label}": float(np.percentile(values, percent))
            for label, percent in (("p50", 50), ("p99", 99), ("max", 100))}


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Karabo leaves threads behind that a normal end would wait for
    os._exit(status)
