"""Files of others: what is read, refused, and read as another parser reads it.

    python benchmarks/real_files.py FOLDER [--only GLOB] [--json OUT]

Every file below FOLDER goes through `spectra-classifier convert` in a process
of its own with 3 GiB of memory and a minute. What is read is compared with a
parse that shares no code with the package: pandas for columns of text, the
default plot of silx for NeXus, numpy for .npz. Text with more columns than two
is tried once more with the choice that the refusal asks for. Prints counts for
each kind, then every file that is not in order: a difference, a crash, an
unclear refusal.
"""
import argparse
import contextlib
import io
import json
import os
import re
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from pathlib import Path

import h5py
import numpy as np
import pandas

import spectra_classifier.files  # noqa: F401 (once, for all forks)
from spectra_classifier.cli.main import app

MEMORY, SECONDS = 3 * 1024**3, 60
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?", re.ASCII)


def command(*arguments):
    """(exit code, signal, stdout, stderr, s) of a command in a fork."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.stdout, sys.stderr = (io.TextIOWrapper(
                open(place, "wb", closefd=False), write_through=True)
                for place in (1, 2))
            used = int(Path("/proc/self/statm").read_text().split()[0])
            resource.setrlimit(resource.RLIMIT_AS, (
                used * resource.getpagesize() + MEMORY,) * 2)
            signal.alarm(SECONDS)
            code = 70
            try:
                app([str(argument) for argument in arguments])
            except SystemExit as end:
                code = end.code or 0
            except BaseException:
                import traceback
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        texts = []
        for file in out, err:
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return (os.waitstatus_to_exitcode(status), *texts,
            time.perf_counter() - start)


def rows_of(lines, split):
    """The longest run of lines that hold the same number of numbers."""
    best, here = [], []
    for line in lines:
        cells = [cell for cell in re.split(split, line.strip())]
        if len(cells) > 1 and not cells[-1] and split != r"[ \t]+":
            cells = cells[:-1]
        good = len(cells) > 1 and all(map(NUMBER.fullmatch, cells))
        if good and (not here or len(here[-1]) == len(cells)):
            here.append(cells)
        elif good:
            here = [cells]
        elif line.strip() and not line.lstrip().startswith(
                ("#", "!", "%", ";", "//")):
            here = []
        if len(here) > len(best):
            best = here
    return best


def text_columns(path):
    """(points, columns) of a text file, by pandas."""
    raw = path.read_bytes()
    text = (raw.decode("utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff")
            else raw.decode("latin-1").removeprefix("\xef\xbb\xbf"))
    lines = re.split("\r\n|\r|\n", text)
    found = []
    for split in r"[ \t]+", r"\s*;\s*", r"\s*,\s*", r" *\t *":
        found.append(rows_of(lines, split))
    if not any(found) or max(map(len, found)) < 2:
        lines = [line.replace(",", ".") for line in lines]
        found = [rows_of(lines, split)
                 for split in (r"[ \t]+", r"\s*;\s*", r" *\t *")]
    rows = max(found, key=len)
    if not rows:
        return None
    table = pandas.read_csv(
        io.StringIO("\n".join("\t".join(row) for row in rows).translate(
            str.maketrans("dD", "ee"))), sep="\t", header=None,
        float_precision="round_trip")
    return table.to_numpy(float)


def nexus(path):
    """(axis or None, spectra) of the plot, by silx, else by nexusformat."""
    from silx.io import nxdata

    with h5py.File(path) as file:
        if "x" in file and "Y" in file:
            return file["x"][()], file["Y"][()]
        with contextlib.suppress(Exception):
            data = nxdata.get_default(file) or _only_plot(file, nxdata)
            if data is not None and data.axes and data.axes[-1] is not None:
                return data.axes[-1][()], data.signal[()]
    return _by_nexusformat(path)


def _only_plot(file, nxdata):
    """The one plot of two dimensions, else the one of any."""
    groups = []
    file.visititems(lambda _, item: groups.append(item) if isinstance(
        item, h5py.Group) and nxdata.is_valid_nxdata(item) else None)
    plots = [nxdata.NXdata(group) for group in groups]
    plots = [plot for plot in plots if plot.signal.ndim == 2] or plots
    return plots[0] if len(plots) == 1 else None


def _by_nexusformat(path):
    from nexusformat.nexus import NXdata, nxload

    with nxload(str(path)) as root:
        data = root.get_default()
        if data is None or data.nxsignal is None:
            found = [item for item in root.walk() if isinstance(item, NXdata)
                     and item.nxsignal is not None]
            fit = [item for item in found
                   if item.nxsignal.ndim == 2] or found
            if len(fit) != 1:
                return None
            data = fit[0]
        axes = data.nxaxes
        return (axes[-1].nxvalue if axes else None), data.nxsignal.nxvalue


def difference(path, out, columns):
    """What is not as the other parser has it, "" if nothing; None where
    that parser cannot read the file."""
    with np.load(out) as archive:
        x, spectra = archive["x"], archive["Y"]
    suffix = path.suffix.lower()
    head = path.read_bytes()[:8]
    if head.startswith(b"\x89HDF"):
        found = nexus(path)
        if found is None:
            return None
        axis, values = found
        if axis is None:
            axis = np.arange(values.shape[-1])
        if axis.ndim == 1 and len(axis) == values.shape[-1] + 1:
            axis = (axis[1:] + axis[:-1]) / 2
    elif suffix == ".npz":
        with np.load(path) as archive:
            axis, values = archive["x"], archive["Y"]
    else:
        table = text_columns(path)
        if table is None:
            return None
        axis, values = table[:, columns[0]], table[:, columns[1]]
    values = np.atleast_2d(values)
    if values.ndim == 2 and values.shape[1] != len(x) == values.shape[0]:
        values = values.T
    if len(axis) > 1 and axis[0] > axis[-1]:
        axis, values = axis[::-1], values[..., ::-1]
    if values.shape != spectra.shape:
        return f"{spectra.shape} instead of {values.shape}"
    if not np.array_equal(axis, x):
        return f"axis {x[:3]} instead of {axis[:3]}"
    if not np.array_equal(values.astype(float), spectra.astype(float)):
        return "intensities differ"
    return ""


def judge(path, folder):
    """(verdict, text) of one file."""
    out = folder / "out.npz"
    out.unlink(missing_ok=True)
    columns = (0, 1)
    code, stdout, stderr, seconds = command(
        "convert", path, "-o", out, "--json")
    verdict = "read"
    if code == 2 and "--columns" in stderr:
        first = (1 if "the first is an index" in stderr
                 or "counts the lines" in stderr else 0)
        columns = (first, first + 1)
        code, stdout, stderr, seconds = command(
            "convert", path, "-o", out, "--json", "--columns",
            f"x={columns[0] + 1},y={columns[1] + 1}")
        verdict = "read with --columns"
    if seconds > SECONDS / 2:
        return "slow", f"{seconds:.0f} s"
    text = " ".join(stderr.split()).replace(str(path), "FILE")
    if code == 2:
        if out.exists() or "error: " not in text or "fault of" in text:
            return "unclear", text
        return "refused", text.partition("error: ")[2]
    if code or not out.exists():
        return "crash", f"exit {code}: {text[-300:]}"
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            found = difference(path, out, columns)
        except Exception as error:
            return f"{verdict}, not compared", repr(error)
    if found is None:
        return f"{verdict}, not compared", ""
    if found:
        return "different", found
    axis = json.loads(stdout)["axis"]
    return verdict, f"{axis['quantity']} {axis['unit']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="*")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    counts, listed = defaultdict(Counter), {}
    files = sorted(file for file in options.folder.rglob(options.only)
                   if file.is_file())
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            verdict, text = judge(file, Path(folder))
            counts[file.suffix.lower()][verdict] += 1
            listed[str(file.relative_to(options.folder))] = verdict, text
    verdicts = sorted({name for count in counts.values() for name in count})
    for suffix, count in sorted(counts.items()):
        print(f"{suffix or '(none)':16}", ", ".join(
            f"{name} {count[name]}" for name in verdicts if count[name]))
    total = sum(counts.values(), Counter())
    print(f"{len(files)} files:", ", ".join(
        f"{name} {total[name]}" for name in verdicts))
    for name, (verdict, text) in listed.items():
        if not verdict.startswith(("read", "refused")):
            print(f"{verdict}: {name}: {text}")
    if options.json:
        options.json.write_text(json.dumps(listed, indent=0))


if __name__ == "__main__":
    main()
