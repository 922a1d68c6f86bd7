"""The same trains by other programs' ways, next to the classifier's process.

    python benchmarks/live_peers.py [--seconds 30] [--rounds 3]
        [--pulses 2700] [--json FILE] [--record]

In turns, each for so many seconds: the whole chain of `live.py`, and one
process that receives the same prepared trains 10 times a second and computes
labels, with

- the monitor of pvaPy (`pip install pvapy`), and the kernels of our engine,
- the client of karabo-bridge (`pip install karabo-bridge`), and the kernels,
- the client of karabo-bridge, our baseline kernels, and the model's graph in
  ONNX Runtime with one thread,
- a device of Karabo's own parts and the kernels, and one that only receives
  (`bare_karabo.py`).

These processes only compute labels: they decide nothing, write no channel, no
property, no audit log, and keep no train. Their latency ends with the labels;
that of the chain ends in a further process, which has received them. Peers
that are not installed are left out. CPU milliseconds are those of the whole
process per train that it classified; ratios are of the turns of one round.
"""
import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import live
import numpy as np
from live_source import Prepared, released

from spectra_classifier import model as models
from spectra_classifier.cli.benchmark.clock import ONE_THREAD, keep_memory
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train
from spectra_classifier.model.engines import make_engine

CHAIN = "classifier"
#: name: the package, and the engine
PEERS = {"pvaPy, our kernels": ("pvaccess", "fused"),
         "karabo-bridge, our kernels": ("karabo_bridge", "fused"),
         "karabo-bridge, ONNX Runtime": ("karabo_bridge", "graph")}
#: name: what computes the labels in a bare device of Karabo
BARE = {"Karabo, our kernels": "fused", "Karabo, nothing computed": "none"}
RATE = 10.
#: s of the chain that do not count, and trains of a consumer
SETTLING = 20.
FIRST = 3
CHANNEL = "benchmark:train"
#: pvAccess on loopback, with ports of its own
PVA = {"EPICS_PVA_ADDR_LIST": "127.0.0.1",
       "EPICS_PVA_AUTO_ADDR_LIST": "NO",
       "EPICS_PVAS_INTF_ADDR_LIST": "127.0.0.1",
       "EPICS_PVA_SERVER_PORT": "35075", "EPICS_PVAS_SERVER_PORT": "35075",
       "EPICS_PVA_BROADCAST_PORT": "35076",
       "EPICS_PVAS_BROADCAST_PORT": "35076"}


class Labels:
    """Labels of raw spectra, shape (P, n), and how late they were."""

    def __init__(self, kind, path, dark):
        loaded = models.load(path)
        self._settings = Settings(dark=dark, mask=dark == 0)
        self._engine = make_engine(loaded)
        self._engine.warm_up()
        self._classify = self._fused
        if kind == "graph":
            self._prepare_graph(loaded)
        elif kind == "none":
            self._classify = len
        self.latencies = []
        self._begin = 0.
        self.last = 0.

    def _prepare_graph(self, loaded):
        import onnxruntime

        from spectra_classifier.core.engine.fused_preprocessing import (
            FusedPreprocessing,
        )
        definition = loaded.definition
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            loaded.graph, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        preprocessing = FusedPreprocessing(definition.preprocessing,
                                           len(definition.axis))
        run = preprocessing.run(self._settings.dark, self._settings.mask)

        def classify(spectra):
            rows = np.arange(len(spectra))
            for part in np.array_split(rows, 12):   # tensors of some 60 MB
                session.run(None, {name: preprocessing.spectra(
                    spectra, part, run)})

        self._classify = classify

    def _fused(self, spectra):
        self._engine.classify(make_train(0, spectra), self._settings)

    def train(self, spectra, due):
        """Classify one; `due`: the monotonic time at which it was sent."""
        self._classify(spectra)
        self.last = time.process_time()
        self.latencies.append(time.monotonic() - due)
        if len(self.latencies) == FIRST:
            self._begin = self.last

    def report(self):
        """CPU ms per train and percentiles of the latency in ms."""
        counted = np.array(self.latencies[FIRST:]) * 1e3
        if not len(counted):
            raise RuntimeError(f"{len(self.latencies)} trains: too few")
        return {"trains": len(counted),
                "cpu_ms": 1e3 * (self.last - self._begin) / len(counted),
                "p50": float(np.percentile(counted, 50)),
                "p99": float(np.percentile(counted, 99))}


def consume(pipe, package, kind, path, dark, channels, endpoint):
    """Process: classify what comes until the pipe has something."""
    keep_memory()
    labels = Labels(kind, path, dark)
    if package == "pvaccess":
        import pvaccess

        def monitor(value):
            labels.train(value["words"].reshape(-1, channels), value["due"])

        channel = pvaccess.Channel(CHANNEL, pvaccess.PVA)
        channel.subscribe("labels", monitor)
        channel.startMonitor("words,due")
        pipe.send("ready")
        pipe.recv()
        channel.stopMonitor()
    else:
        import karabo_bridge

        client = karabo_bridge.Client(endpoint, timeout=1)
        pipe.send("ready")
        while not pipe.poll():
            with suppress(TimeoutError):
                data, _ = client.next()
                labels.train(data["source"]["words"], data["source"]["due"])
    pipe.send(labels.report())


class BridgeServer:
    """Sends trains to a client of karabo-bridge."""

    def __init__(self, channels):
        import karabo_bridge
        self._server = karabo_bridge.ServerInThread(
            "tcp://127.0.0.1:*", sock="REP", maxlen=2)
        self._server.start()
        self.endpoint = self._server.endpoint

    def send(self, words, due):
        """A train; lost where the client is too slow."""
        from queue import Full
        with suppress(Full):
            self._server.feed({"source": {"words": words, "due": due}},
                              block=False)

    def stop(self):
        self._server.stop()


class PvaServer:
    """Sends trains to a monitor of pvaPy."""
    endpoint = ""

    def __init__(self, channels):
        import pvaccess
        self._make = lambda words, due: pvaccess.PvObject(
            {"words": [pvaccess.USHORT], "due": pvaccess.DOUBLE},
            {"words": words.reshape(-1), "due": due})
        self._server = pvaccess.PvaServer(
            CHANNEL, self._make(np.zeros((1, channels), np.uint16), 0.))

    def send(self, words, due):
        """A train; the newest takes the place of one that waits."""
        self._server.update(self._make(words, due))

    def stop(self):
        self._server.stop()


def peer(name, prepared, path, seconds):
    """One turn of a peer."""
    package, kind = PEERS[name]
    channels = prepared.spectra.shape[1]
    trains = prepared.spectra.reshape(-1, prepared.pulses, channels)
    server = (PvaServer if package == "pvaccess" else BridgeServer)(channels)
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    process = context.Process(target=consume, args=(
        other, package, kind, path, prepared.dark, channels, server.endpoint))
    process.start()
    try:
        if not pipe.poll(120) or pipe.recv() != "ready":
            raise RuntimeError(f"{name}: not ready")
        due = time.monotonic() + .5
        sent = round((seconds + FIRST / RATE) * RATE)
        for number in range(sent):
            time.sleep(max(0., due - time.monotonic()))
            server.send(trains[number % len(trains)], due)
            due += 1 / RATE
        pipe.send("end")
        if not pipe.poll(120):
            raise RuntimeError(f"{name}: no report")
        report = pipe.recv()
    finally:
        server.stop()
        process.terminate()
        process.join()
    return report | {"lost": sent - FIRST - report["trains"]}


def chain(arguments, folder):
    """One turn of the whole chain, without its first seconds."""
    report = _elsewhere(live.__file__, folder, arguments,
                        arguments.seconds + SETTLING,
                        "--settling", str(SETTLING))
    return {"trains": report["trains_received"], "lost": report["trains_lost"],
            "cpu_ms": 1e3 * report["cores"][live.CLASSIFIER] / RATE,
            "p50": report["settled"]["source_to_receiver_ms_p50"],
            "p99": report["settled"]["source_to_receiver_ms_p99"]}


def bare(name, arguments, folder):
    """One turn of a bare device of Karabo."""
    script = Path(live.__file__).with_name("bare_karabo.py")
    return _elsewhere(script, folder, arguments, arguments.seconds, "--kind",
                      BARE[name])


def _elsewhere(script, folder, arguments, seconds, *options):
    """The report of a script in a process of its own.

    Karabo stays with the first broker that it finds.
    """
    target = Path(folder) / "report.json"
    target.unlink(missing_ok=True)
    subprocess.run([
        sys.executable, script, "--pulses", str(arguments.pulses),
        "--seconds", str(seconds), "--json", target, *options],
        stdout=subprocess.DEVNULL, check=False)     # it says what is lost
    return json.loads(target.read_text())


def measure(arguments):
    """{name: its turns}."""
    path = released("gotthard2").resolve()
    names = [name for name, (package, _) in PEERS.items()
             if find_spec(package)]
    turns = {name: [] for name in (CHAIN, *BARE, *names)}
    with tempfile.TemporaryDirectory() as folder:
        prepared = Prepared("gotthard2", arguments.pulses, path,
                            models.load(path), folder)
        for _ in range(arguments.rounds):
            turns[CHAIN].append(chain(arguments, folder))
            for name in BARE:
                turns[name].append(bare(name, arguments, folder))
            for name in names:
                turns[name].append(peer(name, prepared, path,
                                        arguments.seconds))
    return turns


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=30.)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--json", type=Path, help="also write the report")
    parser.add_argument("--record", action="store_true",
                        help="keep it for docs/benchmarks.md")
    arguments = parser.parse_args()
    os.environ.update(ONE_THREAD | PVA)
    report = {"pulses_per_train": arguments.pulses,
              "seconds": arguments.seconds, "turns": measure(arguments)}
    text = json.dumps(report, indent=1) + "\n"
    print(text, end="")
    if arguments.json:
        arguments.json.write_text(text)
    if arguments.record:
        (live.ENGINE / "peers.json").write_text(text)
        subprocess.run([sys.executable, live.ENGINE / "report.py"], check=True)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)        # as in live.py
