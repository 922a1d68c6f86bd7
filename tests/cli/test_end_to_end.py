"""Simulate, train with torch, inspect, evaluate, classify."""
import dataclasses
import json

import h5py
import numpy as np
import pytest

from spectra_classifier import files
from spectra_classifier.core.spectra import Axis


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("beamtime")


def coarse(dataset):
    """Every fifth channel: a fifth of the work."""
    axis = dataset.axis
    return dataclasses.replace(
        dataset, spectra=dataset.spectra[:, ::5],
        axis=Axis(axis.values[::5], axis.quantity, axis.unit))


@pytest.fixture(scope="module")
def trained(folder):
    """(data, model, report): 39 of 117 coarse ramp curves, published members.
    """
    from typer.testing import CliRunner

    from spectra_classifier.cli.main import app

    def run(*words):
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)
    data = folder / "ramp.h5"
    run("simulate", "ramp", "-o", folder / "all.h5", "--json")
    whole = files.read(folder / "all.h5")
    rows = np.arange(0, 349, 3)
    files.write_dataset(data, coarse(whole).select(rows))
    (folder / "train.json").write_text(json.dumps(rows[::3].tolist()))
    report = run(
        "train", data, "-o", folder / "ramp.onnx", "--indices",
        folder / "train.json", "--members", "published", "--baseline", "none",
        "--input-scaling", "standardised", "--epochs", 60, "--hidden", 24,
        "--copies", 0, "--folds", 2, "--json")
    return data, folder / "ramp.onnx", report


def test_the_report_of_the_training(trained):
    _, path, report = trained
    assert report["spectra"] == 39
    assert len(report["bins"]) == 15
    assert (path.parent / f"{report['id']}.json").is_file()
    assert any(entry["weight"] > 0 for entry in report["bins"])


def test_evaluation_leaves_the_training_out(run, trained):
    data, path, _ = trained
    report = run("evaluate", path, data, "--engine", "numpy",
                 "--json").document
    assert {"accuracy", "n", "confusion", "classes", "ece", "coverage_at_98",
            "boundary_error", "seconds_per_spectrum"} <= set(report)
    assert report["n"] == 117 - 39
    assert report["training_spectra_left_out"] == 39
    assert np.sum(report["confusion"]) + report["unknown"] + report[
        "rejected"] == report["n"]
    assert report["accuracy"] > 0.85
    assert abs(report["boundary_error"]) < 20


def test_evaluation_with_the_training(run, trained):
    data, path, _ = trained
    outcome = run("evaluate", path, data, "--engine", "numpy",
                  "--include-training")
    assert "117 spectra" in outcome.stdout
    assert "39 of these spectra were used in training" in outcome.stdout


def test_evaluation_of_nothing_but_training(run, trained, folder):
    data, path, _ = trained
    outcome = run("evaluate", path, data, "--indices", folder / "train.json")
    assert outcome.code == 2
    assert "--include-training" in outcome.stderr


def test_evaluation_with_labels_of_another_class(run, trained, folder):
    data, path, _ = trained
    (folder / "labels.txt").write_text("liquid\n" * 117)
    outcome = run("evaluate", path, data, "--engine", "numpy", "--labels",
                  folder / "labels.txt")
    assert outcome.code == 0
    assert "not taught: liquid" in outcome.stdout
    assert "no spectrum is of a class that the model" in outcome.stdout


def test_classification_agrees_with_the_evaluation(run, trained, folder):
    data, path, _ = trained
    report = run("evaluate", path, data, "--engine", "numpy",
                 "--include-training", "--json").document
    out = folder / "result.h5"
    assert run("classify", path, data, "-o", out, "--engine",
               "numpy").code == 0
    with h5py.File(out) as file:
        label = file["entry/result/label"][()]
        np.testing.assert_array_equal(file["entry/result/index"],
                                      np.arange(0, 349, 3))
    truth = files.read(data).labels
    assert np.mean(label == truth) == pytest.approx(report["accuracy"])


def test_inspection_names_the_data(run, trained):
    _, path, _ = trained
    text = run("inspect", path).stdout
    assert "ramp.h5" in text
    assert "39 spectra" in text
    assert "pointwise" in text
