"""What a plain Karabo device for these trains takes; run by live_peers.

    python benchmarks/bare_karabo.py [--seconds 30] [--pulses 2700]
        [--kind fused|none] --json FILE

A private broker, a server that plays prepared trains as for `live.py`, and a
process with one device of Karabo's own parts, which receives them and, with
kind *fused*, computes labels in a thread with the kernels of our engine. It
writes no channel and no property. Writes what `live_peers.py` reports of a
turn.
"""
import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from asyncio import set_event_loop, sleep
from pathlib import Path

import numpy as np
from karabo.middlelayer import (
    Device,
    EventLoop,
    InputChannel,
    State,
    call,
    getDevice,
    instantiate,
)
from live_peers import FIRST, Labels
from live_source import Prepared, released

from spectra_classifier import model as models
from spectra_classifier.cli.benchmark.clock import ONE_THREAD, keep_memory
from spectra_classifier.live.threads import in_thread
from spectra_lab.demo.plant import SERVERS, Plant
from spectra_lab.demo.receiver import queued
from spectra_lab.demo.run import SOURCE
from spectra_lab.demo.screen import Screen
from spectra_lab.demo.session import play

SERVER = "demoSource"
#: s for a server, a device, a process
PATIENCE = 60.


class Bare(Device):
    """Hands trains to `labels`, to be set; keeps the ids in `trains`."""

    def __init__(self, configuration):
        super().__init__(configuration)
        self.labels, self.trains = None, []

    @queued(InputChannel(raw=True, displayedName="Input",
                         description="Output of the source"))
    async def input(self, data, meta):
        words = data["data.adc"]
        stamp = meta.timestamp.timestamp
        due = time.monotonic() - time.time() + stamp.toTimestamp()
        self.trains.append(int(stamp.tid))
        await in_thread(
            self.labels.train, np.frombuffer(words["data"], np.uint16).reshape(
                words["shape"]), due)


def receive(pipe, kind, path, dark):
    """Process: a device that receives until the pipe has something."""
    keep_memory()
    loop = EventLoop()
    set_event_loop(loop)
    device = Bare({
        "deviceId": "bare/device", "log": {"level": "ERROR"},
        "input": {"connectedOutputChannels": [f"{SOURCE}:output"]}})
    device.labels = Labels(kind, path, dark)

    async def run():
        await device.startInstance()
        pipe.send("ready")
        while not pipe.poll():
            await sleep(.1)

    loop.run_until_complete(run())
    ids = device.trains[FIRST:]
    pipe.send(device.labels.report() | {
        "lost": ids[-1] - ids[0] + 1 - len(ids)})
    os._exit(0)     # as in live.py


class Turn:
    """What the desk runs; `report` of the device's process."""

    def __init__(self, plant, desk, source, arguments):
        self._plant, self._desk, self._source = plant, desk, source
        self._arguments = arguments
        self.report = None

    async def run(self):
        context = multiprocessing.get_context("spawn")
        pipe, other = context.Pipe()
        source, servers = self._source, self._desk.systemTopology["server"]
        await self._plant.until(lambda: SERVER in servers, PATIENCE, SERVER)
        await instantiate(SERVER, "SpectrometerSimulator", SOURCE,
                          source.configuration())
        with await getDevice(SOURCE) as device:
            await self._plant.until(lambda: device.state != State.INIT,
                                    PATIENCE, "the prepared trains")
        process = context.Process(target=receive, args=(
            other, self._arguments.kind, source.model_path, source.dark))
        process.start()
        try:
            await self._said(pipe)
            await sleep(1)      # until it is connected
            await call(SOURCE, "start")
            await sleep(self._arguments.seconds)
            pipe.send("end")
            self.report = await self._said(pipe)
        finally:
            process.terminate()
            process.join()

    async def _said(self, pipe):
        await self._plant.until(pipe.poll, PATIENCE, "the bare device")
        return pipe.recv()


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=30.)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--kind", default="fused", choices=["fused", "none"],
                        help="what computes labels")
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    os.environ.update(ONE_THREAD)
    path = released("gotthard2").resolve()
    with tempfile.TemporaryDirectory() as folder:
        source = Prepared("gotthard2", arguments.pulses, path,
                          models.load(path), folder)
        with Plant(folder, Screen().say,
                   {SERVER: SERVERS[SERVER]}) as plant:
            turn = play(lambda desk, _: Turn(plant, desk, source, arguments))
    arguments.json.write_text(json.dumps(turn.report))
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)        # as in live.py
