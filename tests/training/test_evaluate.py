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
    other = evaluate(loaded, dataset_of(seed=1, sha256="cd" * 32),
                     engine="numpy")
    assert (other["n"], other["training_spectra_left_out"]) == (24, 0)


def test_they_are_known_by_content_in_any_order_among_others(loaded):
    data, others = dataset_of(), dataset_of(seed=1)
    order = np.random.default_rng(0).permutation(48)
    grown = replace(
        data, spectra=np.concatenate([others.spectra, data.spectra])[order],
        labels=np.concatenate([others.labels, data.labels])[order],
        groups=None, indices=None)
    figures = evaluate(loaded, grown, engine="numpy")
    taught = np.flatnonzero((order >= 24) & (order % 2 == 0))
    assert figures["training_spectra"] == taught.tolist()
    assert figures["n"] == 48 - 12
    assert figures["similar_to_training"] == []


def test_an_older_model_knows_the_file_and_the_numbers(loaded):
    old = replace(loaded, manifest={
        key: value for key, value in loaded.manifest.items()
        if key != "taught"})
    assert evaluate(old, dataset_of(sha256=SHA), engine="numpy")["n"] == 12
    assert evaluate(old, dataset_of(), engine="numpy")["n"] == 24


def test_recall_precision_and_f1_of_every_class(loaded):
    data = dataset_of(seed=1)
    rare = replace(data, labels=np.where(np.arange(24) < 3, 1, data.labels))
    figures = evaluate(loaded, rare, engine="numpy")
    zero, one = figures["per_class"]
    assert (zero["n"], zero["recall"], zero["precision"]) == (9, 1, 9 / 12)
    assert (one["n"], one["recall"], one["precision"]) == (15, 12 / 15, 1)
    assert zero["f1"] == pytest.approx(2 * 9 / (9 + 12))
    assert figures["balanced_accuracy"] == pytest.approx((1 + 12 / 15) / 2)


def test_classes_that_were_not_taught_measure_false_acceptance(loaded):
    data = dataset_of(classes=3, seed=1)
    figures = evaluate(loaded, data, engine="numpy")
    known = evaluate(loaded, dataset_of(seed=1).select(np.arange(24)),
                     engine="numpy")
    assert figures["n"] == known["n"] == 24
    assert len(figures["confusion"]) == 2
    stranger, = figures["untaught"]
    assert (stranger["class"], stranger["n"]) == ("state 2", 12)
    called = sum(stranger["called"].values())
    assert called + stranger["unknown"] + stranger["rejected"] == 12
    assert figures["false_acceptance"] == called / 12


def test_nothing_but_strangers(loaded):
    data = replace(dataset_of(seed=1), classes=("this", "that"))
    figures = evaluate(loaded, data, engine="numpy")
    assert (figures["n"], figures["accuracy"]) == (0, None)
    assert figures["balanced_accuracy"] is None
    assert sum(each["n"] for each in figures["untaught"]) == 24


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
    ({"classes": ("State 0", "state 1")}, "'State 0', the model 'state 0'"),
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
