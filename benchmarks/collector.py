"""Several workers and their collector against one classifier, live.

    python benchmarks/collector.py [--seconds 12] [--rates 10 30]
        [--pulses 2700] [--json FILE]

Starts a private broker and device servers, and plays prepared trains of 1280
channels of uint16 through the released model for the simulated detector: to
one classifier, to one worker with its collector, and to two workers with
their collector, at each rate in turn. The first rate is that of the beam; at
a rate that is too high for everything the throughput is what comes out.
Prints a table: trains offered, trains out, pulses classified per second, the
latency from source to receiver, the order, and the cores of each process.
"""
import argparse
import json
import os
import sys
import tempfile
import time
from asyncio import sleep, wait_for
from pathlib import Path

import numpy as np
from karabo.middlelayer import (
    Device,
    Hash,
    InputChannel,
    call,
    getDevice,
    instantiate,
    setWait,
    shutdown,
)
from live_meter import TICK, processes_below
from live_source import Prepared, released
from rich.console import Console
from rich.table import Table

from spectra_classifier import model as models
from spectra_lab.demo.plant import Plant
from spectra_lab.demo.receiver import queued
from spectra_lab.demo.session import play
from spectra_lab.demo.sources import CHANNELS, LOOPBACK

PROFILE = "gotthard2"
SOURCE, COLLECTOR = "bench/source", "bench/collector"
SERVERS = {"benchSource": ("SpectrometerSimulator",),
           "benchWorker1": ("SpectraClassifier",),
           "benchWorker2": ("SpectraClassifier",),
           "benchCollector": ("SpectraCollector",)}
#: name -> workers; none: a classifier by itself
CASES = {"one classifier": 0, "one worker": 1, "two workers": 2}
START, MODEL, DRAIN = 90, 300, 3        # s
SETTLE = 3.                             # s


class Receiver(Device):
    """Keeps id, times and codes of every train."""

    def __init__(self, configuration):
        super().__init__(configuration)
        self.kept = []

    @queued(InputChannel(raw=True, displayedName="Results"))
    async def results(self, data, meta):
        label = np.asarray(data["data.label"], np.int8)
        classified = int(np.count_nonzero(
            label[:int(data["data.pulseCount"])] >= -1))
        age = time.time() - meta.timestamp.timestamp.toTimestamp()
        self.kept.append((int(data["data.trainId"]), time.monotonic(),
                          1e3 * age, classified))

    @results.connect
    async def results(self, name):
        """Without handlers of ours Karabo prints that it has none."""

    @results.close
    async def results(self, name):
        """As above."""


class Bench:
    """All cases at all rates; `rows` are the results."""

    def __init__(self, arguments, plant, desk, source, stop):
        self.arguments = arguments
        self.plant = plant
        self.desk = desk
        self.source = source
        self.stop = stop
        self.rows = []

    async def run(self):
        servers = self.desk.systemTopology["server"]
        await self.until(lambda: set(SERVERS) <= set(servers), START)
        await start("benchSource", "SpectrometerSimulator", SOURCE,
                    self.source.configuration())
        for case, workers in CASES.items():
            if not self.stop.is_set():
                await self.case(case, workers)

    async def case(self, case, workers):
        names = [f"bench/{case.replace(' ', '')}{number}"
                 for number in range(max(workers, 1))]
        for number, name in enumerate(names, 1):
            await start(f"benchWorker{number}", "SpectraClassifier", name,
                        self.classifier(workers > 0))
        last = names[0]
        if workers:
            last = f"{COLLECTOR}{workers}"
            await start("benchCollector", "SpectraCollector", last, Hash(
                "modelPath", str(self.source.model_path),
                "output.hostname", LOOPBACK,
                "input.connectedOutputChannels",
                [f"{name}:output" for name in names]))
        receiver = Receiver({
            "deviceId": f"bench/receiver{workers}",
            "log": {"level": "ERROR"},
            "results": {"connectedOutputChannels": [f"{last}:output"]}})
        await receiver.startInstance()
        for name in {*names, last}:
            with await getDevice(name) as proxy:
                await self.until(lambda p=proxy: p.modelId.value, MODEL)
        with await getDevice(SOURCE) as proxy:
            await self.until(lambda: len(proxy.output.connections.value)
                             == len(names), START)
            with await getDevice(last) as output:
                await self.until(
                    lambda: len(output.output.connections.value), START)
            for rate in self.arguments.rates:
                self.plant.say(f"{case}, {rate:g} trains a second")
                self.rows.append({"case": case, "workers": workers,
                                  **await self.measure(receiver, proxy, rate)})
        await receiver.slotKillDevice()
        for name in {*names, last}:
            await wait_for(shutdown(name), START)

    def classifier(self, worker):
        configuration = Hash(
            "modelPath", str(self.source.model_path),
            "load.role", "worker" if worker else "standalone",
            "input.connectedOutputChannels", [f"{SOURCE}:output"],
            *(part for channel in CHANNELS
              for part in (f"{channel}.hostname", LOOPBACK)))
        for key, value in self.source.classifier_settings().items():
            configuration[key] = value
        return configuration

    async def measure(self, receiver, source, rate):
        await setWait(SOURCE, rate=rate)
        receiver.kept.clear()
        await call(SOURCE, "start")
        await self.until(lambda: receiver.kept, START)
        await sleep(SETTLE)
        first = len(receiver.kept)
        sent, cores, begun = self.standing(source)
        await sleep(self.arguments.seconds)
        sent_then, cores_then, ended = self.standing(source)
        kept = receiver.kept[first:]
        await call(SOURCE, "stop")
        await sleep(DRAIN)
        return summary(kept, rate, sent_then - sent, ended - begun, {
            name: (cores_then[name] - cores[name]) / (ended - begun)
            for name in cores})

    def standing(self, source):
        processes = processes_below(self.plant.directory)
        return (int(source.trainsSent.value), {
            name: cpu_seconds(pid) for name, pid in processes.items()},
            time.monotonic())

    async def until(self, condition, timeout):
        end = time.monotonic() + timeout
        while not condition():
            self.plant.require_running()
            if time.monotonic() > end:
                raise TimeoutError(f"not there after {timeout} s")
            await sleep(0.1)


async def start(server, class_id, device_id, configuration):
    await wait_for(instantiate(server, class_id, device_id, configuration),
                   START)


def cpu_seconds(pid):
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def summary(kept, rate, sent, seconds, cores):
    """The numbers of one case at one rate; `kept`: rows of the receiver."""
    ids = [row[0] for row in kept]
    ages = [row[2] for row in kept] or [float("nan")]
    return {
        "rate_hz": rate, "seconds": seconds,
        "offered_hz": sent / seconds, "out_hz": len(kept) / seconds,
        "pulses_per_second": sum(row[3] for row in kept) / seconds,
        "in_order": ids == sorted(set(ids)),
        "missing": (ids[-1] - ids[0] + 1 - len(ids)) if ids else 0,
        "source_to_receiver_ms_p50": float(np.percentile(ages, 50)),
        "source_to_receiver_ms_p99": float(np.percentile(ages, 99)),
        "cores": {name: round(value, 3) for name, value in cores.items()}}


def show(rows):
    """The table for people."""
    table = Table(title="Several workers on one source")
    for column in ("case", "rate", "offered", "out", "pulses/s", "missing",
                   "p50 ms", "p99 ms", "order", "cores"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            row["case"], f"{row['rate_hz']:g}", f"{row['offered_hz']:.1f}",
            f"{row['out_hz']:.1f}", f"{row['pulses_per_second']:,.0f}",
            str(row["missing"]), f"{row['source_to_receiver_ms_p50']:.0f}",
            f"{row['source_to_receiver_ms_p99']:.0f}",
            "right" if row["in_order"] else "WRONG",
            " ".join(f"{name.removeprefix('bench')} {value:.2f}"
                     for name, value in row["cores"].items()
                     if value >= 0.02))
    Console(width=150).print(table)


def main():
    """Returns the exit status: 0 where the order was right everywhere."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=12.)
    parser.add_argument("--rates", type=float, nargs="+", default=[10., 30.])
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--json", type=Path, help="write the report")
    arguments = parser.parse_args()
    path = released(PROFILE).resolve()
    with tempfile.TemporaryDirectory() as folder:
        source = Prepared(PROFILE, arguments.pulses, path, models.load(path),
                          folder)
        with Plant(folder, lambda text: print(text, file=sys.stderr),
                   SERVERS) as plant:
            bench = play(lambda desk, stop: Bench(
                arguments, plant, desk, source, stop))
    report = {"pulses": arguments.pulses, "cpus": os.cpu_count(),
              "load": os.getloadavg()[0], "rows": bench.rows}
    show(bench.rows)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return int(not all(row["in_order"] for row in bench.rows))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Karabo leaves threads behind that a normal end would wait for
    os._exit(status)
