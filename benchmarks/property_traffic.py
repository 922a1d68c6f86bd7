"""What the properties of the devices cost the broker.

    python benchmarks/property_traffic.py [--seconds 60] [--pulses 300]
        [--json FILE]

Starts a private broker and a device server each for source, classifier,
guard and shutter, as the demonstration does, holds one state of the sample,
and reads the updates of each device from the broker, as every client and the
data loggers do: messages, changed values and bytes of the bodies, per second,
and which properties they are.
"""
import argparse
import asyncio
import json
import os
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import aiormq
from karabo.middlelayer import Hash, decodeBinaryPos, encodeBinary

from spectra_classifier import model as models
from spectra_lab.demo.options import Options
from spectra_lab.demo.plant import TOPIC, Plant
from spectra_lab.demo.run import CLASSIFIER, GUARD, SHUTTER, SOURCE
from spectra_lab.demo.screen import Screen
from spectra_lab.demo.session import demonstrate
from spectra_lab.demo.sources import Simulated, released_model

DEVICES = SOURCE, CLASSIFIER, GUARD, SHUTTER
#: s after the first permit
SETTLING = 10.
#: trains that a state of the sample is held
HELD = 1_000_000
#: properties that are listed for each device
LISTED = 12


class Listener(threading.Thread):
    """Counts what the broker hands out as updates of the devices."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self._url = url
        self._end = threading.Event()
        self.begun = self.seconds = 0.
        self.messages = Counter()
        self.bytes = Counter()
        self.values = Counter()
        self.properties = defaultdict(Counter)

    def run(self):
        asyncio.run(self._listen())

    async def _listen(self):
        connection = await aiormq.connect(self._url)
        channel = await connection.channel()
        queue = (await channel.queue_declare(exclusive=True)).queue
        exchange = f"{TOPIC}.Signals"
        await channel.exchange_declare(exchange=exchange, auto_delete=True,
                                       exchange_type="topic")
        for device in DEVICES:
            await channel.queue_bind(queue, exchange,
                                     routing_key=f"{device}.signalChanged")
        await channel.basic_consume(queue, self._count, no_ack=True)
        while not self._end.is_set():
            await asyncio.sleep(0.1)
        await connection.close()

    async def _count(self, message):
        body = message.body
        _, start = decodeBinaryPos(body)
        arguments = decodeBinaryPos(body[start:])[0]
        changed, device = arguments["a1"], arguments["a2"]
        now = time.monotonic()
        if not self.begun and device == CLASSIFIER and changed.get(
                "permit", False):
            self.begun = now + SETTLING
        if not self.begun or now < self.begun or self._end.is_set():
            return
        self.seconds = now - self.begun
        self.messages[device] += 1
        self.bytes[device] += len(body)
        for path in changed.paths():
            if not isinstance(changed[path], Hash):
                one = Hash()
                one.setElement(path, changed[path], changed[path, ...])
                self.values[device] += 1
                self.properties[device][path] += len(encodeBinary(one))

    def stop(self):
        self._end.set()
        self.join(10)

    def report(self):
        """Per second, by device."""
        return {device: {
            "messages": round(self.messages[device] / self.seconds, 2),
            "values": round(self.values[device] / self.seconds, 1),
            "bytes": round(self.bytes[device] / self.seconds),
            "of_them": {path: round(size / self.seconds) for path, size in
                        self.properties[device].most_common(LISTED)}}
            for device in DEVICES}


class Held(Simulated):
    """One state of the sample for the whole run."""

    def configuration(self):
        settings = super().configuration()
        settings["source.hold"] = HELD
        return settings


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.)
    parser.add_argument("--pulses", type=int, default=300)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    screen = Screen()
    path = released_model()
    with tempfile.TemporaryDirectory() as folder:
        options = Options(Path(folder), chosen.seconds + 2 * SETTLING,
                          pulses=chosen.pulses)
        source = Held(options, path, models.load(path))
        with Plant(folder, screen.say) as plant:
            listener = Listener(os.environ["KARABO_BROKER"])
            listener.start()
            demonstrate(options, source, plant, screen)
            listener.stop()
    text = json.dumps(listener.report(), indent=1)
    print(text)
    if chosen.json:
        chosen.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
