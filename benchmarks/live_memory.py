"""What holds the memory of a classifier's server.

    python benchmarks/live_memory.py [--pulses 2700] [--json FILE] [--record]

A process of its own does one thing after another that the server of a
classifier does before its first train and with it, and prints the resident
memory after each, in MB. What a step loads that an earlier one has loaded
already counts for the earlier one. The kernels are compiled before, in another
process. `--record` keeps it for docs/benchmarks.md and writes that page anew.
"""
import argparse
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

ENGINE = Path(__file__).resolve().parent / "engine"
TRAINS = 20


def steps(pulses):
    """(name, step) in order; each may use what those before have left."""
    left = {}

    def load():
        from spectra_classifier import model as models
        from spectra_classifier.model.released import find_model
        left["model"] = models.load(find_model("gotthard2-ramp"))

    def engine():
        from spectra_classifier.model.engines import make_engine
        left["engine"] = make_engine(left["model"])
        left["engine"].warm_up()

    def train():
        import numpy as np

        from spectra_classifier.core.model_definition import Settings
        from spectra_classifier.core.spectra import make_train
        from spectra_classifier.devices.karabo_patches.buffer_pool import (
            BufferPool,
        )
        pool = BufferPool()
        channels = len(left["model"].definition.axis)
        random = np.random.default_rng(1)
        words = random.integers(1000, 4000, channels, np.uint16)
        for number in range(TRAINS):
            lent = pool.take(2 * pulses * channels).view(np.uint16).reshape(
                pulses, channels)
            lent[:] = words + number
            left["engine"].classify(make_train(number, lent), Settings())
        left["channels"] = channels

    return [
        ("numpy", lambda: import_module("numpy")),
        ("Karabo's middlelayer",
         lambda: import_module("karabo.middlelayer")),
        ("numba and its compiler", lambda: import_module("numba")),
        ("ONNX Runtime", lambda: import_module("onnxruntime")),
        ("the device's modules", lambda: import_module(
            "spectra_classifier.devices.spectra_classifier.device")),
        ("a model, verified", load),
        ("kernels and engine", engine),
        (f"{TRAINS} trains of {pulses} pulses", train)], left


def resident():
    """MB of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2 ** 20


def measure(pulses):
    """In this process: the report."""
    plan, left = steps(pulses)
    before = resident()
    rows = [["Python", before, before]]
    for name, step in plan:
        step()
        now = resident()
        rows.append([name, now - before, now])
        before = now
    return {"pulses_per_train": pulses, "channels": left["channels"],
            "steps": rows}


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--json", type=Path, help="also write the report")
    parser.add_argument("--record", action="store_true",
                        help="keep it for docs/benchmarks.md")
    parser.add_argument("--here", action="store_true",
                        help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        print(json.dumps(measure(arguments.pulses)))
        return 0
    # the first process compiles what is not in the cache
    for _ in range(2):
        text = subprocess.run(
            [sys.executable, __file__, "--here", "--pulses",
             str(arguments.pulses)], check=True, capture_output=True,
            text=True).stdout.splitlines()[-1]
    report = json.loads(text)
    print(json.dumps(report, indent=1))
    if arguments.json:
        arguments.json.write_text(text + "\n")
    if arguments.record:
        (ENGINE / "memory.json").write_text(json.dumps(report, indent=1)
                                            + "\n")
        subprocess.run([sys.executable, ENGINE / "report.py"], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
