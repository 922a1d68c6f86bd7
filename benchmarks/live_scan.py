"""A scan with a transition and its return, live, at the full rate.

    python benchmarks/live_scan.py [--pulses 2700] [--positions 21]
        [--rest 1.5] [--preset realistic] [--json FILE]

Starts a private broker and a device server each for source, classifier,
guard, shutter and scan. A simulated motor goes up and down; the sample of the
simulated Gotthard-II follows it with a hysteresis, and is in its new state
before the motor rests. A StateScan watches, on the output of the classifier.
Reports trains that the classifier lost and that the StateScan did not get,
and the transitions that it shows next to the true ones. Exit status 0 if no
train was lost.
"""
import argparse
import json
import os
import sys
import tempfile
from asyncio import sleep, wait_for
from pathlib import Path

import numpy as np
from karabo.middlelayer import call, setWait
from live_observers import MOTOR, SCAN, SCAN_SERVER, start_scan

from spectra_lab.demo.options import Options
from spectra_lab.demo.plant import SERVERS, Plant
from spectra_lab.demo.run import DRAIN_TIMEOUT, SOURCE, Demonstration
from spectra_lab.demo.screen import Screen
from spectra_lab.demo.session import play
from spectra_lab.demo.sources import source_of

#: of the motor
LAST = 20.
#: where one half of the sample has changed on the way up and down, and length
#: of the ramp
UP, DOWN, LENGTH = 12., 9., 5.
#: 10 to 90 % of a ramp
WIDTH = 0.8 * LENGTH
#: s that the motor moves between two positions
MOVE = 0.5
#: s until the StateScan has evaluated the last train
EVALUATED = 10.


class LiveScan(Demonstration):
    """Moves the motor, and the sample with it."""

    def __init__(self, arguments, *others):
        super().__init__(*others)
        self.arguments = arguments

    async def _set_up(self):
        await super()._set_up()
        await self._hold(0.)
        await start_scan(
            self, LAST / (self.arguments.positions - 1) / MOVE)

    async def _watch(self):
        await call(SOURCE, "start")
        scan = self.proxies[SCAN]
        await self.plant.until(lambda: scan.scan.trains.value > 10, 60.,
                               "trains of the scan")
        await call(SCAN, "restart")
        # what was under way belongs to no scan
        self.first = self.receiver.kept[-1].train_id + 1
        positions = np.linspace(0, LAST, self.arguments.positions)
        for middle, way in (UP, positions), (DOWN, positions[::-1]):
            for position in way:
                await self._go(float(position), middle)
                self.plant.require_running()

    async def _go(self, position, middle):
        motor = self.proxies[MOTOR]
        await self._hold(float(np.clip(
            (position - middle) / LENGTH + 0.5, 0, 1)))
        await wait_for(setWait(MOTOR, target=position), 10)
        await wait_for(call(MOTOR, "move"), 10)
        await self.plant.until(lambda: motor.position.value == position, 10.,
                               "the motor")
        await sleep(self.arguments.rest)

    async def _hold(self, state):
        await wait_for(setWait(SOURCE, heldState=state), 10)

    async def _sum_up(self):
        numbers = await super()._sum_up()
        scan = self.proxies[SCAN].scan
        mine = sum(each.train_id >= self.first for each in self.receiver.kept)
        await self.plant.until(
            lambda: scan.trains.value >= mine, DRAIN_TIMEOUT, "all trains")
        await sleep(EVALUATED)
        return {key: numbers[key] for key in (
            "trains_received", "trains_lost", "pulses_received",
            "pulses_skipped", "rate_hz", "latency_ms_p99")} | {
            "trains_of_the_scan": mine,
            # one may have been under way at the restart
            "trains_passed_over": max(mine - int(scan.trains.value), 0),
            "trains_at_rest": int(scan.matched.value),
            "matched_by_train": bool(scan.byTrain.value),
            "problem": str(scan.problem.value),
            "true": {"up": UP, "down": DOWN, "width": WIDTH,
                     "hysteresis": UP - DOWN},
            "transitions": [
                {name: row[name] for name in (
                    "change", "midpoint", "midpointInterval", "width",
                    "widthInterval")} for row in scan.transitions.value],
            "hysteresis": str(scan.hysteresis.value)}


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--positions", type=int, default=21)
    parser.add_argument("--rest", type=float, default=1.5)
    parser.add_argument("--preset", default="realistic")
    parser.add_argument("--json", type=Path, help="also write the report")
    arguments = parser.parse_args()
    screen = Screen()
    with tempfile.TemporaryDirectory() as folder:
        options = Options(Path(folder), pulses=arguments.pulses,
                          preset=arguments.preset)
        source = source_of(options)
        with Plant(folder, screen.say, SERVERS | SCAN_SERVER) as plant:
            report = play(lambda desk, stop: LiveScan(
                arguments, options, plant, desk, screen, source, stop)
                ).numbers
    text = json.dumps(report, indent=1) + "\n"
    print(text, end="")
    if arguments.json:
        arguments.json.write_text(text)
    return int(bool(report["trains_lost"] or report["trains_passed_over"]))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Karabo leaves threads behind that a normal end would wait for
    os._exit(status)
