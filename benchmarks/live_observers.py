"""What a live classifier loses by what watches it: pairs of runs.

    python benchmarks/live_observers.py [--pairs 3] [--seconds 90]
        [--pulses 2700] [--before WORDS] [--json FILE]

Runs benchmarks/live.py by turns with and without `--observers`: a StateScan
of a motor that moves, a PeakMonitor of two regions and a SpectraTrainer that
explores every 20 s, in servers of their own. Reports the processor time that
the server of the classifier takes for a train and the time from source to
receiver, each as the median of the runs with lowest and highest, and the
differences of the pairs. `--before` is a command that every run is given to,
such as `nice -n 5`.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time
from asyncio import wait_for
from pathlib import Path

import numpy as np
from karabo.middlelayer import (
    Hash,
    KaraboError,
    background,
    call,
    getDevice,
    instantiate,
    setWait,
)
from live_receiver import Measured

from spectra_lab.demo.plant import SERVERS
from spectra_lab.demo.run import (
    CLASSIFIER,
    CONNECT_TIMEOUT,
    SERVER_TIMEOUT,
    SOURCE,
)

MOTOR, SCAN, PEAKS, TRAINER = (
    f"demo/{name}" for name in ("motor", "scan", "peaks", "trainer"))
SCAN_SERVER = {"demoScan": ("StateScan", "SimulatedMotor")}
OBSERVERS = SERVERS | SCAN_SERVER | {"demoPeaks": ("PeakMonitor",),
                                     "demoTrainer": ("SpectraTrainer",)}
#: name -> from, to, as parts of the axis
REGIONS = {"first": (0.2, 0.3), "second": (0.6, 0.7)}
#: s between two explorations, and trains that are kept before the first
EXPLORE, KEPT = 20., 20
#: what a pair compares
COMPARED = ("CPU ms of a train", "source_to_receiver_ms_p50",
            "source_to_receiver_ms_p99", "entry_to_codes_ms_p50",
            "entry_to_codes_ms_p99")


async def start_device(demonstration, server, class_id, device_id,
                       configuration):
    """Instantiate a device and follow it."""
    await demonstration.plant.until(
        lambda: server in demonstration.desk.systemTopology["server"],
        SERVER_TIMEOUT, server)
    await wait_for(instantiate(server, class_id, device_id, configuration),
                   30)
    proxy = await wait_for(getDevice(device_id), 30)
    proxy.__enter__()
    demonstration.proxies[device_id] = proxy
    return proxy


async def start_scan(demonstration, speed):
    """A motor, and a `StateScan` of its position."""
    await start_device(demonstration, "demoScan", "SimulatedMotor", MOTOR,
                       Hash("speed", speed))
    scan = await start_device(
        demonstration, "demoScan", "StateScan", SCAN, Hash(
            "scan.property", f"{MOTOR}.position", "scan.unit", "mm",
            "input.connectedOutputChannels", [f"{CLASSIFIER}:output"]))
    await demonstration.plant.until(
        lambda: scan.state.value == "PROCESSING", CONNECT_TIMEOUT, SCAN)
    return scan


class Observed(Measured):
    """A demonstration that is watched by all that can."""

    def __init__(self, *others):
        super().__init__(*others)
        self._explored = -EXPLORE
        self._exploring = None

    async def _set_up(self):
        await super()._set_up()
        captures = self.plant.directory / "captures"
        captures.mkdir()
        axis = np.asarray(self.source.axis)
        first, length = axis[0], axis[-1] - axis[0]
        source = Hash("connectedOutputChannels", [f"{SOURCE}:output"])
        await start_device(self, "demoPeaks", "PeakMonitor", PEAKS, Hash(
            "classifierId", CLASSIFIER, "input", source, "peaks.regions", [
                Hash("name", name, "first", first + low * length,
                     "last", first + high * length, "tolerance", 1.)
                for name, (low, high) in REGIONS.items()]))
        await start_device(self, "demoTrainer", "SpectraTrainer", TRAINER,
                           Hash("classifierId", CLASSIFIER,
                                "captureDirectory", str(captures),
                                "input", source))
        await start_scan(self, 0.1)
        await wait_for(setWait(MOTOR, target=1e4), 10)
        await wait_for(call(MOTOR, "move"), 10)

    async def _operate(self):
        await super()._operate()
        kept = int(self.proxies[TRAINER].exploration.trainsKept.value)
        now = time.monotonic()
        if kept >= KEPT and now > self._explored + EXPLORE:
            self._explored = now
            self._exploring = background(self._explore())

    async def _explore(self):
        try:
            await wait_for(call(TRAINER, "explore"), EXPLORE)
        except (KaraboError, TimeoutError) as error:
            self.note = str(error).splitlines()[0]

    async def _sum_up(self):
        scan, peaks, trainer = (self.proxies[name]
                                for name in (SCAN, PEAKS, TRAINER))
        problems = [str(each.value) for each in (
            scan.scan.problem, peaks.peaks.problem,
            trainer.exploration.problem) if each.value]
        return await super()._sum_up() | {"observers": {
            "trains of the scan": int(scan.scan.trains.value),
            "trains of the peaks": int(peaks.peaks.trainsMeasured.value),
            "passed over by the peaks":
                int(peaks.peaks.trainsPassedOver.value),
            "trains kept by the trainer":
                int(trainer.exploration.trainsKept.value),
            "found": str(trainer.exploration.found.value),
            "status of the trainer": str(trainer.status.value),
            "problems": problems}}


def one_run(observers, given, folder):
    """The report of one run of benchmarks/live.py."""
    file = Path(folder) / "run.json"
    command = [*given.before.split(), sys.executable,
               Path(__file__).with_name("live.py"), "--json", file,
               "--seconds", str(given.seconds),
               "--settling", str(given.seconds / 3),
               "--pulses", str(given.pulses)]
    # a lost train is in the report
    subprocess.run(command + ["--observers"] * observers, check=False,
                   stdout=subprocess.DEVNULL)
    report = json.loads(file.read_text())
    file.unlink()
    return report | report["settled"] | {
        "CPU ms of a train":
            1e3 * report["cores"]["demoClassifier"] / report["rate_hz"]}


def compare(pairs):
    """Lines of a table, of [(report without, report with)]."""
    yield "| | without | with | difference |"
    yield "|---|---|---|---|"
    for name in COMPARED:
        values = np.array([[each[name] for each in pair] for pair in pairs])
        columns = *values.T, values[:, 1] - values[:, 0]
        cells = [f"{np.median(each):.3g} ({each.min():.3g} to "
                 f"{each.max():.3g})" for each in columns]
        yield f"| {name} | {' | '.join(cells)} |"
    for name in "trains_received", "trains_lost", "pulses_skipped":
        without, with_all = (sum(each[name] for each in side)
                             for side in zip(*pairs, strict=True))
        yield f"| {name}, all | {without} | {with_all} | |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=90.)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--before", default="", metavar="WORDS")
    parser.add_argument("--json", type=Path, help="also write the reports")
    given = parser.parse_args()
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.pairs):
            # who is first takes turns
            order = [False, True][::1 if number % 2 == 0 else -1]
            runs = {observers: one_run(observers, given, folder)
                    for observers in order}
            pairs.append((runs[False], runs[True]))
            print(f"pair {number + 1}:", runs[True]["observers"], flush=True)
            print("\n".join(compare(pairs)), flush=True)
            if given.json:
                given.json.write_text(json.dumps(pairs, indent=1) + "\n")


if __name__ == "__main__":
    main()
