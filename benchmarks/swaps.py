"""Swap models under full load: nothing lost, nothing mixed, nothing slower?

    python benchmarks/swaps.py [--swaps 1000] [--models 2] [--interval 0.5]
        [--block 20] [--pulses 2700] [--json FILE] [--record]

Starts a private broker and a device server each for source, classifier,
guard and shutter, and plays 10 prepared trains a second of --pulses x 1280
uint16. Blocks of --block seconds without and with swaps follow each other;
in a block with swaps a model is asked for every --interval seconds, as soon
as the one before is live. Of two models each is known to the device when it
is asked for, as the one before the live one; of --models 3 none is, and each
is verified anew. The models give every pulse another confidence, and every
train is compared to the last bit with what the model that it names gives for
its spectra: a train that mixes models is found.

Reports trains lost and mixed, swaps per second and how long one takes (from
asking for it to the first train with its id), the latency (handler entry to
output written) with and without swaps, the difference of the 99 % values with
a 95 % interval from resampled blocks, and the memory of the classifier's
server. `--record` keeps it for docs/benchmarks.md, one report for each number
of models. Exit status 0 if nothing was lost or mixed.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from asyncio import sleep, wait_for
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

import numpy as np
from karabo.middlelayer import call, setWait
from live_meter import Meter, processes_below
from live_source import Prepared, released
from swap_receiver import (
    SwapReceiver,
    expectations,
    settings_of,
    siblings,
)

from spectra_classifier import model as models
from spectra_lab.demo.options import Options
from spectra_lab.demo.plant import Plant
from spectra_lab.demo.run import (
    CLASSIFIER,
    CONNECT_TIMEOUT,
    RECEIVER,
    SOURCE,
    Demonstration,
)
from spectra_lab.demo.screen import Screen
from spectra_lab.demo.session import play

ENGINE = Path(__file__).resolve().parent / "engine"
SERVER = "demoClassifier"
#: s at the start that compile, connect and fill the ring
SETTLING = 30.
#: s at the edges of a block that belong to neither kind
EDGE = 1.
SWAP_TIMEOUT = 60.
#: resampled sets of blocks for the interval
RESAMPLED = 5000


class Swaps(Demonstration):
    """Swaps in every second block; `blocks`: (with swaps, begin, end) s,
    monotonic; `durations`: s of each swap."""

    def __init__(self, arguments, found, expected, *others):
        super().__init__(*others)
        self.arguments = arguments
        self.found = found
        self.expected = expected
        self.blocks, self.durations = [], []

    async def _connect_receiver(self):
        self.receiver = SwapReceiver(
            {"deviceId": RECEIVER, "log": {"level": "ERROR"}, "results": {
                "connectedOutputChannels": [f"{CLASSIFIER}:output"]}})
        self.receiver.expected = self.expected
        await self.receiver.startInstance()
        classifier = self.proxies[CLASSIFIER]
        await self.plant.until(     # guard and receiver
            lambda: len(classifier.output.connections.value) >= 2,
            CONNECT_TIMEOUT, "the pipeline connections")

    async def _watch(self):
        await call(SOURCE, "start")
        self.screen.say(f"{SETTLING:g} s to settle")
        await sleep(SETTLING)
        while (len(self.durations) < self.arguments.swaps
               and not self.stop.is_set()):
            for swapping in False, True:
                await self._block(swapping)
            self.screen.say(f"{len(self.durations)} swaps, "
                            f"{len(self.receiver.kept)} trains")

    async def _block(self, swapping):
        begin = time.monotonic()
        end = begin + self.arguments.block
        while (now := time.monotonic()) < end and not self.stop.is_set():
            self.plant.require_running()
            if swapping and len(self.durations) < self.arguments.swaps:
                await self._swap()
                await sleep(max(now + self.arguments.interval
                                - time.monotonic(), 0.))
            else:
                await sleep(min(0.2, end - now))
        self.blocks.append((swapping, begin, time.monotonic()))

    async def _swap(self):
        every = list(self.found)
        live = every.index(self.receiver.kept[-1].model_id)
        model_id = every[(live + 1) % len(every)]
        path, _ = self.found[model_id]
        begin = time.monotonic()
        await wait_for(setWait(CLASSIFIER, modelPath=str(path)), SWAP_TIMEOUT)
        while self.receiver.kept[-1].model_id != model_id:
            if time.monotonic() > begin + SWAP_TIMEOUT:
                raise TimeoutError(
                    f"{model_id} is not live after {SWAP_TIMEOUT:g} s: "
                    f"{self.proxies[CLASSIFIER].modelStatus.value}")
            await sleep(0.01)
        self.durations.append(time.monotonic() - begin)

    async def _sum_up(self):
        await wait_for(call(SOURCE, "stop"), 10)
        sent, received = await self._settled_counts()
        kept = self.receiver.kept
        ids = [seen.train_id for seen in kept]
        changes = sum(one.model_id != other.model_id
                      for one, other in pairwise(kept))
        return {
            "swaps": len(self.durations), "model_changes_seen": changes,
            "trains_sent": sent["trains"],
            "trains_lost": sent["trains"] - len(kept),
            "of_these_before_the_classifier":
            sent["trains"] - received["trains"],
            "trains_out_of_order": int((np.diff(ids) <= 0).sum()),
            "trains_mixed": sum(seen.mixed for seen in kept),
            "pulses_skipped": received["skipped"],
            "pulses_unaccounted": received["pulses"] - sum(
                received[fate] for fate in (
                    "classified", "rejected", "skipped")),
            "receiver_problem": self.receiver.problem}


def latencies(kept, blocks):
    """[(with swaps, latencies in ms)] of the blocks without their edges."""
    times = np.array([seen.received for seen in kept])
    values = np.array([seen.latency for seen in kept])
    return [(swapping, values[(times > begin + EDGE) & (times < end - EDGE)])
            for swapping, begin, end in blocks]


def compare(blocks, what="swaps", seed=1):
    """Latency with and without `what`, and the difference of the 99 %."""
    kinds = [[values for swapping, values in blocks
              if swapping is kind and len(values)] for kind in (False, True)]
    random = np.random.default_rng(seed)

    def p99(parts):
        return float(np.percentile(np.concatenate(parts), 99))

    differences = []
    for _ in range(RESAMPLED):
        without, swapping = (
            [parts[i] for i in random.integers(len(parts), size=len(parts))]
            for parts in kinds)
        differences.append(p99(swapping) - p99(without))
    low, high = np.percentile(differences, (2.5, 97.5))
    report = {"blocks": len(kinds[0]) + len(kinds[1]),
              "p99_difference_ms": p99(kinds[1]) - p99(kinds[0]),
              "p99_difference_interval_ms": [float(low), float(high)]}
    for name, parts in zip(("without", "with"), kinds, strict=True):
        every = np.concatenate(parts)
        report[f"latency_ms_{name}_{what}"] = {
            "trains": len(every), "p50": float(np.percentile(every, 50)),
            "p99": p99(parts), "max": float(every.max())}
    return report


def play_siblings(session, arguments, beside=nullcontext, count=2):
    """The finished `session` (a `Swaps`) and what its `Meter` reports.

    `beside()` is a context in which the plant runs.
    """
    loaded = models.load(released("gotthard2"))
    screen = Screen()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        screen.say("preparing trains and models")
        source = Prepared("gotthard2", arguments.pulses, None, loaded, folder)
        found = siblings(loaded, source.spectra, folder, count)
        source.model_path, first = next(iter(found.values()))
        source.manifest = first.manifest
        expected = expectations(
            found, np.split(source.spectra,
                            len(source.spectra) // arguments.pulses),
            settings_of(source.classifier_settings(),
                        source.spectra.shape[1]))
        options = Options(folder, None, pulses=arguments.pulses)
        with Plant(folder, screen.say) as plant, beside():
            meter = Meter(processes_below(folder), SERVER, SETTLING)
            meter.start()
            run = play(lambda desk, stop: session(
                arguments, found, expected, options, plant, desk, screen,
                source, stop))
            meter.stop()
    return run, meter.report()


def measure(arguments):
    """One run as a dictionary."""
    run, used = play_siblings(Swaps, arguments, count=arguments.models)
    spans = [end - begin for swapping, begin, end in run.blocks if swapping]
    return run.numbers | {
        "models": arguments.models,
        "swaps_per_second": len(run.durations) / sum(spans),
        "swap_seconds_p50": float(np.median(run.durations)),
        "swap_seconds_max": max(run.durations),
    } | compare(latencies(run.receiver.kept, run.blocks)) | used


def keep(report):
    """Put a report into the place of the one with as many models."""
    path = ENGINE / "swaps.json"
    others = json.loads(path.read_text()) if path.exists() else []
    reports = [each for each in others if each["models"] != report["models"]]
    reports.append(report)
    path.write_text(json.dumps(sorted(
        reports, key=lambda each: each["models"]), indent=1) + "\n")
    subprocess.run([sys.executable, ENGINE / "report.py"], check=True)


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--swaps", type=int, default=1000)
    parser.add_argument("--models", type=int, default=2)
    parser.add_argument("--interval", type=float, default=0.5)
    parser.add_argument("--block", type=float, default=20.)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--json", type=Path, help="also write the report")
    parser.add_argument("--record", action="store_true",
                        help="keep it for docs/benchmarks.md")
    arguments = parser.parse_args()
    report = measure(arguments)
    text = json.dumps(report, indent=1) + "\n"
    print(text, end="")
    if arguments.json:
        arguments.json.write_text(text)
    if arguments.record:
        keep(report)
    return int(bool(
        report["trains_lost"] or report["trains_mixed"]
        or report["trains_out_of_order"] or report["pulses_unaccounted"]
        or report["model_changes_seen"] != report["swaps"]))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Karabo leaves threads behind that a normal end would wait for
    os._exit(status)
