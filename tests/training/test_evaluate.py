from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier import model
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import InputError
from spectra_classifier.training.evaluate import evaluate
from spectra_classifier.training.fit import train
from tests.training.conftest import FAST, dataset_of

SHA = "ab" * 32


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A linear model taught with the even spectra of `dataset_of`."""
    path = tmp_path_factory.mktemp("model") / "m.onnx"
    data = dataset_of(sha256=SHA)
    train(data.select(np.arange(0, 24, 2)),
          replace(FAST, members="linear")).save(path, licence="BSD-3-Clause")
    return model.load(path)


def test_keys_and_numbers(loaded):
    figures = evaluate(loaded, dataset_of(sha256=SHA), engine="numpy")
    assert {"accuracy", "n", "confusion", "classes", "ece", "coverage_at_98",
            "boundary_error", "seconds_per_spectrum",
            "accuracy_interval"} <= set(figures)
    assert figures["accuracy"] == 1
    assert figures["confusion"] == [[6, 0], [0, 6]]
    assert figures["boundary_error"] == 0
    assert figures["interval_over"] == "captures"
    assert figures["interval_n"] == 6
    assert figures["simple_references"]["two_region_ratio"] == 1


def test_training_spectra_are_left_out_unless_asked_for(loaded):
    data = dataset_of(sha256=SHA)
    unasked = evaluate(loaded, data, engine="numpy")
    assert (unasked["n"], unasked["training_spectra_left_out"]) == (12, 12)
    asked = evaluate(loaded, data, indices=range(24), engine="numpy")
    assert (asked["n"], asked["training_spectra_included"]) == (24, 12)
    other = evaluate(loaded, dataset_of(sha256="cd" * 32), engine="numpy")
    assert (other["n"], other["training_spectra_left_out"]) == (24, 0)


def test_rejected_and_unknown_count_as_wrong(loaded):
    data = dataset_of(seed=1)
    dark = data.spectra.copy()
    dark[0] = 0.
    figures = evaluate(loaded, replace(data, spectra=dark), engine="numpy")
    assert figures["rejected"] == 1
    assert figures["accuracy"] == pytest.approx(23 / 24)
    assert figures["accuracy_decided"] == 1


def test_an_engine_will_do(loaded):
    engine = model.make_engine(loaded, "numpy")
    figures = evaluate(engine, dataset_of(sha256=SHA))
    assert figures["n"] == 24 and figures["simple_references"] is None


def test_classes_are_matched_by_name(loaded):
    data = dataset_of(seed=1)
    turned = replace(data, labels=1 - data.labels,
                     classes=data.classes[::-1])
    assert evaluate(loaded, turned, engine="numpy")["accuracy"] == 1


@pytest.mark.parametrize(("change", "pattern"), [
    ({"labels": None}, "no labels"),
    ({"classes": ("state 0", "surprise")}, "surprise"),
    ({"axis": Axis.channels(60)}, "do not fit the model"),
])
def test_data_that_do_not_fit(loaded, change, pattern):
    with pytest.raises(InputError, match=pattern):
        evaluate(loaded, replace(dataset_of(), **change), engine="numpy")


def test_indices_outside_the_data(loaded):
    with pytest.raises(InputError, match="spectrum 99"):
        evaluate(loaded, dataset_of(), indices=[3, 99], engine="numpy")


def test_nothing_left_to_evaluate(loaded):
    data = dataset_of(sha256=SHA).select(np.arange(0, 24, 2))
    with pytest.raises(InputError, match="trained on every one"):
        evaluate(loaded, data, engine="numpy")
