"""What a shadow model costs the live one, in interleaved blocks.

    python benchmarks/shadow.py [--blocks 8] [--block 10] [--pulses 2700]
        [--busy] [--json FILE]

As benchmarks/swaps.py, with a shadow model in every second block: the other
of two models that differ in the confidence of every pulse and in no label.
Reports trains lost and pulses skipped, the latency (handler entry to output
written) with and without the shadow, the difference of the 99 % values with a
95 % interval from resampled blocks, what the shadow compared and where there
was no time for it. `--busy` keeps every core busy with a process of its own
all the time. Two minutes; exit status 0 if nothing was lost and both models
agreed.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from asyncio import sleep, wait_for
from contextlib import contextmanager
from functools import partial
from operator import attrgetter
from pathlib import Path

from karabo.middlelayer import call, setWait
from swaps import SETTLING, Swaps, compare, latencies, play_siblings

from spectra_lab.demo.run import CLASSIFIER, SOURCE

#: s until a shadow is loaded or gone
TIMEOUT = 30.


class Shadows(Swaps):
    """A shadow model in every second block."""

    async def _watch(self):
        await call(SOURCE, "start")
        self.screen.say(f"{SETTLING:g} s to settle")
        await sleep(SETTLING)
        self.compared = []
        for number in range(self.arguments.blocks):
            await self._block(bool(number % 2))
            self.screen.say(f"block {number + 1}, "
                            f"{len(self.receiver.kept)} trains")

    async def _block(self, with_shadow):
        live = self.receiver.kept[-1].model_id
        other = next(str(path) for model_id, (path, _) in self.found.items()
                     if model_id != live)
        await wait_for(setWait(
            CLASSIFIER, **{"shadow.modelPath": other if with_shadow else ""}),
            TIMEOUT)
        device = self.proxies[CLASSIFIER]
        await self.plant.until(
            lambda: bool(device.shadow.modelId.value) is with_shadow, TIMEOUT,
            "the shadow model")
        begin = time.monotonic()
        while (time.monotonic() < begin + self.arguments.block
               and not self.stop.is_set()):
            self.plant.require_running()
            await sleep(0.2)
        self.blocks.append((with_shadow, begin, time.monotonic()))
        if with_shadow:
            self.compared.append({key: float(attrgetter(key)(device).value)
                                  for key in ("shadow.trains",
                                              "shadow.trainsSkipped",
                                              "shadow.agreement")})

    async def _sum_up(self):
        numbers = await super()._sum_up()
        return {key: numbers[key] for key in (
            "trains_sent", "trains_lost", "pulses_skipped",
            "pulses_unaccounted", "receiver_problem")} | {
            "shadow_trains": sum(one["shadow.trains"]
                                 for one in self.compared),
            "shadow_trains_skipped": sum(one["shadow.trainsSkipped"]
                                         for one in self.compared),
            "shadow_agreement": min((one["shadow.agreement"]
                                     for one in self.compared), default=None)}


@contextmanager
def busy_cores(wanted):
    """As many busy processes as cores, while the block runs."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
                 for _ in range(os.cpu_count() if wanted else 0)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def measure(arguments):
    """One run as a dictionary."""
    run, used = play_siblings(Shadows, arguments,
                              partial(busy_cores, arguments.busy))
    return run.numbers | compare(
        latencies(run.receiver.kept, run.blocks), "shadow") | used


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--block", type=float, default=10.)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--json", type=Path, help="also write the report")
    arguments = parser.parse_args()
    report = measure(arguments)
    text = json.dumps(report, indent=1) + "\n"
    print(text, end="")
    if arguments.json:
        arguments.json.write_text(text)
    return int(bool(
        report["trains_lost"] or report["pulses_unaccounted"]
        or not report["shadow_trains"] or report["shadow_agreement"] != 1))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Karabo leaves threads behind that a normal end would wait for
    os._exit(status)
