"""Time and memory of the commands against spectra, channels and classes.

    python benchmarks/offline/costs.py [--most 1000000] [--record]

Every command runs in a process of its own, on files that are written for it.
Times are those of the processors, memory is what the system cannot take back:
pages of files that are mapped are not counted. `--record` writes costs.json,
the figure and docs/costs.md from it.
"""
import argparse
import json
import os
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
RECORD = HERE / "costs.json"
DOCS = HERE.parents[1] / "docs"
FIGURE, PAGE = DOCS / "figures" / "costs.png", DOCS / "costs.md"
PROGRAM = Path(sys.executable).with_name("spectra-classifier")
COMMANDS = ("train", "evaluate", "classify", "convert")
#: what the commands keep to: bytes of memory, and exponent of the growth
MEMORY, EXPONENT = 2 * 1024**3, 1.15
#: what is not varied
SPECTRA, CHANNELS, CLASSES = 2000, 300, 4
SIZES = {"spectra": (100, 1000, 10_000, 100_000, 1_000_000),
         "channels": (300, 1280, 5000, 20_000),
         "classes": (2, 5, 10, 20, 50)}
#: growth is judged above this time, s: below it, a start is what is seen
JUDGED_FROM = 5.
BLOCK = 2000
CAPTURES = 8


def write(path, spectra, channels, classes, seed):
    """A file of labelled captures: peaks that move, photon noise."""
    random = np.random.default_rng(seed)
    place = np.linspace(0, 1, channels)
    shape = np.random.default_rng([classes, channels])
    peaks = shape.uniform(0.05, 0.95, (classes, 6))
    width = shape.uniform(0.004, 0.02, (classes, 6))
    means = 20 + 200 * np.exp(-0.5 * np.square(
        (place - peaks[..., None]) / width[..., None])).sum(axis=1)
    rows = np.arange(spectra)
    capture = rows * classes * CAPTURES // spectra
    with h5py.File(path, "w") as file:
        file["x"] = 10 + 20 * place
        file["quantity"], file["unit"] = "two_theta", "deg"
        file["labels"] = labels = capture % classes
        file["groups"] = capture
        file["class_names"] = [f"state {c}" for c in range(classes)]
        data = file.create_dataset("Y", (spectra, channels), np.float32)
        for first in range(0, spectra, BLOCK):
            own = means[labels[first:first + BLOCK]]
            data[first:first + BLOCK] = random.normal(own, np.sqrt(own))


def words(command, folder, data, model):
    """The command line; `train` writes `model`."""
    return {
        "train": ["train", data, "-o", model],
        "evaluate": ["evaluate", model, data],
        "classify": ["classify", model, data, "-o", folder / "codes.h5"],
        "convert": ["convert", data, "-o", folder / "converted.h5"],
    }[command]


def measure(arguments):
    """(exit status, cpu seconds, seconds, bytes that it needed)."""
    peak, over = [0], threading.Event()
    begun = time.perf_counter()
    null = os.open(os.devnull, os.O_WRONLY)
    child = os.posix_spawn(
        PROGRAM, [str(PROGRAM), *map(str, arguments), "--json"],
        os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])

    def watch():
        while not over.wait(0.01):
            peak[0] = max(peak[0], anonymous(child))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, used = os.wait4(child, 0)
    over.set()
    watcher.join()
    os.close(null)
    return (os.waitstatus_to_exitcode(status),
            used.ru_utime + used.ru_stime, time.perf_counter() - begun,
            peak[0])


def anonymous(process):
    """Bytes of a process that are in no file; 0 when it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 1024 * sum(int(line.split()[1]) for line in status.splitlines()
                      if line.startswith(("RssAnon", "VmSwap")))


def measured(most):
    """The rows of the record."""
    rows = []
    for varied, sizes in SIZES.items():
        for size in sizes:
            if varied == "spectra" and size > most:
                continue
            case = {"spectra": SPECTRA, "channels": CHANNELS,
                    "classes": CLASSES} | {varied: size}
            with tempfile.TemporaryDirectory() as name:
                rows += [{"varied": varied, **case, **row}
                         for row in one(Path(name), case)]
    return rows


def one(folder, case):
    data, other = folder / "taught.h5", folder / "others.h5"
    write(data, **case, seed=1)
    model = folder / "model.onnx"
    for command in COMMANDS:
        if command == "evaluate":       # of spectra that were not taught
            write(other, **case, seed=2)
            data.unlink()
            data = other
        code, cpu, seconds, memory = measure(
            words(command, folder, data, model))
        row = {"command": command, "exit": code, "cpu_seconds": cpu,
               "seconds": seconds, "bytes": memory}
        if command == "train" and code == 0:
            row["model_bytes"] = model.stat().st_size
        print(json.dumps(case | row), file=sys.stderr, flush=True)
        yield row


def exponents(rows):
    """{(command, varied): largest exponent of the growth, judged late}."""
    found = {}
    for command in COMMANDS:
        for varied in SIZES:
            own = [row for row in rows if row["command"] == command
                   and row["varied"] == varied]
            steps = [np.log(b["cpu_seconds"] / a["cpu_seconds"])
                     / np.log(b[varied] / a[varied])
                     for a, b in pairwise(own)
                     if b["cpu_seconds"] > JUDGED_FROM]
            found[command, varied] = max(steps, default=None)
    return found


def failures(rows):
    """Sentences; none where the bound holds."""
    found = [f"{row['command']}: exit {row['exit']} at {row['varied']} "
             f"{row[row['varied']]}" for row in rows if row["exit"]]
    found += [f"{row['command']}: {row['bytes'] / 1024**3:.2f} GiB at "
              f"{row['varied']} {row[row['varied']]}"
              for row in rows if not row["bytes"] <= MEMORY]
    return found + [
        f"{command}: grows with {varied} to the power {power:.2f}"
        for (command, varied), power in exponents(rows).items()
        if power is not None and not power <= EXPONENT]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    rows = measured(given.most)
    problems = failures(rows)
    print(json.dumps({"rows": rows, "failures": problems}, indent=1))
    if given.record:
        RECORD.write_text(json.dumps(rows, indent=1) + "\n")
        document(rows)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
