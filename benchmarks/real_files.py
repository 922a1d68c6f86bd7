"""Files of others: what is read, refused, and read as another parser reads it.

    python benchmarks/real_files.py FOLDER [--only GLOB] [--json OUT]

Every file below FOLDER goes through `spectra-classifier convert` in a process
of its own with 3 GiB of memory and a minute. What is read is compared with a
parse that shares no code with the package: pandas for columns of text, the
default plot of silx or nexusformat for NeXus, numpy for .npz, decoders in this
file for JCAMP-DX and SPC. Text with more columns than two
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
import typer

from spectra_classifier.cli.main import app

MEMORY, SECONDS = 3 * 1024**3, 60
#: built once, for all forks
COMMANDS = typer.main.get_command(app)
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
                io.FileIO(place, "wb", closefd=False), write_through=True)
                for place in (1, 2))
            used = int(Path("/proc/self/statm").read_text().split()[0])
            resource.setrlimit(resource.RLIMIT_AS, (
                used * resource.getpagesize() + MEMORY,) * 2)
            signal.alarm(SECONDS)
            code = 70
            try:
                COMMANDS([str(argument) for argument in arguments])
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
        cells = list(re.split(split, line.strip()))
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
    found = _by_attributes(path)
    if found is not None and found[0] is not None:
        return found
    return _by_nexusformat(path) or found


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

    with contextlib.suppress(Exception), nxload(str(path)) as root:
        data = root.get_default()
        if data is None or data.nxsignal is None:
            found = [item for item in root.walk() if isinstance(item, NXdata)
                     and item.nxsignal is not None]
            fit = [item for item in found
                   if item.nxsignal.ndim == 2] or found
            data = fit[0] if len(fit) == 1 else None
        if data is not None and data.nxaxes:
            return data.nxaxes[-1].nxvalue, data.nxsignal.nxvalue
    return None


def _by_attributes(path):
    """Signals and axes that attributes of datasets mark, and of canSAS."""
    found = []

    def look(_, item):
        if not isinstance(item, h5py.Group) or "NXdata" not in str(
                item.attrs.get("NX_class")):
            return
        names = [str(item.attrs.get("signal", ""))] + [
            name for name in item if isinstance(item[name], h5py.Dataset)
            and str(np.ravel(item[name].attrs.get("signal", 0))[0]) in
            ("1", "b'1'")]
        signal = next((item[name] for name in names if name in item), None)
        if signal is None or signal.ndim not in (1, 2):
            return
        axis = str(item.attrs.get(f"{names[0]}_axes", "-"))
        place = str(signal.ndim)
        marked = [item[name] for name in item
                  if str(np.ravel(getattr(item[name], "attrs", {}).get(
                      "axis", 0))[0]) in (place, f"b'{place}'")]
        found.append((item[axis][()] if axis in item else
                      marked[0][()] if len(marked) == 1 else None,
                      signal[()]))
    with h5py.File(path) as file:
        file.visititems(look)
    fit = [each for each in found if each[1].ndim == 2] or found
    return fit[0] if len(fit) == 1 else None


_DIGITS = {**{c: str(i) for i, c in enumerate("@ABCDEFGHI")},
           **{c: f"-{i}" for i, c in enumerate("abcdefghi", 1)}}
_STEPS = {**{c: str(i) for i, c in enumerate("%JKLMNOPQR")},
          **{c: f"-{i}" for i, c in enumerate("jklmnopqr", 1)}}
_TIMES = {c: str(i) for i, c in enumerate("STUVWXYZs", 1)}
_TOKEN = re.compile(r"([@A-Ia-i%J-Rj-rS-Zs]|[+-]?(?=[\d.]))"
                    r"(\d*\.?\d*(?:[Ee][+-]\d+)?)")


def jcamp(path):
    """(axis, spectrum) of a JCAMP-DX file of one block, or None."""
    header, data, reading = {}, [], False
    for line in re.split("\r\n|\r|\n", path.read_bytes().decode("latin-1")):
        line = line.split("$$")[0].strip(" \t\x1a")
        named = re.match(r"##([^=]*)=(.*)", line)
        if named:
            name = re.sub(r"[ _/-]", "", named[1]).upper()
            reading = name in ("XYDATA", "XYPOINTS")
            header.setdefault(name, named[2].strip())
        elif reading and line:
            data.append(line)

    def number(name, default=None):
        return float(header.get(name, default))

    if "XYDATA" not in header or "Y..Y" not in header["XYDATA"]:
        values = [float(word) for word in re.findall(
            r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?", " ".join(data))]
        return (np.array(values[::2]) * number("XFACTOR", 1),
                np.array(values[1::2]) * number("YFACTOR", 1))
    whole, by_steps = [], False
    for line in data:
        row, step = [], None
        for mark, digits in _TOKEN.findall(line)[1:]:
            if mark in _TIMES:
                for _ in range(int(_TIMES[mark] + digits) - 1):
                    row.append(row[-1] + (step or 0))
            elif mark in _STEPS:
                step = float(_STEPS[mark] + digits)
                row.append((row or whole)[-1] + step)
            else:
                step = None
                row.append(float(_DIGITS.get(mark, mark) + digits))
        whole += row[by_steps:]
        by_steps = step is not None
    if len(whole) != number("NPOINTS"):
        return None
    return (np.linspace(number("FIRSTX"), number("LASTX"), len(whole)),
            np.array(whole) * number("YFACTOR", 1))


def spc(path):
    """(axis, spectrum) of a Galactic file of one spectrum, or None."""
    raw = path.read_bytes()
    flags, version, exponent = raw[0], raw[1], np.frombuffer(raw, "i1")[3]
    points = int(np.frombuffer(raw, "<u4", 1, 4)[0])
    first, last = np.frombuffer(raw, "<f8", 2, 8)
    if version != 0x4b or flags & 4:
        return None
    at = 512
    x = np.linspace(first, last, points)
    if flags & 0x80 and not flags & 0x40:
        x = np.frombuffer(raw, "<f4", points, at)
        at += 4 * points
    own = np.frombuffer(raw, "i1", 1, at + 1)[0]
    if flags & 0x40:
        points = int(np.frombuffer(raw, "<u4", 1, at + 16)[0]) or points
        at += 32
        x = np.frombuffer(raw, "<f4", points, at)
        at += 4 * points - 32
        exponent = own
    at += 32
    if exponent == -128:
        return x, np.frombuffer(raw, "<f4", points, at)
    kind, size = ("<i2", 16) if flags & 1 else ("<i4", 32)
    return x, np.frombuffer(raw, kind, points, at) * 2.**(
        int(exponent) - size)


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
    elif head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"##") or (
            suffix == ".spc"):
        found = (spc if suffix == ".spc" else jcamp)(path)
        if found is None:
            return None
        axis, values = found
        if axis[0] > axis[-1]:
            axis, values = axis[::-1], values[::-1]
        same = (len(axis) == len(x) and np.allclose(axis, x, rtol=1e-6)
                and np.allclose(values, spectra[0], rtol=1e-6,
                                atol=1e-6 * np.abs(values).max()))
        return "" if same else "the library reads other numbers"
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
        if (out.exists() or "error: " not in text
                or "fault of this program" in text):
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


def _import_all(folder):
    """Let this process import what its forks would import each."""
    for name in "a.npz", "a.h5":
        np.savez(folder / "b.npz", x=np.arange(3.), Y=np.ones((2, 3)))
        with contextlib.suppress(SystemExit), contextlib.redirect_stdout(
                io.StringIO()):
            COMMANDS(["convert", str(folder / "b.npz"), "-o",
                      str(folder / name), "--json"])
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(
            io.StringIO()):
        COMMANDS(["convert", str(folder / "a.h5"), "-o",
                  str(folder / "b.npz"), "--json"])


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
        _import_all(Path(folder))
        for number, file in enumerate(files):
            if not number % 100:
                print(f"{number} of {len(files)}", file=sys.stderr)
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
