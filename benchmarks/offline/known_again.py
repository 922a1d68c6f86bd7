"""Does `evaluate` know the spectra of a training again, in any container?

    python benchmarks/offline/known_again.py [--families 20] [--seed 1717]

Random families (number of states, channels, noise, captures) are written,
taught to a model, and given to `evaluate` again: converted, as text, in other
types and units, grown by as many new spectra, shuffled, reversed, some of
them alone. Exit status 0 only if every taught spectrum is named in each form,
and no new one.
"""
import argparse
import contextlib
import io
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from spectra_classifier import files
from spectra_classifier.api.models import load
from spectra_classifier.cli.main import app
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.model.taught import seen


def family(random, number):
    """A data set; the first half is taught."""
    states, channels = random.integers(2, 7), int(random.integers(20, 1500))
    captures = 4 * states
    each = int(random.integers(4, 30))
    labels = np.repeat(np.arange(captures) % states, each)
    place = np.linspace(0, 1, channels)
    peaks = random.uniform(0, 1, (states, 4))
    means = 50 + 500 * np.exp(-0.5 * np.square(
        (place - peaks[..., None]) / random.uniform(0.01, 0.1))).sum(axis=1)
    noise = 10 ** random.uniform(-1, 1.5)
    spectra = means[labels] + random.normal(0, noise, (
        len(labels), channels))
    half = np.repeat(np.arange(captures) < captures // 2, each)
    whole = Dataset(
        Axis(10 + 20 * place, "energy", "eV"), spectra.astype(np.float32),
        labels, tuple(f"s{c}" for c in range(states)),
        np.repeat(np.arange(captures), each),
        np.arange(len(labels)) + number)
    return whole.select(half), whole.select(~half)


def text(folder, data):
    """A folder of text curves, six digits, with its labels."""
    folder.mkdir()
    for row, spectrum in enumerate(data.spectra):
        np.savetxt(folder / f"c{row:05d}.xy",
                   np.column_stack([data.axis.values, spectrum]),
                   fmt=("%.17g", "%.6g"))
    (folder / "labels.csv").write_text("index,label\n" + "".join(
        f"{row},{data.classes[label]}\n"
        for row, label in enumerate(data.labels)))
    return files.read(folder, axis=("energy", "eV"))


def together(one, two, order):
    """Both data sets in another order, without their old numbers."""
    return Dataset(one.axis, np.concatenate([one.spectra, two.spectra])[order],
                   np.concatenate([one.labels, two.labels])[order],
                   one.classes)


def forms(folder, taught, other, random):
    """{form: (data, which of them were taught)}."""
    all_, none = np.ones(len(taught), bool), np.zeros(len(other), bool)
    order = random.permutation(len(taught) + len(other))
    both = np.concatenate([all_, none])
    some = np.sort(random.choice(len(taught), len(taught) // 2, False))
    for ending in "h5", "npz":
        files.write_dataset(folder / f"copy.{ending}", taught)
    return {
        "converted to .h5": (files.read(folder / "copy.h5"), all_),
        "converted to .npz": (files.read(folder / "copy.npz"), all_),
        "text of six digits": (text(folder / "text", taught), all_),
        "float64, other unit and offset": (replace(
            taught, spectra=taught.spectra.astype(np.float64) * 1e-9 + 1e-8,
            provenance={}), all_),
        "reversed order": (taught.select(np.arange(len(taught))[::-1]), all_),
        "grown and shuffled": (together(taught, other, order), both[order]),
        "some of them": (Dataset(taught.axis, taught.spectra[some],
                                 taught.labels[some], taught.classes),
                         np.ones(len(some), bool)),
        "new ones": (other, none)}


def measure(folder, families, seed):
    random = np.random.default_rng(seed)
    found = {}
    for number in range(families):
        place = folder / str(number)
        place.mkdir()
        taught, other = family(random, number)
        files.write_dataset(place / "taught.h5", taught)
        words = ["train", place / "taught.h5", "-o", place / "m.onnx",
                 "--members", "linear", "--bins", "4", "--folds", "2"]
        with contextlib.redirect_stderr(io.StringIO()), (
                contextlib.redirect_stdout(io.StringIO())):
            app([str(word) for word in words], standalone_mode=False)
        model = load(place / "m.onnx").loaded
        for form, (data, expected) in forms(place, taught, other,
                                            random).items():
            named = seen(model, data).taught
            row = found.setdefault(form, {"taught": 0, "missed": 0,
                                          "new": 0, "called taught": 0})
            row["taught"] += int(expected.sum())
            row["missed"] += int((expected & ~named).sum())
            row["new"] += int((~expected).sum())
            row["called taught"] += int((~expected & named).sum())
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--families", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1717)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = measure(Path(name), given.families, given.seed)
    print(json.dumps(found, indent=1))
    return any(row["missed"] or row["called taught"]
               for row in found.values())


if __name__ == "__main__":
    sys.exit(main())
