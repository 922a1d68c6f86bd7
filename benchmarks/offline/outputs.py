"""Every output of every command, when writing it is disturbed.

    python benchmarks/offline/outputs.py [--times 100] [--seed 0] [--record]

Each command that writes is started again and again over the file of an
earlier start, and (a) the disk takes no further byte after a random one,
(b) it is killed at a random moment, (c) another one writes the same file at
the same time, (d) it gets Ctrl-C. Afterwards every file is whole, old or new;
where the command could end by itself it has left nothing else, and says which
file it could not write, with exit status 2 (130 for Ctrl-C) and no traceback.
No input changes. Exit status 0 only if all of this holds.
"""
import argparse
import csv
import errno
import hashlib
import importlib
import inspect
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from spectra_classifier import files
from spectra_classifier.cli.main import app
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.files.seal import NAME, need_seal

RECORD = Path(__file__).with_name("outputs.json")
#: parameters of the commands that name a file or folder
WRITTEN = {"output", "report_file", "plot", "write"}
READ = {"source", "model", "spectra", "labels", "indices", "dark", "result",
        "file", "values"}
DEADLINE = 120
CHANNELS, SPECTRA = 40, 400


def paths_of_commands():
    """{command: names of its parameters that are paths}, of the program."""
    return {command.name: {
        name for name, each in inspect.signature(
            command.callback, eval_str=True).parameters.items()
        if "Path" in str(each.annotation)}
        for command in app.registered_commands}


def prepare():
    """Import what the commands need, once for all that are forked off."""
    for name in ("training.fit", "training.evaluate", "training.report.html",
                 "api.training", "api.exploration", "exploration.map_page",
                 "exploration.scan_picture", "offline", "simulation.captures",
                 "simulation.presets", "core.engine.fused_engine"):
        importlib.import_module(f"spectra_classifier.{name}")
    importlib.import_module("matplotlib.backends.backend_agg")


def inputs(folder):
    """Spectra and a model in a folder."""
    folder.mkdir()
    noise = np.random.default_rng(0)
    labels = np.arange(SPECTRA) // 20 % 2
    place = np.where(labels, 25, 5)[:, None]
    spectra = 100 * np.exp(-(np.arange(CHANNELS) - place)**2 / 8.)
    spectra += noise.normal(20, 1, spectra.shape)
    data = folder / "data.h5"
    files.write_dataset(data, Dataset(
        Axis(np.linspace(10, 20, CHANNELS), "two_theta", "deg"),
        spectra.astype(np.float32), labels, ("cold", "hot"),
        np.arange(SPECTRA) // 20))
    half = folder / "half.json"
    half.write_text(json.dumps(list(range(0, SPECTRA, 2))))
    taught = folder / "taught.onnx"
    code, said = run(["train", data, "-o", taught, "--members", "linear",
                      "--bins", "2", "--indices", half])
    assert code == 0, said
    codes, values = folder / "codes.h5", folder / "values.csv"
    code, said = run(["classify", taught, data, "-o", codes])
    assert code == 0, said
    values.write_text("spectrum,value\n" + "".join(
        f"{number},{number // 40}\n" for number in range(SPECTRA)))
    return data, taught, half, codes, values


def cases(data, taught, half, codes, values):
    """{name: (words of the command, files that it writes)}."""
    quick = ["--members", "linear", "--bins", "2", "--folds", "2"]
    return {
        "train": ([data, "-o", "new.onnx", "--indices", half, *quick],
                  ["new.onnx", "new-*.json"]),
        "train --report": (
            [data, "-o", "new.onnx", "--indices", half, *quick, "--report",
             "new.html"],
            ["new.onnx", "new-*.json", "new.html", "new.report.h5"]),
        "evaluate --report": ([taught, data, "--report", "found.html"],
                              ["found.html", "found.report.h5"]),
        "classify .h5": ([taught, data, "-o", "codes.h5"], ["codes.h5"]),
        "classify .csv": ([taught, data, "-o", "codes.csv"], ["codes.csv"]),
        "classify --plot": (
            [taught, data, "-o", "codes.csv", "--plot", "codes.png"],
            ["codes.csv", "codes.png"]),
        "explore --write": (
            [data, "-o", "map.html", "--write", "named.npz", "--name",
             "0=low", "--name", "1=high"], ["map.html", "named.npz"]),
        "scan": ([codes, "--values", values, "-o", "scan.png", "-o",
                  "scan.h5"], ["scan.png", "scan.h5"]),
        "convert .h5": ([data, "-o", "copy.h5", "--check"],
                        ["copy.h5", "copy.png"]),
        "convert .npz": ([data, "-o", "copy.npz"], ["copy.npz"]),
        "simulate .h5": (["easy", "-o", "made.h5", "--captures", "2"],
                         ["made.h5"]),
        "simulate .npz": (["easy", "-o", "made.npz", "--captures", "2"],
                          ["made.npz"]),
    }


def check_whole(path):
    """Raise where a file is not whole."""
    content = path.read_bytes()
    if path.suffix == ".onnx":
        # in a process of its own: its threads would not survive a fork
        code, said = run(["inspect", path])
        assert code == 0, said
    elif path.suffix == ".json":
        assert json.loads(content)["identity"]
    elif path.suffix == ".html":
        assert content.rstrip().endswith(b"</html>"), "cut off"
    elif path.suffix == ".png":
        assert content.endswith(b"IEND\xaeB`\x82"), "cut off"
    elif path.suffix == ".csv":
        rows = list(csv.reader(content.decode().splitlines()))
        assert len(rows) == SPECTRA + 1, "cut off"
        assert len({len(row) for row in rows}) == 1, "cut off"
    else:
        assert need_seal(path, NAME)


def start(words, folder, before=None):
    """The process of a command, forked off, and the file of its stderr."""
    said = tempfile.TemporaryFile("w+")     # noqa: SIM115 (closed by `end`)
    # nothing is interrupted before the command has begun
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = os.fork()
    if child:
        signal.signal(signal.SIGINT, usual)
        return child, said
    try:
        os.chdir(folder)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(said.fileno(), 2)
        sys.stdout = open(1, "w", closefd=False)    # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)    # noqa: SIM115
        if before is not None:
            before()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        app([str(word) for word in words])
    except SystemExit as done:
        sys.stderr.flush()
        os._exit(done.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    os._exit(99)


def end(child, said):
    """(exit status, negative for a signal; what it said)."""
    deadline = time.monotonic() + DEADLINE
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            said.close()
            return None, "does not end"
        time.sleep(0.002)
    said.seek(0)
    text = said.read()
    said.close()
    return os.waitstatus_to_exitcode(status), text


def run(words, folder=".", before=None):
    return end(*start(words, folder, before))


class Disturbed:
    """One command in a folder, disturbed again and again."""

    def __init__(self, folder, name, words, patterns, chance):
        self.folder, self.name, self.chance = folder, name, chance
        self.words = [name.split()[0], *words]
        self.patterns = patterns
        self.tries, self.outcomes, self.problems = Counter(), Counter(), []
        begun = time.monotonic()
        code, said = run(self.words, folder)
        assert code == 0, said
        self.seconds = time.monotonic() - begun
        self.size = max(path.stat().st_size for path in self.outputs())

    def outputs(self):
        return [path for pattern in self.patterns
                for path in self.folder.glob(pattern)]

    def note(self, kind, problem):
        self.problems.append(f"{self.name}, {kind}: {problem}")

    def after(self, kind, leftovers):
        """What holds after every try; `leftovers` may stay hidden."""
        found = self.outputs()
        if len(found) < len(self.patterns):
            self.note(kind, f"of {self.patterns} there is only {found}")
        for path in found:
            try:
                check_whole(path)
            except Exception as error:
                self.note(kind, f"{path.name}: {error!r:.200}")
        left = {path.name for path in self.folder.iterdir()} - {
            path.name for path in found}
        if not leftovers and left:
            self.note(kind, f"left behind: {sorted(left)}")
        for path in self.folder.iterdir():
            if path.name in left:
                _remove(path)

    def full(self):
        """The files end after a random byte."""
        # what it says goes into a file as well
        limit = self.chance.randrange(1000, int(1.1 * self.size))
        code, said = run(self.words, self.folder, lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)))
        self._ended("full disk", code, said, os.strerror(errno.EFBIG))
        self.after("full disk", leftovers=self.words[0] == "classify")

    def interrupted(self):
        child, said = start(self.words, self.folder)
        time.sleep(self.chance.uniform(0, 1.2) * self.seconds)
        os.kill(child, signal.SIGINT)
        code, said = end(child, said)
        self.outcomes["Ctrl-C", code] += 1
        if code not in (0, 130) or "Traceback" in said:
            self.note("Ctrl-C", f"exit {code}: {said[-1500:]}")
        self.after("Ctrl-C", leftovers=self.words[0] == "classify")

    def killed(self):
        child, said = start(self.words, self.folder)
        time.sleep(self.chance.uniform(0, 1.2) * self.seconds)
        os.kill(child, signal.SIGKILL)
        code, _ = end(child, said)
        self.outcomes["kill", code] += 1
        self.after("kill", leftovers=True)

    def twice(self):
        both = [start(self.words, self.folder)]
        time.sleep(self.chance.uniform(0, 0.5) * self.seconds)
        both.append(start(self.words, self.folder))
        codes = []
        for child, said in both:
            code, said = end(child, said)
            codes.append(code)
            self._ended("two writers", code, said, "another process")
        if 0 not in codes:
            self.note("two writers", f"none has ended: {codes}")
        self.after("two writers", leftovers=False)

    def _ended(self, kind, code, said, reason):
        self.outcomes[kind, code] += 1
        if code == 0:
            return
        named = any(path.name in said for path in self.outputs()) or (
            f".{self.words[0]}" in said)
        if code != 2 or "Traceback" in said or reason not in said or (
                not named) or "unexpected" in said:
            self.note(kind, f"exit {code}: {said[-300:]}")


def _remove(path):
    if path.is_dir():
        for inner in path.iterdir():
            inner.unlink()
        path.rmdir()
    else:
        path.unlink()


def measure(folder, times, seed=0, names=None):
    """JSON values; `problems` is empty where all is well."""
    chance = random.Random(seed)
    prepare()
    ready = inputs(folder / "inputs")
    before = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
              for path in (folder / "inputs").iterdir()}
    tries, outcomes, problems = Counter(), Counter(), []
    for number, (name, (words, patterns)) in enumerate(
            cases(*ready).items()):
        if names is not None and name not in names:
            continue
        place = folder / str(number)
        place.mkdir()
        one = Disturbed(place, name, words, patterns, chance)
        for _ in range(times):
            for disturb in (one.full, one.killed, one.twice,
                            one.interrupted):
                disturb()
                tries[disturb.__name__] += 1
        outcomes += one.outcomes
        problems += one.problems
        print(name, dict(one.outcomes), len(one.problems), file=sys.stderr,
              flush=True)
    after = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
             for path in (folder / "inputs").iterdir()}
    if after != before:
        problems.append("an input has changed")
    return {"tries": dict(tries),
            "outcomes": {f"{kind}, exit {code}": count for (kind, code), count
                         in sorted(outcomes.items(), key=str)},
            "problems": problems}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        report = measure(Path(name), given.times, given.seed, given.only)
    print(json.dumps(report, indent=1))
    if given.record:
        RECORD.write_text(json.dumps(report, indent=1) + "\n")
    return bool(report["problems"])


if __name__ == "__main__":
    sys.exit(main())
