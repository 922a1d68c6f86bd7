"""A demonstration whose codes come in in a process that does nothing else.

Its own process draws what goes on, five times a second: a train that came in
there meanwhile would seem late.
"""
import multiprocessing
import os
import threading
import time
from asyncio import set_event_loop, sleep
from contextlib import suppress
from dataclasses import replace

import numpy as np
from karabo.middlelayer import Device, EventLoop, InputChannel, State

from spectra_lab.demo.receiver import queued, result_of
from spectra_lab.demo.run import (
    CLASSIFIER,
    CONNECT_TIMEOUT,
    MODEL_TIMEOUT,
    RECEIVER,
    SOURCE,
    Demonstration,
)

NO_LABELS = np.zeros(0, np.int8)
#: s until the process has ended
ENDED = 10.


class Codes(Device):
    """Says of every train when it came; `pipe` takes each `Result`."""

    @queued(InputChannel(raw=True, displayedName="Results",
                         description="Output of the classifier"))
    async def results(self, data, meta):
        now, wall = time.monotonic(), time.time()
        source = meta.timestamp.timestamp.toTimestamp()
        self.pipe.send(replace(result_of(data, now, 1e3 * (wall - source)),
                               label=NO_LABELS))


def receive(pipe):
    """Process: receives until the pipe has something."""
    loop = EventLoop()
    set_event_loop(loop)
    device = Codes({
        "deviceId": RECEIVER, "log": {"level": "ERROR"}, "results": {
            "connectedOutputChannels": [f"{CLASSIFIER}:output"]}})
    device.pipe = pipe

    async def run():
        await device.startInstance()
        while not pipe.poll():
            await sleep(.1)

    loop.run_until_complete(run())
    os._exit(0)     # as in live.py


class RemoteReceiver:
    """Stands for the `Receiver` of a `Demonstration`; without labels."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=receive, args=(other,))
        self.kept, self.truths, self.problem = [], {}, ""
        self._process.start()
        other.close()       # so that its end is seen
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        try:
            while True:
                self.kept.append(self._pipe.recv())
        except (EOFError, OSError):
            self.problem = "the process of the receiver has ended"

    def stop(self):
        with suppress(OSError):     # it has ended
            self._pipe.send("end")
        self._process.join(ENDED)
        self._process.kill()


class Measured(Demonstration):
    """Without the truth of the source, which costs it time."""

    async def run(self):
        try:
            await super().run()
        finally:
            if hasattr(self, "receiver"):
                self.receiver.stop()

    async def _connect_receiver(self):
        self.receiver = RemoteReceiver()
        source, classifier = self.proxies[SOURCE], self.proxies[CLASSIFIER]
        await self.plant.until(
            lambda: self.receiver.problem
            or (len(source.output.connections.value)
            # guard and receiver
            and len(classifier.output.connections.value) >= 2),
            CONNECT_TIMEOUT, "the pipeline connections")
        if self.receiver.problem:
            raise RuntimeError(self.receiver.problem)
        await self.plant.until(lambda: source.state != State.INIT,
                               MODEL_TIMEOUT, "the trains of the source")
