"""Training in memory: the options and refusals of the command."""
import numpy as np
import pandas as pd
import pytest

import spectra_classifier
from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.errors import ConfigurationError, SpectraError
from tests.api.conftest import ENERGIES, states
from tests.api.test_models import AXIS, classified

FAST = dict(members="linear", bins=4)


def test_the_command_trains_the_same(command, tmp_path):
    spectra, labels, captures = states()
    path = tmp_path / "a.h5"
    files.write_dataset(path, Dataset(
        AXIS, spectra, (labels == "hot").astype(int), ("cold", "hot"),
        captures))
    outcome = command("train", path, "-o", tmp_path / "c.onnx", "--members",
                      "linear", "--bins", 4, "--json")
    assert outcome.code == 0, outcome.stderr
    data = spectra_classifier.read(path)
    for model in (
            spectra_classifier.train(data, name="c", **FAST),
            spectra_classifier.train(
                data.spectra, data.labels, groups=data.captures,
                axis=data.axis, name="c", **FAST),
            spectra_classifier.train(
                pd.DataFrame(spectra, columns=ENERGIES), pd.Categorical(
                    labels), groups=captures, axis=AXIS, name="c", **FAST)):
        assert model.report["cross_validation"] == (
            outcome.document["cross_validation"])
        assert model.report["bins"] == outcome.document["bins"]
        assert model.classes == ("cold", "hot")
        assert model.axis.mismatch(AXIS) == ""
        assert model.loaded.sha256 == spectra_classifier.load(
            tmp_path / "c.onnx").loaded.sha256


def test_what_cannot_be_trained_is_refused(subtests):
    spectra, labels, captures = states()
    for arguments, options, said in (
            ((spectra,), {}, "no labels: give y"),
            ((spectra, labels[:-1]), {}, "47 labels"),
            ((spectra, np.zeros(48, int)), {}, "at least two"),
            ((spectra, labels), {"groups": captures[:3]}, "groups of shape"),
            ((spectra * np.nan, labels), {}, "NaN or Inf"),
            ((spectra, labels), {"axis": ENERGIES[::2]}, "20 positions")):
        with subtests.test(said=said), pytest.raises(
                SpectraError, match=said):
            spectra_classifier.train(*arguments, **options, **FAST)


def test_options_are_those_of_the_command(subtests):
    spectra, labels, _ = states()
    for options, said in (
            ({"member": "linear"}, "no option 'member'; known are members"),
            ({"members": "best"}, "members 'best'"),
            ({"members": "auto", "bins": 3}, "take no bins"),
            ({"bins": "many"}, "options"), ({"folds": -1}, "at least 0"),
            ({"lam": 1., "baseline_length": 2.}, "set the same"),
            ({"name": "a b"}, "model name 'a b'")):
        with subtests.test(said=said), pytest.raises(
                ConfigurationError, match=said):
            spectra_classifier.train(spectra, labels, **options)


def test_progress_and_description():
    spectra, labels, _ = states()
    steps = []
    model = spectra_classifier.train(
        spectra, labels, description="two states", licence="CC0-1.0",
        progress=lambda *step: steps.append(step), **FAST)
    assert steps and steps[-1][0] == steps[-1][1]
    assert model.manifest["description"] == "two states"
    assert model.manifest["licence"] == "CC0-1.0"
    assert model.axis.quantity == "channel"
    source, = model.manifest["training"]["data"]
    assert source["identifier"] == "spectra in memory"
    assert classified(model, spectra).counts == {"cold": 24, "hot": 24}
