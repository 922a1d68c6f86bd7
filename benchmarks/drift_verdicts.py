"""How often drift alone is called separable, and how often a change is.

    python benchmarks/drift_verdicts.py [--trials 100] [--seed 0]
        [--captures 2 3 4 6] [--way file device] [-o drift_verdicts.json]

Captures of the *identical* state, called by two names, in any order, while
the instrument drifts in one of several ways: one line for each way and size
of drift and each number of captures of a class, with the orders taken in
rotation. They are read from a file (of which
some number the captures of each class from 0), or from the folder in which
the trainer device keeps captures. Then captures in turn of the states of the
simulated Gotthard-II, whose drift has 311 trains from one capture to the
next.
"""
import argparse
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from spectra_classifier.core.capture import Capture, Tally
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.files import captures as folder
from spectra_classifier.files import read
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS, preset
from spectra_classifier.simulation.scenario import SCENARIOS
from spectra_classifier.training.checks import null_tests
from spectra_classifier.training.labelled import labelled

CHANNELS, EACH, TRAINS = 120, 24, 3
PLACE = np.arange(CHANNELS)
#: kinds of drift and their sizes: in units of the noise of one channel of
#: one pulse, of the intensity (gain, intensity) or in channels (shift)
DRIFTS = {"none": (0.,), "pedestal": (0.3, 3.), "one direction": (0.3, 3.),
          "gain": (0.1,), "linear": (0.1, 1.), "random walk": (0.3, 2.),
          "shift": (1.,)}
#: in turn, there and back, class by class, at random, and class by class with
#: captures numbered from 0 in each (in files alone)
ORDERS = "ABAB", "ABBA", "AABB", "random", "AABB, numbered alike"


def order_of(name, count, random):
    """Class (2 count,) of each capture in order of time."""
    if name == "ABAB":
        return np.arange(2 * count) % 2
    if name == "ABBA":
        return np.array([0, 1, 1, 0] * count)[:2 * count]
    if name == "random":
        return random.permutation(np.arange(2 * count) % 2)
    return np.repeat([0, 1], count)


def drifting(kind, size, labels, random):
    """A `Dataset` of one state, captured as if it were two."""
    count = len(labels)
    capture = np.repeat(np.arange(count), EACH)
    shift = np.zeros(count)
    if kind == "shift":
        shift = size * random.normal(size=count)
    line = 10 * np.exp(-0.5 * ((PLACE - 60 - shift[:, None]) / 5) ** 2) + 5
    spectra = line[capture] * random.gamma(4, 0.25, (len(capture), 1))
    pattern = random.normal(size=(count, CHANNELS))
    if kind == "gain":
        spectra *= (1 + size * pattern)[capture]
    elif kind == "intensity":
        spectra *= (1 + size * random.normal(size=(count, 1)))[capture]
    elif kind == "linear":
        time = np.arange(len(capture))[:, None] / EACH
        spectra += size * time * pattern[0]
    elif kind == "one direction":
        spectra += (size * random.normal(size=(count, 1))
                    * pattern[0])[capture]
    elif kind == "random walk":
        spectra += size * np.cumsum(pattern, axis=0)[capture]
    elif kind == "pedestal":
        spectra += size * pattern[capture]
    spectra += random.normal(size=spectra.shape)
    return Dataset(Axis.channels(CHANNELS), spectra.astype(np.float32),
                   labels[capture], ("a", "b"), capture)


def from_file(dataset, alike, directory):
    """The data set as a file holds it."""
    groups = dataset.groups
    if alike:
        groups = groups - dataset.labels * (dataset.groups.max() + 1) // 2
    path = directory / "captures.npz"
    np.savez(path, x=dataset.axis.values, Y=dataset.spectra,
             labels=dataset.labels, groups=groups)
    return read(path)


def from_device(dataset, directory):
    """The data set as the trainer device writes and reads captures."""
    for number in range(dataset.groups.max() + 1):
        rows = np.flatnonzero(dataset.groups == number)
        capture = Capture(number + 1, dataset.classes[dataset.labels[rows[0]]],
                          TRAINS)
        folder.start_capture(directory, capture, dataset.axis,
                             folder.Background())
        for part in np.array_split(rows, TRAINS):
            tally = Tally(len(part), 1.)
            capture = capture.with_train(tally, CHANNELS)
            folder.write_train(
                directory, capture, dataset.axis,
                make_train(number, dataset.spectra[part]),
                np.ones(len(part), bool), tally, {})
    found, _ = folder.find_captures(directory)
    return folder.load_captures(directory, found, dataset.axis, EACH)


def verdict(dataset, way, alike):
    """The verdict on a data set that went through files."""
    with TemporaryDirectory() as name:
        read = (from_file(dataset, alike, Path(name)) if way == "file"
                else from_device(dataset, Path(name)))
        return null_tests.check(labelled(read))["verdict"]


def drift_alone(way, captures, trials, random):
    """[{way, drift, size, captures, order, trials, separable}], printed."""
    orders = ORDERS if way == "file" else ORDERS[:-1]
    found = []
    for kind, sizes in DRIFTS.items():
        for size in sizes:
            for count in captures:
                separable, tried = Counter(), Counter()
                for trial in range(trials):
                    order = orders[trial % len(orders)]
                    labels = order_of(order, count, random)
                    tried[order] += 1
                    separable[order] += verdict(
                        drifting(kind, size, labels, random), way,
                        "alike" in order) == "separable"
                print(f"{way}, drift alone, {kind} {size:g}, {count} captures "
                      f"of each: {separable.total()} of {trials} called "
                      "separable", flush=True)
                found += [{
                    "way": way, "drift": kind, "size": size,
                    "captures": count, "order": order,
                    "trials": tried[order], "separable": separable[order]}
                    for order in tried]
    return found


def changes(trials, seed):
    """Print how often a change of the simulated sample is found."""
    for name in PRESETS:
        for scenario in SCENARIOS:
            found = [null_tests.check(labelled(take_captures(
                GotthardSource(preset(name), scenario, seed + trial, 1000),
                captures=2, trains=10, pulses=30)))["verdict"]
                for trial in range(trials)]
            print(f"a change, {name} {scenario}: {found.count('separable')} "
                  f"of {trials} called separable", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--changes", type=int, default=3,
                        help="trials of every true change")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--captures", type=int, nargs="+",
                        default=[2, 3, 4])
    parser.add_argument("--way", nargs="+", choices=("file", "device"),
                        default=["file", "device"])
    parser.add_argument("-o", "--output", type=Path,
                        help="the counts of drift alone, as JSON")
    options = parser.parse_args()
    found = [each for way in options.way for each in drift_alone(
        way, options.captures, options.trials, np.random.default_rng(
            (options.seed, ("file", "device").index(way))))]
    if options.output:
        options.output.write_text(json.dumps(found))
    changes(options.changes, options.seed)


if __name__ == "__main__":
    main()
