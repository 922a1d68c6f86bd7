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
TEMPLATE = """# Costs: time and memory of the commands

Written by `python benchmarks/offline/costs.py --record`; do not edit.

Each command runs in a process of its own, with one thread. Times are those of
the processor, the start of the program (1 to 2 s) included. Memory is what
the system cannot take back: pages of mapped files are not counted. The data
are an HDF5 file of float32, {captures} captures of each class. What is not
varied: {spectra} spectra, {channels} channels, {classes} classes.

![time and memory against spectra, channels and classes](figures/costs.png)

{tables}
**Bound.** Memory stays below {bound:.0f} GiB, and the time grows at most
linearly (exponent {exponent} above {judged:.0f} s): {verdict}.

- `classify`, `convert` and `evaluate` go through the spectra in blocks.
  Spectra of more than 256 MiB are not read into memory: a dataset in one
  piece is mapped; one in chunks, an `.npz` file, and spectra that are
  converted (integers of 32 bits, a scale, a dark, channels in falling order)
  lie in a temporary file. `TMPDIR` names its folder. While a file is mapped it
  must not be made shorter.
- A dataset in chunks, and an array of an `.npz` file, may have up to 4 GiB
  uncompressed.
- `train` fits to a subsample, spread evenly over the captures: at most
  1.5 million numbers, and not fewer than 600 spectra (`spectra` in its
  report, `spectra_given` for all). The limit of the intensity, the marks by
  which spectra are known again, and the reference of the drift use all of
  them, block by block. `--members linear`, `ridge`, `logistic`, `mlp` and
  `published` use all spectra, in memory.
- A model file knows every spectrum that was given to its training: it grows
  by {model:.0f} bytes for each.
- `evaluate` draws the figures of a report from at most 10 million numbers,
  spread evenly over the captures; all other figures are of all spectra.
"""
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


def document(rows):
    """Writes the figure and the page."""
    draw(rows)
    PAGE.write_text(TEMPLATE.format(
        spectra=SPECTRA, channels=CHANNELS, classes=CLASSES,
        captures=CAPTURES, bound=MEMORY / 1024**3, exponent=EXPONENT,
        judged=JUDGED_FROM, tables="\n".join(
            table(rows, varied) for varied in SIZES),
        model=max(row["model_bytes"] / row["spectra"] for row in rows
                  if row["spectra"] == max(r["spectra"] for r in rows)
                  and "model_bytes" in row),
        verdict="; ".join(failures(rows)) or "it holds for all rows"))


def table(rows, varied):
    own = [row for row in rows if row["varied"] == varied]
    sizes = sorted({row[varied] for row in own})
    lines = [f"| {varied} | " + " | ".join(COMMANDS) + " |",
             "|---|" + "---|" * len(COMMANDS)]
    for size in sizes:
        cells = [next((f"{row['cpu_seconds']:.1f} s, "
                       f"{row['bytes'] / 1e6:.0f} MB" for row in own
                       if row[varied] == size and row["command"] == command),
                      "") for command in COMMANDS]
        lines.append(f"| {size:,} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def draw(rows):
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, len(SIZES), figsize=(11, 6),
                                   sharey="row", layout="constrained")
    for column, varied in enumerate(SIZES):
        for command in COMMANDS:
            own = [row for row in rows if row["varied"] == varied
                   and row["command"] == command]
            sizes = [row[varied] for row in own]
            axes[0, column].loglog(
                sizes, [row["cpu_seconds"] for row in own], ".-",
                label=command)
            axes[1, column].loglog(
                sizes, [row["bytes"] / 1024**3 for row in own], ".-")
        axes[1, column].axhline(MEMORY / 1024**3, color="0.5", ls="--")
        axes[1, column].set_xlabel(varied)
        for each in axes[:, column]:
            each.set_xticks(sizes, [f"{size:,}" for size in sizes])
            each.set_xticks([], minor=True)
        axes[0, column].tick_params(labelbottom=False)
    axes[0, 0].set_ylabel("processor time (s)")
    axes[1, 0].set_ylabel("memory (GiB)")
    axes[0, 0].legend()
    figure.savefig(FIGURE, dpi=90)
    pyplot.close(figure)


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
