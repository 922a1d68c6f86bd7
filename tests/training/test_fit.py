"""Training end to end on a small set."""
from dataclasses import replace

import numpy as np
import pytest
import torch

from spectra_classifier import model
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.preprocessing import spikes
from spectra_classifier.core.preprocessing.preprocess import preprocess
from spectra_classifier.core.spectra import make_train
from spectra_classifier.errors import InputError
from spectra_classifier.training.fit import train
from tests.training.conftest import FAST, dataset_of


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("members", ["published", "linear"])
def test_learns_saves_and_loads(tmp_path, members, classes):
    data = dataset_of(classes)
    result = train(data, replace(FAST, members=members, epochs=150))
    result.save(tmp_path / "m.onnx", licence="BSD-3-Clause")
    loaded = model.load(tmp_path / "m.onnx", axis=data.axis)
    unseen = dataset_of(classes, seed=1)
    label = model.make_engine(loaded, "onnxruntime").classify(
        make_train(0, unseen.spectra), Settings()).label
    assert (label == unseen.labels).mean() >= 0.9
    assert loaded.manifest["training"]["data"][0]["indices"] == list(
        range(len(data)))


def test_the_middle_bin_is_the_one_that_separates():
    report = train(dataset_of(), FAST).report
    separability = [entry["separability"] for entry in report["bins"]]
    assert separability[1] == 1.
    assert max(separability[0], separability[2]) < 0.8
    assert report["cross_validation"]["by"] == "captures"
    assert report["cross_validation"]["interval_n"] == 6
    assert not any("drift" in text for text in report["warnings"])


def test_limits_of_the_mean_of_a_train_are_in_the_model(tmp_path):
    result = train(dataset_of(each=120), replace(FAST, members="linear"))
    result.save(tmp_path / "m.onnx")
    rule = model.load(tmp_path / "m.onnx").definition.mean_rule
    taught = result.definition.mean_rule
    for one, other in ((rule, taught), (rule.lines, taught.lines)):
        np.testing.assert_array_equal(one.variation.directions,
                                      other.variation.directions)
        np.testing.assert_array_equal(one.variation.weights,
                                      other.variation.weights)
    assert rule.lines.max_residual == taught.lines.max_residual
    assert vars(replace(rule, variation=None, lines=None)) == vars(
        replace(taught, variation=None, lines=None))
    assert result.report["unknown"]["means"]["max_residual"] == (
        rule.max_residual)
    assert train(dataset_of(), replace(FAST, members="linear")
                 ).definition.mean_rule is None


@pytest.mark.parametrize("members", ["published", "linear"])
def test_equal_seeds_give_equal_models(members):
    one, two, other = (
        train(dataset_of(), replace(FAST, members=members, seed=seed))
        for seed in (3, 3, 4))
    for a, b in zip(vars(one.definition.members).values(),
                    vars(two.definition.members).values(), strict=True):
        np.testing.assert_array_equal(a, b)
    if members == "published":
        assert (one.definition.members.w1
                != other.definition.members.w1).any()


def test_labels_without_meaning_have_no_separability():
    data = dataset_of(each=24)
    random = np.random.default_rng(0)
    shuffled = replace(data, labels=random.permutation(data.labels),
                       groups=None)
    report = train(shuffled, replace(FAST, folds=4)).report
    assert max(entry["separability"] for entry in report["bins"]) < 0.5
    assert any("drift not excluded" in text for text in report["warnings"])


def test_nothing_to_learn_decides_nothing():
    """Equal spectra under both labels: all weights 0, label unknown."""
    data = dataset_of(each=4)
    same = replace(data, spectra=np.tile(data.spectra[:1], (8, 1)))
    result = train(same, replace(FAST, noise_width=0.))
    assert result.report["zero_weight_bins"] == [0, 1, 2]
    assert any("decides nothing" in text
               for text in result.report["warnings"])


def test_two_spectra_leave_separability_unknown():
    result = train(dataset_of(each=1, captures=1), FAST)
    assert np.isnan(result.definition.separability).all()
    assert result.definition.calibration.status == "uncalibrated"
    assert not result.report["cross_validation"]["known"]
    assert any("not known" in text for text in result.report["warnings"])


def test_gate_is_half_the_lowest_training_intensity():
    data = dataset_of()
    gate = train(data, replace(FAST, members="linear")).definition
    assert gate.min_intensity == pytest.approx(
        data.spectra.mean(axis=1).min() / 2)


def test_progress_counts_all_steps_and_can_cancel():
    calls = []
    train(dataset_of(), FAST, lambda *call: calls.append(call))
    assert [step for step, _, _ in calls] == list(range(1, 181))
    assert {steps for _, steps, _ in calls} == {180}
    assert calls[-1][2] < calls[-60][2]

    class Enough(Exception):
        pass

    def stop(step, steps, loss):
        if step == 5:
            raise Enough

    with pytest.raises(Enough):
        train(dataset_of(), FAST, stop)


@pytest.mark.parametrize(("change", "pattern"), [
    ({"labels": None}, "no labels"),
    ({"classes": ("a",), "labels": np.zeros(24, int)}, "at least two"),
    ({"classes": ("a", "b", "c")}, "class 'c' has no training spectrum"),
])
def test_data_that_cannot_teach(change, pattern):
    data = dataset_of()
    fields = {"axis": data.axis, "spectra": data.spectra,
              "labels": data.labels, "classes": data.classes} | change
    with pytest.raises(InputError, match=pattern):
        train(Dataset(**fields), FAST)


def torch_labels(members, definition, spectra):
    """Winner of every point (P, channels) by torch layers in float64."""
    x = torch.from_numpy(definition.axis.values.copy())
    winner = []
    for b, (start, stop) in enumerate(definition.bins):
        first, second = torch.nn.Linear(2, 12), torch.nn.Linear(12, 2)
        for layer, weight, bias in ((first, members.w1, members.b1),
                                    (second, members.w2, members.b2)):
            layer.weight.data = torch.from_numpy(weight[b].T.copy()).double()
            layer.bias.data = torch.from_numpy(bias[b]).double()
        net = torch.nn.Sequential(first, torch.nn.ReLU(), second)
        y = torch.from_numpy(spectra[:, start:stop]).double()
        points = torch.stack([x[start:stop].expand(y.shape), y], -1)
        winner.append(net(points).argmax(-1))
    return torch.cat(winner, 1).numpy()


def test_onnx_equals_the_torch_model_in_float64(tmp_path):
    """Labels on all spectra; points within 1 in 100 000."""
    result = train(dataset_of(), FAST)
    result.save(tmp_path / "m.onnx", licence="BSD-3-Clause")
    loaded = model.load(tmp_path / "m.onnx")
    definition = loaded.definition
    raw = dataset_of(each=1000, seed=5, spread=0.4).spectra.astype(np.float32)
    result = model.make_engine(loaded, "onnxruntime").classify(
        make_train(0, raw), Settings())
    rows, clean = spikes.removed(raw, np.arange(len(raw)),
                                 definition.preprocessing.spikes, Settings())
    raw[rows] = clean
    winner = torch_labels(definition.members, definition,
                          preprocess(raw, definition.preprocessing))
    votes = np.stack([np.stack([
        (winner[:, start:stop] == c).sum(axis=1) for c in range(2)], axis=1)
        for start, stop in definition.bins], axis=1)
    assert np.abs(votes - result.votes).sum() / 2 <= winner.size / 1e5
    scores = np.einsum("b,pbc->pc", definition.weights, votes)
    label = np.where(scores[:, 0] == scores[:, 1], -1, scores.argmax(axis=1))
    np.testing.assert_array_equal(result.label, label)


def test_below_five_spectra_the_report_says_how_little_is_known(subtests):
    for each, said in (4, True), (5, False):
        with subtests.test(each=each):
            warnings = train(dataset_of(each=each), replace(
                FAST, members="linear")).report["warnings"]
            assert any("8 left-out spectra without an error would prove an "
                       "accuracy of 68%" in text
                       for text in warnings) == said


def test_unequal_classes_are_reported_as_such(subtests):
    data = dataset_of(each=24, spread=2.5)
    for of_second, warned in (24, False), (8, False), (7, True):
        with subtests.test(of_second=of_second):
            rows = (data.labels == 0) | (
                np.cumsum(data.labels == 1) <= of_second)
            report = train(data.select(rows), replace(
                FAST, members="linear")).report
            checked = report["cross_validation"]
            table = np.array(checked["confusion"])
            np.testing.assert_allclose(
                checked["recall"], np.diag(table) / [24, of_second])
            assert checked["balanced_accuracy"] == pytest.approx(
                np.mean(checked["recall"]))
            assert any("unequal classes" in text and "state 1" in text
                       for text in report["warnings"]) == warned
