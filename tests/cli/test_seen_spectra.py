"""Copies of training data are not unseen, whatever was done to the files."""
import json

import numpy as np
import pytest

from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.training.fit import train

CHANNELS, COUNT = 80, 40
X = np.linspace(10, 20, CHANNELS)


def counts(seed):
    """Counts of two states with noise, their labels and captures."""
    random = np.random.default_rng(seed)
    labels = np.arange(COUNT) // 5 % 2
    peak = 400 * np.exp(-(np.arange(CHANNELS)
                          - np.where(labels, 50, 20)[:, None])**2 / 30)
    return random.poisson(peak + 40).astype(np.uint16), labels


def write(path, spectra, labels):
    files.write_dataset(path, Dataset(
        Axis(X, "two_theta", "deg"), spectra, labels, ("cold", "hot"),
        np.arange(len(labels)) // 5))
    return path


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """(model, spectra, labels) of a training."""
    folder = tmp_path_factory.mktemp("taught")
    spectra, labels = counts(0)
    data = write(folder / "captures.h5", spectra, labels)
    train(files.read(data)).save(folder / "m.onnx")
    return folder / "m.onnx", spectra, labels


def as_text(folder, spectra, labels):
    """A folder of .xy files of six digits, in an order of its own."""
    folder.mkdir()
    rows = ["file,label"]
    for row, spectrum in enumerate(spectra):
        name = f"s{(row * 7) % len(spectra):03d}.xy"
        np.savetxt(folder / name, np.column_stack([X, spectrum / 3]),
                   fmt="%.6g")
        rows.append(f"{name},{('cold', 'hot')[labels[row]]}")
    (folder / "labels.csv").write_text("\n".join(rows))
    return folder


FORMS = {
    "converted": lambda path, spectra, labels: write(
        path / "a.npz", spectra, labels),
    "re-encoded": lambda path, spectra, labels: write(
        path / "a.h5", spectra.astype(np.float64), labels),
    "text": lambda path, spectra, labels: as_text(
        path / "a", spectra, labels),
    "axis reversed": lambda path, spectra, labels: np.savez(
        path / "a.npz", x=X[::-1], Y=spectra[:, ::-1], quantity="two_theta",
        unit="deg", labels=np.array(["cold", "hot"])[labels])
    or path / "a.npz"}


@pytest.mark.parametrize("form", FORMS)
def test_every_taught_spectrum_is_named(run, taught, tmp_path, form):
    """Shuffled, among as many others, in every form."""
    model, spectra, labels = taught
    others, other_labels = counts(1)
    order = np.random.default_rng(2).permutation(2 * COUNT)
    data = FORMS[form](tmp_path, np.concatenate([spectra, others])[order],
                       np.concatenate([labels, other_labels])[order])
    outcome = run("evaluate", model, data, "--engine", "numpy", "--json")
    assert outcome.code == 0, outcome.stderr
    report = outcome.document
    assert report["training_spectra_left_out"] == COUNT
    assert report["n"] == COUNT
    if form != "text":          # there the files are in another order
        assert report["training_spectra"] == np.flatnonzero(
            order < COUNT).tolist()
    told = run("evaluate", model, data, "--engine", "numpy").stdout
    assert f"{COUNT} spectra of the training left out" in told


def test_nothing_but_copies_is_refused(run, taught, tmp_path):
    model, spectra, labels = taught
    data = write(tmp_path / "copy.npz", spectra[::-1], labels[::-1])
    outcome = run("evaluate", model, data, "--engine", "numpy")
    assert outcome.code == 2
    assert "trained on every one" in outcome.stderr
    outcome = run("evaluate", model, data, "--engine", "numpy",
                  "--include-training")
    assert f"{COUNT} of these spectra were used" in outcome.stdout


def test_classes_that_were_not_taught(run, taught, tmp_path):
    model, _, _ = taught
    spectra, labels = counts(3)
    path = tmp_path / "new.npz"
    np.savez(path, x=X, Y=spectra, quantity="two_theta", unit="deg",
             labels=np.where(labels, "hot", "melt"))
    outcome = run("evaluate", model, path, "--engine", "numpy", "--json")
    stranger, = outcome.document["untaught"]
    assert (stranger["class"], stranger["n"]) == ("melt", COUNT // 2)
    assert outcome.document["n"] == COUNT // 2
    told = run("evaluate", model, path, "--engine", "numpy").stdout
    assert "not taught: melt" in told and "get a class" in told
    assert "recall" in told and "balanced" in told


def test_a_model_of_spectra_minus_a_dark_misses_it(run, tmp_path):
    dark = np.linspace(300, 600, CHANNELS)
    for name, seed in ("train", 0), ("new", 1):
        values, labels = counts(seed)
        write(tmp_path / f"{name}.h5", values + dark, labels)
    np.savez(tmp_path / "dark.npz", x=X, Y=dark[None], quantity="two_theta",
             unit="deg")
    model, dark = tmp_path / "m.onnx", ("--dark", tmp_path / "dark.npz")
    numpy = ("--engine", "numpy")
    assert run("train", tmp_path / "train.h5", "-o", model, "--members",
               "linear", *dark).code == 0
    for command in (("evaluate", model, tmp_path / "new.h5"),
                    ("classify", model, tmp_path / "new.h5", "-o",
                     tmp_path / "r.h5")):
        assert "none is subtracted here" in run(*command, *numpy).stderr
        assert "note:" not in run(*command, *numpy, *dark).stderr
    assert run("convert", tmp_path / "new.h5", "-o", tmp_path / "c.h5",
               *dark).code == 0
    assert "note:" not in run("evaluate", model, tmp_path / "c.h5",
                              *numpy).stderr
    outcome = run("evaluate", model, tmp_path / "train.h5", *numpy, *dark)
    assert "trained on every one" in outcome.stderr


def test_a_simple_reference_that_is_better_comes_first(run, tmp_path):
    """Spectra of one shape whose intensity alone differs."""
    random = np.random.default_rng(0)
    labels = np.arange(60) // 5 % 2
    level = np.where(labels, 1.5, 1) * random.normal(1, 0.1, 60)
    spectra = (level[:, None] * np.hanning(CHANNELS) * 1000
               + random.normal(0, 150, (60, CHANNELS))).astype("f4") + 100
    data = write(tmp_path / "a.npz", spectra, labels)
    outcome = run("train", data, "-o", tmp_path / "m.onnx", "--members",
                  "linear", "--normalisation", "snv")
    first = outcome.stdout.strip().splitlines()[0]
    assert "total intensity alone gets" in first
    report = json.loads(run(
        "train", data, "-o", tmp_path / "n.onnx", "--members", "linear",
        "--normalisation", "snv", "--json").stdout)
    assert report["beaten_by"][0] == report["warnings"][0]
