"""train, up to the first step of the fit; the rest is end to end."""
import dataclasses
import inspect
import sys

import numpy as np

from spectra_classifier.cli.train import train
from spectra_classifier.model import load
from spectra_classifier.training.options import TrainingOptions


def test_defaults_that_help_shows_are_those_of_the_options():
    actual = {field.name: field.default
              for field in dataclasses.fields(TrainingOptions)}
    published = TrainingOptions.published()
    words = {"copies": "to about 44 spectra", "lam": "100000",
             "min_confidence": "0", "try_baseline": "no",
             "try_regressions": "no", "baseline_length": "that of lam",
             "time_budget": "15", "counts_per_photon": "not stated",
             # of the members that take them
             "noise": published.noise, "input_scaling":
             published.input_scaling,
             "baseline": f"none; published: {published.baseline}"}
    shown = {}
    for name, parameter in inspect.signature(train).parameters.items():
        if name in actual:
            shown[name] = parameter.annotation.__metadata__[0].show_default
            assert parameter.default is None
    assert len(shown) == 22
    assert shown == {name: words.get(name, str(actual[name]))
                     for name in shown}
    assert (actual["copies"], actual["try_baseline"]) == (None, False)
    assert (actual["lam"], actual["min_confidence"],
            actual["time_budget"]) == (1e5, 0, 15)


WRONG = [
    (("--members", "forest"), "members 'forest'"),
    (("--baseline", "spline"), "baseline mode 'spline'"),
    (("--normalisation", "max"), "normalisation 'max'"),
    (("--lam", 0), "lam 0"),
    (("--lam", -1), "Invalid value for '--lam'"),
    (("--baseline-length", 0), "baseline length 0"),
    (("--baseline-length", 1, "--lam", 9), "give one of them"),
    (("--noise", "loud"), "noise 'loud'")]


def test_settings_are_checked_before_the_data_are_read(
        run, tmp_path, subtests):
    for words, message in WRONG:
        with subtests.test(words=words):
            outcome = run("train", tmp_path / "absent", "-o",
                          tmp_path / "m.onnx", *words)
            assert outcome.code == 2
            assert message in outcome.stderr


PLACES = [
    ("model.pt", "ends in .onnx"), ("my model.onnx", "give one with --name"),
    ("no/model.onnx", "does not exist")]


def test_the_place_of_the_model_is_checked_first(run, tmp_path, subtests):
    for target, message in PLACES:
        with subtests.test(target=target):
            outcome = run("train", tmp_path / "absent", "-o",
                          tmp_path / target)
            assert outcome.code == 2
            assert message in outcome.stderr


def test_data_without_labels(run, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(40), Y=np.ones((4, 40)))
    outcome = run("train", tmp_path / "a.npz", "-o", tmp_path / "m.onnx")
    assert outcome.code == 2
    assert "has no labels; give them with --labels" in outcome.stderr


def test_missing_torch_names_the_remedy(run, spectra_file, tmp_path,
                                        monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    outcome = run("train", spectra_file, "-o", tmp_path / "m.onnx",
                  "--members", "published")
    assert outcome.code == 2
    assert "needs torch" in outcome.stderr
    assert "pip install torch" in outcome.stderr


def test_linear_members_in_words(run, spectra_file, tmp_path):
    outcome = run("train", spectra_file, "-o", tmp_path / "m.onnx",
                  "--members", "linear", "--bins", 4, "--baseline", "none",
                  "--name", "two-states")
    assert outcome.code == 0, outcome.stderr
    assert "60 spectra" in outcome.stdout
    assert "cross-validated by captures" in outcome.stdout
    assert "uncalibrated" in outcome.stdout
    assert len(list(tmp_path.glob("two-states-*.json"))) == 1


def test_automatic_members_with_their_verdict(run, spectra_file, tmp_path):
    path = tmp_path / "m.onnx"
    outcome = run("train", spectra_file, "-o", path)
    assert outcome.code == 0, outcome.stderr
    assert load(path).manifest["training"]["options"]["members"] == "auto"
    for word in "verdict", "halves of one capture", "total intensity":
        assert word in outcome.stdout
    notes = [line for line in outcome.stdout.splitlines()
             if line.startswith("note")]
    assert len(notes) == len(set(notes))
    views = load(path).manifest["members"]["views"]
    assert views[0]["name"] in run("inspect", path).stdout


def test_reports_of_training_and_evaluation(run, spectra_file, tmp_path):
    path = tmp_path / "m.onnx"
    outcome = run("train", spectra_file, "-o", path, "--members", "linear",
                  "--bins", 4, "--averaging", 2, "--report",
                  tmp_path / "training.html")
    assert outcome.code == 0, outcome.stderr
    assert "Training of m-" in (tmp_path / "training.html").read_text()
    assert load(path).definition.averaging == 2
    outcome = run("evaluate", path, spectra_file, "--include-training",
                  "--report", tmp_path / "test.html", "--json")
    assert outcome.code == 0, outcome.stderr
    assert (outcome.document["averaging"], outcome.document["n"]) == (2, 30)
    assert "30 spectra get the right class" in (
        tmp_path / "test.html").read_text()
    assert (tmp_path / "training.report.h5").is_file()
    assert (tmp_path / "test.report.h5").is_file()


def test_a_report_ends_in_html(run, spectra_file, tmp_path):
    outcome = run("train", spectra_file, "-o", tmp_path / "m.onnx",
                  "--report", tmp_path / "report.pdf")
    assert outcome.code == 2
    assert "a report ends in .html" in outcome.stderr


def test_options_that_the_members_do_not_take(run, spectra_file, tmp_path):
    """They change nothing, are named, and are not in the model."""
    plain, other = tmp_path / "a.onnx", tmp_path / "b.onnx"
    assert run("train", spectra_file, "-o", plain).code == 0
    outcome = run("train", spectra_file, "-o", other, "--normalisation",
                  "area", "--bins", 3, "--hidden", 7, "--baseline", "reduced")
    assert outcome.code == 0
    assert ("takes no --bins, --baseline, --normalisation, --hidden"
            in outcome.stderr)
    options = load(other).manifest["training"]["options"]
    assert options == load(plain).manifest["training"]["options"]
    assert not {"normalisation", "bins", "hidden", "baseline", "lam",
                "noise"} & set(options)
    assert {"members", "averaging", "time_budget", "seed"} <= set(options)
