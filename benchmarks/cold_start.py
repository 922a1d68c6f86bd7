"""From the start of a server to classified trains, compiled before or not.

    python benchmarks/cold_start.py [--starts 3] [--pulses 2700]
        [--json FILE] [--record]

A private broker and a server that plays 10 prepared trains of --pulses x 1280
uint16 a second run already. Then a classifier's server is started, with its
device: once on an empty folder of compiled kernels, then --starts times on the
same folder, in turn with a server of a bare device of Karabo, which has
nothing of ours in it. Seconds are counted from the start of the process; the
CPU seconds of that process do not depend on what else the machine does.

Reports when the device was seen, when its state was PROCESSING, when the first
train was classified, when the compiled engine took over, and until then the
trains, the pulses that were examined, and labels that are not those of the
numpy reference. `--record` keeps the report for docs/benchmarks.md. Exit
status 0 if no train is lost or missing at the receiver and no label differs.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from asyncio import sleep
from pathlib import Path

import numpy as np
from karabo.middlelayer import (
    Device,
    InputChannel,
    State,
    call,
    getDevice,
    instantiate,
)
from live_source import Prepared, released
from swap_receiver import settings_of

from spectra_classifier import model as models
from spectra_classifier.core.spectra import Code, make_train
from spectra_lab.demo.plant import Plant
from spectra_lab.demo.receiver import queued
from spectra_lab.demo.run import CLASSIFIER, SOURCE
from spectra_lab.demo.screen import Screen
from spectra_lab.demo.session import play
from spectra_lab.demo.sources import LOOPBACK
from spectra_lab.servers import DeviceServer

HERE = Path(__file__).resolve().parent
SERVER, BARE = "coldClassifier", "coldBare"
#: s for a start, with an engine to compile on a busy machine
PATIENCE = 900.
#: trains of the compiled engine to wait for
AFTER = 30
#: s after which the counts of the device have been sent
SETTLED = 2.
WORDS = "classifies while"      # of `modelStatus`, in the interim


class Receiver(Device):
    """`kept`: (monotonic s, train id, labels, confidences) per train."""

    def __init__(self, configuration):
        super().__init__(configuration)
        self.kept = []

    @queued(InputChannel(raw=True, displayedName="Results",
                         description="Output of the classifier"))
    async def results(self, data, meta):
        pulses = int(data["data.pulseCount"])
        self.kept.append((
            time.monotonic(), int(data["data.trainId"]),
            np.array(data["data.label"], np.int8)[:pulses],
            np.array(data["data.confidence"], np.float32)[:pulses]))


class Starts:
    """Starts one server after another while a source plays."""

    def __init__(self, plant, desk, source, expected, arguments, folder):
        self.plant, self.desk, self.source = plant, desk, source
        self.expected, self.starts = expected, arguments.starts
        self.patience = arguments.patience
        self.empty = {"XDG_CACHE_HOME": str(folder / "cache")}
        self.cold, self.warm, self.bare = None, [], []

    async def run(self):
        servers = self.desk.systemTopology["server"]
        await self.plant.until(lambda: "demoSource" in servers, 90,
                               "the source")
        self.plant.say("the source plays; a start on an empty folder")
        await instantiate("demoSource", "SpectrometerSimulator", SOURCE,
                          self.source.configuration())
        with await getDevice(SOURCE) as device:
            await self.plant.until(lambda: device.state != State.INIT, 90,
                                   "the prepared trains")
        await call(SOURCE, "start")
        self.cold = await self._classifier(0, self.empty)
        # it is the same folder, unless that took too long
        compiled = self.empty if self.cold["compiled_s"] else {}
        for number in range(1, self.starts + 1):
            self.plant.say(f"start {number} of {self.starts}")
            self.warm.append(await self._classifier(number, compiled))
            self.bare.append(await self._bare())
        await call(SOURCE, "stop")

    async def _bare(self):
        begin = time.monotonic()
        server = DeviceServer("middlelayer", BARE, ["PropertyTest"], init={
            "bare/device": {"classId": "PropertyTest"}}).start()
        try:
            seen = await self._until_seen("bare/device", server)
            return {"device_s": seen - begin,
                    "device_cpu_s": cpu_seconds(server.pid)}
        finally:
            await self._stopped(server, "bare/device")

    async def _until_seen(self, device, server):
        while device not in self.desk.systemTopology["device"]:
            server.require_running()
            await sleep(0.01)
        return time.monotonic()

    async def _stopped(self, server, device):
        server.stop()
        await self.plant.until(
            lambda: device not in self.desk.systemTopology["device"],
            PATIENCE, f"the end of {device}")

    async def _classifier(self, number, cache):
        receiver = Receiver({
            "deviceId": f"cold/receiver{number}", "log": {"level": "ERROR"},
            "results": {"connectedOutputChannels": [f"{CLASSIFIER}:output"]}})
        await receiver.startInstance()
        begin = time.monotonic()
        server = DeviceServer(
            "middlelayer", SERVER, ["SpectraClassifier"], env=cache,
            init={CLASSIFIER: {
                "classId": "SpectraClassifier",
                "modelPath": str(self.source.model_path),
                "input.connectedOutputChannels": [f"{SOURCE}:output"],
                "output.hostname": LOOPBACK, "preview.hostname": LOOPBACK,
                } | self.source.classifier_settings()}).start()
        try:
            seen = await self._until_seen(CLASSIFIER, server)
            report = {"device_s": seen - begin,
                      "device_cpu_s": cpu_seconds(server.pid)}
            with await getDevice(CLASSIFIER) as device:
                report |= await self._watched(device, server, begin, receiver)
        finally:
            await self._stopped(server, CLASSIFIER)
            await receiver.slotKillDevice()
        return report | self._compared(begin, report, receiver.kept)

    async def _watched(self, device, server, begin, receiver):
        found, status = {}, ""
        found |= {"compiled_s": None}
        while found["compiled_s"] is None or len(
                receiver.kept) < found["trains_until_compiled"] + AFTER:
            server.require_running()
            now = time.monotonic() - begin
            if now > self.patience:
                break
            if device.state == State.PROCESSING:
                found.setdefault("processing_s", now)
                found.setdefault("processing_cpu_s", cpu_seconds(server.pid))
            if status != str(device.modelStatus.value):
                status = str(device.modelStatus.value)
                self.plant.say(f"after {now:.1f} s: {status}")
            if "live" in status and WORDS not in status and (
                    found["compiled_s"] is None):
                found |= {"compiled_s": now,
                          "trains_until_compiled": len(receiver.kept)}
            await sleep(0.01)
        found.setdefault("trains_until_compiled", len(receiver.kept))
        await sleep(SETTLED)
        fates = device.accounting
        return found | {
            "trains_received": int(device.trainsReceived.value),
            "trains_lost": int(device.trainsLost.value),
            "trains_skipped": int(fates.trainsSkipped.value),
            "pulses_received": int(fates.pulsesReceived.value),
            # the source goes on: these have no fate yet
            "pulses_waiting": int(fates.pulsesReceived.value) - sum(
                int(getattr(fates, f"pulses{fate}").value)
                for fate in ("Classified", "Rejected", "Skipped"))}

    def _compared(self, begin, report, kept):
        """What the labels are, against the reference."""
        examined = [label != Code.SKIPPED for _, _, label, _ in kept]
        unlike = sum(
            self._unlike(label, confidence, seen)
            for (_, _, label, confidence), seen in zip(
                kept, examined, strict=True))
        classified = [now - begin for (now, *_), seen in zip(
            kept, examined, strict=True) if seen.any()]
        until = examined[:report["trains_until_compiled"]]
        return {
            "first_classified_s": classified[0],
            "trains_seen": len(kept),
            "trains_missing_in_between": kept[-1][1] - kept[0][1] + 1
            - len(kept),
            "share_examined_until_compiled": float(np.mean(
                np.concatenate(until))) if until else None,
            "pulses_examined": int(sum(map(np.sum, examined))),
            "labels_unlike_the_reference": unlike}

    def _unlike(self, label, confidence, seen):
        """Labels that differ from the prepared train that it must be."""
        if not seen.any():
            return 0
        wanted = min(self.expected, key=lambda each: np.nanmax(np.abs(
            each.confidence - confidence)[seen]))
        return int(np.count_nonzero((label != wanted.label)[seen]))


def measure(arguments):
    """One run as a dictionary."""
    loaded = models.load(released("gotthard2"))
    with tempfile.TemporaryDirectory() as folder:
        folder, screen = Path(folder), Screen()
        screen.say("preparing trains and what the reference says of them")
        source = Prepared("gotthard2", arguments.pulses,
                          released("gotthard2"), loaded, folder)
        reference = models.make_engine(loaded, "numpy")
        settings = settings_of(source.classifier_settings(),
                               source.spectra.shape[1])
        expected = [
            reference.classify(make_train(1, spectra), settings)
            for spectra in np.split(
                source.spectra, len(source.spectra) // arguments.pulses)]
        with Plant(folder / "lab", screen.say, {
                "demoSource": ("SpectrometerSimulator",)}) as plant:
            run = play(lambda desk, stop: Starts(
                plant, desk, source, expected, arguments, folder))
    return {"pulses": arguments.pulses, "cold": run.cold, "warm": run.warm,
            "bare": run.bare, "ratio_to_bare": ratio(
                run.warm, run.bare, "device_s"),
            "cpu_ratio_to_bare": ratio(run.warm, run.bare, "device_cpu_s"),
            "load": os.getloadavg()[0], "cores": os.cpu_count()}


def cpu_seconds(pid):
    """CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ratio(ours, bare, key):
    """Of the medians."""
    return float(np.median([each[key] for each in ours])
                 / np.median([each[key] for each in bare]))


def sound(start):
    """Whether every train is there, with the right labels."""
    return not (start["trains_lost"] or start["trains_missing_in_between"]
                or start["labels_unlike_the_reference"])


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--patience", type=float, default=PATIENCE,
                        help="s to wait for the compiled engine")
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
        (HERE / "engine/cold_start.json").write_text(text)
        subprocess.run([sys.executable, HERE / "engine/report.py"],
                       check=True)
    return int(not all(map(sound, (report["cold"], *report["warm"]))))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Karabo leaves threads behind that a normal end would wait for
    os._exit(status)
