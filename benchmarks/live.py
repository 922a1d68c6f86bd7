"""The whole way, live: source, pipeline, classifier, codes at a receiver.

    python benchmarks/live.py [--profile gotthard2|curves] [--seconds 600]
        [--pulses 2700] [--model MODEL.onnx] [--json FILE] [--record]
        [--observers] [--settling 60] [--apart]

Starts a private broker and a device server each for source, classifier,
guard and shutter, as the demonstration does, and plays 10 prepared trains a
second: 1280 channels of uint16, or 4023 points of float32. Reports trains lost
and skipped, latency from handler entry to output written, time from when a
train was due at the source to its codes at a receiver (a process that does
nothing else), memory of the classifier's server, and processor time of every
process and of everything else on the machine. `--record` keeps the report for
docs/benchmarks.md and writes that page again, of a run of an hour or more the
memory. `--observers` starts all that can watch, too
(benchmarks/live_observers.py compares with and without). On a beamline the
source is another machine; here the kernel may wake who reads on the processor
of who writes, and then nothing is read until all is written. `--apart`
prevents that. Exit status 0 if nothing was lost or skipped.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Timer

import numpy as np
from live_meter import Meter, processes_below
from live_observers import OBSERVERS, Observed
from live_receiver import Measured
from live_source import MODELS, Prepared, released

from spectra_classifier import model as models
from spectra_lab.demo.options import Options
from spectra_lab.demo.plant import SERVERS, Plant
from spectra_lab.demo.screen import Screen
from spectra_lab.demo.session import play

ENGINE = Path(__file__).resolve().parent / "engine"
CLASSIFIER = "demoClassifier"
#: seconds at the start that compile, connect and fill caches
SETTLING = 60
HOUR = 3600
#: s after which all threads run
SETTLING_APART = 20


class MeteredPlant(Plant):
    """Measures its processes, and this one, while it is up.

    `apart`: the source has the last processor, and the event loop of the
    classifier the others.
    """
    apart = False

    def __init__(self, settling, *others):
        super().__init__(*others)
        self._settling = settling

    def _start(self):
        super()._start()
        if self.apart:      # when all threads are there
            Timer(SETTLING_APART, self._set_apart).start()
        self.meter = Meter(
            processes_below(self.directory) | {"receiver": os.getpid()},
            CLASSIFIER, self._settling)
        self.meter.start()

    def _set_apart(self):
        pids = processes_below(self.directory)
        cpus = os.sched_getaffinity(0)
        last = {max(cpus)}
        for task in Path(f"/proc/{pids['demoSource']}/task").iterdir():
            os.sched_setaffinity(int(task.name), last)
        os.sched_setaffinity(pids[CLASSIFIER], cpus - last)

    def stop(self):
        if hasattr(self, "meter"):
            self.meter.stop()
        super().stop()


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--profile", default="gotthard2", choices=MODELS)
    parser.add_argument("--seconds", type=float, default=600.)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--model", type=Path,
                        help="default: the released one for the profile")
    parser.add_argument("--json", type=Path, help="also write the report")
    parser.add_argument("--observers", action="store_true",
                        help="with StateScan, PeakMonitor and SpectraTrainer")
    parser.add_argument("--apart", action="store_true",
                        help="keep the source and the event loop of the "
                             "classifier to processors of their own")
    parser.add_argument("--settling", type=float, default=SETTLING,
                        help="s at the start that processor time, memory "
                             "and the times of `settled` leave out")
    parser.add_argument("--record", action="store_true",
                        help="keep it for docs/benchmarks.md")
    arguments = parser.parse_args()
    report = measure(arguments)
    text = json.dumps(report, indent=1) + "\n"
    print(text, end="")
    if arguments.json:
        arguments.json.write_text(text)
    if arguments.record:
        name = ("hours" if arguments.seconds >= HOUR
                else f"live_{arguments.profile}"
                + arguments.apart * "_apart")
        (ENGINE / f"{name}.json").write_text(text)
        subprocess.run([sys.executable, ENGINE / "report.py"], check=True)
    return int(bool(report["trains_lost"] or report["pulses_skipped"]))


def measure(arguments):
    """One run as a dictionary."""
    return run(arguments, MeteredPlant)[0]


def run(arguments, plant_class):
    """One run as a dictionary, and the plant after it."""
    path = (arguments.model or released(arguments.profile)).resolve()
    loaded = models.load(path)
    screen = Screen()
    with tempfile.TemporaryDirectory() as folder:
        options = Options(Path(folder), arguments.seconds, model=path,
                          pulses=arguments.pulses)
        screen.say("preparing trains")
        source = Prepared(arguments.profile, arguments.pulses, path, loaded,
                          folder)
        kind, offered = ((Observed, OBSERVERS) if arguments.observers
                         else (Measured, SERVERS))
        plant = plant_class(arguments.settling, folder, screen.say, offered)
        plant.apart = getattr(arguments, "apart", False)
        with plant:
            demonstration = play(lambda desk, stop: kind(
                options, plant, desk, screen, source, stop))
    return {"seconds": arguments.seconds} | summarise(
        demonstration, plant.meter, loaded, arguments.settling,
        plant.apart), plant


def summarise(demonstration, meter, loaded, settling, apart):
    """The numbers of the run, all trains included but in `settled`."""
    kept = demonstration.receiver.kept
    settled = [each for each in kept
               if each.received - kept[0].received >= settling]
    source = demonstration.source
    baseline = loaded.definition.preprocessing.baseline
    train = source.spectra[:source.pulses]
    return {
        "title": source.title + apart * ", apart",
        **{key: demonstration.numbers[key] for key in (
            "trains_received", "trains_lost", "pulses_received",
            "pulses_skipped", "pulses_unaccounted", "rate_hz")},
        "channels": train.shape[1], "dtype": str(train.dtype),
        "megabytes_per_train": train.nbytes / 1e6,
        "pulses_per_train": source.pulses, "model": loaded.manifest["id"],
        "members": loaded.definition.members.kind,
        "baseline": baseline.mode, "lam": baseline.lam,
        "knot_step": baseline.knot_step,
        **_times(kept), "settled": _times(settled),
        "observers": demonstration.numbers.get("observers"),
        **meter.report()}


def _times(kept):
    return (_percentiles("entry_to_codes_ms", [r.latency for r in kept])
            | _percentiles("source_to_receiver_ms",
                           [r.delivered for r in kept]))


def _percentiles(name, values):
    return {f"{name}_{label}": float(np.percentile(values, percent))
            for label, percent in (("p50", 50), ("p99", 99), ("max", 100))}


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Karabo leaves threads behind that a normal end would wait for
    os._exit(status)
