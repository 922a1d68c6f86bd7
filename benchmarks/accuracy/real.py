"""The nine tasks of real spectra, with peers and paired intervals.

    python benchmarks/accuracy/real.py -o real.json [--resamples 5]

Needs scikit-learn; the peers of aeon join where `.venv-aeon` exists. What the
output has is not computed again, except `--again`: after a change of this
package, `--again auto` asks it alone and keeps the answers of the peers.
"""
import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import ours
import peers
import sets
from rich.progress import track

NAMES = ("auto", "as published", "fixed default", *peers.SIMPLE,
         "MLP of 15 bins", *peers.CONVOLUTIONS, "FCN")


def run(splits, folder, output, wanted=peers.CONVOLUTIONS, again=()):
    """{key: {"split": ..., method: {...}}}

    Written to `output` after every split, and resumed from there. `wanted`:
    peers of the environment of its own; `again`: methods of which the answers
    in `output` are not kept.
    """
    found = json.loads(output.read_text()) if output.is_file() else {}
    for entry in found.values():
        for method in again:
            entry.pop(method, None)
    splits = list(splits)
    others = peers.convolutions(
        [split for split in splits
         if not set(wanted) <= set(found.get(split.key, ()))], folder, wanted)
    for split in track(splits, "Splits"):
        entry = found.setdefault(split.key, {
            "name": split.name, "task": split.task, "split": split.split,
            "classes": split.classes, "train": len(split.train),
            "fewest": int(np.bincount(split.labels[split.train]).min()),
            "truth": split.labels[split.test].tolist(),
            "test_rows": split.test.tolist()})
        entry |= others.get(split.key, {})
        for method, answer in (("auto", ours.auto),
                               ("fixed default", ours.default),
                               ("MLP of 15 bins", ours.networks)):
            if method not in entry:
                entry[method] = answer(split)
        if not set(peers.SIMPLE) <= set(entry):
            entry |= peers.simple(split)
        entry["as published"] = {"labels": entry["auto"]["codes"]}
        output.write_text(json.dumps(found))
    return found


def accuracy(entry, method):
    """Share of right test labels (several runs count alike)."""
    return float(np.mean(np.asarray(entry[method]["labels"])
                         == np.asarray(entry["truth"])))


def by_task(found, method):
    """{(set, task): mean accuracy over its splits}"""
    tasks = {}
    for entry in found.values():
        if method in entry:
            tasks.setdefault((entry["name"], entry["task"]), []).append(
                accuracy(entry, method))
    return {task: float(np.mean(values)) for task, values in tasks.items()}


def paired_difference(found, first, second, draws=2000, seed=0):
    """(mean, low, high) of the difference of the means over tasks, points.

    Bootstrap over test spectra within every split (the same spectra for
    both methods), 95 %.
    """
    random = np.random.default_rng(seed)
    tasks = {}
    for entry in found.values():
        if first in entry and second in entry:
            truth = np.asarray(entry["truth"])
            one, two = (np.atleast_2d(np.asarray(entry[m]["labels"]) == truth
                                      ).mean(axis=0)
                        for m in (first, second))
            rows = random.integers(0, len(truth), (draws, len(truth)))
            tasks.setdefault((entry["name"], entry["task"]), []).append(
                np.append((one - two)[rows].mean(axis=1),
                          (one - two).mean()))
    values = 100 * np.mean([np.mean(parts, axis=0)
                            for parts in tasks.values()], axis=0)
    low, high = np.quantile(values[:-1], [0.025, 0.975])
    return float(values[-1]), float(low), float(high)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--resamples", type=int, default=0)
    parser.add_argument("--exchange", type=Path)
    parser.add_argument("--peers", nargs="*", default=peers.CONVOLUTIONS)
    parser.add_argument("--again", nargs="*", default=(), choices=NAMES)
    arguments = parser.parse_args()
    folder = arguments.exchange or Path(tempfile.mkdtemp())
    splits = (list(sets.resamples(arguments.resamples))
              if arguments.resamples else list(sets.stored_splits()))
    show(run(splits, folder, arguments.output, arguments.peers,
             arguments.again))


def show(found):
    """Print a line for each method."""
    for method in NAMES:
        tasks = by_task(found, method)
        if tasks:
            print(f"{method:14}", *(f"{100 * v:6.1f}"
                                    for v in tasks.values()),
                  f"{100 * np.mean(list(tasks.values())):7.2f}")


if __name__ == "__main__":
    main()
