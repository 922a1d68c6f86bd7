"""The labelled sets and their splits: real spectra, read where they lie.

The folder of the sets (`--data`, by default ../shared/data beside the
repository) is not part of the repository: most of the sets may be used and
cited, but not passed on. Without it only the simulated sets are run.
"""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spectra_classifier.core.model_definition import Baseline
from spectra_classifier.core.preprocessing.baseline import asls

DATA = Path(__file__).parents[2].parent / "shared" / "data"
#: in the order of the tables; both tasks of the diffraction series count
TASKS = (
    ("ucr_coffee", "archive classes"), ("ucr_beef", "archive classes"),
    ("y2mn2o7_insitu_xrd", "binary: label >= 4"),
    ("y2mn2o7_insitu_xrd", "5 states"), ("cucr2o4_vt_xrd", "binary"),
    ("ucr_oliveoil", "archive classes"), ("ucr_ham", "archive classes"),
    ("fermentation_midir", "3 glucose levels"),
    ("ucr_rock", "archive classes"))
#: spacing of the labelled spectra of the sequences
SPACING = {"y2mn2o7_insitu_xrd": 20, "cucr2o4_vt_xrd": 3,
           "fermentation_midir": 40}
#: sets whose peers get a baseline subtracted, as in the published tables
DIFFRACTION = ("y2mn2o7_insitu_xrd", "cucr2o4_vt_xrd")


@dataclass(frozen=True, eq=False)
class Split:
    """One task of one set: raw spectra (N, n) float64, labels, rows.

    `captures` (N,) where they are known to those who train.
    """
    name: str
    task: str
    split: str
    spectra: np.ndarray
    labels: np.ndarray
    train: np.ndarray
    test: np.ndarray
    captures: np.ndarray | None = None

    @property
    def key(self):
        return f"{self.name}|{self.task}|{self.split}"

    @property
    def classes(self):
        return int(self.labels.max()) + 1


def read(name, folder=DATA):
    """(axis (n,), spectra (N, n) float64, labels (N,) 0 ... C - 1)."""
    stored = np.load(Path(folder) / name / "data.npz")
    x, spectra = stored["x"].astype(float), stored["Y"].astype(float)
    labels = np.unique(stored["labels"], return_inverse=True)[1]
    if name == "cucr2o4_vt_xrd":            # 4 ... 24 deg, mean of 4 points
        inside = (x > 4) & (x < 24)
        x, spectra = x[inside], spectra[:, inside]
        whole = len(x) // 4 * 4
        x = x[:whole].reshape(-1, 4).mean(axis=1)
        spectra = spectra[:, :whole].reshape(len(spectra), -1, 4).mean(axis=2)
    return x, spectra, labels


def task_labels(name, task, labels):
    """Class numbers of a task of a set."""
    return ((labels >= 4).astype(int)
            if name == "y2mn2o7_insitu_xrd" and task.startswith("binary")
            else labels)


def stored_splits(folder=DATA):
    """Every stored split of the nine tasks."""
    for name, task in TASKS:
        _, spectra, labels = read(name, folder)
        labels = task_labels(name, task, labels)
        for entry in json.loads(
                (Path(folder) / name / "splits.json").read_text())["splits"]:
            if entry["task"] == task:
                yield Split(name, task, entry["name"], spectra, labels,
                            np.array(entry["train"]), np.array(entry["test"]))


def resamples(count, seed=7, folder=DATA):
    """Other splits of the same sizes: stratified at random, or, for the
    sequences, every k-th spectrum from another one on."""
    random = np.random.default_rng(seed)
    first = {}
    for split in stored_splits(folder):
        first.setdefault((split.name, split.task), split)
    for number in range(count):
        for split in first.values():
            train = (_spaced(split, number, count) if split.name in SPACING
                     else _stratified(split, random))
            rows = np.arange(len(split.labels))
            yield Split(split.name, split.task, f"resample {number}",
                        split.spectra, split.labels, train,
                        np.setdiff1d(rows, train))


def _stratified(split, random):
    wanted = np.bincount(split.labels[split.train], minlength=split.classes)
    return np.sort(np.concatenate([
        random.permutation(np.flatnonzero(split.labels == c))[:wanted[c]]
        for c in range(split.classes)]))


def _spaced(split, number, count):
    step = SPACING[split.name]
    return every(split, step, (1 + number * step // count) % step)


def every(split, step, first):
    """Rows of every `step`-th spectrum of a sequence from `first` on; a
    class with fewer than two of them gets two of its own."""
    train = set(range(first, len(split.labels), step))
    for c in range(split.classes):
        rows = np.flatnonzero(split.labels == c)
        if len(train & set(rows.tolist())) < 2:
            train |= {int(rows[len(rows) // 3]), int(rows[2 * len(rows) // 3])}
    return np.array(sorted(train))


def for_peers(split):
    """Spectra (N, n) as the published tables give them to the peers."""
    if split.name in DIFFRACTION:
        return split.spectra - asls(split.spectra, Baseline(
            "exact", lam=1e5, p=0.002, iterations=10))
    return split.spectra
